"""Announcements in, the state of every border and corridor as of any date out.

In a notebook: `record = tracker.open()`, then `record.state("tr-am-az", as_of="2025-10-28").to_pandas()`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # nothing is imported before it is asked for
    from pathlib import Path

    from tracker.notebook import OpenRecord


def open(where: "str | Path | None" = None) -> "OpenRecord":
    """Open a record: a folder of files, a store by its address, or by default the user's own store.

    Raises: DatasetErrors, BadRequest, and what the store raises.
    """
    from tracker.notebook import open_record

    return open_record(where)
