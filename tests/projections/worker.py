"""A process of its own that writes the tables: `python -m tests.projections.worker TASK URL BATCH`.

It says "ready", waits for a line so that many can start at once, then says which position it reached.
"""

import sys

from tracker.projections.refresh import rebuild, refresh
from tracker.store.event_store import open_store

TASKS = {
    "refresh": lambda url, log, size: refresh(url, log, batch=size),
    "rebuild": lambda url, log, size: rebuild(url, log, piece=size),
}

if __name__ == "__main__":
    _, task, where, size = sys.argv
    with open_store(where, create=False) as log:
        print("ready", flush=True)
        sys.stdin.readline()
        print(TASKS[task](where, log, int(size)), flush=True)
