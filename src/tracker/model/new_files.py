"""New files: never over another one, never through a link that somebody put in their place."""

import os
from pathlib import Path

OWNER_ONLY = 0o600  # of stores, keys and backups: they hold drafts, and names


def new_file(path: Path, mode: int = 0o666) -> int:
    """Make a file that is not there yet, and open it for writing.

    Args: mode: of the file, less what the umask takes away.
    Returns: its descriptor.
    Raises: FileExistsError, also where a link has that name; OSError.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
