"""Templates of a mapping, which make registry entries, announcements, corrections and retractions of a row."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tracker.dataset.files import TomlTable
from tracker.dataset.suggestions import meant, one_of, printable, show
from tracker.dataset.toml_positions import KeyPath
from tracker.dataset.validation import EntryFinding
from tracker.imports.expressions import OMITTED, Compiler, RowCondition, RowValue
from tracker.imports.rows import Cells, is_version_column
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
PROVENANCE = ("announced", "source", "note", "reason")  # keys that may name the imported version
NOT_IMPORTED = ("pledge", "fulfil", "withdraw")  # they refer to one another across files


def _always(_: Cells) -> bool:
    return True


@dataclass(frozen=True)
class Template:
    """A table of the mapping, as a function of a row's cells."""

    kind: str  # "party", "announcement", "impose", …; "" where it depends on the row
    when: RowCondition
    fields: Mapping[str, RowValue]

    def table(self, cells: Cells) -> TomlTable:
        """The table that this template makes of a row, without the omitted keys."""
        values = {key: value(cells) for key, value in self.fields.items()}
        return {key: value for key, value in values.items() if value is not OMITTED}


@dataclass(frozen=True)
class StatementTemplate(Template):
    """A template of a statement, or of the part of one that a row makes."""

    target: RowValue  # the id of the announcement that it is, or corrects or retracts
    chain: RowValue | None
    effects: tuple[Template, ...]
    versioned: frozenset[str]  # keys that name the imported version, so that they differ with each one

    def table(self, cells: Cells) -> TomlTable:
        table = super().table(cells)
        effects = [effect.table(cells) for effect in self.effects if effect.when(cells)]
        if self.kind == "correction":
            return {**table, "replace": {**table.get("replace", {}), "effect": effects}} if self.effects else table
        return {**table, "effect": effects} if self.kind == "announcement" else table


