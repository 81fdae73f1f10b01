"""From files to a registry and statements, or to problems with file and line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

from tracker.dataset.existing import NOTHING, OnRecord
from tracker.dataset.files import Entry, Table, read_toml, shown_path
from tracker.dataset.folder import REGISTRY, list_folder
from tracker.dataset.references import ANY, STATEMENT, Key, Locations
from tracker.dataset.rules import check, check_registry, in_order
from tracker.dataset.subjects import subjects_of
from tracker.dataset.validation import MAX_FINDINGS, Finding, shaped
from tracker.model.announcement import Announcement, Correction, Retraction, Statement
from tracker.model.dates import When, zone
from tracker.model.errors import Location, Problem, Severity
from tracker.model.registry import Dataset, Registry, Subject
from tracker.model.vocabulary import SubjectKind

_NO_DATASET = 'there is no [dataset] table: add one with name and timezone = "+04:00" to a file in this folder'


@dataclass(frozen=True)
class DatasetFiles:
    """What a folder of files says."""

    registry: Registry
    statements: tuple[Statement, ...]  # in the order in which they are recorded
    locations: Locations


@dataclass
class _Reading:
    """What has been read so far."""

    subjects: dict[Key, Subject] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    locations: dict[Key, Entry] = field(default_factory=dict)
    broken: set[Key] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def report(self, entry: Entry, findings: Iterable[Finding]) -> None:
        self.problems += [Problem(entry.at(*one.path), one.message, one.severity) for one in findings]


def read_dataset(folder: Path) -> tuple[DatasetFiles | None, tuple[Problem, ...]]:
    """Read and check a whole dataset; None if it has no usable [dataset] table."""
    if missing := _not_a_folder(folder):
        return None, (missing,)
    found = list_folder(folder)
    reading = _Reading(problems=found.problems)
    for path in found.registry:
        _read_registry_file(path, folder, reading)
    for path in found.statements:
        _read_statement_file(path, folder, reading)
    registry = _registry(reading, folder)
    usable = ("dataset", "dataset") in reading.subjects
    statements = in_order(reading.statements.values(), zone(registry.dataset.timezone))
    broken = frozenset(reading.broken)
    reading.problems += check_registry(registry, reading.locations, broken)
    reading.problems += check(registry, NOTHING, statements, reading.locations, broken)
    files = DatasetFiles(registry, statements, reading.locations)
    return (files if usable else None), _few(reading.problems)


def read_statement(path: Path, folder: Path | None = None) -> tuple[Statement | None, tuple[Problem, ...]]:
    """Read one announcement, correction or retraction; of a dataset's folder if one is given. No rules are run."""
    reading = _Reading()
    _read_statement_file(path, folder, reading)
    return next(iter(reading.statements.values()), None), _few(reading.problems)


def read_statements(
    paths: Iterable[Path], registry: Registry, on_record: OnRecord
) -> tuple[tuple[Statement, ...], Locations, tuple[Problem, ...]]:
    """Read new files, and check them against what is registered and on the record."""
    reading = _Reading()
    for path in paths:
        _read_statement_file(path, None, reading)
    new = in_order(reading.statements.values(), zone(registry.dataset.timezone))
    reading.problems += check(registry, on_record, new, reading.locations, frozenset(reading.broken))
    return new, reading.locations, _few(reading.problems)


def _not_a_folder(folder: Path) -> Problem | None:
    try:
        is_folder, exists = folder.is_dir(), folder.exists()
    except (OSError, ValueError):  # a name that is too long, a NUL
        is_folder = exists = False
    if is_folder:
        return None
    what = "is a file, and the folder of a dataset was expected" if exists else "there is no such folder"
    return Problem(Location(shown_path(folder)), f"{what}: name the one that has {REGISTRY}/ in it")


