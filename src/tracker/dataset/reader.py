"""Reader of datasets: from files to a registry, statements and expectations, or to problems with file and line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from tracker.dataset.existing import NO_STATEMENTS, OnRecord
from tracker.dataset.files import (
    EXPECTATIONS,
    REGISTRY,
    FileEntry,
    TomlFile,
    TomlTable,
    list_folder,
    read_toml,
    shown_path,
)
from tracker.dataset.references import ANY_ENTRY, STATEMENT, EntryKey, Locations
from tracker.dataset.rules import check, check_registry, in_order
from tracker.dataset.suggestions import nearest, one_of, printable, show
from tracker.dataset.validation import MAX_FINDINGS, EntryFinding, shaped, statement_of_table
from tracker.model.announcement import Statement
from tracker.model.dataset import NO_ID, Dataset
from tracker.model.dates import When, zone
from tracker.model.errors import Location, Problem, Severity
from tracker.model.expectation import Expectation
from tracker.model.registry import SUBJECTS, Registry, Subject
from tracker.model.vocabulary import SubjectKind

DATASET = (SubjectKind.DATASET.value, NO_ID)
_NO_DATASET = 'there is no [dataset] table: add one with id, name and timezone = "+04:00" to a file in this folder'


@dataclass(frozen=True)
class DatasetFiles:
    """The content of a dataset's folder."""

    registry: Registry
    statements: tuple[Statement, ...]  # in the order in which they are recorded
    locations: Locations


@dataclass
class _DatasetContent:
    """The entries that have been read so far, and their problems."""

    subjects: dict[EntryKey, Subject] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    locations: dict[EntryKey, FileEntry] = field(default_factory=dict)
    broken: set[EntryKey] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def report(self, entry: FileEntry, findings: Iterable[EntryFinding]) -> None:
        self.problems += [finding.at(entry) for finding in findings]


def read_dataset(folder: Path) -> tuple[DatasetFiles | None, tuple[Problem, ...]]:
    """Read and check a whole dataset; None if it has no usable [dataset] table."""
    if missing := _not_a_folder(folder):
        return None, (missing,)
    listing = list_folder(folder)
    content = _DatasetContent(problems=listing.problems)
    for path in listing.registry:
        _read_registry_file(path, folder, content)
    for path in listing.statements:
        _read_statement_file(path, folder, content)
    registry = _registry(content, folder)
    usable = DATASET in content.subjects
    statements = in_order(content.statements.values(), zone(registry.dataset.timezone))
    broken = frozenset(content.broken)
    content.problems += check_registry(registry, content.locations, broken)
    content.problems += check(registry, NO_STATEMENTS, statements, content.locations, broken)
    files = DatasetFiles(registry, statements, content.locations)
    return (files if usable else None), _limited(content.problems)


def read_statement(path: Path, folder: Path | None = None) -> tuple[Statement | None, tuple[Problem, ...]]:
    """Read one announcement, correction or retraction; of a dataset's folder if one is given. No rules are run."""
    content = _DatasetContent()
    _read_statement_file(path, folder, content)
    return next(iter(content.statements.values()), None), _limited(content.problems)


def read_statements(
    paths: Iterable[Path], registry: Registry, on_record: OnRecord
) -> tuple[tuple[Statement, ...], Locations, tuple[Problem, ...]]:
    """Read new files, and check them against the registry and the record."""
    content = _DatasetContent()
    for path in paths:
        _read_statement_file(path, None, content)
    new = in_order(content.statements.values(), zone(registry.dataset.timezone))
    content.problems += check(registry, on_record, new, content.locations, frozenset(content.broken))
    return new, content.locations, _limited(content.problems)


def _not_a_folder(folder: Path) -> Problem | None:
    try:
        is_folder, exists = folder.is_dir(), folder.exists()
    except (OSError, ValueError):  # a name that is too long, a NUL
        is_folder = exists = False
    if is_folder:
        return None
    what = "is a file, and the folder of a dataset was expected" if exists else "there is no such folder"
    return Problem(Location(shown_path(folder)), f"{what}: name the one that has {REGISTRY}/ in it")


