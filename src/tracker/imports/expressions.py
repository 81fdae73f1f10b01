"""From what a mapping says of a field to a function of a row's cells.

A value is a constant; a text with `{column}` in it; a list or a table of values; or one of the tables
`{ column = "…", … }` and `{ text = "…", … }`, which say more: see docs/imports.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from tracker.dataset.suggestions import meant, show
from tracker.dataset.toml_positions import KeyPath
from tracker.dataset.validation import EntryFinding
from tracker.imports.row import Cells, Unfit, slug

Value = Callable[[Cells], Any]
Test = Callable[[Cells], bool]
Tables = Mapping[str, Mapping[str, Any]]


class _Omitted:
    """The field is left out."""


OMITTED = _Omitted()

_PART = re.compile(r"\{\{|\}\}|\{([^{}|]+)(?:\|([^{}|]+))?\}")
_FILTERS: Mapping[str, Callable[[str], str]] = {"lower": str.lower, "upper": str.upper, "slug": slug}
_KEYS = {"column", "text", "table", "date", "plus_days", "number", "split", "blank", "default"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


@dataclass
class Compiler:
    """What is common to all values of a mapping, and what was found while they were read."""

    tables: Tables
    columns: dict[str, KeyPath] = field(default_factory=dict)  # each column that is named, and where first
    special: list[tuple[str, KeyPath]] = field(default_factory=list)  # columns of ours, and wherever they are named
    findings: list[EntryFinding] = field(default_factory=list)
    _named: set[str] = field(default_factory=set)

    def value(self, said: Any, path: KeyPath) -> Value:
        """A value of the mapping as a function of a row's cells."""
        if isinstance(said, str):
            return self._text(said, path)
        if isinstance(said, list):
            return _list([self.value(each, (*path, number)) for number, each in enumerate(said)])
        if isinstance(said, dict) and said.keys() & {"column", "text"} and said.keys() <= _KEYS:
            return self._cell(said, path)
        if isinstance(said, dict):
            return _table({key: self.value(each, (*path, key)) for key, each in said.items()})
        return lambda _: said

    def value_and_columns(self, said: Any, path: KeyPath) -> tuple[Value, frozenset[str]]:
        """The same, with the columns that it names."""
        self._named = set()
        return self.value(said, path), frozenset(self._named)

    def test(self, said: Any, path: KeyPath) -> Test:
        """A condition: by column, "filled", "blank", or the list of cells that fulfil it."""
        if not isinstance(said, dict):
            return self._wrong(path, f'`when` is {show(said)}: write when = {{ level = ["1", "2"], end = "filled" }}')
        tests = [self._test(column, wanted, (*path, column)) for column, wanted in said.items()]
        return lambda cells: all(test(cells) for test in tests)

    def _test(self, column: str, wanted: Any, path: KeyPath) -> Test:
        self._name(column, path)
        if wanted in ("filled", "blank"):
            filled = wanted == "filled"
            return lambda cells: bool(cells[column]) is filled
        if isinstance(wanted, list) and wanted and all(isinstance(each, str) for each in wanted):
            among = frozenset(wanted)
            return lambda cells: cells[column] in among
        return self._wrong(path, f'`{column}` cannot be {show(wanted)}: write "filled", "blank" or a list of texts')

    def _name(self, column: str, path: KeyPath) -> None:
        self.columns.setdefault(column, path)
        self._named.add(column)
        if column.startswith("@"):
            self.special.append((column, path))

    def _wrong(self, path: KeyPath, message: str) -> Callable[[Cells], Any]:
        self.findings.append(EntryFinding(path, message))
        return lambda _: OMITTED

    def _text(self, text: str, path: KeyPath) -> Value:
        """A text with `{column}` or `{column|filter}` in it; two braces stand for one."""
        parts: list[Value] = []
        end, plain = 0, True
        for match in _PART.finditer(text):
            parts += [_constant(text[end : match.start()]), self._placeholder(match, path)]
            end, plain = match.end(), plain and match[1] is None
        parts.append(_constant(text[end:]))
        if set(_PART.sub("", text)) & {"{", "}"}:
            return self._wrong(path, f"{show(text)} has a brace by itself: write {{column}}, or {{{{ for a brace")
        if plain:
            return _constant("".join(part({}) for part in parts))
        return lambda cells: "".join([str(part(cells)) for part in parts])

    def _placeholder(self, match: re.Match[str], path: KeyPath) -> Value:
        column, name = match[1], match[2]
        if column is None:
            return _constant(match[0][0])
        self._name(column, path)
        if name is None:
            return lambda cells: _filled(cells, column)
        if (change := _FILTERS.get(name)) is not None:
            return lambda cells: change(_filled(cells, column))
        looked_up = self._lookup(name, column, path)
        return lambda cells: looked_up(_filled(cells, column))

    def _lookup(self, name: str, column: str, path: KeyPath) -> Callable[[str], Any]:
        table = self.tables.get(name)
        if table is None:
            known = [*self.tables, *_FILTERS]
            self._wrong(path, f"there is no [table.{name}] in the mapping: {meant(name, known)}")
            return lambda raw: raw

        def looked_up(raw: str) -> Any:
            if raw not in table:
                raise Unfit(f"column {show(column)} has {show(raw)}, which [table.{name}] does not have: add it there")
            return table[raw]

        return looked_up

    def _cell(self, said: Mapping[str, Any], path: KeyPath) -> Value:
        if len(said.keys() & {"column", "text"}) == 2 or not isinstance(said.get("column", said.get("text")), str):
            return self._wrong(path, 'write either column = "…" or text = "…", and no list or number')
        columns: list[str] = []
        raw = self._raw(said, path, columns)
        convert = self._conversion(said, path)
        blank = self._blank(said, path)
        splitter = said.get("split")

        def value(cells: Cells) -> Any:
            if not all(cells[column] for column in columns):
                return blank(cells)
            text = raw(cells)
            if splitter is None:
                return convert(text)
            return [convert(part.strip()) for part in text.split(splitter) if part.strip()]

        return value

    def _raw(self, said: Mapping[str, Any], path: KeyPath, columns: list[str]) -> Value:
        if "text" in said:
            columns += [match[1] for match in _PART.finditer(said["text"]) if match[1]]
            return self._text(said["text"], (*path, "text"))
        column = said["column"]
        columns.append(column)
        self._name(column, (*path, "column"))
        return lambda cells: cells[column]

    def _blank(self, said: Mapping[str, Any], path: KeyPath) -> Value:
        """What a blank cell means."""
        if "default" in said:
            return self.value(said["default"], (*path, "default"))
        match said.get("blank", "refuse"):
            case "omit":
                return lambda _: OMITTED
            case "refuse":
                return _refused(str(said.get("column", said.get("text"))))
            case other:
                wrong = f'`blank` cannot be {show(other)}: write "omit" or "refuse", or give a `default`'
                return self._wrong((*path, "blank"), wrong)

    def _conversion(self, said: Mapping[str, Any], path: KeyPath) -> Callable[[str], Any]:
        column = str(said.get("column", "text"))
        steps: list[Callable[[Any], Any]] = []
        if not isinstance(said.get("split", "-"), str) or said.get("split", "-") == "":
            self._wrong((*path, "split"), '`split` is the text between the parts: write e.g. split = ";"')
        if isinstance(said.get("table"), str):
            steps.append(self._lookup(said["table"], column, (*path, "table")))
        if "date" in said:
            formats = said["date"] if isinstance(said["date"], list) else [said["date"]]
            if not all(isinstance(each, str) and "%" in each for each in formats):
                self._wrong((*path, "date"), '`date` is a format, or a list of them: write e.g. date = "%d/%m/%Y"')
            steps.append(lambda text: _date(str(text), tuple(formats), column))
        if isinstance(said.get("plus_days"), int):
            steps.append(lambda text: _later(str(text), said["plus_days"], column))
        if said.get("number") is True:
            steps.append(lambda text: _number(str(text), column))
        return _chain(steps)


