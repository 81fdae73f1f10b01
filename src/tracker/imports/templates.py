"""The forms that a mapping makes of a row: registry entries, announcements, corrections, retractions."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tracker.dataset.suggestions import meant, one_of, printable, show
from tracker.dataset.toml_positions import KeyPath
from tracker.dataset.validation import Finding
from tracker.imports.expressions import OMITTED, Compiler, Test, Value
from tracker.imports.row import Cells, of_the_version
from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.effects import EFFECTS
from tracker.model.registry import (
    Border,
    Corridor,
    Crossing,
    Instrument,
    Measure,
    Party,
    Subject,
    Territory,
)

Table = dict[str, Any]

SUBJECTS: Mapping[str, type[Subject]] = {
    "party": Party,
    "territory": Territory,
    "border": Border,
    "crossing": Crossing,
    "corridor": Corridor,
    "measure": Measure,
    "instrument": Instrument,
}
STATEMENTS: Mapping[str, type[Announcement | Correction | Retraction]] = {
    "announcement": Announcement,
    "correction": Correction,
    "retraction": Retraction,
}
PROVENANCE = ("announced", "source", "note", "reason")  # what may name the version that is imported
NOT_IMPORTED = ("pledge", "fulfil", "withdraw")  # they refer to one another across files


def _always(_: Cells) -> bool:
    return True


@dataclass(frozen=True)
class Form:
    """A table of the mapping as a function of a row's cells."""

    kind: str  # "party", "announcement", "impose", …; "" where it depends on the row
    when: Test
    fields: Mapping[str, Value]

    def table(self, cells: Cells) -> Table:
        """What it makes of a row, without what is omitted."""
        made = {key: value(cells) for key, value in self.fields.items()}
        return {key: value for key, value in made.items() if value is not OMITTED}


@dataclass(frozen=True)
class StatementForm(Form):
    """One that makes a statement, or one row's part of it."""

    target: Value  # the id of the announcement that it is, or corrects or retracts
    chain: Value | None
    effects: tuple[Form, ...]
    versioned: frozenset[str]  # keys that name the version that is imported, so that they differ each time

    def table(self, cells: Cells) -> Table:
        made = super().table(cells)
        effects = [form.table(cells) for form in self.effects if form.when(cells)]
        if self.kind == "correction":
            return {**made, "replace": {**made.get("replace", {}), "effect": effects}} if self.effects else made
        return {**made, "effect": effects} if self.kind == "announcement" else made


