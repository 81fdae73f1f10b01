"""Imports of other people's tables, wired to a store."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
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
from tracker.model.dates import Day, When, parse_day, zone
from tracker.model.errors import BadRequest, DatasetErrors
from tracker.model.events import (
    AnnouncementRecorded,
    StatementEvent,
    SubjectEvent,
    statement_of,
)
from tracker.model.registry import Dataset, Registry, Subject
from tracker.services.records import default_store, refreshed

if TYPE_CHECKING:
    from tracker.store.event_store import EventStore

BATCH = 2000  # statements in one transaction


@dataclass
class Recorded:
    """What was put on the record; what was there already counts as unchanged."""

    recorded: int = 0
    unchanged: int = 0
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Imported:
    """What an import of versions did."""

    cells: int
    versions: int
    announcements: int
    corrections: int
    retractions: int
    stored: Recorded


def import_csv(
    url: str | None, file: Path, mapping: Path, *,
    announced: str | datetime, by: str | None, dry: bool, report: ReportProblem, progress: ImportProgress,
) -> tuple[ImportCounts, Recorded]:  # fmt: skip
    """Bring the record up to a version of somebody else's table.

    Args: announced: when this version was published; report: told every row that does not fit, and warnings.
    Returns: what the file says, and what was recorded. A dry run records nothing.
    Raises: DatasetErrors where mapping or file cannot be used at all, BadRequest, and what the store raises.
    """
    found, problems = read_mapping(mapping)
    if found is None:
        raise DatasetErrors(problems)
    with _store(url, dry=dry) as store:
        try:
            stored = _run(store, file, found, _when(announced), by, dry, report, progress)
        except UnreadableFile as error:
            raise DatasetErrors((error.problem,)) from None
        except MissingColumns as error:
            raise DatasetErrors(error.problems) from None
        if not dry:
            refreshed(_address(url), store)
    return stored


def _run(
    store: "EventStore", file: Path, mapping: TableMapping, announced: When, by: str | None, dry: bool,
    report: ReportProblem, progress: ImportProgress,
) -> tuple[ImportCounts, Recorded]:  # fmt: skip
    stored = Recorded()
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
        for some in _batches(job.statements(whole, held)):
            if not dry:
                _add(stored, store.record(some, by=by))
    return job.counts, stored


def _on_record(store: "EventStore", mapping: TableMapping, rows: RowStore) -> Registry:
    """The registry; which announcements of this mapping there are goes on the stage."""
    subjects: list[Subject] = []

    def targets() -> Iterator[str]:
        for _, event in store.events() if store.max_position() else ():
            if isinstance(event, SubjectEvent):
                subjects.append(event.subject)
            elif isinstance(event, AnnouncementRecorded) and event.announcement.id.startswith(mapping.prefix):
                yield event.announcement.id

    rows.note_recorded(targets())
    if not any(isinstance(subject, Dataset) for subject in subjects):
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
    """Statements, some at a time; those about one announcement together."""
    batch: list[Statement] = []
    for group in groups:
        batch += group
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _add(stored: Recorded, loaded: object) -> None:
    from tracker.store.event_store import Loaded

    assert isinstance(loaded, Loaded)
    stored.recorded += loaded.recorded
    stored.unchanged += loaded.unchanged
    stored.first = stored.first or loaded.first
    stored.last = loaded.last or stored.last


def import_oxcgrt(url: str | None, folder: Path, *, by: str | None, progress: ImportProgress) -> Imported:
    """Record the Oxford tracker's travel controls: every version of its table, as far as it is not there yet.

    Raises: DatasetErrors, Conflict, and what the store raises.
    """
    from tracker.imports.oxcgrt import Import

    try:
        source = Import(folder, lambda done, of: progress("Recording", done, of))
        with closing(_open(url)) as store:
            stored = Recorded()
            _add(stored, store.load(source.registry, (), by=by))
            tally = ImportCounts()
            for batch in _batches(source.statements()):
                tally.add(batch)
                _add(stored, store.record(batch, by=by))
            refreshed(_address(url), store)
    except UnreadableFile as error:
        raise DatasetErrors((error.problem,)) from None
    return Imported(
        source.rows, len(source.versions), tally.announcements, tally.corrections, tally.retractions, stored
    )


def _when(announced: str | datetime) -> When:
    if isinstance(announced, datetime):
        return announced
    try:
        if "T" in announced:
            found = datetime.fromisoformat(announced)
            if found.tzinfo is None:
                raise ValueError("it lacks its offset")
            return found
        day: Day = parse_day(announced)
    except ValueError as error:
        raise BadRequest(f"--announced {announced!r}: {error}: write a day, or an instant with its offset") from None
    if not day.exact:
        raise BadRequest(f"--announced {announced!r} is not one day: write e.g. 2025-10-27")
    return day


@contextmanager
def _store(url: str | None, *, dry: bool) -> Iterator["EventStore"]:
    """The store; for a dry run, an empty one for a moment where there is none."""
    from tracker.store.errors import StoreUnavailable
    from tracker.store.event_store import open_store

    with ExitStack() as stack:
        if not dry:
            yield stack.enter_context(closing(_open(url)))
            return
        try:
            store = open_store(_address(url), create=False)
        except StoreUnavailable:
            store = open_store(str(Path(stack.enter_context(TemporaryDirectory())) / "empty.sqlite"))
        yield stack.enter_context(closing(store))


def _address(url: str | None) -> str:
    return url or default_store()


def _open(url: str | None) -> "EventStore":
    from tracker.store.event_store import open_store

    address = _address(url)
    if url is None:
        Path(address).parent.mkdir(parents=True, exist_ok=True)
    return open_store(address)