def _read_registry_file(path: Path, folder: Path, content: _DatasetContent) -> None:
    file = read_toml(path, within=folder)
    if isinstance(file, tuple):
        content.problems += file
        content.broken.add(ANY_ENTRY)
        return
    for key, subject, entry, findings in subjects_of(file):
        content.report(entry, findings)
        if key is None:
            continue
        if taken := _taken(key, content):
            content.report(entry, [EntryFinding((), taken)])
            continue
        content.locations[key] = entry
        if subject is None:
            content.broken.add(key)
        else:
            content.subjects[key] = subject


def _taken(key: EntryKey, content: _DatasetContent) -> str | None:
    """A message if an id is taken: all subjects share one space of ids, but a party may share that of a territory."""
    kind, name = key
    shared = {SubjectKind.PARTY, SubjectKind.TERRITORY}
    for other in SubjectKind:
        entry = content.locations.get((other, name))
        if entry and (other == kind or {other, kind} != shared):
            return f"{name} is already the id of the {other} at {entry.at()}: give this {kind} another id"
    return None


def _read_statement_file(path: Path, folder: Path | None, content: _DatasetContent) -> None:
    file = read_toml(path, within=folder)
    name = path.name.removesuffix(".toml")
    if isinstance(file, tuple):
        content.problems += file
        content.broken.add((STATEMENT, name))
        return
    key, entry = (STATEMENT, name), file.entry
    if first := content.locations.get(key):
        content.report(entry, [EntryFinding((), f"{name} is already the id of {first.path}: rename this file")])
        return
    statement, findings = _statement(name, file.table)
    content.locations[key] = entry
    content.report(entry, findings)
    if statement is None:
        content.broken.add(key)
        return
    content.statements[name] = statement
    if folder is not None:
        content.report(entry, _in_the_wrong_year(statement.announced, path.parent.name))


def _statement(name: str, table: TomlTable) -> tuple[Statement | None, list[EntryFinding]]:
    """The announcement, correction or retraction that a table holds."""
    findings = []
    if "id" in table:
        findings = [EntryFinding(("id",), "`id` is not a key of a statement: its id is the name of the file")]
        table = {key: value for key, value in table.items() if key != "id"}
    statement, shape_findings = statement_of_table({**table, "id": name})
    return statement, findings + [_at_file(finding) for finding in shape_findings]


def _at_file(finding: EntryFinding) -> EntryFinding:
    """A finding about the id, which is the name of the file, as one about the file."""
    if finding.path != ("id",):
        return finding
    return EntryFinding((), finding.message.replace("`id`", "the name of the file, which gives the id,", 1))


def _in_the_wrong_year(announced: When, folder: str) -> Sequence[EntryFinding]:
    years = {announced.year} if isinstance(announced, datetime) else {announced.earliest.year, announced.latest.year}
    if int(folder) in years:
        return ()
    right = " or ".join(f"{year}/" for year in sorted(years))
    return [
        EntryFinding(("announced",), f"announced {announced} does not belong in {folder}/: move the file to {right}")
    ]


def _registry(content: _DatasetContent, folder: Path) -> Registry:
    """The registry as far as it can be read; with a stand-in for a missing [dataset], to find further problems."""
    subjects = list(content.subjects.values())
    if DATASET not in content.subjects:
        if DATASET not in content.broken and ANY_ENTRY not in content.broken:
            content.problems.append(Problem(Location(shown_path(folder / REGISTRY)), _NO_DATASET))
        subjects.append(Dataset(name="?", timezone="UTC"))
    return Registry.of(subjects)


