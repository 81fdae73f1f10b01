"""Subjects and statements made of rows, or problems at the line of a row."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracker.dataset.files import TomlTable
from tracker.dataset.references import References
from tracker.dataset.rules import content_findings
from tracker.dataset.suggestions import printable, show
from tracker.dataset.validation import shaped
from tracker.imports.changes import Edition
from tracker.imports.mapping import TableMapping
from tracker.imports.rows import BROKEN_ROW, NUMBER, RowPart, TableRow, UnfitRow
from tracker.imports.templates import STATEMENTS, SUBJECTS, StatementTemplate, Template
from tracker.model.announcement import Announcement, Correction, Retraction
from tracker.model.registry import Registry, Subject
from tracker.model.vocabulary import SubjectKind

MAX_ID_CHARS = 74  # of an announcement; corrections add "-v…" to it

ReportLine = Callable[[int, str], None]  # the line of a row, and a message about it


@dataclass
class SubjectBuilder:
    """Makes registry entries of rows; of several rows for one subject, the first counts."""

    templates: Sequence[Template]
    subjects: dict[tuple[str, str], Subject] = field(default_factory=dict)
    _first: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # line, and hash of the table
    differing: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, row: TableRow) -> None:
        """Make the subjects of a row, unless an earlier row made them. Raises: UnfitRow."""
        for template in self.templates:
            if template.when(row.cells):
                self._take(template, row)

    def _take(self, template: Template, row: TableRow) -> None:
        table = template.table(row.cells)
        key, mark = (template.kind, str(table.get("id"))), hash(repr(table))
        if key in self._first:
            if self._first[key][1] != mark:
                self.differing[key] += 1
            return
        subject, findings = shaped(SUBJECTS[template.kind], table, f"the {template.kind} {printable(key[1][:80])}")
        if subject is None:
            raise UnfitRow(findings[0].message)
        self._first[key] = (row.line, mark)
        self.subjects[key] = subject

    def line(self, key: tuple[str, str]) -> int:
        """The line of the row that made a subject."""
        return self._first[key][0]


@dataclass
class DraftedAnnouncement:
    """An announcement with corrections and retractions, made of rows; `broken` if a row does not fit."""

    announcement: Announcement | None = None
    own: list[Correction | Retraction] = field(default_factory=list)
    line: int = 0  # of its first row
    broken: bool = False
    versioned: frozenset[str] = frozenset()


class StatementBuilder:
    """Makes statements of rows for one edition of a table."""

    def __init__(self, mapping: TableMapping, edition: Edition, registry: Registry, report: ReportLine) -> None:
        self._templates = mapping.statements
        self._edition = edition
        self._known = References(registry)
        self._report = report

    def build(self, parts: Sequence[RowPart]) -> DraftedAnnouncement:
        """The announcement that rows make."""
        draft = DraftedAnnouncement(line=min(part.row.line for part in parts))
        tables: dict[str, tuple[int, TomlTable]] = {}  # of the announcement, and of each correction, by id
        for part in parts:
            if part.template == BROKEN_ROW:
                draft.broken = True
                continue
            template = self._templates[part.template]
            try:
                self._add(tables, template, part.row)
                draft.versioned |= template.versioned
            except UnfitRow as error:
                self._report(part.row.line, str(error))
                draft.broken = True
        for line, table in tables.values():
            self._finish(draft, line, table)
        return draft

    def _add(self, tables: dict[str, tuple[int, TomlTable]], template: StatementTemplate, row: TableRow) -> None:
        table = template.table({**row.cells, **self._edition.columns})
        key = str(table.get("id"))
        if key not in tables:
            tables[key] = row.line, {**table, "": template.kind}
            return
        line, before = tables[key]
        for name in before.keys() | table.keys() - {"effect"}:
            if name not in ("", "effect") and before.get(name) != table.get(name):
                raise UnfitRow(
                    f"`{name}` of {key} is {show(table.get(name))}, and {show(before.get(name))} in line {line}: "
                    "the rows of one announcement agree in it. Make its `id` tell them apart, or mend the row"
                )
        before.setdefault("effect", []).extend(table.get("effect", []))

    def _finish(self, draft: DraftedAnnouncement, line: int, table: TomlTable) -> None:
        kind = table.pop("")
        model: Any = STATEMENTS[kind]
        statement, findings = shaped(model, table, f"the {kind} {printable(str(table.get('id'))[:80])}")
        messages = [finding.message for finding in findings]
        if statement is not None:
            messages += self._rules(statement)
        for message in messages:
            self._report(line, message)
        draft.broken = draft.broken or bool(messages)
        if isinstance(statement, Announcement):
            draft.announcement = statement
        elif statement is not None:
            draft.own.append(statement)

    def _rules(self, statement: Announcement | Correction | Retraction) -> list[str]:
        parties = [speaker.party for speaker in statement.by]
        messages = [message for party in parties if (message := self._known.unknown(party, SubjectKind.PARTY))]
        if len(statement.id) > MAX_ID_CHARS:
            messages.append(f"the id {statement.id} has {len(statement.id)} characters, and at most {MAX_ID_CHARS} fit")
        return messages + (self.findings(statement) if isinstance(statement, Announcement) else [])

    def findings(self, announcement: Announcement) -> list[str]:
        """Messages of the rules about an announcement's effects and relations."""
        return [finding.message for finding in content_findings(announcement, self._known)]


ChainCounts = dict[tuple[int, str], int]  # rows so far, by template and chain


def parts_of(mapping: TableMapping, row: TableRow, chains: ChainCounts) -> Iterator[tuple[str, RowPart]]:
    """The announcements that a row is about, each with the row as a part of it.

    Raises: UnfitRow.
    """
    for number, template in enumerate(mapping.statements):
        if template.when(row.cells):
            counted = _numbered(row, template, chains, number)
            yield str(template.target(counted.cells)), RowPart(number, counted)


def _numbered(row: TableRow, template: StatementTemplate, chains: ChainCounts, number: int) -> TableRow:
    """The row with its number in its chain."""
    if template.chain is None:
        return row
    key = number, str(template.chain(row.cells))
    chains[key] = chains.get(key, 0) + 1
    return row._replace(cells={**row.cells, NUMBER: str(chains[key])})
