"""From a CSV file to rows, or to problems with file and line. It streams, and no file can make it use much memory."""

import csv
import gzip
import re
import stat
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from itertools import count
from pathlib import Path
from typing import IO

from tracker.dataset.files import shown_path
from tracker.dataset.suggestions import meant, show
from tracker.imports.mapping import FileForm
from tracker.imports.row import Row
from tracker.model.errors import Location, Problem

MAX_LINE = 1 << 20  # characters
MAX_COLUMNS = 4096
MAX_CHARACTERS = 1 << 36  # of a whole file, unpacked: 64 GiB

_BROKEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")  # undecodable bytes come as lone surrogates

Read = Callable[[int, int], None]  # bytes read, of how many
LONGEST = 131_072  # characters of a cell


class Unreadable(Exception):
    """The file as a whole cannot be used, or not from some line on; carries the problem."""

    def __init__(self, path: str, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.problem = Problem(Location(path, line), message)


class Table:
    """An open CSV file: its columns, and then its rows, once."""

    def __init__(self, path: str, lines: Iterator[str], form: FileForm) -> None:
        self.path = path
        csv.field_size_limit(LONGEST)  # of the whole process: some libraries take the limit away
        self._records = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote, strict=True)
        self._blanks = frozenset(form.blanks)
        self.columns = self._header()

    def missing(self, needed: Mapping[str, Location]) -> list[Problem]:
        """The columns that a mapping names and the file does not have, at their lines of the mapping."""
        return [
            Problem(where, f"{self.path} has no column {show(name)}: {meant(name, self.columns)}")
            for name, where in needed.items()
            if name not in self.columns
        ]

    def rows(self, wanted: Collection[str]) -> Iterator[Row | Problem]:
        """Every record with its cells in the wanted columns, or what is wrong with it.

        Raises: Unreadable.
        """
        places = [(place, name) for place, name in enumerate(self.columns) if name in wanted]
        while True:
            line = self._records.line_num + 1
            try:
                cells = next(self._records, None)
            except csv.Error as error:
                yield self._misquoted(line, str(error))
                continue
            if cells is None:
                return
            if cells:  # an empty line is no row
                yield self._row(line, cells, places)

    def _row(self, line: int, cells: list[str], places: Sequence[tuple[int, str]]) -> Row | Problem:
        if len(cells) != len(self.columns):
            lines = self._records.line_num - line + 1
            open_quote = f"; {lines} lines were read as one row, is a quote left open?" if lines > 1 else ""
            message = f"has {len(cells)} cells, and the header has {len(self.columns)}{open_quote}"
            return Problem(Location(self.path, line), message)
        found = {name: cells[place].strip() for place, name in places}
        for name, cell in found.items():
            if _BROKEN.search(cell):
                message = f"column {show(name)} is not in the encoding of the file, or not text: {show(cell)}"
                return Problem(Location(self.path, line), message)
        return Row(line, {name: "" if cell in self._blanks else cell for name, cell in found.items()})

    def _misquoted(self, line: int, error: str) -> Problem:
        last = self._records.line_num
        reach = f", and lines {line} to {last} were read as one row" if last > line else ""
        if "field larger" in error or "unexpected end" in error:
            raise Unreadable(self.path, f"{error}{reach}: a quote is left open. Close it", line)
        advice = "Put cells with quotes in quotes, and double those inside"
        return Problem(Location(self.path, line), f"is not CSV: {error}{reach}. {advice}")

    def _header(self) -> tuple[str, ...]:
        try:
            names = tuple(name.strip() for name in next(self._records, ()))
        except csv.Error as error:
            raise Unreadable(self.path, f"has a header that cannot be read: {error}", 1) from None
        if not names:
            raise Unreadable(self.path, "is empty: a header with the names of the columns was expected")
        if len(names) > MAX_COLUMNS:
            raise Unreadable(self.path, f"has {len(names)} columns, and at most {MAX_COLUMNS} are read", 1)
        twice = sorted(name for name, count in Counter(names).items() if count > 1 and name)
        if twice:
            raise Unreadable(self.path, f"has two columns of the name {show(twice[0])}: rename one", 1)
        return names


@contextmanager
def open_table(path: Path, form: FileForm, read: Read | None = None, within: Path | None = None) -> Iterator[Table]:
    """Open a CSV file, or a gzip of one (by its name, ….gz), that must not lie outside the folder `within`.

    Raises: Unreadable, also while the rows are read.
    """
    shown = shown_path(path)
    with _explained(shown), _opened(path, form, shown, within) as raw:
        size = path.stat().st_size
        unpacked = gzip.GzipFile(fileobj=raw) if path.name.endswith(".gz") else raw
        encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
        text = TextIOWrapper(unpacked, encoding, errors="surrogateescape", newline="")
        yield Table(shown, _lines(text, shown, lambda: read(raw.tell(), size) if read else None), form)


@contextmanager
def _explained(shown: str) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable(shown, f"is not a whole gzip file: {error}. Fetch it again") from None
    except UnicodeError as error:
        raise Unreadable(shown, f"cannot be decoded: {error}. State its `encoding` in [file] of the mapping") from None
    except OSError as error:
        raise Unreadable(
            shown, f"cannot be read: {error.strerror or error}. Check the path and its permissions"
        ) from None


@contextmanager
def _opened(path: Path, form: FileForm, shown: str, within: Path | None) -> Iterator[BufferedReader]:
    try:
        if within is not None and not path.resolve().is_relative_to(within.resolve()):
            raise Unreadable(shown, f"leads out of the folder {shown_path(within)}: put the file itself there")
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable(shown, "is not an ordinary file")
    except (ValueError, RuntimeError):  # a NUL, links that lead to each other
        raise Unreadable(shown, "is not the path of a file: check the name, and where links lead") from None
    with path.open("rb") as raw:
        if advice := _mistaken(raw.peek(4), path, form):
            raise Unreadable(shown, advice, 1)
        yield raw


def _mistaken(begin: bytes, path: Path, form: FileForm) -> str | None:
    """What a file is that does not begin like the table that it should be."""
    if begin.startswith(b"PK\x03\x04"):
        return "is a zip archive or a spreadsheet: save the table as CSV"
    if begin.startswith(b"\x1f\x8b") and not path.name.endswith(".gz"):
        return "is packed with gzip: call it ….gz, or unpack it"
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")) and not form.encoding.startswith("utf-16"):
        return 'is in UTF-16: state encoding = "utf-16" in [file] of the mapping'
    return None


def _lines(text: IO[str], shown: str, tell: Callable[[], None]) -> Iterator[str]:
    """The lines of a text, none of them longer than people write, and not endlessly many."""
    characters = 0
    for number in count(1):
        line = text.readline(MAX_LINE + 1)
        characters += len(line)
        if len(line) > MAX_LINE or characters > MAX_CHARACTERS:
            raise Unreadable(shown, "is larger than any table that is read: is it one?", number)
        if not line or number % 2048 == 0:
            tell()
        if not line:
            return
        yield line
