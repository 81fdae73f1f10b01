"""Records to ask, from files or a store; and statements put on the record of a store.

Only some commands need the libraries that write a store: they are imported where they are used, so that a question to
an up-to-date store does not wait for them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.model.errors import BadRequest, DatasetErrors, Problem, Severity
from tracker.queries.clocks import Clocks, clocks
from tracker.services.stores import Say, open_for_reading, open_for_writing, refreshed, where_to_read
from tracker.state.record import Record
from tracker.timeline.knowledge import EVERYTHING

if TYPE_CHECKING:
    from tracker.model.events import Recorded
    from tracker.store.event_store import Loaded

Progress = Callable[[int, int], None]  # events done, events in all
ReadRecord = Callable[[str], Record]  # from the address of a store
ReadLog = Callable[[int, int], "Sequence[Recorded]"]  # events after a position, at most so many

MAX_NAME_CHARS = 200  # of the person who records


@dataclass(frozen=True)
class Tracker:
    """A record to ask, from files or a store."""

    record: Record
    today: date
    position_at: Callable[[datetime], int]  # the last position recorded by a timestamp
    address: str = ""  # of the store that was read; none where files were
    revision: str = ""  # of the files that were read last, for those who follow them; a store has its position
    log: str = ""  # the id of the log that is followed
    alarm: str | None = None  # what was seen of a log that lost its end, or gave way to another, while it was followed
    problem: str | None = None  # why these files cannot be read: the record is that of an earlier revision

    def clocks(self, as_of: str | None, announced_by: str | None, recorded_by: str | None) -> Clocks:
        """The clocks of a question; a position that is not before the log's end is its end.

        Raises: BadRequest.
        """
        asked = clocks(
            as_of, announced_by, recorded_by, tz=self.record.tz, today=lambda: self.today, position_at=self.position_at
        )
        if asked.known.recorded_by < self.record.position:
            return asked
        return asked._replace(known=asked.known._replace(recorded_by=EVERYTHING.recorded_by))


def from_files(folder: Path, now: datetime) -> tuple[Tracker, tuple[Problem, ...]]:
    """Answer straight from files, as if they were recorded now; nothing is stored.

    Returns: the tracker, and warnings.
    Raises: DatasetErrors, with every mistake.
    """
    tracker, _, problems = tracker_of(folder, now)
    return tracker, problems


def tracker_of(folder: Path, now: datetime) -> tuple[Tracker, list["Recorded"], tuple[Problem, ...]]:
    """Answer from files, as `from_files` does.

    Returns: the tracker, the log that a store would have if the files were recorded now, and warnings.
    Raises: DatasetErrors.
    """
    from tracker.services.datasets import log_of, read_files
    from tracker.state.fold import fold

    files, problems = read_files(folder)
    log = list(log_of(files, now))
    record = fold(log)
    return Tracker(record, now.date(), lambda at: record.position if at >= now else 0), log, problems


def from_store(
    url: str, now: datetime, say: Say, *, replica: str | None = None, read: ReadRecord | None = None
) -> Tracker:
    """Answer from a store; the user's own is made and filled with the default dataset on first use.

    Args: replica: read from there, as soon as it has all that the store has; read: how to read, by default all at once.
    Raises: what the store raises, DatasetErrors.
    """
    from tracker.projections.load import load, position_at

    address = where_to_read(url, say, replica)
    return Tracker((read or load)(address), now.date(), partial(position_at, address), address)


def load(
    url: str, folder: Path, *, by: str | None = None, progress: Progress | None = None
) -> tuple["Loaded", tuple[Problem, ...]]:
    """Record a dataset: all of it or nothing; statements that are on the record already are left as they are.

    Returns: counts and positions of the new events, and warnings.
    Raises: DatasetErrors, Conflict, and what the store raises.
    """
    from tracker.services.datasets import read_files, refuse

    files, problems = read_files(folder)
    refuse(files)
    with open_for_writing(url) as store:
        loaded = store.load(files.registry, files.statements, by=_named(by), progress=progress)
        refreshed(url, store)
    return loaded, problems


def record(url: str, files: Sequence[Path], *, by: str | None = None) -> tuple["Loaded", tuple[Problem, ...]]:
    """Record single statements, after the checks of a dataset, against the record.

    Returns: counts and positions of the new events, and warnings.
    Raises: DatasetErrors, Conflict, BadRequest, and what the store raises.
    """
    from tracker.dataset.reader import read_statements
    from tracker.model.announcement import Announcement
    from tracker.projections.load import load as load_record
    from tracker.queries.existing import on_record
    from tracker.queries.plan_checks import refusals
    from tracker.queries.short_forms import resolved
    from tracker.services.datasets import locating

    with open_for_writing(url) as store:
        if store.max_position() == 0:
            raise BadRequest("the store is empty: load a dataset with its registry first, `tracker load DIR`")
        refreshed(url, store, views=False)
        before = load_record(url)
        new, locations, problems = read_statements(files, before.registry(), on_record(before))
        _raise_errors(problems)
        new, unresolved = resolved(before, new, locating(locations))
        _raise_errors(unresolved)
        announcements = [statement for statement in new if isinstance(statement, Announcement)]
        _raise_errors(refusals(before, announcements, locating(locations)))
        loaded = store.record(new, by=_named(by))
        refreshed(url, store)
    return loaded, problems


def _raise_errors(problems: Iterable[Problem]) -> None:
    """Raises: DatasetErrors, where a problem is an error."""
    if errors := tuple(problem for problem in problems if problem.severity is Severity.ERROR):
        raise DatasetErrors(errors)


def _named(by: str | None) -> str | None:
    if by is not None and not (by.strip() and by.isprintable() and len(by) <= MAX_NAME_CHARS):
        raise BadRequest(f"--by {by!r} is not a name: write one line of up to {MAX_NAME_CHARS} characters")
    return by


def rebuild(url: str, *, columns: bool = False) -> int:
    """Derive the tables of a store from its log again.

    Args: columns: only those that questions are answered from; the views for SQL stay as they are.
    Returns: the position reached.
    Raises: what the store raises.
    """
    from tracker.projections.refresh import rebuild as rebuild_tables
    from tracker.projections.sql_views.refresh import derive

    with open_for_writing(url) as store:
        position = rebuild_tables(url, store, columns=columns)
    if not columns:
        derive(url, full=True)
    return position


def log(url: str, after: int = 0, limit: int | None = None) -> "Iterator[Recorded]":
    """The events of the log after a position, in order.

    Raises: StoreUnavailable where there is no store, and what the store raises.
    """
    with open_for_reading(url) as store:
        yield from store.events(after=after, limit=limit)
