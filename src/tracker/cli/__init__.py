"""The `tracker` command: parse, ask, show.

Two libraries do needless work at import, a tenth of a second each: numpy starts threads for linear algebra, and
pydantic searches every installed package for plugins. Garbage is collected rarely, because most objects that a start
allocates stay alive.
"""

import gc
import os

gc.set_threshold(200_000, 20, 20)

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
