"""The `tracker` command: parse, ask, show.

Two libraries do at import what this program never needs, at a tenth of a second each: numpy starts threads for linear
algebra, and pydantic searches every installed package for plugins. And most of what a start allocates stays, so the
garbage collector looks for nothing hundreds of times: it is asked to look more rarely.
"""

import gc
import os

gc.set_threshold(200_000, 20, 20)

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
