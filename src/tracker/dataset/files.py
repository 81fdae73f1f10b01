"""From a path to a TOML table, or to the reason why not. Nothing in a file can make it raise or take long."""

import math
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.dataset.suggestions import printable, show
from tracker.dataset.toml_positions import MAX_DEPTH, KeyPath, Lines, lines_of
from tracker.model.errors import Location, Problem

MAX_BYTES = 1 << 20
MAX_ITEMS = 1000  # of one list
_BIGGEST = 2**53  # the whole numbers that JSON carries safely
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

Table = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """Where a subject or a statement is written: a file, or one table of it."""

    path: str
    lines: Lines = field(default_factory=Lines)
    table: KeyPath = ()

    def at(self, *keys: str | int) -> Location:
        """The line of a key of this entry, or of the nearest table around it."""
        return Location(self.path, self.lines.of((*self.table, *keys)))

    def inside(self, *keys: str | int) -> "Entry":
        return Entry(self.path, self.lines, (*self.table, *keys))


@dataclass(frozen=True)
class TomlFile:
    """A file that is TOML."""

    table: Table
    entry: Entry


def read_toml(path: Path, within: Path | None = None) -> TomlFile | tuple[Problem, ...]:
    """Read one TOML file, which must not lie outside the folder `within`."""
    shown = shown_path(path)
    try:
        text = _text(path, within)
        lines = lines_of(text)
        if lines.too_deep:
            return (_problem(shown, f"nests deeper than {MAX_DEPTH} levels: write it flatter", lines.too_deep),)
        table = _parsed(text)
    except tomllib.TOMLDecodeError as error:
        return (_syntax(shown, str(error), text.rstrip("\n").count("\n") + 1),)
    except _Unreadable as error:
        return (_problem(shown, str(error), error.line),)
    except OSError as error:
        return (_problem(shown, f"cannot be read: {error.strerror or error}. Check the path and its permissions"),)
    except (ValueError, RuntimeError):  # pathlib on a NUL, and on links that lead to each other
        return (_problem(shown, "is not the path of a file: check the name, and where links lead"),)
    entry = Entry(shown, lines)
    problems = tuple(Problem(entry.at(*keys), message) for keys, message in oversized(table))
    return problems or TomlFile(table, entry)


def shown_path(path: Path) -> str:
    """A path relative to the current folder where it lies below it, fit to be printed."""
    with suppress(ValueError, OSError):
        path = path.absolute().relative_to(Path.cwd())
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


class _Unreadable(Exception):
    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def _text(path: Path, within: Path | None) -> str:
    if within is not None and not path.resolve().is_relative_to(within.resolve()):
        raise _Unreadable(f"leads out of the folder {shown_path(within)}: put the file itself there, not a link to it")
    if path.is_dir():
        raise _Unreadable("is a folder, and a file was expected")
    if not stat.S_ISREG(path.stat().st_mode):
        raise _Unreadable("is not an ordinary file")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _Unreadable(f"is larger than {MAX_BYTES} bytes, which no announcement needs: split it")
    return _decoded(data)


def _decoded(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise _Unreadable("begins with a byte order mark: save it as UTF-8 without BOM", 1)
    if b"\0" in data:
        raise _Unreadable("is not text: it has a NUL byte. Save it as UTF-8", data.count(b"\n", 0, data.index(0)) + 1)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Unreadable(
            "is not UTF-8 from here on: save it as UTF-8", data.count(b"\n", 0, error.start) + 1
        ) from None


def _parsed(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise _Unreadable("nests too deep: write it flatter") from None
    except ValueError:
        raise _Unreadable("has a number of thousands of digits: write an ordinary one") from None


def _problem(path: str, message: str, line: int = 0) -> Problem:
    return Problem(Location(path, line), message)


def _syntax(path: str, error: str, last_line: int) -> Problem:
    match = _WHERE.search(error)
    reason = printable(_WHERE.sub("", error))
    line = int(match[1]) if match and match[1] else last_line
    column = f", column {match[2]}" if match and match[2] else " at the end of the file"
    twice = re.fullmatch(r"Cannot declare \((.*)\) twice", reason)
    if twice:
        header = ".".join(part.strip(" ',") for part in twice[1].split("', '"))
        return _problem(path, f"[{header}] stands twice in this file: join the two, or give one another id", line)
    if reason == "Cannot overwrite a value":
        return _problem(path, "a key of this line was given before: keep one of the two", line)
    hint = 'text goes in double quotes, lists in [ ], days as 2025-10-27, each key once as key = "value"'
    return _problem(path, f"is not TOML{column}: {reason}. Mend the line; {hint}", line)


def oversized(table: Table) -> Iterator[tuple[KeyPath, str]]:
    """Values that no announcement has and that later steps cannot carry."""
    waiting: list[tuple[KeyPath, Any]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, list) and len(value) > MAX_ITEMS:
            yield (
                path,
                f"`{printable(str(path[-1]))}` has {len(value)} items, and at most {MAX_ITEMS} are read: split it",
            )
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in enumerate(value)]
        elif _wild(value):
            yield path, f"{show(value)} is not a number that can be recorded: write an ordinary one"


def _wild(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > _BIGGEST
