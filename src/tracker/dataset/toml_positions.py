"""The line of each key of a TOML file, which tomllib does not tell.

The scanner never fails. It knows just enough TOML to be right wherever tomllib accepts the text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

KeyPath = tuple[str | int, ...]  # ("effect", 1, "from"): the key `from` of the second [[effect]]

MAX_DEPTH = 32  # of nested brackets, and of the parts of one dotted key

_TOKEN = re.compile(
    r'''
    (?P<blank> [^\S\n]+ | \#[^\n]* )
  | (?P<newline> \n )
  | (?P<bare> [A-Za-z0-9_-]+ )
  | (?P<text> """(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5} | \'\'\'(?:[^']++|'{1,2}(?!'))*+'{3,5}
            | "(?!"")(?:[^"\\\n]++|\\[^\n])*+" | '(?!\'\')[^'\n]*+' )
  | (?P<unclosed> ["'] )
  | (?P<mark> . )
    ''',
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


@dataclass(frozen=True)
class KeyLines:
    """The line of every key path of one file, from 1."""

    lines: dict[KeyPath, int] = field(default_factory=dict)
    too_deep: int | None = None  # the line on which the scan gave up

    def of(self, path: KeyPath) -> int:
        """The line of a key or table, or of the nearest table around it; 1 where there is none."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 1


def lines_of(text: str) -> KeyLines:
    """Find the line of every key, table and element of an array in a TOML text."""
    scan = _Scan()
    for kind, mark, line in _tokens(text):
        scan.read(kind, mark, line)
        if scan.depth > MAX_DEPTH:
            return KeyLines(scan.lines, line)
    return KeyLines(scan.lines)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    newlines = [match.start() for match in re.finditer("\n", text)]
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "unclosed":
            return  # not TOML; going on could take quadratic time
        if kind != "blank":
            yield kind, match[0], bisect_left(newlines, match.start()) + 1


class _Expecting(Enum):
    KEY = auto()
    HEADER = auto()
    VALUE = auto()
    END = auto()  # of the value or the header that was just read


@dataclass
class _Open:
    """An array or an inline table that is not closed yet."""

    path: KeyPath
    line: int
    index: int | None  # of the element that is being read; None: an inline table


class _Scan:
    """Reads tokens one by one, and notes the line of each key."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._sizes: dict[KeyPath, int] = {}  # of arrays of tables
        self._table: KeyPath = ()
        self._open: list[_Open] = []
        self._keys: list[str] = []
        self._dotted = False  # the last token was a dot between the parts of a key
        self._path: KeyPath = ()  # of the value that is being read
        self._expecting = _Expecting.KEY
        self._brackets = 0

    @property
    def depth(self) -> int:
        return max(len(self._open), len(self._keys))

    def read(self, kind: str, mark: str, line: int) -> None:
        if kind == "newline":
            self._newline()
        elif self._expecting is _Expecting.KEY:
            self._key(kind, mark, line)
        elif self._expecting is _Expecting.HEADER:
            self._header(kind, mark, line)
        else:
            self._value(mark, line)

    def _newline(self) -> None:
        if not self._open:
            self._expecting, self._keys = _Expecting.KEY, []

    def _key(self, kind: str, mark: str, line: int) -> None:
        if kind in ("bare", "text"):
            self._part(mark)
        elif mark == ".":
            self._dotted = True
        elif mark == "=":
            self._path = self._open[-1].path if self._open else self._table
            for key in self._keys:
                self._path = (*self._path, key)
                self.lines.setdefault(self._path, line)
            self._expecting, self._keys = _Expecting.VALUE, []
        elif mark == "[" and not self._open:
            self._expecting, self._brackets = _Expecting.HEADER, 1
        elif mark == "}":
            self._close()

    def _part(self, mark: str) -> None:
        """Take in a part of a key: a further one of a dotted key, or else the first."""
        self._keys = [*self._keys, _plain(mark)] if self._dotted else [_plain(mark)]
        self._dotted = False

    def _header(self, kind: str, mark: str, line: int) -> None:
        if kind in ("bare", "text"):
            self._part(mark)
        elif mark == ".":
            self._dotted = True
        elif mark == "[":
            self._brackets += 1
        elif mark == "]":
            self._enter(line)
            self._expecting, self._keys = _Expecting.END, []

    def _enter(self, line: int) -> None:
        """Go to the table that a header names."""
        path: KeyPath = ()
        for number, key in enumerate(self._keys, start=1):
            path = (*path, key)
            self.lines.setdefault(path, line)
            if number == len(self._keys) and self._brackets == 2:
                self._sizes[path] = self._sizes.get(path, 0) + 1
            if path in self._sizes:
                path = (*path, self._sizes[path] - 1)
        self.lines[path] = line
        self._table = path

    def _value(self, mark: str, line: int) -> None:
        if mark == ",":
            self._next()
        elif mark in ("]", "}"):
            self._close()
        elif self._expecting is _Expecting.VALUE:
            self._begin(mark, line)

    def _begin(self, mark: str, line: int) -> None:
        if self._open and self._open[-1].index is not None and line != self._open[-1].line:
            self.lines[self._path] = line
        self._expecting = _Expecting.END
        if mark == "[":
            self._open.append(_Open(self._path, line, 0))
            self._path, self._expecting = (*self._path, 0), _Expecting.VALUE
        elif mark == "{":
            self._open.append(_Open(self._path, line, None))
            self._expecting = _Expecting.KEY

    def _next(self) -> None:
        if not self._open:
            return
        inner = self._open[-1]
        if inner.index is None:
            self._expecting = _Expecting.KEY
        else:
            inner.index += 1
            self._path, self._expecting = (*inner.path, inner.index), _Expecting.VALUE

    def _close(self) -> None:
        if self._open:
            self._open.pop()
        self._expecting, self._keys = _Expecting.END, []


def _plain(mark: str) -> str:
    """A key without its quotes and escapes."""
    if mark.startswith("'"):
        return mark[1:-1]
    if mark.startswith('"'):
        return _ESCAPE.sub(_unescaped, mark[1:-1])
    return mark


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if not code:
        return _ESCAPED.get(match[3], match[3])
    return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
