"""Expressions of a mapping, compiled to functions of a row's cells.

An expression is a constant; a text with `{column}` in it; a list or a table of values; or one of the tables
`{ column = "…", … }` and `{ text = "…", … }` with conversions: see docs/imports.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from tracker.dataset.suggestions import meant, show
from tracker.dataset.toml_positions import KeyPath
from tracker.dataset.validation import EntryFinding
from tracker.imports.rows import Cells, UnfitRow, slug

RowValue = Callable[[Cells], Any]
RowCondition = Callable[[Cells], bool]
ValueTables = Mapping[str, Mapping[str, Any]]


class _Omitted:
    """The value of a field that is left out."""


OMITTED = _Omitted()

_PART = re.compile(r"\{\{|\}\}|\{([^{}|]+)(?:\|([^{}|]+))?\}")
_FILTERS: Mapping[str, Callable[[str], str]] = {"lower": str.lower, "upper": str.upper, "slug": slug}
_KEYS = {"column", "text", "table", "date", "plus_days", "number", "split", "blank", "default"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


@dataclass
class Compiler:
    """Compiles the expressions of a mapping, and collects the columns that they name and the findings about them."""

    tables: ValueTables
    columns: dict[str, KeyPath] = field(default_factory=dict)  # each column that is named, and where first
    special: list[tuple[str, KeyPath]] = field(default_factory=list)  # pseudo-columns, and each place that names them
    findings: list[EntryFinding] = field(default_factory=list)
    _named: set[str] = field(default_factory=set)

    def value(self, written: Any, path: KeyPath) -> RowValue:
        """An expression as a function of a row's cells."""
        if isinstance(written, str):
            return self._text(written, path)
        if isinstance(written, list):
            return _list([self.value(item, (*path, number)) for number, item in enumerate(written)])
        if isinstance(written, dict) and written.keys() & {"column", "text"} and written.keys() <= _KEYS:
            return self._cell(written, path)
        if isinstance(written, dict):
            return _table({key: self.value(item, (*path, key)) for key, item in written.items()})
        return lambda _: written

    def value_and_columns(self, written: Any, path: KeyPath) -> tuple[RowValue, frozenset[str]]:
        """An expression as a function, and the columns that it names."""
        self._named = set()
        return self.value(written, path), frozenset(self._named)

    def test(self, written: Any, path: KeyPath) -> RowCondition:
        """A condition on cells: for each column, "filled", "blank", or a list of contents."""
        if not isinstance(written, dict):
            return self._report(
                path, f'`when` is {show(written)}: write when = {{ level = ["1", "2"], end = "filled" }}'
            )
        tests = [self._test(column, wanted, (*path, column)) for column, wanted in written.items()]
        return lambda cells: all(test(cells) for test in tests)

    def _test(self, column: str, wanted: Any, path: KeyPath) -> RowCondition:
        self._name(column, path)
        if wanted in ("filled", "blank"):
            filled = wanted == "filled"
            return lambda cells: bool(cells[column]) is filled
        if isinstance(wanted, list) and wanted and all(isinstance(cell, str) for cell in wanted):
            among = frozenset(wanted)
            return lambda cells: cells[column] in among
        return self._report(path, f'`{column}` cannot be {show(wanted)}: write "filled", "blank" or a list of texts')

    def _name(self, column: str, path: KeyPath) -> None:
        self.columns.setdefault(column, path)
        self._named.add(column)
        if column.startswith("@"):
            self.special.append((column, path))

    def _report(self, path: KeyPath, message: str) -> Callable[[Cells], Any]:
        self.findings.append(EntryFinding(path, message))
        return lambda _: OMITTED

    def _text(self, text: str, path: KeyPath) -> RowValue:
        """A text with `{column}` or `{column|filter}` in it; two braces stand for one."""
        parts: list[RowValue] = []
        end, plain = 0, True
        for match in _PART.finditer(text):
            parts += [_constant(text[end : match.start()]), self._placeholder(match, path)]
            end, plain = match.end(), plain and match[1] is None
        parts.append(_constant(text[end:]))
        if set(_PART.sub("", text)) & {"{", "}"}:
            return self._report(path, f"{show(text)} has a brace by itself: write {{column}}, or {{{{ for a brace")
        if plain:
            return _constant("".join(part({}) for part in parts))
        return lambda cells: "".join([str(part(cells)) for part in parts])

    def _placeholder(self, match: re.Match[str], path: KeyPath) -> RowValue:
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
            self._report(path, f"there is no [table.{name}] in the mapping: {meant(name, known)}")
            return lambda raw: raw

        def looked_up(raw: str) -> Any:
            if raw not in table:
                raise UnfitRow(
                    f"column {show(column)} has {show(raw)}, which [table.{name}] does not have: add it there"
                )
            return table[raw]

        return looked_up

    def _cell(self, written: Mapping[str, Any], path: KeyPath) -> RowValue:
        if len(written.keys() & {"column", "text"}) == 2 or not isinstance(
            written.get("column", written.get("text")), str
        ):
            return self._report(path, 'write either column = "…" or text = "…", and no list or number')
        columns: list[str] = []
        raw = self._raw(written, path, columns)
        convert = self._conversion(written, path)
        blank = self._blank(written, path)
        splitter = written.get("split")

        def value(cells: Cells) -> Any:
            if not all(cells[column] for column in columns):
                return blank(cells)
            text = raw(cells)
            if splitter is None:
                return convert(text)
            return [convert(part.strip()) for part in text.split(splitter) if part.strip()]

        return value

    def _raw(self, written: Mapping[str, Any], path: KeyPath, columns: list[str]) -> RowValue:
        if "text" in written:
            columns += [match[1] for match in _PART.finditer(written["text"]) if match[1]]
            return self._text(written["text"], (*path, "text"))
        column = written["column"]
        columns.append(column)
        self._name(column, (*path, "column"))
        return lambda cells: cells[column]

    def _blank(self, written: Mapping[str, Any], path: KeyPath) -> RowValue:
        """The value of a blank cell."""
        if "default" in written:
            return self.value(written["default"], (*path, "default"))
        match written.get("blank", "refuse"):
            case "omit":
                return lambda _: OMITTED
            case "refuse":
                return _refused(str(written.get("column", written.get("text"))))
            case other:
                message = f'`blank` cannot be {show(other)}: write "omit" or "refuse", or give a `default`'
                return self._report((*path, "blank"), message)

    def _conversion(self, written: Mapping[str, Any], path: KeyPath) -> Callable[[str], Any]:
        column = str(written.get("column", "text"))
        steps: list[Callable[[Any], Any]] = []
        if not isinstance(written.get("split", "-"), str) or written.get("split", "-") == "":
            self._report((*path, "split"), '`split` is the text between the parts: write e.g. split = ";"')
        if isinstance(written.get("table"), str):
            steps.append(self._lookup(written["table"], column, (*path, "table")))
        if "date" in written:
            formats = written["date"] if isinstance(written["date"], list) else [written["date"]]
            if not all(isinstance(form, str) and "%" in form for form in formats):
                self._report((*path, "date"), '`date` is a format, or a list of them: write e.g. date = "%d/%m/%Y"')
            for form in formats:
                if isinstance(form, str) and (wrong := _wrong_format(form)):
                    self._report((*path, "date"), f'`date` {show(form)} {wrong}: write e.g. "%d/%m/%Y"')
            steps.append(lambda text: _date(str(text), tuple(formats), column))
        if isinstance(written.get("plus_days"), int):
            steps.append(lambda text: _later(str(text), written["plus_days"], column))
        if written.get("number") is True:
            steps.append(lambda text: _number(str(text), column))
        return _chain(steps)


