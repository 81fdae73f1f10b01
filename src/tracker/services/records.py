"""The one place that wires files, store, read model and settings together.

What only some commands need is imported where it is needed: a question to an up-to-date store must not wait for
the libraries that write one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.model.errors import BadRequest, DatasetErrors, Location, Problem, Severity, TrackerError
from tracker.queries.clocks import Clocks, clocks
from tracker.state.record import Record

if TYPE_CHECKING:  # the store's libraries are imported by those who write
    from tracker.dataset.reader import DatasetFiles
    from tracker.model.events import Recorded
    from tracker.store.event_store import EventStore, Loaded

Say = Callable[[str], None]
Progress = Callable[[int, int], None]  # done, of how many
Read = Callable[[str], Record]  # of an address


@dataclass(frozen=True)
class Tracker:
    """A record to ask, from wherever it comes."""

    record: Record
    today: date
    position_at: Callable[[datetime], int]  # the last position recorded by a timestamp
    address: str = ""  # of the store that was read; none where files were

    def clocks(self, as_of: str | None, announced_by: str | None, recorded_by: str | None) -> Clocks:
        """The clocks of a question.

        Raises: BadRequest.
        """
        return clocks(
            as_of, announced_by, recorded_by, tz=self.record.tz, today=lambda: self.today, position_at=self.position_at
        )


@dataclass(frozen=True)
class Checked:
    """What a check of a dataset found."""

    problems: tuple[Problem, ...]  # errors first
    counts: dict[str, int]

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def default_dataset() -> Path:
    """The dataset that comes with the program: inside the wheel, or of the source tree it runs from."""
    packaged = Path(__file__).parents[1] / "default_dataset"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "events"


def default_store() -> str:
    """The store that is used where none is named: a file in the user's data folder."""
    from platformdirs import user_data_path

    return str(user_data_path("tracker") / "record.sqlite")


def _read(folder: Path) -> tuple["DatasetFiles", tuple[Problem, ...]]:
    """The files of a dataset, and warnings.

    Raises: DatasetErrors, with every mistake.
    """
    from tracker.dataset.reader import read_dataset

    files, problems = read_dataset(folder)
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if files is None or errors:
        raise DatasetErrors(errors or problems)
    return files, problems


def _events_of(files: "DatasetFiles", now: datetime) -> Iterator["Recorded"]:
    """The log that a store would have if the files were recorded now."""
    from tracker.model.events import Recorded, recorded, registered

    at = now.astimezone(UTC)
    entries = [registered(subject, at) for subject in files.registry.subjects()]
    statements = [recorded(statement, at) for statement in files.statements]
    yield from (Recorded(position, event) for position, event in enumerate([*entries, *statements], start=1))


def _record_of(files: "DatasetFiles", now: datetime) -> Record:
    from tracker.state.fold import fold

    return fold(_events_of(files, now))


def log_of_files(folder: Path, now: datetime) -> list["Recorded"]:
    """The log that a store would have if the files were recorded now.

    Raises: DatasetErrors.
    """
    return list(_events_of(_read(folder)[0], now))


def from_files(folder: Path, now: datetime) -> tuple[Tracker, tuple[Problem, ...]]:
    """Answer straight from files, as if they were recorded now; nothing is stored.

    Returns: the tracker, and warnings.
    Raises: DatasetErrors, with every mistake.
    """
    files, problems = _read(folder)
    record = _record_of(files, now)
    return Tracker(record, now.date(), lambda at: record.position if at >= now else 0), problems


def check(folder: Path, now: datetime) -> Checked:
    """Everything that is wrong with a dataset: its files, what they say against each other, and missed expectations."""
    from tracker.dataset.expectations import read_expectations
    from tracker.dataset.reader import read_dataset
    from tracker.dataset.references import STATEMENT
    from tracker.queries.expectations import misses
    from tracker.queries.lint import warnings

    files, problems = read_dataset(folder)
    rows, malformed = read_expectations(folder) if folder.is_dir() else ((), ())
    found = [*problems, *malformed]
    if files is not None and not any(problem.severity is Severity.ERROR for problem in problems):
        record, locations = _record_of(files, now), files.locations

        def where(announcement: str, effect: int) -> Location:
            entry = locations.get((STATEMENT, announcement))
            return entry.at("effect", effect) if entry else Location(announcement)

        found += warnings(record, where)
        found += [Problem(row.location, miss) for row in rows for miss in misses(record, row.expectation)]
        found += _coverage_out_of_date(folder, files)
    found.sort(key=lambda problem: (problem.severity is not Severity.ERROR, problem.location))
    return Checked(tuple(found), _counts(files, len(rows)))


def coverage_page(folder: Path) -> str:
    """Which announcements settle which item of the coders' work list, as Markdown.

    Raises: DatasetErrors.
    """
    from tracker.dataset.coverage import coverage

    return coverage(_read(folder)[0].statements)


def _coverage_out_of_date(folder: Path, files: "DatasetFiles") -> Iterator[Problem]:
    """A dataset whose project keeps a page of its coverage, in docs/ beside its folder, must keep it up to date."""
    from tracker.dataset.coverage import coverage

    page = folder.resolve().parent / "docs" / "coverage.md"
    if page.is_file() and page.read_text("utf-8") != coverage(files.statements):
        text = f"is not what the files say: write it anew with `tracker coverage {folder} > docs/coverage.md`"
        yield Problem(Location(f"docs/{page.name}"), text)


