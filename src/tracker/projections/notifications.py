"""Notifications of a PostgreSQL store that its tables have moved on. One may be lost: look regularly, too."""

import threading
from collections.abc import Callable

from tracker.model.errors import TrackerError
from tracker.projections.connections import open_postgres, postgres_errors
from tracker.store.url import PostgresAddress, parse_address

CHANNEL = "tracker_position"  # its payload is the position that the tables now hold
_RETRY = 5.0  # seconds until a connection that broke is tried again
_CHECK = 1.0  # seconds between two checks whether to go on


class Listener:
    """Calls back with each position, from a thread of its own; never for a file or a replica, which do not notify."""

    def __init__(self, url: str, moved: Callable[[int], None]) -> None:
        address = parse_address(url)
        self._moved = moved
        self._ended = threading.Event()
        if isinstance(address, PostgresAddress):
            threading.Thread(target=self._listen, args=(address,), name="tracker-listener", daemon=True).start()

    def close(self) -> None:
        """Stop calling back; takes no time."""
        self._ended.set()

    def _listen(self, address: PostgresAddress) -> None:
        while not self._ended.is_set():
            try:
                self._hear(address)
            except TrackerError:  # away, or a replica: callers look now and then anyway
                self._ended.wait(_RETRY)

    def _hear(self, address: PostgresAddress) -> None:
        with postgres_errors(address), open_postgres(address) as server:
            server.execute(f"LISTEN {CHANNEL}".encode())
            while not self._ended.is_set():
                for notification in server.notifies(timeout=_CHECK):
                    if notification.payload.isdigit() and not self._ended.is_set():
                        self._moved(int(notification.payload))