def _chain(steps: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return convert


def _constant(text: str) -> RowValue:
    return lambda _: text


def _refused(column: str) -> RowValue:
    def refuse(_: Cells) -> Any:
        raise UnfitRow(
            f"column {show(column)} is blank: say what that means with `blank` or `default`, or skip such rows"
        )

    return refuse


def _filled(cells: Cells, column: str) -> str:
    cell = cells[column]
    if not cell:
        raise UnfitRow(
            f"column {show(column)} is blank: say what that means with `blank` or `default`, or skip such rows"
        )
    return cell


def _list(values: list[RowValue]) -> RowValue:
    return lambda cells: [item for value in values if (item := value(cells)) is not OMITTED]


def _table(values: Mapping[str, RowValue]) -> RowValue:
    return lambda cells: {key: item for key, value in values.items() if (item := value(cells)) is not OMITTED}


@lru_cache(maxsize=8192)
def _wrong_format(form: str) -> str | None:
    """Why a format can read no date; None if it can."""
    directives = re.findall(r"%(.)", form, re.DOTALL)
    twice = sorted({one for one in directives if one != "%" and directives.count(one) > 1})
    if twice:
        return f"has %{twice[0]} more than once"
    try:
        datetime.strptime(datetime(2000, 2, 3, 4, 5, 6, tzinfo=UTC).strftime(form), form)
    except (re.error, ValueError) as error:
        return f"is no format of a date ({error})"
    return None


def _date(text: str, formats: tuple[str, ...], column: str) -> str:
    for form in formats:
        try:
            date_time = datetime.strptime(text, form)
        except ValueError:
            continue
        return date_time.isoformat() if date_time.tzinfo is not None else date_time.date().isoformat()
    raise UnfitRow(f"column {show(column)} has {show(text)}, which is not a date as {' or '.join(formats)}")


def _later(text: str, days: int, column: str) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        raise UnfitRow(
            f"column {show(column)} has {show(text)}, which is not a day that others can be counted from"
        ) from None


def _number(text: str, column: str) -> int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    raise UnfitRow(f"column {show(column)} has {show(text)}, which is not a number")
