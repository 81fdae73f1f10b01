"""What every track says about a lane, from the beginning of time on, whatever their number. Source: design §6.

It says exactly what `LaneHistory` says, of all instants at once: no track is looked at where it does not change.
"""

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from tracker.model.dates import BEGINNING, Instant
from tracker.state.blocks import RAN_OUT, ROWS, Blocks
from tracker.state.contributions import Bits
from tracker.state.lanes import Lane
from tracker.state.observations import Seen, passages
from tracker.state.permission import leave
from tracker.state.readiness import readiness_tracks
from tracker.state.record import View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status_counts import BITS, Slots, Tally
from tracker.state.tracks import maker
from tracker.timeline.columns import IntArray
from tracker.timeline.track_history import NOTHING, deciding, turns


class Mark(NamedTuple):
    """What is to be said of an instant at which a lane's status changes."""

    announcement: str | None  # the first that made the change; none at the beginning of time
    uncertain: bool


class Sweep:
    """What the lanes of one view have in common."""

    def __init__(self, view: View, question: Question = ANYTHING) -> None:
        self.view = view
        self.turns = turns(view.assertions)
        self._question = question
        self._blocks = Blocks(view, question)

    def lane(self, lane: Lane) -> "LaneSweep":
        """One lane of it."""
        view, claims, slots = self.view, _Claims(), Slots(lane)
        needed = leave(view, lane, self._question)
        for asked in needed.requirements:
            for rule in (*asked.restrictions, *asked.permissions):
                claims.add(*self._blocks.of_rule(lane, rule), asked.number)
        for rule in needed.others:
            claims.add(*self._blocks.of_rule(lane, rule), slots.unasked)
        for track in readiness_tracks(view, lane):
            claims.add(*self._blocks.of_readiness(track), slots.readiness)
        return LaneSweep(self, claims, passages(view, lane, self._question), slots)

    @property
    def table(self) -> Bits:
        """What each state of a track amounts to, in the lanes that were asked for until now."""
        return self._blocks.table

    @cached_property
    def states(self) -> tuple[IntArray, IntArray]:
        """Where in a block each track stood before each turn, and where it stands after it."""
        first = np.repeat(self.view.assertions.offsets[:-1], np.diff(self.turns.offsets))
        return _state(self.turns.before, first), _state(self.turns.after, first)

    @cached_property
    def unsure(self) -> tuple[IntArray, IntArray]:
        """Tracks, and the latest instants at which a row of theirs begins or ends that may do so earlier."""
        rows = self.view.assertions
        edges = ((rows.begins_earliest, rows.begins_latest), (rows.ends_earliest, rows.ends_latest))
        both = [(latest.instants, earliest.instants != latest.instants) for earliest, latest in edges]
        tracks = np.concatenate([rows.track[unsure] for _, unsure in both]).astype(np.int64)
        return tracks, np.concatenate([latest[unsure] for latest, unsure in both])


def sweep_of(view: View, tracks: tuple[int, ...], question: Question) -> Sweep:
    """The lanes on which some tracks of a view bear, and no others; kept with the view."""
    found = view.memo.get((Sweep, tracks, question))
    if found is None:
        some = view.record.about(view.assertions.tracks[track] for track in tracks).at(view.known)
        found = view.memo[Sweep, tracks, question] = Sweep(some, question)
    assert isinstance(found, Sweep)
    return found


class LaneSweep:
    """One lane: the tracks that speak of it, each in a slot or more, and what was seen to pass."""

    def __init__(self, sweep: Sweep, claims: "_Claims", seen: Sequence[Seen], slots: Slots) -> None:
        self._sweep, self._seen, self._slots = sweep, seen, slots
        self._track, self._block, self._slot = claims.columns

    @property
    def silent(self) -> bool:
        """Whether nothing at all is said about the lane."""
        return not len(self._track) and not self._seen

    @cached_property
    def tally(self) -> Tally:
        """What all of it amounts to, at every instant."""
        found = [*self._switched(), self._passages()]
        return Tally.of(*(np.concatenate(each) for each in zip(*found, strict=True)))

    def _switched(self) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
        """What begins to be said, and what is said no longer."""
        turn, claim = self._sweep.turns.of_tracks(self._track)
        table, (before, after) = self._sweep.table, self._sweep.states
        was, now = (table[self._block[claim] + state[turn]] for state in (before, after))
        for switched, count in ((now & ~was, 1), (was & ~now, -1)):
            which, bit = np.nonzero(np.unpackbits(switched[:, None], axis=1, bitorder="little"))
            key = self._slot[claim[which]] * BITS + bit
            yield self._sweep.turns.instant[turn[which]], key, np.full(len(which), count)

    def _passages(self) -> tuple[IntArray, IntArray, IntArray]:
        at = np.array([seen.on.latest for seen in self._seen if not seen.effect.none], dtype=np.int64)
        return at, np.full(len(at), self._slots.seen * BITS), np.ones(len(at), dtype=np.int64)

    def marks(self, instants: Sequence[Instant]) -> list[Mark]:
        """What is to be said of some instants, each the beginning of a status."""
        return [
            Mark(None, False) if at == BEGINNING else Mark(self._made_in(at), at in self._unsure) for at in instants
        ]

    def _made_in(self, at: Instant) -> str | None:
        (turned, instants), turns, view = self._turned, self._sweep.turns, self._sweep.view
        place, row = int(np.searchsorted(instants, at)), self._passed.get(at)
        if place < len(turned) and instants[place] == at:
            before, after = (deciding(int(each[turned[place]])) for each in (turns.before, turns.after))
            row = maker(view, before, after, at)
        return None if row is None else view.assertions.announced_in(row)

    @cached_property
    def _passed(self) -> dict[Instant, int]:
        """The first passage that was seen at each instant."""
        return {seen.on.latest: seen.row for seen in reversed(self._seen) if not seen.effect.none}

    @cached_property
    def _tracks(self) -> IntArray:
        return np.unique(self._track)

    @cached_property
    def _turned(self) -> tuple[IntArray, IntArray]:
        """The turns at which what decides a track changes, by instant and then by track; and the instants."""
        turns = self._sweep.turns
        turn, _ = turns.of_tracks(self._tracks)
        turn = turn[np.maximum(turns.before[turn], NOTHING) != np.maximum(turns.after[turn], NOTHING)]
        turn = turn[np.argsort(turns.instant[turn], kind="stable")]
        return turn, turns.instant[turn]

    @cached_property
    def _unsure(self) -> set[Instant]:
        """The latest days of what may begin or end on an earlier one."""
        tracks, latest = self._sweep.unsure
        found: set[Instant] = set(latest[np.isin(tracks, self._tracks)].tolist())
        return found.union(seen.on.latest for seen in self._seen if seen.on.earliest != seen.on.latest)


class _Claims:
    """Tracks, where the block of what they amount to begins, and whose word that is."""

    def __init__(self) -> None:
        self._flat = array("q")

    def add(self, track: int, block: int, slot: int) -> None:
        self._flat.extend((track, block, slot))

    @property
    def columns(self) -> tuple[IntArray, IntArray, IntArray]:
        track, block, slot = np.array(self._flat, dtype=np.int64).reshape(-1, 3).T
        return track, block, slot


def _state(standing: IntArray, first: IntArray) -> IntArray:
    """Where in a block a track stands. Args: first: the number of its first row."""
    found: IntArray = np.where(standing >= 0, standing - first + ROWS, np.where(standing < NOTHING, RAN_OUT, 0))
    return found
