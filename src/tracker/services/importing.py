"""Imports: other people's tables put on the record of a store as announcements."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tracker.dataset.files import UnreadableFile
from tracker.imports.changes import Edition, RecordedAnnouncement
from tracker.imports.job import ImportCounts, ImportJob, ImportProgress, MissingColumns, ReportProblem
from tracker.imports.mapping import TableMapping, read_mapping
from tracker.imports.rows import RowStore
from tracker.model.announcement import Statement
from tracker.model.dataset import NO_ID, Dataset
from tracker.model.dates import Day, When, parse_day, zone
from tracker.model.errors import BadRequest, DatasetErrors
from tracker.model.events import (
    AnnouncementRecorded,
    StatementEvent,
    SubjectEvent,
    statement_of,
)
from tracker.model.registry import Registry, Subject
from tracker.services.stores import open_for_reading, open_for_writing, refreshed

if TYPE_CHECKING:
    from tracker.store.event_store import EventStore

MAX_STATEMENTS = 2000  # in one transaction


@dataclass
class ImportedEvents:
    """How much was put on the record; entries and statements that were there already count as unchanged."""

    recorded: int = 0
    unchanged: int = 0
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class ImportedVersions:
    """How much an import of all versions of a table read and recorded."""

    cells: int
    versions: int
    announcements: int
    corrections: int
    retractions: int
    stored: ImportedEvents


def import_csv(
    url: str, file: Path, mapping: Path, *,
    announced: str | datetime, by: str | None, dry: bool, report: ReportProblem, progress: ImportProgress,
) -> tuple[ImportCounts, ImportedEvents]:  # fmt: skip
    """Bring the record up to a version of a foreign table.

    Args: announced: when this version was published; report: called with every row that does not fit, and warnings.
    Returns: counts of the file's content, and of the events recorded; a dry run records none.
    Raises: DatasetErrors where mapping or file cannot be used at all, BadRequest, and what the store raises.
    """
    rules, problems = read_mapping(mapping)
    if rules is None:
        raise DatasetErrors(problems)
    with _open_to_look(url) if dry else open_for_writing(url) as store:
        try:
            counts = _run(store, file, rules, _when(announced), by, dry, report, progress)
        except UnreadableFile as error:
            raise DatasetErrors((error.problem,)) from None
        except MissingColumns as error:
            raise DatasetErrors(error.problems) from None
        if not dry:
            refreshed(url, store)
    return counts


def _run(
    store: "EventStore", file: Path, mapping: TableMapping, announced: When, by: str | None, dry: bool,
    report: ReportProblem, progress: ImportProgress,
) -> tuple[ImportCounts, ImportedEvents]:  # fmt: skip
    stored = ImportedEvents()
    with RowStore() as rows:
        registry = _on_record(store, mapping, rows)
        tz = zone(registry.dataset.timezone)
        job = ImportJob(file, mapping, Edition(announced, tz=tz), rows, report, progress)
        job.read()
        new = job.new_subjects(registry)
        whole = Registry.of([*registry.subjects(), *new])
        if not dry and (new or store.max_position() == 0):
            _add(stored, store.load(Registry.of([registry.dataset, *new]), (), by=by))
        held = partial(_held, store, rows.is_recorded, tz)
        for batch in _batches(job.statements(whole, held)):
            if not dry:
                _add(stored, store.record(batch, by=by))
    return job.counts, stored


def _on_record(store: "EventStore", mapping: TableMapping, rows: RowStore) -> Registry:
    """The registry; the ids of the announcements of this mapping go into the rows.

    Raises: Conflict where the mapping names another dataset than the store holds; BadRequest.
    """
    subjects: list[Subject] = []

    def targets() -> Iterator[str]:
        for _, event in store.events() if store.max_position() else ():
            if isinstance(event, SubjectEvent):
                subjects.append(event.subject)
            elif isinstance(event, AnnouncementRecorded) and event.announcement.id.startswith(mapping.prefix):
                yield event.announcement.id

    rows.note_recorded(targets())
    stored = next((subject for subject in reversed(subjects) if isinstance(subject, Dataset)), None)
    if stored is not None and mapping.dataset.id != NO_ID:
        from tracker.store.load_plan import refuse_other_dataset

        refuse_other_dataset(mapping.dataset, stored)
    if stored is None:
        if mapping.dataset.name == "?":
            raise BadRequest("the store is empty, and the mapping has no [dataset] with a name and a timezone: add one")
        subjects.append(mapping.dataset)
    return Registry.of(subjects)


def _held(store: "EventStore", stands: Callable[[str], bool], tz: tzinfo, target: str) -> RecordedAnnouncement:
    if not stands(target):
        return RecordedAnnouncement((), tz)
    stream = store.stream("announcement", target)
    return RecordedAnnouncement.of(
        [statement_of(event) for _, event in stream if isinstance(event, StatementEvent)], tz
    )


def _batches(groups: Iterable[Sequence[Statement]]) -> Iterator[list[Statement]]:
    """Statements in batches; those about one announcement stay together."""
    batch: list[Statement] = []
    for group in groups:
        batch += group
        if len(batch) >= MAX_STATEMENTS:
            yield batch
            batch = []
    if batch:
        yield batch


def _add(stored: ImportedEvents, loaded: object) -> None:
    from tracker.store.event_store import Loaded

    assert isinstance(loaded, Loaded)
    stored.recorded += loaded.recorded
    stored.unchanged += loaded.unchanged
    stored.first = stored.first or loaded.first
    stored.last = loaded.last or stored.last


def import_oxcgrt(url: str, folder: Path, *, by: str | None, progress: ImportProgress) -> ImportedVersions:
    """Record the versions of the Oxford tracker's table of travel controls that are not on the record yet.

    Raises: DatasetErrors, Conflict, and what the store raises.
    """
    from tracker.imports.oxcgrt import Import

    try:
        source = Import(folder, lambda done, of: progress("Recording", done, of))
        with open_for_writing(url) as store:
            stored = ImportedEvents()
            _add(stored, store.load(source.registry, (), by=by))
            tally = ImportCounts()
            for batch in _batches(source.statements()):
                tally.add(batch)
                _add(stored, store.record(batch, by=by))
            refreshed(url, store)
    except UnreadableFile as error:
        raise DatasetErrors((error.problem,)) from None
    return ImportedVersions(
        source.rows, len(source.versions), tally.announcements, tally.corrections, tally.retractions, stored
    )


def _when(announced: str | datetime) -> When:
    if isinstance(announced, datetime):
        return announced
    try:
        if "T" in announced:
            at = datetime.fromisoformat(announced)
            if at.tzinfo is None:
                raise ValueError("it lacks its offset")
            return at
        day: Day = parse_day(announced)
    except ValueError as error:
        raise BadRequest(f"--announced {announced!r}: {error}: write a day, or an instant with its offset") from None
    if not day.exact:
        raise BadRequest(f"--announced {announced!r} is not one day: write e.g. 2025-10-27")
    return day


@contextmanager
def _open_to_look(url: str) -> "Iterator[EventStore]":
    """The store for a dry run, which creates none: if it does not exist, an empty temporary one takes its place."""
    from tracker.store.errors import StoreUnavailable

    with ExitStack() as stack:
        try:
            store = stack.enter_context(open_for_reading(url))
        except StoreUnavailable:
            folder = stack.enter_context(TemporaryDirectory())
            store = stack.enter_context(open_for_writing(str(Path(folder) / "empty.sqlite")))
        yield store
