"""Tables for people: columns where there is room, else a list; never cut short."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, NoReturn, TextIO, cast

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

IN_A_PIPE = 160  # columns
NAMED = ("since", "until", "due")  # columns whose cells say little without their names
_PARTS = re.compile(r"[^ –]+[ –]*")
_PADDING = re.compile(r" +$", re.MULTILINE)
READABLE = 44  # columns that prose needs beside the others

STYLES = {  # always beside the word
    "closed": "bold red",
    "prohibited": "red",
    "one-sided": "yellow",
    "unverified": "magenta",
    "unknown": "magenta",
    "lapsed": "magenta",
    "unready": "yellow",
    "overdue": "red",
    "absent": "red",
    "works": "yellow",
    "restricted": "yellow",
    "eased": "yellow",
    "in-force": "red",
    "operating": "bold green",
    "open": "green",
    "permitted": "green",
    "lifted": "green",
    "ready": "green",
    "fulfilled": "green",
}


class _Unpadded:
    """A pipe in which lines do not end in blanks."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        return self._stream.write(_PADDING.sub("", text))

    def flush(self) -> None:
        self._stream.flush()


class _Screen(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


@dataclass(frozen=True)
class Row:
    """One line of a table: a heading that several rows may share, some short cells, and prose."""

    heading: str
    cells: tuple[str | Text, ...]
    prose: str | Text
    name: str = ""  # under the heading, where it adds something


def screen() -> Console:
    """Standard output: with colours on a terminal only, and as wide as it is."""
    watched = sys.stdout.isatty()
    return _Screen(
        file=sys.stdout if watched else cast(IO[str], _Unpadded(sys.stdout)),
        force_terminal=watched,
        color_system="auto" if watched else None,
        width=None if watched else _width(),
        markup=False,
        highlight=False,
        emoji=False,
    )


def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() and 0 < int(columns) < 10_000 else IN_A_PIPE


def word(text: str) -> Text:
    """A status, in its colour."""
    return Text(text, style=STYLES.get(text, ""))


def title(console: Console, text: str, more: str = "") -> None:
    """A heading with what it is about."""
    line = Text(text, style="bold")
    if more:
        line.append(f" · {more}", style="not bold dim")
    console.print(line)


def show(console: Console, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Rows as a table with these columns, or as a list on a narrow screen.

    Args: columns: of the heading, the cells and the prose.
    """
    if _room(columns, rows, console.width) >= READABLE:
        console.print(_table(columns, rows, console.width))
    else:
        _list(console, columns, rows)


def _room(columns: Sequence[str], rows: Sequence[Row], width: int) -> int:
    """What a table would leave for the prose."""
    short = [(row.heading, *row.cells) for row in rows] + [tuple(columns[:-1])]
    widest = [max(min(_longest(cell), width // 4) for cell in column) for column in zip(*short, strict=True)]
    names = max((min(len(row.name), width // 4) for row in rows), default=0)
    return width - max(widest[0], names) - sum(widest[1:]) - 3 * len(columns)


def _longest(cell: str | Text) -> int:
    return max((len(line) for line in str(cell).splitlines()), default=0)


def _table(columns: Sequence[str], rows: Sequence[Row], width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold", expand=False)
    first, *middle, last = columns
    table.add_column(first, overflow="fold", max_width=width // 4)
    for number, name in enumerate(middle):
        longest = max((_longest(row.cells[number]) for row in rows), default=0)
        table.add_column(name, overflow="fold", no_wrap=longest <= width // 4, max_width=max(width // 4, len(name)))
    table.add_column(last, overflow="fold", ratio=None)
    before = None
    for row in rows:
        table.add_row(_heading(row, width // 4) if row.heading != before else "", *row.cells, row.prose)
        before = row.heading
    return table


def _heading(row: Row, width: int) -> Text:
    heading = Text(row.heading, style="bold")
    if row.name:
        heading.append("\n" + "\n".join(_wrapped(row.name, width)), style="not bold dim")
    return heading


def _wrapped(name: str, width: int) -> Iterator[str]:
    """A name in lines that break at blanks and behind dashes: "Kazakhstan–Russia–" is one word to most."""
    line = ""
    for part in _PARTS.findall(name):
        if line and len(line) + len(part.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += part
    yield line


def facts(console: Console, lines: Sequence[tuple[str, str | Text]]) -> None:
    """Names and what there is to say of each; a name that stands above is not repeated."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    before = None
    for name, words in lines:
        grid.add_row("" if name == before else name, words)
        before = name
    console.print(Padding(grid, (0, 0, 0, 2)))


def _list(console: Console, columns: Sequence[str], rows: Sequence[Row]) -> None:
    before = None
    for row in rows:
        if row.heading != before:
            heading = Text(row.heading, style="bold")
            console.print(heading.append(f"  {row.name}", style="not bold dim") if row.name else heading)
        before = row.heading
        cells = [_spoken(name, cell) for name, cell in zip(columns[1:], row.cells, strict=False)]
        line = Text("  ").join(cell for cell in cells if cell.plain)
        if line.plain:
            console.print(Padding(line, (0, 0, 0, 2)))
        if str(row.prose):
            console.print(Padding(row.prose, (0, 0, 0, 6)))
    console.print()


def _spoken(column: str, cell: str | Text) -> Text:
    if isinstance(cell, Text):
        return cell
    return Text(f"{column} {cell}" if cell and column in NAMED else cell.replace("\n", "; "))
