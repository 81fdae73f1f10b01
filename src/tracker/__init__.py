"""Announcements in, the state of every border and corridor as of any date out.

In a notebook: `record = tracker.open()`, then `record.state("tr-am-az", as_of="2025-10-28").to_pandas()`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `import tracker` alone imports nothing else
    from pathlib import Path

    from tracker.notebook import OpenRecord


def open(where: "str | Path | None" = None) -> "OpenRecord":
    """Open a record: a folder of files, or a store by its address.

    By default it is what `TRACKER_*` variables or tracker.toml name, or else the user's own store.

    Raises: DatasetErrors, BadRequest, and what the store raises.
    """
    from tracker.notebook import open_record

    return open_record(where)