def _chain(steps: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return convert


def _constant(text: str) -> Value:
    return lambda _: text


def _refused(column: str) -> Value:
    def refuse(_: Cells) -> Any:
        raise Unfit(f"column {show(column)} is blank: say what that means with `blank` or `default`, or skip such rows")

    return refuse


def _filled(cells: Cells, column: str) -> str:
    found = cells[column]
    if not found:
        raise Unfit(f"column {show(column)} is blank: say what that means with `blank` or `default`, or skip such rows")
    return found


def _list(values: list[Value]) -> Value:
    return lambda cells: [each for value in values if (each := value(cells)) is not OMITTED]


def _table(values: Mapping[str, Value]) -> Value:
    return lambda cells: {key: each for key, value in values.items() if (each := value(cells)) is not OMITTED}


@lru_cache(maxsize=8192)
def _date(text: str, formats: tuple[str, ...], column: str) -> str:
    for form in formats:
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        return found.isoformat() if found.tzinfo is not None else found.date().isoformat()
    raise Unfit(f"column {show(column)} has {show(text)}, which is not a date as {' or '.join(formats)}")


def _later(text: str, days: int, column: str) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        raise Unfit(
            f"column {show(column)} has {show(text)}, which is not a day that others can be counted from"
        ) from None


def _number(text: str, column: str) -> int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    raise Unfit(f"column {show(column)} has {show(text)}, which is not a number")