def _read_registry_file(path: Path, folder: Path, reading: _Reading) -> None:
    file = read_toml(path, within=folder)
    if isinstance(file, tuple):
        reading.problems += file
        reading.broken.add(ANY)
        return
    for key, subject, entry, findings in subjects_of(file):
        reading.report(entry, findings)
        if key is None:
            continue
        if taken := _taken(key, reading):
            reading.report(entry, [Finding((), taken)])
            continue
        reading.locations[key] = entry
        if subject is None:
            reading.broken.add(key)
        else:
            reading.subjects[key] = subject


def _taken(key: Key, reading: _Reading) -> str | None:
    """Why an id is not free: all that has a state shares one space of ids."""
    kind, name = key
    shared = {SubjectKind.PARTY, SubjectKind.TERRITORY}
    for other in SubjectKind:
        entry = reading.locations.get((other, name))
        if entry and (other == kind or {other, kind} != shared):
            return f"{name} is already the id of the {other} at {entry.at()}: give this {kind} another id"
    return None


def _read_statement_file(path: Path, folder: Path | None, reading: _Reading) -> None:
    file = read_toml(path, within=folder)
    name = path.name.removesuffix(".toml")
    if isinstance(file, tuple):
        reading.problems += file
        reading.broken.add((STATEMENT, name))
        return
    key, entry = (STATEMENT, name), file.entry
    if first := reading.locations.get(key):
        reading.report(entry, [Finding((), f"{name} is already the id of {first.path}: rename this file")])
        return
    statement, findings = _statement(name, file.table)
    reading.locations[key] = entry
    reading.report(entry, findings)
    if statement is None:
        reading.broken.add(key)
        return
    reading.statements[name] = statement
    if folder is not None:
        reading.report(entry, _in_the_wrong_year(statement.announced, path.parent.name))


def _statement(name: str, table: Table) -> tuple[Statement | None, list[Finding]]:
    """The announcement, correction or retraction that a table holds."""
    findings = []
    if "id" in table:
        findings = [Finding(("id",), "`id` is not a key of a statement: its id is the name of the file")]
        table = {key: value for key, value in table.items() if key != "id"}
    model: type[Announcement] | type[Correction] | type[Retraction] = Announcement
    called = "this announcement"
    if "corrects" in table:
        model, called = Correction, "this correction"
    elif "retracts" in table:
        model, called = Retraction, "this retraction"
    statement, wrong = shaped(model, {**table, "id": name}, called)
    return statement, findings + [_of_the_name(one) for one in wrong]


def _of_the_name(finding: Finding) -> Finding:
    """The id is the name of the file."""
    if finding.path != ("id",):
        return finding
    return Finding((), finding.message.replace("`id`", "the name of the file, which gives the id,", 1))


def _in_the_wrong_year(announced: When, folder: str) -> Sequence[Finding]:
    years = {announced.year} if isinstance(announced, datetime) else {announced.earliest.year, announced.latest.year}
    if int(folder) in years:
        return ()
    right = " or ".join(f"{year}/" for year in sorted(years))
    return [Finding(("announced",), f"announced {announced} does not belong in {folder}/: move the file to {right}")]


def _registry(reading: _Reading, folder: Path) -> Registry:
    """The registry as far as it can be read; with a stand-in for a missing [dataset], to find what else is wrong."""
    subjects = list(reading.subjects.values())
    if ("dataset", "dataset") not in reading.subjects:
        if ("dataset", "dataset") not in reading.broken and ANY not in reading.broken:
            reading.problems.append(Problem(Location(shown_path(folder / REGISTRY)), _NO_DATASET))
        subjects.append(Dataset(name="?", timezone="UTC"))
    return Registry.of(subjects)


def _few(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems in the order of files and lines, each once, and of one file no more than people read."""
    few: list[Problem] = []
    for path, group in groupby(sorted(set(problems)), key=lambda problem: problem.location.path):
        of_file = sorted(group, key=lambda problem: problem.severity is not Severity.ERROR)
        few += sorted(of_file[:MAX_FINDINGS])
        if len(of_file) > MAX_FINDINGS:
            more = f"and at least {len(of_file) - MAX_FINDINGS} more problems in this file: mend these first"
            few.append(Problem(Location(path), more))
    return tuple(few)