class TemplateReader:
    """Reads the templates of a mapping; mistakes in them are added to the compiler's findings."""

    def __init__(self, compiler: Compiler, prefix: str) -> None:
        self._compiler = compiler
        self._prefix = prefix

    def entries(self, tables: Any) -> tuple[Template, ...]:
        """The templates of [[registry]]."""
        return tuple(self._entry(table, path) for table, path in self._tables(tables, ("registry",)))

    def statements(self, kind: str, tables: Any) -> tuple[StatementTemplate, ...]:
        """The templates of [[announcement]], [[correction]] or [[retraction]]."""
        return tuple(self._statement(kind, table, path) for table, path in self._tables(tables, (kind,)))

    def _tables(self, tables: Any, path: KeyPath) -> Iterator[tuple[TomlTable, KeyPath]]:
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._report(path, f"`{path[-1]}` is a list of tables: write [[{path[-1]}]], with two brackets")
            return
        yield from ((table, (*path, number)) for number, table in enumerate(tables))

    def _report(self, path: KeyPath, message: str) -> None:
        self._compiler.findings.append(EntryFinding(path, message))

    def _when(self, table: TomlTable, path: KeyPath) -> RowCondition:
        return self._compiler.test(table["when"], (*path, "when")) if "when" in table else _always

    def _entry(self, table: TomlTable, path: KeyPath) -> Template:
        kind = table.get("kind")
        if not isinstance(kind, str) or kind not in SUBJECTS:
            self._report((*path, "kind"), f"`kind` cannot be {show(kind)}: it is one of {one_of(SUBJECTS)}")
            kind = "party"
        # A party has a key `kind` of its own: it stands as `party_kind`, and a measure's as `measure_kind`.
        own = {
            "kind" if key == f"{kind}_kind" else key: value for key, value in _without(table, "when", "kind").items()
        }
        self._check_keys(own, SUBJECTS[kind], path, f"[[registry]] of kind {kind}", but=("type",))
        return Template(kind, self._when(table, path), self._fields(own, path))

    def _statement(self, kind: str, table: TomlTable, path: KeyPath) -> StatementTemplate:
        key = {"announcement": "id", "correction": "corrects", "retraction": "retracts"}[kind]
        own = _without(table, "when", "chain", *(() if kind == "retraction" else ("effect",)))
        self._check_keys(own, STATEMENTS[kind], path, f"[[{kind}]]")
        self._check_own(own, kind, path)
        chain = self._compiler.value(table["chain"], (*path, "chain")) if "chain" in table else None
        effects = self._effects(table.get("effect", []), (*path, "effect"))
        fields, versioned = {}, set()
        for name, value in own.items():
            fields[name], columns = self._compiler.value_and_columns(value, (*path, name))
            if any(map(is_version_column, columns)):
                versioned.add(name)
        target = fields.get(key) or self._compiler.value("", path)
        return StatementTemplate(kind, self._when(table, path), fields, target, chain, effects, frozenset(versioned))

    def _check_own(self, own: TomlTable, kind: str, path: KeyPath) -> None:
        """Check that ids begin with the mapping's name, so that those of two mappings differ."""
        for key in ("id", "corrects", "retracts"):
            value = own.get(key)
            if key in STATEMENTS[kind].model_fields and not (isinstance(value, str) and value.startswith(self._prefix)):
                begin = show(f"{self._prefix}…")
                self._report((*path, key), f"`{key}` of [[{kind}]] begins with the mapping's name: {begin}")
        if "relation" in own:
            self._report((*path, "relation"), "relations are not imported: leave the key out")

    def _effects(self, tables: Any, path: KeyPath) -> tuple[Template, ...]:
        return tuple(self._effect(table, effect_path) for table, effect_path in self._tables(tables, path))

    def _effect(self, table: TomlTable, path: KeyPath) -> Template:
        kind = table.get("type")
        if isinstance(kind, str) and kind in EFFECTS and kind not in NOT_IMPORTED:
            self._check_keys(_without(table, "when"), EFFECTS[kind], path, f'an effect of type "{kind}"')
        else:
            known = [effect for effect in EFFECTS if effect not in NOT_IMPORTED]
            self._report((*path, "type"), f"`type` cannot be {show(kind)}: it is one of {one_of(known)}")
        return Template(str(kind), self._when(table, path), self._fields(_without(table, "when"), path))

    def _fields(self, table: TomlTable, path: KeyPath) -> dict[str, RowValue]:
        return {key: self._compiler.value(value, (*path, key)) for key, value in table.items()}

    def _check_keys(
        self, table: TomlTable, model: type[BaseModel], path: KeyPath, called: str, but: Collection[str] = ()
    ) -> None:
        """Check that every key is one of the model's, and that no required one is missing."""
        fields = {field.alias or name: field for name, field in model.model_fields.items() if name not in but}
        for key in table:
            if key not in fields:
                self._report((*path, key), f"`{printable(key)}` is not a key of {called}: {meant(key, fields)}")
        for key, field in fields.items():
            if field.is_required() and key not in table:
                self._report(path, f"`{key}` is missing from {called}: add it")


def special_findings(compiler: Compiler, table: TomlTable) -> Iterator[EntryFinding]:
    """Findings about pseudo-columns in places that cannot have them."""
    for column, path in compiler.special:
        kind, *rest = path
        if kind not in STATEMENTS or len(rest) < 2 or rest[1] in ("when", "chain"):
            message = f"{{{column}}} cannot stand here: it may in an [[announcement]], but in no condition"
            yield EntryFinding(path, message)
        elif is_version_column(column) and rest[1] not in PROVENANCE:
            keys = one_of(PROVENANCE)
            yield EntryFinding(path, f"{{{column}}} may stand in {keys} only: else every version would differ")
        elif not is_version_column(column) and "chain" not in table[str(kind)][rest[0]]:
            yield EntryFinding(path, f'{{{column}}} counts the rows of a chain: add e.g. chain = "{{policy}}"')


def _without(table: TomlTable, *keys: str) -> TomlTable:
    return {key: value for key, value in table.items() if key not in keys}
