"""The times in which the measures of one consent decide at a place, as arrays. Source: design §6 and §9.

Measures without exemptions and hours are looked at together, as there may be a hundred thousand on one lane:
`contribution` is asked once for each kind of measure and value of a row. All others are followed one by one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, zip_longest
from typing import NamedTuple

import numpy as np

from tracker.model.dates import FOREVER
from tracker.state.beside import stands_beside
from tracker.state.consents import ApplicableMeasure, RequiredConsents
from tracker.state.decision_changes import (
    MEASURE_SHIFT,
    Courses,
    Decided,
    at_place,
    at_places,
    decided,
    declares,
    number_of_name,
    number_of_rows,
)
from tracker.state.ended_parties import ended_parties
from tracker.state.narrowing import holds_in_part
from tracker.state.permission import contribution, traits
from tracker.state.record import View
from tracker.state.scope import Question, beside_status
from tracker.state.tracks import prolongs
from tracker.timeline.columns import IntArray
from tracker.timeline.track_history import NOTHING, turns

FEW = 32  # measures that are followed one by one
FEW_SPANS = 128  # whose changes are not summed up beforehand
NONE = -1  # no decision


class DecisionSpans(NamedTuple):
    """Times in which a decision of a measure stands by one row, and from one cause. Shapes (spans,)."""

    measure: IntArray  # its number among those of the group
    decision: IntArray
    row: IntArray
    begins: IntArray
    ends: IntArray
    begun: IntArray  # since when the decision has stood from this cause
    cause: IntArray  # its number, without its place
    fresh: IntArray  # 1 where the decision did not stand just before

    def standing(self, at: int) -> IntArray:
        """The numbers of the spans that hold an instant."""
        return np.flatnonzero((self.begins <= at) & (at < self.ends))


def joined(parts: Sequence[DecisionSpans]) -> DecisionSpans:
    """Spans, one part after the other."""
    if not parts:
        return DecisionSpans(*np.zeros((len(DecisionSpans._fields), 0), dtype=np.int64))
    return DecisionSpans(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class MeasureGroup:
    """Measures that bear on one consent, for one question."""

    def __init__(
        self,
        view: View,
        measures: Sequence[ApplicableMeasure],
        question: Question,
        courses: Courses,
        *,
        few: int = FEW,
    ) -> None:
        """Args: few: up to so many are followed one by one."""
        self.measures, self._few = measures, few
        self._view, self._question, self._courses = view, question, courses

    @cached_property
    def tracks(self) -> IntArray:
        """The own track of each measure."""
        return np.array([applicable.tracks[0] for applicable in self.measures], dtype=np.int64)

    @cached_property
    def bearing(self) -> IntArray:
        """The tracks of the measures that bear on the status, ascending."""
        some = [applicable.tracks for applicable in self.measures if not beside_status(applicable.measure)]
        return np.unique(np.array([*chain.from_iterable(some)], dtype=np.int64))

    @cached_property
    def beside(self) -> tuple[ApplicableMeasure, ...]:
        """The measures that stand beside the status."""
        return tuple(filter(stands_beside, self.measures))

    @cached_property
    def spans(self) -> DecisionSpans:
        """The times in which the measures decide."""
        plain = self._plain if len(self.measures) > self._few else ()
        others = sorted(set(range(len(self.measures))).difference(plain))
        rows = [(number, *span) for number in others for span in self.followed(self.measures[number])]
        parts = [DecisionSpans(*np.array(rows, dtype=np.int64).reshape(-1, len(DecisionSpans._fields)).T)]
        if len(plain):
            parts.append(_Together(self._view, self.measures, np.array(plain), self._question).spans)
        return joined(parts)

    @cached_property
    def _plain(self) -> Sequence[int]:
        """The numbers of the measures that have no exemption and no hours, and whose authority has no end."""
        ended = ended_parties(self._view.registry)
        return [
            number
            for number, applicable in enumerate(self.measures)
            if len(applicable.tracks) == 1
            and applicable.measure.authority not in ended
            and not holds_in_part(self._view, applicable.tracks[0])
        ]

    def followed(self, applicable: ApplicableMeasure) -> Sequence[tuple[int, ...]]:
        """The spans of one measure, without its number; kept with the view, as many lanes share them."""
        key = DecisionSpans, applicable.tracks, applicable.terms, self._question
        spans = self._view.memo.get(key)
        if spans is None:
            made = decided(self._view, applicable, self._courses, self._question)
            spans = self._view.memo[key] = tuple(_spans(made))
        assert isinstance(spans, tuple)
        return spans


def _spans(made: Iterable[Decided]) -> Iterator[tuple[int, ...]]:
    """The spans of one measure, as in `DecisionSpans`, without its number."""
    listed = list(made)
    before: dict[int, tuple[int, int]] = {}  # by decision: since when, and its cause
    for (at, contributed, cause), following in zip_longest(listed, listed[1:]):
        until = FOREVER if following is None else following.at
        standing: dict[int, tuple[int, int]] = {}
        for decision, row in contributed:
            begun, last = before.get(decision, (at, cause))
            standing[decision] = begun if last == cause else at, cause
            yield int(decision), row, at, until, standing[decision][0], cause, decision not in before
        before = standing


class _Together:
    """Measures without exemptions and hours. Arrays have one entry for each turn of one of their tracks."""

    def __init__(
        self, view: View, measures: Sequence[ApplicableMeasure], numbers: IntArray, question: Question
    ) -> None:
        self._view, self._measures, self._question = view, measures, question
        tracks = np.array([measures[number].tracks[0] for number in numbers.tolist()], dtype=np.int64)
        every, place = np.unique(tracks, return_inverse=True)
        found = turns(view.assertions, every)
        turn, which = found.of_tracks(place)
        self._measure, self._instant = numbers[which], found.instant[turn]
        self._before, self._after = found.before[turn], found.after[turn]
        self._first = np.append(True, which[1:] != which[:-1])[: len(which)]
        self._row = np.where(self._after >= 0, self._after, np.maximum(-2 - self._after, NOTHING))

    @property
    def spans(self) -> DecisionSpans:
        decision, cause = self._decisions, self._causes
        cause = np.where(decision == NONE, 0, cause)
        last = np.where(self._first, NONE, _shifted(decision))
        fresh = decision != last
        again = ~fresh & (cause == _shifted(cause))
        begun = self._instant[np.maximum.accumulate(np.where(again, 0, np.arange(len(again))))]
        ends = np.append(np.where(self._first[1:], FOREVER, self._instant[1:]), FOREVER)[: len(decision)]
        stands = np.flatnonzero(decision != NONE)
        columns = (self._measure, decision, self._row, self._instant, ends, begun, cause, fresh.astype(np.int64))
        return DecisionSpans(*(column[stands] for column in columns))

    @property
    def _decisions(self) -> IntArray:
        """The decision from each turn on."""
        view, values = self._view, self._view.assertions.value
        kind = np.where(self._after >= 0, 0, np.where(self._after == NOTHING, 1, 2))
        value = np.where(kind == 1, 0, values[np.maximum(self._row, 0)].astype(np.int64))
        trait = numbered([traits(applicable) for applicable in self._measures])[self._measure]

        def decide(turn: int) -> int:
            applicable, standing = self._measures[int(self._measure[turn])], int(self._after[turn])
            made = contribution(view, applicable, (standing,), self._question)
            return NONE if made is None else made.decision

        return _by_kind((trait, value, kind), decide)

    @property
    def _causes(self) -> IntArray:
        """The number of the cause from each turn on: of the first of the rows that prolong one another."""
        view, columns = self._view, self._view.assertions
        values = columns.value
        both = (self._before >= 0) & (self._after >= 0)
        pair = np.where(both, self._before, 0), np.where(both, self._after, 0)

        def carries_on(turn: int) -> int:
            return prolongs(view, int(pair[0][turn]), int(pair[1][turn]))

        prolonged = _by_kind([values[rows].astype(np.int64) for rows in pair], carries_on) > 0
        ran_out = (self._before >= 0) & (-2 - self._after == self._before)
        again = np.where(self._after >= 0, both & prolonged, ran_out)
        origin = self._row[np.maximum.accumulate(np.where(again, 0, np.arange(len(again))))]
        stated = origin >= 0
        origins, places = np.unique(origin[stated], return_inverse=True)
        rows = np.array([number_of_rows(view, (row,)) for row in origins.tolist()], dtype=np.int64)[places]
        authority = numbered([applicable.measure.authority for applicable in self._measures])[self._measure[stated]]
        shown = origin[stated]

        def own_word(number: int) -> int:
            return declares(view, self._measures[int(self._measure[stated][number])], int(shown[number]))

        kinds = (values[shown].astype(np.int64), columns.attribution[shown].astype(np.int64), authority)
        declared = _by_kind(kinds, own_word)
        names = [number_of_name(applicable.measure.id) << MEASURE_SHIFT for applicable in self._measures]
        causes = np.zeros(len(origin), dtype=np.int64)
        causes[stated] = np.array(names, dtype=np.int64)[self._measure[stated]] | rows | declared
        return causes


def _shifted(column: IntArray) -> IntArray:
    """Each entry's predecessor; the first is its own."""
    return np.append(column[:1], column[:-1])


