"""A bell that a PostgreSQL store rings when there is news to read. A ring may be lost: whoever listens also looks."""

import threading
from collections.abc import Callable

from tracker.model.errors import TrackerError
from tracker.projections.connections import open_postgres, postgres_errors
from tracker.store.url import PostgresAddress, parse_address

CHANNEL = "tracker_position"  # what is said on it is the position that the tables now hold
_AGAIN = 5.0  # seconds until a connection that broke is tried again
_END = 1.0  # seconds between two questions whether to go on


class Bell:
    """Listens in a thread of its own. A file has no bell, and neither has a server that is a replica: it is silent."""

    def __init__(self, url: str, ring: Callable[[int], None]) -> None:
        address = parse_address(url)
        self._ring = ring
        self._ended = threading.Event()
        if isinstance(address, PostgresAddress):
            threading.Thread(target=self._listen, args=(address,), name="tracker-bell", daemon=True).start()

    def close(self) -> None:
        """Ring no more; takes no time."""
        self._ended.set()

    def _listen(self, address: PostgresAddress) -> None:
        while not self._ended.is_set():
            try:
                self._hear(address)
            except TrackerError:  # away, or a replica: those who listen look now and then anyway
                self._ended.wait(_AGAIN)

    def _hear(self, address: PostgresAddress) -> None:
        with postgres_errors(address), open_postgres(address) as server:
            server.execute(f"LISTEN {CHANNEL}".encode())
            while not self._ended.is_set():
                for heard in server.notifies(timeout=_END):
                    if heard.payload.isdigit() and not self._ended.is_set():
                        self._ring(int(heard.payload))
