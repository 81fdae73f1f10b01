"""Errors of the store, made of what the drivers raise, with advice."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.model.errors import TrackerError
from tracker.store.url import Address, SqliteAddress


class StoreUnavailable(TrackerError):
    """The store cannot be opened, read or written; no partial write is left."""


class StoreBusy(TrackerError):
    """Another writer held the lock for longer than the timeout."""


class StoreDamaged(TrackerError):
    """Stored data cannot be read."""


_FULL = "the disk is full: make room and try again; nothing was half-written"
_READ_ONLY = "it is read-only: check the permissions of the file and its folder"
_PHRASES = {
    "disk is full": _FULL,
    "disk i/o error": "writing failed: is the disk full or gone? Nothing was half-written",
    "readonly": _READ_ONLY,
    "not a database": "it is not an SQLite database: choose another file",
    "couldn't get a connection": "the server does not answer: is it running, and can it be reached from here?",
    "malformed": "the database is damaged: restore it from a backup",
}
_MESSAGES = {  # by SQLSTATE of PostgreSQL
    "53100": _FULL,
    "25006": "the server is read-only (a replica?): name the primary",
    "40001": "the server cancelled the query, as a replica does to keep up with its primary: try again",
    "42501": "the user lacks the right to read, write or create tables there",
    "42P07": "the database holds tables of another application: use one of its own",
}
_BUSY = "another process has been writing all the time: try again"


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """Raise the errors of a driver or a recorder as one of the errors above."""
    import sqlite3  # no database is imported to check a proof, and eventsourcing only to write

    from eventsourcing.persistence import ConnectionPoolClosedError, PersistenceError

    try:
        yield
    except (sqlite3.Error, PersistenceError, ConnectionPoolClosedError) as error:
        raise explain(address, error) from error


def explain(address: Address, error: Exception) -> TrackerError:
    """The error to raise for an exception of a driver or a recorder, with advice."""
    from eventsourcing.persistence import ConnectionPoolClosedError, ConnectionUnavailableError

    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, ConnectionUnavailableError) or "is locked" in text or sqlstate(error) == "55P03":
        return StoreBusy(f"store {address}: {_BUSY}")
    if isinstance(error, ConnectionPoolClosedError):
        return StoreUnavailable(f"store {address}: it has been closed")
    if isinstance(address, SqliteAddress) and "unable to open" in text:
        return StoreUnavailable(f"store {address}: {_cannot_open(address)}")
    if isinstance(address, SqliteAddress) and "readonly" in text and _is_full(address.path):
        return StoreUnavailable(f"store {address}: {_FULL}")
    for phrase, meaning in _PHRASES.items():
        if phrase in text.lower():
            return StoreUnavailable(f"store {address}: {meaning}")
    return StoreUnavailable(f"store {address}: {_MESSAGES.get(sqlstate(error) or '', text)}")


def sqlstate(error: BaseException | None) -> str | None:
    """PostgreSQL's error code, also of an error that the recorder has wrapped."""
    while error is not None:
        state: str | None = getattr(error, "sqlstate", None)
        if state is not None:
            return state
        error = error.__cause__
    return None


def _is_full(path: Path) -> bool:
    """Whether the disk of a file has no room left."""
    try:
        return os.statvfs(path).f_bavail == 0
    except (OSError, AttributeError):
        return False


def _cannot_open(address: SqliteAddress) -> str:
    folder = address.path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist: create it"
    if address.path.is_dir():
        return "this is a folder: name a file in it"
    if not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return f"the folder {folder} cannot be written to: check its permissions"
    return "the file cannot be opened: check its permissions"
