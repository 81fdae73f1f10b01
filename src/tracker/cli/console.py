"""Standard output for people: colours on a terminal only, always beside a word."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO, NoReturn, TextIO, cast

from rich.console import Console
from rich.text import Text

from tracker.model.vocabulary import Status
from tracker.presentation.statuses import BUT_FOR, look, rest_words
from tracker.presentation.text import UNCERTAINTY_NOTE, has_uncertain_date, supposed_text

PIPE_WIDTH = 160  # columns
MAX_WIDTH = 10_000  # columns that COLUMNS may ask for

STYLES = {
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
    BUT_FOR: "red",
    "eased": "yellow",
    "in-force": "red",
    "operating": "bold green",
    "open": "green",
    "presumed": "cyan",
    "permitted": "green",
    "lifted": "green",
    "ready": "green",
    "fulfilled": "green",
}
_PADDING = re.compile(r" +$", re.MULTILINE)


class _Unpadded:
    """A pipe that drops the blanks at the ends of lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        padded = " \n" in text or text.endswith(" ")
        return self._stream.write(_PADDING.sub("", text) if padded else text)

    def flush(self) -> None:
        self._stream.flush()


class _StandardOutput(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def open_console() -> Console:
    """Standard output, as wide as the terminal or as COLUMNS says."""
    on_terminal = sys.stdout.isatty()
    return _StandardOutput(
        file=sys.stdout if on_terminal else cast(IO[str], _Unpadded(sys.stdout)),
        force_terminal=on_terminal,
        color_system="auto" if on_terminal else None,
        width=None if on_terminal else _width(),
        markup=False,
        highlight=False,
        emoji=False,
    )


def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() and 0 < int(columns) < MAX_WIDTH else PIPE_WIDTH


def status_text(
    status: str, otherwise: Status | None = None, but_for: Sequence[str] = (), separator: str = ": "
) -> Text:
    """A status in its colour.

    Args: otherwise: of `restricted`, the status of the rest, which is told behind it; but_for: who has another.
    """
    text = separator.join(filter(None, (status, rest_words(otherwise, but_for))))
    return Text(text, style=STYLES.get(look(status, otherwise), ""))


def add_marks(text: Text, marks: Iterable[str]) -> Text:
    """A text with remarks in brackets behind it."""
    for mark in marks:
        text.append(f" [{mark}]", style="italic")
    return text


def print_supposed(console: Console, supposed: Sequence[str]) -> None:
    """The statements that an answer supposes, in a line of their own; nothing where it supposes none."""
    if supposed:
        console.print(Text(supposed_text(supposed), style="bold yellow"))


def print_title(console: Console, text: str, more: str = "") -> None:
    """A heading, and behind it what narrows it: clocks, lanes."""
    line = Text(text, style="bold")
    if more:
        line.append(f" · {more}", style="not bold dim")
    console.print(line)


def print_lines(console: Console, lines: Sequence[str | Text]) -> None:
    """Lines that are laid out already; to a pipe without rich, which is ten times faster."""
    if console.is_terminal:
        console.print(Text("\n").join(map(Text.assemble, lines)), soft_wrap=True)
    else:
        console.file.write("".join([f"{line}".rstrip(" ") + "\n" for line in lines]))


def explain_uncertain_dates(console: Console, texts: Iterable[str], before: str = "") -> None:
    """A note on how uncertain dates are written, where a text has one."""
    if any(map(has_uncertain_date, texts)):
        console.print(Text(before + UNCERTAINTY_NOTE, style="dim"))