class Reader:
    """Makes forms of a mapping's tables; what is wrong with them is among the compiler's findings."""

    def __init__(self, compiler: Compiler, prefix: str) -> None:
        self._compiler = compiler
        self._prefix = prefix

    def entries(self, tables: Any) -> tuple[Form, ...]:
        """The forms of [[registry]]."""
        return tuple(self._entry(table, path) for table, path in self._tables(tables, ("registry",)))

    def statements(self, kind: str, tables: Any) -> tuple[StatementForm, ...]:
        """The forms of [[announcement]], [[correction]] or [[retraction]]."""
        return tuple(self._statement(kind, table, path) for table, path in self._tables(tables, (kind,)))

    def _tables(self, tables: Any, path: KeyPath) -> Iterator[tuple[Table, KeyPath]]:
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._report(path, f"`{path[-1]}` is a list of tables: write [[{path[-1]}]], with two brackets")
            return
        yield from ((table, (*path, number)) for number, table in enumerate(tables))

    def _report(self, path: KeyPath, message: str) -> None:
        self._compiler.findings.append(Finding(path, message))

    def _when(self, table: Table, path: KeyPath) -> Test:
        return self._compiler.test(table["when"], (*path, "when")) if "when" in table else _always

    def _entry(self, table: Table, path: KeyPath) -> Form:
        kind = table.get("kind")
        if not isinstance(kind, str) or kind not in SUBJECTS:
            self._report((*path, "kind"), f"`kind` cannot be {show(kind)}: it is one of {one_of(SUBJECTS)}")
            kind = "party"
        # A party has a key `kind` of its own: it stands as `party_kind`, and a measure's as `measure_kind`.
        own = {"kind" if key == f"{kind}_kind" else key: said for key, said in _without(table, "when", "kind").items()}
        self._check_keys(own, SUBJECTS[kind], path, f"[[registry]] of kind {kind}", but=("type",))
        return Form(kind, self._when(table, path), self._fields(own, path))

    def _statement(self, kind: str, table: Table, path: KeyPath) -> StatementForm:
        key = {"announcement": "id", "correction": "corrects", "retraction": "retracts"}[kind]
        own = _without(table, "when", "chain", *(() if kind == "retraction" else ("effect",)))
        self._check_keys(own, STATEMENTS[kind], path, f"[[{kind}]]")
        self._check_own(own, kind, path)
        chain = self._compiler.value(table["chain"], (*path, "chain")) if "chain" in table else None
        effects = self._effects(table.get("effect", []), (*path, "effect"))
        fields, versioned = {}, set()
        for name, said in own.items():
            fields[name], columns = self._compiler.value_and_columns(said, (*path, name))
            if any(map(of_the_version, columns)):
                versioned.add(name)
        target = fields.get(key) or self._compiler.value("", path)
        return StatementForm(kind, self._when(table, path), fields, target, chain, effects, frozenset(versioned))

    def _check_own(self, own: Table, kind: str, path: KeyPath) -> None:
        """The ids begin with the mapping's name, so that those of two mappings never meet."""
        for key in ("id", "corrects", "retracts"):
            said = own.get(key)
            if key in STATEMENTS[kind].model_fields and not (isinstance(said, str) and said.startswith(self._prefix)):
                begin = show(f"{self._prefix}…")
                self._report((*path, key), f"`{key}` of [[{kind}]] begins with the mapping's name: {begin}")
        if "relation" in own:
            self._report((*path, "relation"), "relations are not imported: leave the key out")

    def _effects(self, tables: Any, path: KeyPath) -> tuple[Form, ...]:
        return tuple(self._effect(table, where) for table, where in self._tables(tables, path))

    def _effect(self, table: Table, path: KeyPath) -> Form:
        kind = table.get("type")
        if isinstance(kind, str) and kind in EFFECTS and kind not in NOT_IMPORTED:
            self._check_keys(_without(table, "when"), EFFECTS[kind], path, f'an effect of type "{kind}"')
        else:
            known = [each for each in EFFECTS if each not in NOT_IMPORTED]
            self._report((*path, "type"), f"`type` cannot be {show(kind)}: it is one of {one_of(known)}")
        return Form(str(kind), self._when(table, path), self._fields(_without(table, "when"), path))

    def _fields(self, table: Table, path: KeyPath) -> dict[str, Value]:
        return {key: self._compiler.value(said, (*path, key)) for key, said in table.items()}

    def _check_keys(
        self, table: Table, model: type[BaseModel], path: KeyPath, called: str, but: Collection[str] = ()
    ) -> None:
        """Every key is one of the model's, and none that it needs is missing."""
        fields = {field.alias or name: field for name, field in model.model_fields.items() if name not in but}
        for key in table:
            if key not in fields:
                self._report((*path, key), f"`{printable(key)}` is not a key of {called}: {meant(key, fields)}")
        for key, field in fields.items():
            if field.is_required() and key not in table:
                self._report(path, f"`{key}` is missing from {called}: add it")


def special_findings(compiler: Compiler, table: Table) -> Iterator[Finding]:
    """Columns that no file has stand where their value is known, and where a change of it is no change."""
    for column, path in compiler.special:
        kind, *rest = path
        if kind not in STATEMENTS or len(rest) < 2 or rest[1] in ("when", "chain"):
            yield Finding(path, f"{{{column}}} cannot stand here: it may in an [[announcement]], but in no condition")
        elif of_the_version(column) and rest[1] not in PROVENANCE:
            where = one_of(PROVENANCE)
            yield Finding(path, f"{{{column}}} may stand in {where} only: else every version would differ")
        elif not of_the_version(column) and "chain" not in table[str(kind)][rest[0]]:
            yield Finding(path, f'{{{column}}} counts the rows of a chain: add e.g. chain = "{{policy}}"')


def _without(table: Table, *keys: str) -> Table:
    return {key: value for key, value in table.items() if key not in keys}
