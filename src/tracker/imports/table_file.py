"""CSV files, streamed as rows, or problems with file and line. No file can make the reader use much memory."""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import count
from pathlib import Path
from typing import IO

from tracker.dataset.files import UnreadableFile, open_file, read_failure, shown_path
from tracker.dataset.suggestions import meant, show
from tracker.imports.mapping import FileFormat
from tracker.imports.rows import TableRow
from tracker.model.errors import Location, Problem

MAX_LINE_CHARS = 1 << 20
MAX_COLUMNS = 4096
MAX_FILE_CHARS = 1 << 36  # unpacked

_BROKEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")  # undecodable bytes come as lone surrogates

ReadProgress = Callable[[int, int], None]  # bytes read, of how many
MAX_CELL_CHARS = 131_072


class CsvTable:
    """An open CSV file: its columns, and its rows, which are read once."""

    def __init__(self, path: str, lines: Iterator[str], file_format: FileFormat) -> None:
        self.path = path
        csv.field_size_limit(MAX_CELL_CHARS)  # of the whole process: some libraries take the limit away
        self._records = csv.reader(lines, delimiter=file_format.delimiter, quotechar=file_format.quote, strict=True)
        self._blanks = frozenset(file_format.blanks)
        self.columns = self._header()

    def missing(self, needed: Mapping[str, Location]) -> list[Problem]:
        """Problems for the columns that a mapping names and the file lacks, at their lines of the mapping."""
        return [
            Problem(location, f"{self.path} has no column {show(name)}: {meant(name, self.columns)}")
            for name, location in needed.items()
            if name not in self.columns
        ]

    def rows(self, wanted: Collection[str]) -> Iterator[TableRow | Problem]:
        """Every record with its cells in the wanted columns, or its problem.

        Raises: UnreadableFile.
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

    def _row(self, line: int, cells: list[str], places: Sequence[tuple[int, str]]) -> TableRow | Problem:
        if len(cells) != len(self.columns):
            lines = self._records.line_num - line + 1
            open_quote = f"; {lines} lines were read as one row, is a quote left open?" if lines > 1 else ""
            message = f"has {len(cells)} cells, and the header has {len(self.columns)}{open_quote}"
            return Problem(Location(self.path, line), message)
        row = {name: cells[place].strip() for place, name in places}
        for name, cell in row.items():
            if _BROKEN.search(cell):
                message = f"column {show(name)} is not in the encoding of the file, or not text: {show(cell)}"
                return Problem(Location(self.path, line), message)
        return TableRow(line, {name: "" if cell in self._blanks else cell for name, cell in row.items()})

    def _misquoted(self, line: int, error: str) -> Problem:
        last = self._records.line_num
        reach = f", and lines {line} to {last} were read as one row" if last > line else ""
        if "field larger" in error or "unexpected end" in error:
            raise UnreadableFile(self.path, f"{error}{reach}: a quote is left open. Close it", line)
        advice = "Put cells with quotes in quotes, and double those inside"
        return Problem(Location(self.path, line), f"is not CSV: {error}{reach}. {advice}")

    def _header(self) -> tuple[str, ...]:
        try:
            names = tuple(name.strip() for name in next(self._records, ()))
        except csv.Error as error:
            raise UnreadableFile(self.path, f"has a header that cannot be read: {error}", 1) from None
        if not names:
            raise UnreadableFile(self.path, "is empty: a header with the names of the columns was expected")
        if len(names) > MAX_COLUMNS:
            raise UnreadableFile(self.path, f"has {len(names)} columns, and at most {MAX_COLUMNS} are read", 1)
        twice = sorted(name for name, count in Counter(names).items() if count > 1 and name)
        if twice:
            raise UnreadableFile(self.path, f"has two columns of the name {show(twice[0])}: rename one", 1)
        return names


@contextmanager
def open_table(
    path: Path, file_format: FileFormat, read: ReadProgress | None = None, within: Path | None = None
) -> Iterator[CsvTable]:
    """Open a CSV file, or a gzip of one (by its name, ….gz), that must not lie outside the folder `within`.

    Raises: UnreadableFile, also while the rows are read.
    """
    shown = shown_path(path)
    with open_file(path, within) as raw, _explained(shown):
        if advice := _mistaken_format(raw.peek(4), path, file_format):
            raise UnreadableFile(shown, advice, 1)
        size = path.stat().st_size
        unpacked = gzip.GzipFile(fileobj=raw) if path.name.endswith(".gz") else raw
        encoding = "utf-8-sig" if file_format.encoding == "utf-8" else file_format.encoding
        text = TextIOWrapper(unpacked, encoding, errors="surrogateescape", newline="")
        yield CsvTable(shown, _lines(text, shown, lambda: read(raw.tell(), size) if read else None), file_format)


@contextmanager
def _explained(shown: str) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableFile(shown, f"is not a whole gzip file: {error}. Fetch it again") from None
    except UnicodeError as error:
        raise UnreadableFile(
            shown, f"cannot be decoded: {error}. State its `encoding` in [file] of the mapping"
        ) from None
    except OSError as error:
        raise read_failure(shown, error) from None


def _mistaken_format(begin: bytes, path: Path, file_format: FileFormat) -> str | None:
    """Advice about a file that does not begin like one of its format."""
    if begin.startswith(b"PK\x03\x04"):
        return "is a zip archive or a spreadsheet: save the table as CSV"
    if begin.startswith(b"\x1f\x8b") and not path.name.endswith(".gz"):
        return "is packed with gzip: call it ….gz, or unpack it"
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")) and not file_format.encoding.startswith("utf-16"):
        return 'is in UTF-16: state encoding = "utf-16" in [file] of the mapping'
    return None


def _lines(text: IO[str], shown: str, tell: Callable[[], None]) -> Iterator[str]:
    """The lines of a text, within the limits.

    Raises: UnreadableFile.
    """
    characters = 0
    for number in count(1):
        line = text.readline(MAX_LINE_CHARS + 1)
        characters += len(line)
        if len(line) > MAX_LINE_CHARS or characters > MAX_FILE_CHARS:
            raise UnreadableFile(shown, "is larger than any table that is read: is it one?", number)
        if not line or number % 2048 == 0:
            tell()
        if not line:
            return
        yield line
