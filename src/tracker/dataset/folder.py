"""Which files of a dataset's folder are read as what."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from tracker.dataset.files import shown_path
from tracker.model.errors import Location, Problem

REGISTRY = "registry"
EXPECTATIONS = "expectations.toml"  # read elsewhere
_YEAR = re.compile(r"[0-9]{4}")
_PLACES = "entries of the registry go into registry/<any name>.toml, announcements into <year>/<id>.toml"


@dataclass
class Folder:
    """The files of a dataset, in the order of their paths."""

    registry: list[Path] = field(default_factory=list)
    statements: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: Path, message: str) -> None:
        self.problems.append(Problem(Location(shown_path(path)), message))


def list_folder(root: Path) -> Folder:
    """Sort the files below a folder; hidden ones, and those that are not .toml, do not count."""
    found = Folder()
    for here, folders, files in os.walk(root, onerror=lambda error: _unreadable(error, found)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if Path(here, name).is_symlink():
                found.report(Path(here, name), "is a link to a folder, which is not followed: put the files here")
        for name in sorted(files):
            if name.endswith(".toml") and not name.startswith("."):
                _sort(Path(here, name), root, found)
    return found


def _sort(path: Path, root: Path, found: Folder) -> None:
    match path.relative_to(root).parts:
        case (folder, _) if folder == REGISTRY:
            found.registry.append(path)
        case (folder, _) if _YEAR.fullmatch(folder):
            found.statements.append(path)
        case (name,) if name == EXPECTATIONS:
            pass
        case _:
            found.report(path, f"is not where files are read: {_PLACES}")


def _unreadable(error: OSError, found: Folder) -> None:
    found.report(Path(error.filename), f"cannot be read: {error.strerror}. Check the path and its permissions")
