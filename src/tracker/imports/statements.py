"""From rows to subjects and statements, or to problems at the row's line."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracker.dataset.references import References
from tracker.dataset.rules import content_findings
from tracker.dataset.suggestions import printable, show
from tracker.dataset.validation import shaped
from tracker.imports.changes import Edition
from tracker.imports.mapping import Mapping
from tracker.imports.row import NUMBER, Row, Unfit
from tracker.imports.row_store import BROKEN, Part
from tracker.imports.templates import STATEMENTS, SUBJECTS, Form, StatementForm, Table
from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.registry import Registry, Subject
from tracker.model.vocabulary import SubjectKind

LONGEST_ID = 74  # corrections add "-v…" to it

Tell = Callable[[int, str], None]  # the line of a row, and what is wrong with it


@dataclass
class Entries:
    """The registry entries that rows make; of several rows for one subject, the first counts."""

    forms: Sequence[Form]
    subjects: dict[tuple[str, str], Subject] = field(default_factory=dict)
    _first: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # line, and hash of what it says
    differing: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, row: Row) -> None:
        """Raises: Unfit."""
        for form in self.forms:
            if form.when(row.cells):
                self._take(form, row)

    def _take(self, form: Form, row: Row) -> None:
        table = form.table(row.cells)
        key, mark = (form.kind, str(table.get("id"))), hash(repr(table))
        if key in self._first:
            if self._first[key][1] != mark:
                self.differing[key] += 1
            return
        subject, findings = shaped(SUBJECTS[form.kind], table, f"the {form.kind} {printable(key[1][:80])}")
        if subject is None:
            raise Unfit(findings[0].message)
        self._first[key] = (row.line, mark)
        self.subjects[key] = subject

    def line(self, key: tuple[str, str]) -> int:
        """The line of the row that made a subject."""
        return self._first[key][0]


@dataclass
class Drafted:
    """What rows say of one announcement; and whether all of them could be read."""

    announcement: Announcement | None = None
    own: list[Correction | Retraction] = field(default_factory=list)
    line: int = 0  # of its first row
    broken: bool = False
    versioned: frozenset[str] = frozenset()


class Drafter:
    """Makes statements of rows for one edition of a table."""

    def __init__(self, mapping: Mapping, edition: Edition, registry: Registry, tell: Tell) -> None:
        self._forms = mapping.statements
        self._edition = edition
        self._known = References(registry)
        self._tell = tell

    def drafted(self, parts: Sequence[Part]) -> Drafted:
        """What the rows of one announcement say of it."""
        made = Drafted(line=min(part.row.line for part in parts))
        tables: dict[str, tuple[int, Table]] = {}  # of the announcement, and of each correction, by id
        for part in parts:
            if part.form == BROKEN:
                made.broken = True
                continue
            form = self._forms[part.form]
            try:
                self._add(tables, form, part.row)
                made.versioned |= form.versioned
            except Unfit as error:
                self._tell(part.row.line, str(error))
                made.broken = True
        for line, table in tables.values():
            self._finish(made, line, table)
        return made

    def _add(self, tables: dict[str, tuple[int, Table]], form: StatementForm, row: Row) -> None:
        table = form.table({**row.cells, **self._edition.columns})
        key = str(table.get("id"))
        if key not in tables:
            tables[key] = row.line, {**table, "": form.kind}
            return
        line, before = tables[key]
        for name in before.keys() | table.keys() - {"effect"}:
            if name not in ("", "effect") and before.get(name) != table.get(name):
                raise Unfit(
                    f"`{name}` of {key} is {show(table.get(name))}, and {show(before.get(name))} in line {line}: "
                    "the rows of one announcement agree in it. Make its `id` tell them apart, or mend the row"
                )
        before.setdefault("effect", []).extend(table.get("effect", []))

    def _finish(self, made: Drafted, line: int, table: Table) -> None:
        kind = table.pop("")
        model: Any = STATEMENTS[kind]
        statement, findings = shaped(model, table, f"the {kind} {printable(str(table.get('id'))[:80])}")
        found = [finding.message for finding in findings]
        if statement is not None:
            found += self._rules(statement)
        for message in found:
            self._tell(line, message)
        made.broken = made.broken or bool(found)
        if isinstance(statement, Announcement):
            made.announcement = statement
        elif statement is not None:
            made.own.append(statement)

    def _rules(self, statement: Announcement | Correction | Retraction) -> list[str]:
        found = [problem for one in statement.by if (problem := self._known.unknown(one.party, SubjectKind.PARTY))]
        if len(statement.id) > LONGEST_ID:
            found.append(f"the id {statement.id} has {len(statement.id)} characters, and at most {LONGEST_ID} fit")
        return found + (self.findings(statement) if isinstance(statement, Announcement) else [])

    def findings(self, announcement: Announcement) -> list[str]:
        """What the rules of effects say of an announcement."""
        return [finding.message for finding in content_findings(announcement, self._known)]


Chains = dict[tuple[int, str], int]  # rows so far, by form and chain


def parts_of(mapping: Mapping, row: Row, chains: Chains) -> Iterator[tuple[str, Part]]:
    """The announcements that a row speaks of, and by which form of the mapping.

    Raises: Unfit.
    """
    for number, form in enumerate(mapping.statements):
        if form.when(row.cells):
            counted = _numbered(row, form, chains, number)
            yield str(form.target(counted.cells)), Part(number, counted)


def _numbered(row: Row, form: StatementForm, chains: Chains, number: int) -> Row:
    """The row with its number in its chain."""
    if form.chain is None:
        return row
    key = number, str(form.chain(row.cells))
    chains[key] = chains.get(key, 0) + 1
    return row._replace(cells={**row.cells, NUMBER: str(chains[key])})
