"""Standard output for people: colours on a terminal only, words always."""

import os
import re
import sys
from collections.abc import Sequence
from typing import IO, NoReturn, TextIO, cast

from rich.console import Console
from rich.text import Text

IN_A_PIPE = 160  # columns

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
_PADDING = re.compile(r" +$", re.MULTILINE)


class _Unpadded:
    """A pipe in which lines do not end in blanks."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        padded = " \n" in text or text.endswith(" ")
        return self._stream.write(_PADDING.sub("", text) if padded else text)

    def flush(self) -> None:
        self._stream.flush()


class _Screen(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def screen() -> Console:
    """Standard output, as wide as it is."""
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


def put(console: Console, lines: Sequence[str | Text]) -> None:
    """Lines that are laid out already. (To a pipe they go as they are: that is ten times faster.)"""
    if console.is_terminal:
        console.print(Text("\n").join(map(Text.assemble, lines)), soft_wrap=True)
    else:
        console.file.write("".join([f"{line}".rstrip(" ") + "\n" for line in lines]))