def _limited(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems in the order of files and lines, each once, and a limited number for each file."""
    limited: list[Problem] = []
    for path, group in groupby(sorted(set(problems)), key=lambda problem: problem.location.path):
        of_file = sorted(group, key=lambda problem: problem.severity is not Severity.ERROR)
        limited += sorted(of_file[:MAX_FINDINGS])
        if len(of_file) > MAX_FINDINGS:
            more = f"and at least {len(of_file) - MAX_FINDINGS} more problems in this file: mend these first"
            limited.append(Problem(Location(path), more))
    return tuple(limited)


SubjectEntry = tuple[EntryKey | None, Subject | None, FileEntry, list[EntryFinding]]  # no key: an unknown table


def subjects_of(file: TomlFile) -> Iterator[SubjectEntry]:
    """Every entry of a registry file, with the findings about it."""
    for kind, tables in file.table.items():
        entry = file.entry.inside(kind)
        if kind not in SUBJECTS:
            yield None, None, entry, [EntryFinding((), _unknown_table(kind))]
        elif kind == SubjectKind.DATASET:
            yield _dataset(tables, entry)
        elif not isinstance(tables, dict):
            message = f"`{kind}` is {show(tables)}: write each {kind} as a table of its own, [{kind}.<id>]"
            yield None, None, entry, [EntryFinding((), message)]
        else:
            for name, table in tables.items():
                yield _subject(kind, name, table, entry.inside(name), f"[{kind}.{printable(name[:80])}]")


def _subject(kind: str, name: str, table: Any, entry: FileEntry, called: str) -> SubjectEntry:
    if not isinstance(table, dict):
        message = f"`{printable(name[:80])}` is {show(table)}, not a table: write {called} with its keys below"
        return (kind, name), None, entry, [EntryFinding((), message)]
    own, findings = _without_id(table, called)
    subject, shape_findings = shaped(SUBJECTS[kind], {**own, "id": name}, called)
    findings += [_at_header(finding) for finding in shape_findings]
    return (kind, name), subject, entry, findings


def _dataset(table: Any, entry: FileEntry) -> SubjectEntry:
    """The entry of [dataset]: the only table whose id is one of its keys."""
    if not isinstance(table, dict):
        return _subject(SubjectKind.DATASET, NO_ID, table, entry, "[dataset]")
    subject, findings = shaped(Dataset, table, "[dataset]")
    return DATASET, subject, entry, findings


def _without_id(table: TomlTable, called: str) -> tuple[TomlTable, list[EntryFinding]]:
    """A table without the keys whose values are in its header, and findings about those."""
    in_header = {"id": "id", "type": "kind"}
    findings = [
        EntryFinding(
            (key,), f"`{key}` is not a key of {called}: its {in_header[key]} is in the header, take the key out"
        )
        for key in in_header
        if key in table
    ]
    return {key: value for key, value in table.items() if key not in in_header}, findings


def _at_header(finding: EntryFinding) -> EntryFinding:
    """A finding about the id, which is in the header, as one about the header."""
    return EntryFinding((), finding.message.replace("`id`", "the id", 1)) if finding.path == ("id",) else finding


def _unknown_table(kind: str) -> str:
    guess = nearest(kind, SUBJECTS)
    mending = f"did you mean [{guess}.…]?" if guess else f"its tables are {one_of(SUBJECTS)}"
    return f"`{printable(kind[:80])}` is not a table of the registry: {mending}"


class LocatedExpectation(NamedTuple):
    """An expected row, and its line."""

    expectation: Expectation
    location: Location


def read_expectations(folder: Path) -> tuple[tuple[LocatedExpectation, ...], tuple[Problem, ...]]:
    """The expectations of a dataset, which may have none."""
    path = folder / EXPECTATIONS
    if not path.exists():
        return (), ()
    file = read_toml(path, within=folder)
    if isinstance(file, tuple):
        return (), file
    rows = file.table.get("expect", [])
    unknown = [key for key in file.table if key != "expect"]
    problems = [Problem(file.entry.at(key), f"`{key}` is not read here: write [[expect]] tables") for key in unknown]
    if not isinstance(rows, list):
        return (), (*problems, Problem(file.entry.at("expect"), "`expect` is a list of tables: write [[expect]]"))
    expected = []
    for number, row in enumerate(rows):
        entry = file.entry.inside("expect", number)
        expectation, findings = shaped(Expectation, row, "this [[expect]]")
        problems += [finding.at(entry) for finding in findings]
        if expectation is not None:
            expected.append(LocatedExpectation(expectation, entry.at()))
    return tuple(expected), tuple(problems)