def numbered(names: Sequence[object]) -> IntArray:
    """Equal things by number, in the order in which they first occur."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def kinds(columns: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    """Entries by kind, which are alike in all columns: the first of each kind, and the kind of each entry."""
    key = columns[0]
    for column in columns[1:]:
        key = np.unique(key, return_inverse=True)[1] * (int(column.max(initial=0)) + 1) + column
    _, first, places = np.unique(key, return_index=True, return_inverse=True)
    return first, places


def _by_kind(columns: Sequence[IntArray], make: Callable[[int], int]) -> IntArray:
    """A number for each entry, made once for all that are alike. Args: make: from the place of one of them."""
    first, places = kinds(columns)
    return np.array([int(make(place)) for place in first.tolist()], dtype=np.int64)[places]


class LaneSpans(NamedTuple):
    """The spans of all measures that bear on a lane, consent by consent. Shapes (spans,)."""

    spans: DecisionSpans  # with measures numbered through
    consent: IntArray  # the number of the consent
    slot: IntArray
    alike: IntArray  # the slot whose number counts in the sums of causes: see `Slots.alike`
    place: IntArray  # the number of the place along the path; -1: on the lane as a whole
    number: IntArray  # of the cause, at its place

    def changes(self, width: int, mixing: int) -> Iterator[tuple[int, int, int, int, int, int]]:
        """Where the counts of decisions change in the slots: see `SlotChange`.

        Args: width: keys of a slot; mixing: see `weight`.
        """
        if len(self.slot) <= FEW_SPANS:
            yield from self._few_changes(width, mixing)
            return
        key = self.slot * width + self.spans.decision
        alike = self.alike * width + self.spans.decision
        weight = self.number.astype(np.uint64) * (2 * alike + 1).astype(np.uint64) * np.uint64(mixing)
        closed = np.flatnonzero(self.spans.ends < FOREVER)
        instant = np.concatenate([self.spans.begins, self.spans.ends[closed]])
        key = np.concatenate([key, key[closed]])
        weight = np.concatenate([weight, (~weight + np.uint64(1))[closed]])  # their negatives
        more = np.ones(len(instant), dtype=np.int64)
        more[len(self.slot) :] = -1
        fresh = np.append(self.spans.fresh, np.zeros(len(closed), dtype=np.int64))
        order = np.lexsort((key, instant))
        instant, key = instant[order], key[order]
        first = np.flatnonzero(np.append(True, (instant[1:] != instant[:-1]) | (key[1:] != key[:-1]))[: len(key)])
        if not len(first):
            return
        sums = [np.add.reduceat(column[order], first) for column in (more, weight, fresh)]
        changed = np.flatnonzero(np.any([column != 0 for column in sums], axis=0))
        columns = [instant[first], key[first] // width, key[first] % width, *sums]
        yield from zip(*(column[changed].tolist() for column in columns), strict=True)

    def _few_changes(self, width: int, mixing: int) -> Iterator[tuple[int, int, int, int, int, int]]:
        spans = self.spans
        columns = (self.slot, self.alike, spans.decision, self.number, spans.begins, spans.ends, spans.fresh)
        sums: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        for slot, alike, decision, number, begins, ends, fresh in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            weight = number * (2 * (alike * width + decision) + 1) * mixing % 2**64
            key = begins, slot, decision
            more, total, new = sums.get(key, (0, 0, 0))
            sums[key] = more + 1, total + weight, new + fresh
            if ends < FOREVER:
                key = ends, slot, decision
                more, total, new = sums.get(key, (0, 0, 0))
                sums[key] = more - 1, total - weight, new
        for key, change in sums.items():
            if change != (0, 0, 0):
                yield *key, *change


def _few_spans(needed: RequiredConsents, groups: Sequence[MeasureGroup]) -> LaneSpans:
    """The spans of a lane on which few measures bear: one by one."""
    rows: list[tuple[int, ...]] = []
    numbers, alike, first = needed.slots.numbers, needed.slots.alike, 0
    for consent_number, (consent, group) in enumerate(zip(needed.consents, groups, strict=True)):
        for number, applicable in enumerate(consent.measures, start=first):
            place = numbers.get(applicable.place, -1)
            for decision, row, begins, ends, begun, cause, fresh in group.followed(applicable):
                span = (number, decision, row, begins, ends, begun, cause, fresh)
                slots = consent.slot, alike.get(consent.slot, consent.slot)
                rows.append((*span, consent_number, *slots, place, at_place(cause, place)))
        first += len(consent.measures)
    columns = np.array(rows, dtype=np.int64).reshape(-1, len(DecisionSpans._fields) + 5).T
    return LaneSpans(DecisionSpans(*columns[:-5]), *columns[-5:])


def lane_spans(needed: RequiredConsents, groups: Sequence[MeasureGroup]) -> LaneSpans:
    """The spans of a lane. Args: groups: of the measures of each consent."""
    if all(len(group.measures) <= FEW for group in groups):
        return _few_spans(needed, groups)
    numbers, alike, first = needed.slots.numbers, needed.slots.alike, 0
    parts, columns = [joined(())], [np.zeros((4, 0), dtype=np.int64)]
    for number, (consent, group) in enumerate(zip(needed.consents, groups, strict=True)):
        places = np.array([numbers.get(applicable.place, -1) for applicable in consent.measures], dtype=np.int64)
        spans, place = group.spans, places[group.spans.measure]
        parts.append(spans._replace(measure=spans.measure + first))
        constants = number, consent.slot, alike.get(consent.slot, consent.slot)
        columns.append(np.array([*(np.full_like(place, constant) for constant in constants), place]))
        first += len(consent.measures)
    spans, (consents, slots, alikes, places) = joined(parts), np.concatenate(columns, axis=1)
    return LaneSpans(spans, consents, slots, alikes, places, at_places(spans.cause, places))
