"""The record in a notebook: questions as methods, answers as models, and as tables of pandas and Arrow."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from tracker.extras import MissingExtra, require
from tracker.model.dates import BEGINNING
from tracker.model.vocabulary import Mode, PledgeStatus, Status, SubjectKind, Traffic
from tracker.queries.announcements import AnnouncementFilter
from tracker.queries.announcements import announcements as announcements_query
from tracker.queries.answer_base import Answer
from tracker.queries.answers import PledgeAnswer
from tracker.queries.change_answers import Difference, HistoryAnswer, SeriesPoint
from tracker.queries.changes import series as series_query
from tracker.queries.clocks import Clocks, read_begin, read_instant
from tracker.queries.diff import diff as diff_query
from tracker.queries.history import history as history_query
from tracker.queries.measure_answers import StateAnswer
from tracker.queries.panel import Panel
from tracker.queries.panel import panel as panel_query
from tracker.queries.passages import PassageAnswer, PassageFilter
from tracker.queries.passages import passages as passages_query
from tracker.queries.promises import promises as promises_query
from tracker.queries.selection import Selection
from tracker.queries.state import state as state_query
from tracker.queries.statement_answers import AnnouncementAnswer
from tracker.queries.tabular import TABLES, arrow
from tracker.queries.why import WhyAnswer
from tracker.queries.why import why as why_query
from tracker.services import records, stores

if TYPE_CHECKING:
    import pandas
    import pyarrow

Item = TypeVar("Item", bound=Answer)
When = str | date | datetime | None
Lanes = str | Sequence[str] | None  # of a filter; several words only of `only`
_ENUMS = {"kind": SubjectKind, "mode": Mode, "traffic": Traffic, "status": Status}


class Answers(Sequence[Item], Generic[Item]):
    """Answers to one question, which can be made a table."""

    def __init__(self, items: Sequence[Item], table: str) -> None:
        self._items = tuple(items)
        self._table = table

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> "Answers[Item]": ...

    def __getitem__(self, index: int | slice) -> "Item | Answers[Item]":
        if isinstance(index, slice):
            return Answers(self._items[index], self._table)
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def __repr__(self) -> str:
        return f"<{len(self)} answers, as the table {self._table!r}: use .to_pandas() or .to_arrow()>"

    def _repr_html_(self) -> str | None:
        """The table that a notebook shows; without pandas None, and the notebook shows the text."""
        try:
            return str(self.to_pandas()._repr_html_())
        except MissingExtra:
            return None

    def to_arrow(self) -> "pyarrow.Table":
        """A flat table, with the columns of the CSV; lists are joined with " | ".

        Raises: MissingExtra, where pyarrow is not installed.
        """
        return arrow(*_flat(self._table, self._items))

    def to_pandas(self) -> "pandas.DataFrame":
        """A data frame of pandas, with the columns of `to_arrow`.

        Raises: MissingExtra, where pandas is not installed.
        """
        require("notebook")
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame


def _flat(table: str, items: Sequence[Answer]) -> tuple[Any, Any]:
    columns, rows = TABLES[table]
    return columns, rows(items)


class OpenRecord:
    """A record to ask, as it stood when it was opened: events recorded later need a new one."""

    def __init__(self, tracker: records.Tracker) -> None:
        self.tracker = tracker

    def __repr__(self) -> str:
        record = self.tracker.record
        return f"<record of {len(record.announcements)} announcements, up to position {record.position}>"

    def state(self, *subjects: str, as_of: When = None, announced_by: When = None, recorded_by: When | int = None,
              **lanes: Lanes) -> Answers[StateAnswer]:  # fmt: skip
        """The state of subjects, of all where none is named.

        Args: lanes: kind, mode, traffic, direction, status, goods, only (a class, or several).
        Raises: UnknownSubject, BadRequest.
        """
        clocks = self._clocks(as_of, announced_by, recorded_by)
        return Answers(state_query(self.tracker.record, clocks, _selection(subjects, lanes)), "state")

    def why(self, subject: str, *, as_of: When = None, announced_by: When = None, recorded_by: When | int = None,
            **lanes: Lanes) -> WhyAnswer:  # fmt: skip
        """The decisions that make a subject's state, place by place, with sources.

        Raises: UnknownSubject, BadRequest.
        """
        clocks = self._clocks(as_of, announced_by, recorded_by)
        return why_query(self.tracker.record, clocks, _selection((subject,), lanes))

    def history(self, *subjects: str, announced_by: When = None, recorded_by: When | int = None,
                **lanes: Lanes) -> Answers[HistoryAnswer]:  # fmt: skip
        """Every change of status, oldest first.

        Raises: UnknownSubject, BadRequest.
        """
        clocks = self._clocks(None, announced_by, recorded_by)
        return Answers(history_query(self.tracker.record, clocks, _selection(subjects, lanes)), "history")

    def series(self, *subjects: str, begin: When = None, as_of: When = None, announced_by: When = None,
               recorded_by: When | int = None, **lanes: Lanes) -> Answers[SeriesPoint]:  # fmt: skip
        """Status over time in long format: one row for each change.

        Raises: UnknownSubject, BadRequest.
        """
        clocks = self._clocks(as_of, announced_by, recorded_by)
        first = None if begin is None else read_begin("begin", _text(begin) or "", self.tracker.record.tz)
        return Answers(series_query(self.tracker.record, clocks, _selection(subjects, lanes), first), "series")

    def panel(self, first: str | date, last: str | date, *subjects: str, announced_by: When = None,
              recorded_by: When | int = None, **lanes: Lanes) -> Panel:  # fmt: skip
        """The status of every lane at the close of every day from the first to the last; both inclusive.

        Raises: UnknownSubject, BadRequest, ValueError where a day is not one.
        """
        days = [day if isinstance(day, date) else date.fromisoformat(day) for day in (first, last)]
        clocks = self._clocks(None, announced_by, recorded_by)
        return panel_query(self.tracker.record, clocks, _selection(subjects, lanes), *days)

    def diff(self, before: When, after: When, *subjects: str, known: bool = False, as_of: When = None,
             **lanes: Lanes) -> Answers[Difference]:  # fmt: skip
        """The differences between two dates; with `known`, between two states of knowledge about a third date.

        Raises: UnknownSubject, BadRequest.
        """
        clocks = [self._clocks(as_of, day, None) if known else self._clocks(day, None, None)
                  for day in (before, after)]  # fmt: skip
        answer = diff_query(self.tracker.record, clocks[0], clocks[1], _selection(subjects, lanes))
        return Answers(answer.differences, "differences")

    def announcements(self, *, party: str | None = None, about: str | None = None, effect: str | None = None,
                      begin: When = None, end: When = None, text: str | None = None, source: str | None = None,
                      announced_by: When = None, recorded_by: When | int = None,
                      ) -> Answers[AnnouncementAnswer]:  # fmt: skip
        """The announcements, with their speakers, in the order of announcement.

        Raises: UnknownSubject, BadRequest.
        """
        tz = self.tracker.record.tz
        first = None if begin is None else read_begin("begin", _text(begin) or "", tz)
        last = None if end is None else read_instant("end", _text(end) or "", tz)
        wanted = AnnouncementFilter(party, about, effect, first, last, text, source)
        clocks = self._clocks(None, announced_by, recorded_by)
        return Answers(announcements_query(self.tracker.record, clocks, wanted), "announcements")

    def promises(self, *, party: str | None = None, status: str | None = None, as_of: When = None,
                 announced_by: When = None, recorded_by: When | int = None) -> Answers[PledgeAnswer]:  # fmt: skip
        """The pledges, each with its outcome.

        Raises: UnknownSubject, BadRequest.
        """
        clocks = self._clocks(as_of, announced_by, recorded_by)
        wanted = None if status is None else PledgeStatus(status)
        return Answers(promises_query(self.tracker.record, clocks, party, wanted), "promises")

    def passages(self, *, at: str | None = None, mode: str | None = None, as_of: When = None) -> Answers[PassageAnswer]:
        """Reports of traffic that passed.

        Raises: UnknownSubject, BadRequest.
        """
        sought = PassageFilter(at, None if mode is None else Mode(mode), None, BEGINNING)
        return Answers(passages_query(self.tracker.record, self._clocks(as_of, None, None), sought), "passages")

    def _clocks(self, as_of: When, announced_by: When, recorded_by: When | int) -> Clocks:
        return self.tracker.clocks(_text(as_of), _text(announced_by), _text(recorded_by))


def _text(when: When | int) -> str | None:
    if isinstance(when, date):
        return when.isoformat()
    return None if when is None else str(when)


def _selection(subjects: Sequence[str], lanes: dict[str, Lanes]) -> Selection:
    given: dict[str, Any] = {
        name: _ENUMS[name](value) if name in _ENUMS and isinstance(value, str) else value
        for name, value in lanes.items()
    }
    only = given.pop("only", None) or ()
    given["only"] = (only,) if isinstance(only, str) else tuple(only)
    return Selection(tuple(subjects), **given)


def open_record(where: str | Path | None = None) -> OpenRecord:
    """Open a folder of files, or a store by its address; by default what the settings name, or the user's own store.

    Raises: DatasetErrors, BadRequest, and what the store raises.
    """
    now = datetime.now().astimezone()
    if where is not None and Path(where).is_dir():
        place = stores.resolve(events=Path(where))
    else:
        place = stores.resolve(store=None if where is None else str(where))
    if place.events is not None:
        return OpenRecord(records.from_files(place.events, now)[0])
    return OpenRecord(records.from_store(place.store, now, _say, replica=place.replica))


def _say(words: str) -> None:
    print(words, file=sys.stderr)
