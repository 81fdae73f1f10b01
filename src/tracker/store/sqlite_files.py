"""Opening the file of a store to read it, also where nothing can be written: a full disk, a read-only file system.

A file in WAL mode needs a file of shared memory beside it, which SQLite makes when it opens it. Imports no recorder: a
cold question has no time for that.
"""

import sqlite3
from pathlib import Path
from typing import Any

from tracker.store.connection_settings import LOCK_SECONDS

_WAYS = ("mode=rw", "mode=ro", "immutable=1")  # each where the one before it fails


def open_to_read(path: Path, seconds: float = LOCK_SECONDS, **options: Any) -> sqlite3.Connection:
    """Open a file that is there, in autocommit mode; it may be possible to write to it.

    The last way takes it that the file does not change: only where no write-ahead log holds anything.
    Raises: sqlite3.Error, that of the first way.
    """
    first: sqlite3.Error | None = None
    for way in _WAYS:
        if way == _WAYS[-1] and not _has_no_log(path):
            break
        connection: sqlite3.Connection = sqlite3.connect(
            f"{path.as_uri()}?{way}", uri=True, timeout=seconds, isolation_level=None, **options
        )
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            first = first or error
            if "locked" in str(error):
                break
        except sqlite3.Error:
            connection.close()
            raise
        else:
            return connection
    assert first is not None
    raise first


def _has_no_log(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size == 0
    except FileNotFoundError:
        return True
    except OSError:
        return False
