"""The files of a dataset: its folder, and each file as a TOML table, or the problems why not.

No content of a file can make a reader raise or take long.
"""

import math
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

from tracker.dataset.suggestions import printable, show
from tracker.dataset.toml_positions import MAX_DEPTH, KeyLines, KeyPath, lines_of
from tracker.model.errors import Location, Problem

REGISTRY = "registry"
EXPECTATIONS = "expectations.toml"

MAX_FILE_BYTES = 1 << 20
MAX_LIST_ITEMS = 1000
MAX_INTEGER = 2**53  # greater ones are not exact in JSON
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_YEAR = re.compile(r"[0-9]{4}")
MAX_FOLDERS = 20  # one within the other that are searched for files in the wrong place
_PLACES = "entries of the registry go into registry/<any name>.toml, announcements into <year>/<id>.toml"

TomlTable = dict[str, Any]


@dataclass(frozen=True)
class FileEntry:
    """The place of a subject or a statement: a file, or one table of it."""

    path: str
    lines: KeyLines = field(default_factory=KeyLines)
    table: KeyPath = ()

    def at(self, *keys: str | int) -> Location:
        """The line of a key of this entry, or of the nearest table around it."""
        return Location(self.path, self.lines.of((*self.table, *keys)))

    def inside(self, *keys: str | int) -> "FileEntry":
        return FileEntry(self.path, self.lines, (*self.table, *keys))


@dataclass(frozen=True)
class TomlFile:
    """A file that is TOML."""

    table: TomlTable
    entry: FileEntry


class UnreadableFile(Exception):
    """A file that cannot be used as a whole, or not from some line on; carries the problem."""

    def __init__(self, path: str, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.problem = Problem(Location(path, line), message)


def shown_path(path: Path) -> str:
    """A path for messages: printable, and relative to the current folder if it lies below it."""
    with suppress(ValueError, OSError):
        path = path.absolute().relative_to(Path.cwd())
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def open_file(path: Path, within: Path | None = None) -> BufferedReader:
    """Open an ordinary file, which must not lie outside the folder `within`.

    Raises: UnreadableFile.
    """
    shown = shown_path(path)
    try:
        if within is not None and not path.resolve().is_relative_to(within.resolve()):
            folder = shown_path(within)
            raise UnreadableFile(
                shown, f"leads out of the folder {folder}: put the file itself there, not a link to it"
            )
        if path.is_dir():
            raise UnreadableFile(shown, "is a folder, and a file was expected")
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableFile(shown, "is not an ordinary file")
        return path.open("rb")
    except OSError as error:
        raise read_failure(shown, error) from None
    except (ValueError, RuntimeError):  # pathlib on a NUL, and on links that lead to each other
        raise UnreadableFile(shown, "is not the path of a file: check the name, and where links lead") from None


def read_failure(shown: str, error: OSError) -> UnreadableFile:
    """The error to raise where the system cannot open or read a file."""
    return UnreadableFile(shown, f"cannot be read: {error.strerror or error}. Check the path and its permissions")


def read_toml(path: Path, within: Path | None = None) -> TomlFile | tuple[Problem, ...]:
    """Read one TOML file, which must not lie outside the folder `within`."""
    shown = shown_path(path)
    try:
        text = _text(path, shown, within)
        lines = lines_of(text)
        if lines.too_deep:
            raise UnreadableFile(shown, f"nests deeper than {MAX_DEPTH} levels: write it flatter", lines.too_deep)
        table = _parsed(text, shown)
    except UnreadableFile as error:
        return (error.problem,)
    entry = FileEntry(shown, lines)
    problems = tuple(Problem(entry.at(*keys), message) for keys, message in oversized(table))
    return problems or TomlFile(table, entry)


def _text(path: Path, shown: str, within: Path | None) -> str:
    try:
        with open_file(path, within) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise read_failure(shown, error) from None
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableFile(shown, f"is larger than {MAX_FILE_BYTES} bytes, which no announcement needs: split it")
    if data.startswith(b"\xef\xbb\xbf"):
        raise UnreadableFile(shown, "begins with a byte order mark: save it as UTF-8 without BOM", 1)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(0)) + 1
        raise UnreadableFile(shown, "is not text: it has a NUL byte. Save it as UTF-8", line)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(shown, "is not UTF-8 from here on: save it as UTF-8", line) from None


