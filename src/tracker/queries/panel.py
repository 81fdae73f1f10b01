"""The status of every lane on every day of a span: a balanced panel, for statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tracker.extras import require
from tracker.model.dates import close_of
from tracker.model.deadline import in_time
from tracker.model.errors import BadRequest
from tracker.model.registry import Border, Corridor, Crossing
from tracker.queries.clocks import Clocks
from tracker.queries.selection import Selection, chosen, chosen_lanes
from tracker.state.lanes import Lane
from tracker.state.record import Record
from tracker.state.status import STATUSES
from tracker.state.sweep import Sweep
from tracker.state.tally import Bits
from tracker.timeline.columns import BoolArray

if TYPE_CHECKING:
    import pandas
    import pyarrow

MAX_DAYS = 40_000


@dataclass(frozen=True, eq=False)
class Panel:
    """Statuses by day and lane."""

    days: Sequence[date]
    lanes: Sequence[Lane]
    codes: Bits  # of statuses, in `STATUSES`; shape (days, lanes)
    severities: Bits  # of the same shape
    there: BoolArray  # of the same shape: whether the lane exists; where not, it has no row

    def __repr__(self) -> str:
        return f"<panel of {len(self.lanes)} lanes on {len(self.days)} days: use .to_pandas() or .to_arrow()>"

    def to_pandas(self) -> "pandas.DataFrame":
        """A data frame of pandas, with the columns of `to_arrow`; words are categories.

        Raises: MissingExtra, where pandas is not installed.
        """
        require("notebook")
        frame: pandas.DataFrame = self.to_arrow().to_pandas(date_as_object=False)
        return frame

    def to_arrow(self) -> "pyarrow.Table":
        """The panel as an Arrow table, sorted by day: a row for each day and existing lane; words are dictionaries."""
        require("arrow")
        import pyarrow  # takes long

        def words(numbers: "np.typing.NDArray[np.integer]", names: Sequence[str]) -> "pyarrow.DictionaryArray":
            distinct = {name: number for number, name in enumerate(dict.fromkeys(names))}
            of_name = np.array([distinct[name] for name in names], dtype=np.int32)
            return pyarrow.DictionaryArray.from_arrays(pyarrow.array(of_name[numbers]), list(distinct))

        there = self.there.ravel()
        lanes = np.tile(np.arange(len(self.lanes)), len(self.days))[there]
        statuses = self.codes.ravel()[there]
        return pyarrow.table(
            {
                "day": pyarrow.array(np.repeat(np.array(self.days, dtype="datetime64[D]"), len(self.lanes))[there]),
                "subject": words(lanes, [lane.subject for lane in self.lanes]),
                "mode": words(lanes, [lane.mode.value for lane in self.lanes]),
                "traffic": words(lanes, [lane.traffic.value for lane in self.lanes]),
                "direction": words(lanes, [lane.direction for lane in self.lanes]),
                "status": words(statuses, [status.value for status in STATUSES]),
                "severity": pyarrow.array(self.severities.ravel()[there].astype(np.int8)),
            }
        )


def panel(record: Record, clocks: Clocks, selection: Selection, first: date, last: date) -> Panel:
    """Every chosen lane at the close of every day from the first to the last. Of the clocks, `as_of` is not used.

    Raises: UnknownSubject; BadRequest where the days run backwards or are too many, or a status is chosen.
    """
    if selection.status is not None:
        raise BadRequest("a panel has every lane on every day, whatever its status: leave the status out")
    if not 0 <= (last - first).days < MAX_DAYS:
        raise BadRequest(f"from {first} to {last} is not a span of 1 to {MAX_DAYS} days: give the earlier day first")
    view = record.at(clocks.known, clocks.asked)
    lanes = [
        lane
        for subject in in_time(chosen(view.registry, selection))
        if isinstance(subject, Border | Crossing | Corridor)
        for lane in chosen_lanes(view.registry, subject, selection)
    ]
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    closes, sweep = np.array([close_of(day, view.tz) for day in days]), Sweep(view, selection.question(view.registry))
    codes, severities = np.empty((2, len(days), len(lanes)), dtype=np.uint8)
    there = np.empty(codes.shape, dtype=np.bool_)
    for number, lane in enumerate(lanes):
        there[:, number] = (closes >= lane.life.begin) & (closes < lane.life.end)
        statuses = sweep.lane(lane).runs.at(closes)
        codes[:, number], severities[:, number] = statuses.status, statuses.severity
    return Panel(days, lanes, codes, severities, there)
