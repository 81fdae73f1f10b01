"""The status of many lanes at once: a few array operations for any instant. Source: design §6.

It says exactly what `LaneHistory` says of each lane by itself.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tracker.model.dates import Instant
from tracker.model.vocabulary import Status
from tracker.state.blocks import RAN_OUT, ROWS
from tracker.state.contributions import STATUSES, Bits
from tracker.state.lanes import Lane
from tracker.state.layout import layout, statuses_of
from tracker.state.observed import Observed
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.timeline.columns import IntArray
from tracker.timeline.knowledge import EVERYTHING
from tracker.timeline.value_at import Reading, winners

OPEN, OPERATING = STATUSES.index(Status.OPEN), STATUSES.index(Status.OPERATING)


class LaneMatrix:
    """Some lanes in one state of knowledge, compiled for a question."""

    def __init__(self, view: View, lanes: Sequence[Lane], question: Question = ANYTHING) -> None:
        self.lanes = lanes
        self.layout = layout(view, lanes, question)
        self._view = view
        self._question = question

    def statuses(self, at: Instant) -> Bits:
        """The status of each lane at an instant, by its number in `STATUSES`. Shape (lanes,)."""
        found = self.verdicts(at)
        found[self._observed.since_passable(found == OPEN, at)] = OPERATING
        return found

    def verdicts(self, at: Instant, reading: Reading = Reading.LATE) -> Bits:
        """The same in a reading of uncertain edges, and never `operating`. Shape (lanes,)."""
        of = self.layout
        return statuses_of(of, of.table[of.claim_block + self._standings(at, reading)[of.claim_track]])

    def _standings(self, at: Instant, reading: Reading) -> IntArray:
        """Where in its block each track stands: nothing, what ran out, or the row that decides. Shape (tracks,)."""
        columns = self.layout.columns
        deciding = winners(columns, at, EVERYTHING, reading)  # the view has left out what is not known
        silent = np.where(self._first_end <= at, RAN_OUT, 0)
        return np.where(deciding >= 0, deciding - columns.offsets[:-1] + ROWS, silent)

    @cached_property
    def _first_end(self) -> IntArray:
        """When the first row of each track ends. Shape (tracks,)."""
        columns = self.layout.columns
        if not len(columns):
            return np.zeros(0, dtype=np.int64)
        ends: IntArray = np.minimum.reduceat(columns.ends_latest.instants, columns.offsets[:-1])
        return ends

    @cached_property
    def _observed(self) -> Observed:
        return Observed(self._view, self.lanes, self._question, self.layout, self._first_end)
