"""The `tracker` command: parse, ask, show.

Two libraries do at import what this program never needs, at a tenth of a second each: numpy starts threads for linear
algebra, and pydantic searches every installed package for plugins.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