def _parsed(text: str, shown: str) -> TomlTable:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(shown, str(error), text.rstrip("\n").count("\n") + 1) from None
    except RecursionError:
        raise UnreadableFile(shown, "nests too deep: write it flatter") from None
    except ValueError:
        raise UnreadableFile(shown, "has a number of thousands of digits: write an ordinary one") from None


def _syntax_error(shown: str, error: str, last_line: int) -> UnreadableFile:
    match = _PLACE.search(error)
    reason = printable(_PLACE.sub("", error))
    line = int(match[1]) if match and match[1] else last_line
    column = f", column {match[2]}" if match and match[2] else " at the end of the file"
    twice = re.fullmatch(r"Cannot declare \((.*)\) twice", reason)
    if twice:
        header = ".".join(part.strip(" ',") for part in twice[1].split("', '"))
        return UnreadableFile(
            shown, f"[{header}] stands twice in this file: join the two, or give one another id", line
        )
    if reason == "Cannot overwrite a value":
        return UnreadableFile(shown, "a key of this line was given before: keep one of the two", line)
    hint = 'text goes in double quotes, lists in [ ], days as 2025-10-27, each key once as key = "value"'
    return UnreadableFile(shown, f"is not TOML{column}: {reason}. Mend the line; {hint}", line)


def oversized(table: TomlTable) -> Iterator[tuple[KeyPath, str]]:
    """Values that are too large to be recorded, each with a message."""
    waiting: list[tuple[KeyPath, Any]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, list) and len(value) > MAX_LIST_ITEMS:
            yield (
                path,
                f"`{printable(str(path[-1]))}` has {len(value)} items, and at most {MAX_LIST_ITEMS} are read: split it",
            )
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in enumerate(value)]
        elif _unrecordable(value):
            yield path, f"{show(value)} is not a number that can be recorded: write an ordinary one"


def _unrecordable(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > MAX_INTEGER


@dataclass
class DatasetFolder:
    """The files of a dataset, in the order of their paths."""

    registry: list[Path] = field(default_factory=list)
    statements: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, path: Path, message: str) -> None:
        self.problems.append(Problem(Location(shown_path(path)), message))

    def add(self, path: Path, root: Path) -> None:
        """Sort a file by its place below the root."""
        match path.relative_to(root).parts:
            case (folder, _) if folder == REGISTRY:
                self.registry.append(path)
            case (folder, _) if _YEAR.fullmatch(folder):
                self.statements.append(path)
            case (name,) if name == EXPECTATIONS:
                pass
            case _:
                self.report(path, f"is not where files are read: {_PLACES}")


def list_folder(root: Path) -> DatasetFolder:
    """Sort the files below a folder; hidden ones, and those that are not .toml, do not count."""
    listing = DatasetFolder()

    def report_unreadable(error: OSError) -> None:
        path, advice = Path(error.filename), "Check the path and its permissions"
        listing.report(path, f"cannot be read: {error.strerror}. {advice}")

    for folder, subfolders, files in os.walk(root, onerror=report_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        if len(Path(folder).relative_to(root).parts) >= MAX_FOLDERS and subfolders:
            listing.report(Path(folder), f"has folders {MAX_FOLDERS} levels down, where nothing is read: {_PLACES}")
            subfolders.clear()
        for name in subfolders:
            if Path(folder, name).is_symlink():
                listing.report(Path(folder, name), "is a link to a folder, which is not followed: put the files here")
        for name in sorted(files):
            if name.endswith(".toml") and not name.startswith("."):
                listing.add(Path(folder, name), root)
    return listing
