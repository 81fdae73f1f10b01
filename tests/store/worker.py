"""A process of its own that works on a store: `python -m tests.store.worker TASK URL COUNT`.

It says "ready", waits for a line so that many can start at once, then says what it did.
"""

import resource
import sys
import time

from tests.store.samples import announcement, registry
from tracker.model.errors import TrackerError
from tracker.store.event_store import migrate, open_store


def load(url: str, count: int) -> str:
    with open_store(url) as store:
        loaded = store.load(registry(), [announcement(f"a-{number}") for number in range(count)])
    return f"{loaded.recorded} {loaded.unchanged}"


def hang(url: str, count: int) -> str:
    """Stops for ever in the middle of the load, and says so."""

    def stop(done: int, total: int) -> None:
        if done >= total // 2 > 0:
            print("half", flush=True)
            time.sleep(600)

    with open_store(url) as store:
        store.record([announcement(f"a-{number}") for number in range(count)], progress=stop)
    return "done"


def make_tables(url: str, _: int) -> str:
    migrate(url)
    with open_store(url, create=False) as store:
        return str(store.max_position())


def fill(url: str, count: int) -> str:
    """Loads with no room for a file of more than 300 kB."""
    with open_store(url) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        try:
            store.record([announcement(f"a-{number}") for number in range(count)])
        except TrackerError as error:
            return f"{type(error).__name__}: {error}"
    return "done"


TASKS = {"load": load, "hang": hang, "migrate": make_tables, "fill": fill}

if __name__ == "__main__":
    _, task, where, size = sys.argv
    print("ready", flush=True)
    sys.stdin.readline()
    print(TASKS[task](where, int(size)), flush=True)
