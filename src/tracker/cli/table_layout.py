"""Tables for people: columns where there is room for prose, else a list; never cut short.

Our own lay-out: rich's takes as long for the whole record as answering the question.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from tracker.cli.console import print_lines

GAP = "  "
NAMED_IN_LISTS = ("since", "until", "due")  # columns whose cells say little without their names
MIN_PROSE_WIDTH = 40  # characters; with less room for prose, a table becomes a list
_PARTS = re.compile(r"[^ –]+[ –]*|[ –]+")

Cell = str | Text
Styled = Callable[[str, str], Cell]  # (text, style)


class PrintedRow(NamedTuple):
    """One line of a table: a heading that several rows may share, some short cells, and prose."""

    heading: str
    cells: tuple[Cell, ...]
    prose: Cell
    name: str = ""  # under the heading, where it adds something


def print_table(console: Console, columns: Sequence[str], rows: Sequence[PrintedRow]) -> None:
    """Rows as a table with these columns, or as a list on a narrow screen.

    Args: columns: of the heading, the cells and the prose.
    """
    if not console.is_terminal:  # without colours, the lay-out of the whole record takes a third of the time
        rows = [PrintedRow(row.heading, tuple(map(str, row.cells)), str(row.prose), row.name) for row in rows]
    widths = _widths(columns, rows, console.width)
    fits = widths[-1] >= MIN_PROSE_WIDTH
    styled = Text if console.is_terminal else _unstyled
    lines = _table(columns, rows, widths, styled) if fits else _list(columns, rows, console.width)
    print_lines(console, [*lines, ""])


def _unstyled(text: str, style: str) -> str:  # noqa: ARG001  # as `Text` is called
    return text


def print_facts(console: Console, lines: Sequence[tuple[str, Cell]]) -> None:
    """Names with a text for each; a name is not repeated on the line below."""
    width = max((len(name) for name, _ in lines), default=0)
    printed, before = [], None
    for name, words in lines:
        margin = Text(f"{GAP}{'' if name == before else name:<{width}}{GAP}", style="bold")
        for line in wrapped(words, console.width - len(margin)):
            printed.append(Text.assemble(margin, line))
            margin = Text(" " * len(margin))
        before = name
    print_lines(console, printed)


def wrapped(words: Cell, width: int) -> Iterator[Cell]:
    """A text in lines: broken at blanks and behind dashes, and within a word only if it is longer than a line."""
    plain = str(words)
    if len(plain) <= width and "\n" not in plain:
        yield words
        return
    for begin, end in _lines(plain, max(width, 1)):
        yield words[begin:end]


def _lines(plain: str, width: int) -> Iterator[tuple[int, int]]:
    """The begin and end of each line."""
    start = 0
    for paragraph in plain.split("\n"):
        begin = end = start
        for part in _PARTS.finditer(plain, start, start + len(paragraph)):
            start_of_part, end_of_part = part.span()
            if end_of_part - begin <= width:
                end = end_of_part
                continue
            blanks = _blanks(part[0])
            if end_of_part - begin - blanks > width and end > begin:
                yield begin, end
                begin = start_of_part
            end = end_of_part
            while end - begin - blanks > width:
                yield begin, begin + width
                begin += width
        yield begin, end
        start += len(paragraph) + 1


def _blanks(part: str) -> int:
    return len(part) - len(part.rstrip())


def _widths(columns: Sequence[str], rows: Sequence[PrintedRow], width: int) -> list[int]:
    """The widths of the columns: short ones as needed, up to a quarter of the screen or an id; prose the rest."""
    *short, last = columns
    cells = [(row.heading, *row.cells) for row in rows]
    widths = [
        max([len(name), *(_needed(row[number], width // 4) for row in cells)]) for number, name in enumerate(short)
    ]
    widths[0] = max([widths[0], *(min(len(row.name), width // 4) for row in rows)])
    left = width - sum(widths) - len(GAP) * len(widths)
    longest = max([len(last), *(_longest(row.prose) for row in rows)])
    return [*widths, max(min(left, longest), min(left, MIN_PROSE_WIDTH))]


def _needed(cell: Cell, limit: int) -> int:
    word = max((len(part) for part in str(cell).split()), default=0)
    return max(min(_longest(cell), limit), word)


def _longest(cell: Cell) -> int:
    return max((len(line) for line in str(cell).split("\n")), default=0)


def _table(columns: Sequence[str], rows: Sequence[PrintedRow], widths: Sequence[int], styled: Styled) -> Iterator[Cell]:
    yield _line([styled(name, "bold") for name in columns], widths)
    yield styled("─" * (sum(widths) + len(GAP) * (len(widths) - 1)), "dim")
    before = None
    for row in rows:
        heading = list(_heading(row, widths[0], styled)) if row.heading != before else []
        before = row.heading
        rest = [list(wrapped(cell, width)) for cell, width in zip((*row.cells, row.prose), widths[1:], strict=True)]
        for parts in zip_longest(heading, *rest):
            yield _line(parts, widths)


def _line(parts: Sequence[Cell | None], widths: Sequence[int]) -> Cell:
    padded = [part or "" for part in parts]
    padded = [part + " " * (width - len(part)) + GAP for part, width in zip(padded, widths, strict=True)]
    return Text.assemble(*padded) if any(isinstance(part, Text) for part in padded) else "".join(map(str, padded))


def _heading(row: PrintedRow, width: int, styled: Styled) -> Iterator[Cell]:
    yield from wrapped(styled(row.heading, "bold"), width)
    if row.name:
        yield from wrapped(styled(row.name, "dim"), width)


def _list(columns: Sequence[str], rows: Sequence[PrintedRow], width: int) -> Iterator[Cell]:
    before = None
    for row in rows:
        if row.heading != before:
            heading = Text(row.heading, style="bold")
            yield from wrapped(heading.append(f"{GAP}{row.name}", style="not bold dim") if row.name else heading, width)
        before = row.heading
        cells = [_in_list(name, cell) for name, cell in zip(columns[1:], row.cells, strict=False)]
        yield from _indented(Text(GAP).join(cell for cell in cells if cell.plain), 2, width)
        yield from _indented(row.prose, 6, width)


def _indented(words: Cell, indent: int, width: int) -> Iterator[Text]:
    if str(words):
        for line in wrapped(words, width - indent):
            yield Text.assemble(" " * indent, line)


def _in_list(column: str, cell: Cell) -> Text:
    """A cell on one line, behind the name of its column where it needs that."""
    text = Text()
    for line in Text.assemble(cell).split("\n"):
        behind = " " if text.plain.endswith(":") else "; "
        text = Text.assemble(text, behind, line) if text.plain else line
    return Text.assemble(f"{column} ", text) if column in NAMED_IN_LISTS and text.plain else text