def _counts(files: "DatasetFiles | None", expectations: int) -> dict[str, int]:
    from tracker.model.announcement import Announcement

    statements = files.statements if files else ()
    announcements = [each for each in statements if isinstance(each, Announcement)]
    return {
        "subjects": sum(1 for _ in files.registry.subjects()) if files else 0,
        "announcements": len(announcements),
        "corrections and retractions": len(statements) - len(announcements),
        "effects": sum(len(each.effect) for each in announcements),
        "sources": sum(len(each.source) for each in statements),
        "expectations": expectations,
    }


def from_store(
    url: str | None, now: datetime, say: Say, *, replica: str | None = None, read: Read | None = None
) -> Tracker:
    """Answer from a store, the user's own by default, which is made and filled with the default dataset on first use.

    Args: replica: read from there, as soon as it has what the store has; read: how, all at once unless given.
    Raises: what the store raises, DatasetErrors.
    """
    from tracker.projections.load import load, position_at

    address = where_to_read(url, say, replica)
    return Tracker((read or load)(address), now.date(), partial(position_at, address), address)


def where_to_read(url: str | None, say: Say, replica: str | None = None) -> str:
    """The address of a store whose tables hold the log: its own, or its replica's.

    Raises: what the store raises, DatasetErrors.
    """
    if replica is None:
        return up_to_date(url, say)
    from tracker.projections import replica as replicas

    address = url or default_store()
    replicas.check_replica(address, replica)
    return replicas.where_to_read(address, replica, lambda: up_to_date(url, say), say)


def up_to_date(url: str | None, say: Say) -> str:
    """The address of a store, the user's own by default, with its tables brought up to its log.

    What the views for SQL show is not, if there are any: no question is answered from it. Writers see to that.
    Raises: what the store raises, DatasetErrors.
    """
    from tracker.projections.load import is_current

    address = url or default_store()
    if not is_current(address):
        _bring_up(address, say, fill=url is None)
    return address


def _bring_up(url: str, say: Say, *, fill: bool) -> None:
    if fill:
        Path(url).parent.mkdir(parents=True, exist_ok=True)
    with closing(_open(url)) as store:
        if store.max_position() == 0:
            if not fill:
                raise BadRequest(f"store {url} is empty: fill it with `tracker --store {url} load DIR`")
            say(f"First use: recording the dataset that comes with the program in {url}")
            files, _ = _read(default_dataset())
            store.load(files.registry, files.statements)
        refreshed(url, store, views=False)


def refreshed(url: str, store: "EventStore", *, views: bool = True) -> None:
    """Bring the tables up to the log, and what the views show up to the tables.

    Args: views: if not, that is left to a writer, but where there are none: tables that are made anew take them along.
    """
    from tracker.projections.load import has_views
    from tracker.projections.refresh import refresh

    refresh(url, store)
    if views or not has_views(url):
        bring_up_views(url)


def bring_up_views(url: str | None) -> None:
    """Bring what the views of a store show up to its tables.

    Raises: what the store raises.
    """
    from tracker.projections.sql_views.refresh import derive

    derive(url or default_store())


def _open(url: str) -> "EventStore":
    from tracker.store.event_store import open_store

    return open_store(url)


def load(
    url: str | None, folder: Path, *, by: str | None = None, progress: Progress | None = None
) -> tuple["Loaded", tuple[Problem, ...]]:
    """Record a dataset: all of it or nothing; what is there already is left as it is.

    Returns: what was recorded, and warnings.
    Raises: DatasetErrors, Conflict, and what the store raises.
    """
    files, problems = _read(folder)
    address = _writable(url)
    with closing(_open(address)) as store:
        loaded = store.load(files.registry, files.statements, by=_named(by), progress=progress)
        refreshed(address, store)
    return loaded, problems


def record(url: str | None, files: Sequence[Path], *, by: str | None = None) -> tuple["Loaded", tuple[Problem, ...]]:
    """Record single statements, after the same checks against what is on the record.

    Returns: what was recorded, and warnings.
    Raises: DatasetErrors, Conflict, BadRequest, and what the store raises.
    """
    from tracker.dataset.reader import read_statements
    from tracker.projections.load import load as load_record
    from tracker.queries.existing import on_record

    address = _writable(url)
    with closing(_open(address)) as store:
        if store.max_position() == 0:
            raise BadRequest("the store is empty: load a dataset with its registry first, `tracker load DIR`")
        refreshed(address, store, views=False)
        before = load_record(address)
        new, _, problems = read_statements(files, before.registry(), on_record(before))
        errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
        if errors:
            raise DatasetErrors(errors)
        loaded = store.record(new, by=_named(by))
        refreshed(address, store)
    return loaded, problems


def _writable(url: str | None) -> str:
    if url is not None:
        return url
    address = default_store()
    Path(address).parent.mkdir(parents=True, exist_ok=True)
    return address


def _named(by: str | None) -> str | None:
    if by is not None and not (by.strip() and by.isprintable() and len(by) <= 200):
        raise BadRequest(f"--by {by!r} is not a name: write one line of up to 200 characters")
    return by


def rebuild(url: str | None, *, columns: bool = False) -> int:
    """Make the read model anew from the log.

    Args: columns: only what questions are answered from; the tables for SQL stay as they are.
    Returns: the position reached.
    """
    from tracker.projections.refresh import rebuild as rebuild_tables
    from tracker.projections.sql_views.refresh import derive

    address = url or default_store()
    with closing(_open(address)) as store:
        position = rebuild_tables(address, store, columns=columns)
    if not columns:
        derive(address, anew=True)
    return position


def log(url: str | None, after: int = 0, limit: int | None = None) -> Iterator["Recorded"]:
    """The events of the log after a position, in order."""
    address = url or default_store()
    if url is None and not Path(address).exists():
        raise TrackerError("there is no store yet: any question makes one, or `tracker load DIR`")
    with closing(_open(address)) as store:
        yield from store.events(after=after, limit=limit)
