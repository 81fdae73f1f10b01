"""What bears on many lanes, laid out as arrays: what each track's value amounts to at each place. Source: design §6.

For every lane it is found once, by the same functions that answer for one lane, what each row of each track would
amount to as one authority's word at one place. A query then only looks up which row decides each track.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from tracker.model.vocabulary import Level
from tracker.state.blocks import Blocks
from tracker.state.contributions import AMOUNTS, STATUS_OF, Amounts, Bits, Kind
from tracker.state.lanes import Lane
from tracker.state.permission import leave
from tracker.state.readiness import readiness_tracks
from tracker.state.record import View
from tracker.state.scope import Question
from tracker.timeline.columns import Columns, IntArray, spread


@dataclass(frozen=True, eq=False)
class Layout:
    """Claims, each one track's word in a requirement, by requirement; requirements by lane."""

    columns: Columns  # of the tracks that matter, renumbered
    table: Bits  # `Said`, in blocks: what each state of a track amounts to in a claim
    claim_track: IntArray  # renumbered; shape (claims,)
    claim_block: IntArray  # where its block begins
    requirement_begins: IntArray  # its first claim; shape (requirements,)
    requirement_kind: Bits
    lane_begins: IntArray  # the first requirement of each lane that has some
    lane_number: IntArray  # which lanes those are
    constant: Bits  # `Amounts` of each lane, whatever the tracks say; shape (lanes,)

    @cached_property
    def claim_lane(self) -> IntArray:
        """The lane of each claim. Shape (claims,)."""
        requirement_lane = np.repeat(self.lane_number, _counts(self.lane_begins, len(self.requirement_begins)))
        return np.repeat(requirement_lane, _counts(self.requirement_begins, len(self.claim_track)))

    def taken(self, lanes: IntArray) -> tuple["Layout", IntArray]:
        """The layout of some lanes, each as often as it is named, and the numbers of its claims in this one."""
        requirements = np.zeros((2, len(self.constant)), dtype=np.int64)  # of each lane: the first, and how many
        requirements[:, self.lane_number] = self.lane_begins, _counts(self.lane_begins, len(self.requirement_begins))
        begins, counts = requirements[:, lanes]
        chosen = spread(begins, counts)
        claim_counts = _counts(self.requirement_begins, len(self.claim_track))[chosen]
        claims = spread(self.requirement_begins[chosen], claim_counts)
        some = np.flatnonzero(counts)
        found = replace(
            self,
            claim_track=self.claim_track[claims],
            claim_block=self.claim_block[claims],
            requirement_begins=np.cumsum(claim_counts) - claim_counts,
            requirement_kind=self.requirement_kind[chosen],
            lane_begins=(np.cumsum(counts) - counts)[some],
            lane_number=some,
            constant=self.constant[lanes],
        )
        return found, claims

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = [getattr(self, each.name) for each in fields(self)]
        return sum(each.nbytes for each in own)


def statuses_of(of: Layout, said: Bits) -> Bits:
    """The status of each lane, by its number in `STATUSES`, from what each claim amounts to. Shape (lanes,)."""
    amounts = of.constant.copy()
    if len(said):
        everything = np.bitwise_or.reduceat(said, of.requirement_begins)
        required = AMOUNTS[of.requirement_kind, everything]
        amounts[of.lane_number] |= np.bitwise_or.reduceat(required, of.lane_begins)
    statuses: Bits = STATUS_OF[amounts]
    return statuses


def _counts(begins: IntArray, end: int) -> IntArray:
    counts: IntArray = np.diff(begins, append=end)
    return counts


def layout(view: View, lanes: Iterable[Lane], question: Question) -> Layout:
    """Lay out everything that bears on some lanes."""
    return _Builder(view, question).built(lanes)


class _Builder:
    """A layout in the making."""

    def __init__(self, view: View, question: Question) -> None:
        self._view = view
        self._question = question
        self._blocks = Blocks(view, question)
        self._claims = Pairs()
        self._requirements = Pairs()  # the first claim, and the kind
        self._lanes = Pairs()  # the first requirement, and the lane
        self._constant = bytearray()

    def built(self, lanes: Iterable[Lane]) -> Layout:
        for number, lane in enumerate(lanes):
            self._add(number, lane)
        tracks, renumbered = np.unique(self._claims.first, return_inverse=True)
        return Layout(
            columns=self._view.assertions.times.of_tracks(tracks),
            table=self._blocks.table,
            claim_track=renumbered,
            claim_block=self._claims.second,
            requirement_begins=self._requirements.first,
            requirement_kind=self._requirements.second.astype(np.uint8),
            lane_begins=self._lanes.first,
            lane_number=self._lanes.second,
            constant=np.frombuffer(bytes(self._constant), dtype=np.uint8),
        )

    def _add(self, number: int, lane: Lane) -> None:
        needed, blocks = leave(self._view, lane, self._question), self._blocks
        self._constant.append(Amounts.UNKNOWN if Level.UNKNOWN in needed.silent else 0)
        before = len(self._requirements)
        for asked in needed.requirements:
            kind = Kind.ASSUMED if asked.silence.level is Level.ASSUMED else Kind.NEEDED
            self._require(kind, (blocks.of_rule(lane, rule) for rule in (*asked.restrictions, *asked.permissions)))
        self._require(Kind.UNASKED, (blocks.of_rule(lane, rule) for rule in needed.others))
        self._require(Kind.READINESS, map(blocks.of_readiness, readiness_tracks(self._view, lane)))
        if len(self._requirements) > before:
            self._lanes.add(before, number)

    def _require(self, kind: Kind, claims: Iterable[tuple[int, int]]) -> None:
        before = len(self._claims)
        for claim in claims:
            self._claims.add(*claim)
        if len(self._claims) > before:
            self._requirements.add(before, kind)


class Pairs:
    """Pairs of whole numbers, appended one by one."""

    def __init__(self) -> None:
        self._first, self._second = array("q"), array("q")

    def add(self, first: int, second: int) -> None:
        self._first.append(first)
        self._second.append(second)

    def __len__(self) -> int:
        return len(self._first)

    @property
    def first(self) -> IntArray:
        return np.array(self._first, dtype=np.int64)

    @property
    def second(self) -> IntArray:
        return np.array(self._second, dtype=np.int64)
