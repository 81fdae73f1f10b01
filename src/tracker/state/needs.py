"""The fewest things still missing until a lane is passable. Source: design §6, "What would it take?", and §9."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from tracker.model.dates import Instant
from tracker.model.effects import Readiness
from tracker.model.vocabulary import MeasureKind, Status
from tracker.state.consents import ApplicableMeasure, Consent, required_consents
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import onward
from tracker.state.permission import (
    ENDS,
    LAPSED,
    LIFTED,
    PERMITTED,
    Contribution,
    Decision,
    consequences,
    contribution,
    counting,
    decided_at,
    infrastructure,
)
from tracker.state.scope import Coverage, Question, beside_status
from tracker.state.smallest_sets import smallest_sets
from tracker.state.status import PASSABLE, SEVERITY, UNHINDERED, Choice, Consequence
from tracker.state.track_sets import track_set
from tracker.timeline.track_history import NOTHING

ENOUGH = SEVERITY[Status.RESTRICTED]  # worse is not enough: restricted, but closed for the rest
MAX_SETS = 9  # of the same size that are told apart


class NeedKind(StrEnum):
    """The kinds of things that may be missing."""

    LIFT = "lift"  # a restriction is in force
    WORD = "word"  # an authority is silent, or what it said last has lapsed
    INFRASTRUCTURE = "infrastructure"


class Need(NamedTuple):
    """One thing that is missing."""

    kind: NeedKind
    authority: str
    measure: str | None  # to be lifted
    places: tuple[str, ...]  # where it stands in the way, along the path
    row: int  # of the assertion that stands in the way; of a silence none
    lapsed: tuple[str, ...] = ()  # measures that have run out, where a word is missing


class _Key(NamedTuple):
    """The identity of a thing that hinders: a measure, an authority at a place, or a party's infrastructure there."""

    kind: NeedKind
    name: str
    place: str


class Hindrance(NamedTuple):
    """Where a thing stands in the way."""

    place: str
    row: int  # of the assertion


class _Part(NamedTuple):
    """One of all that decides in a slot."""

    slot: int
    decisions: int  # a set
    key: _Key | None  # what changes it
    changed: int = 0  # the decisions then


def _decision(made: tuple[Contribution, ApplicableMeasure]) -> Decision:
    return made[0].decision


class _World:
    """All that decides on a lane for one question, at an instant."""

    def __init__(self, history: LaneHistory, question: Question, at: Instant) -> None:
        self._view, self._question, self._at = history.view, question, at
        lane = onward(self._view.registry, history.lane, question.origin, question.destination)
        self._required = required_consents(self._view, lane, question)
        self.slots = self._required.slots
        self._out = self.slots.out_at(at)
        self._standings = track_set(self._view, tuple(sorted(self._required.tracks))).standings(at)
        self.hindrances: dict[_Key, list[Hindrance]] = {}
        self._lapsed: dict[int, dict[str, int]] = {}  # by slot, the measures that have run out, with their rows
        self._blocs: dict[int, str] = {}  # by slot: the bloc whose measures alone have lapsed
        self._parts = tuple(self._all_parts())

    def _all_parts(self) -> Iterator[_Part]:
        yield from (_Part(slot, 1 << Decision.LACKING, None) for slot in self._out)
        for consent in self._required.consents:
            if consent.slot not in self._out:
                yield from self._of_consent(consent)
        for slot, track in self._required.readiness:
            row = self._standings[track]
            lacking = infrastructure(self._view, row)
            effect = self._view.said(row) if lacking is not None else None
            if isinstance(effect, Readiness):
                key = _Key(NeedKind.INFRASTRUCTURE, effect.party, effect.at)
                self._hindered(key, effect.at, row)
                yield _Part(slot, 1 << Decision.LACKING, key)

    def _of_consent(self, consent: Consent) -> Iterator[_Part]:
        """The decisions of the measures of an authority at a place; without a lifting before the last lapse."""
        role = self.slots.roles[consent.slot]
        decisions, made = decided_at(self._view, consent, self._standings, self._at, self._question)
        lapses = counting(role, decisions) & LAPSED
        lapsed = [
            (applicable, row) for (decision, row), applicable in sorted(made, key=_decision) if lapses >> decision & 1
        ]
        self._lapsed[consent.slot] = {applicable.measure.id: row for applicable, row in lapsed}
        self._owed_by_bloc(consent, lapsed)
        for applicable in consent.measures:
            if beside_status(applicable.measure):
                continue
            standings = [self._standings[track] for track in applicable.tracks]
            own = contribution(self._view, applicable, standings, self._question)
            if own is None:
                continue
            decision = 1 << own.decision
            if standings[0] >= 0 and applicable.measure.kind is MeasureKind.RESTRICTION and not decision & ENDS:
                key = _Key(NeedKind.LIFT, applicable.measure.id, "")
                self._hindered(key, applicable.place, standings[0])
                yield _Part(consent.slot, decision, key, self._lifted(applicable))
            elif decision != LIFTED or decisions & LIFTED:
                yield _Part(consent.slot, decision, None)

    def _owed_by_bloc(self, consent: Consent, lapsed: Sequence[tuple[ApplicableMeasure, int]]) -> None:
        """Take a word that a bloc owes, because its measures have lapsed, as one word for all that are bound."""
        owing = {applicable.measure.authority for applicable, _ in lapsed}
        if consent.silence is None or len(owing) != 1 or consent.silence.authority in owing:
            return
        (bloc,) = owing
        self._blocs[consent.slot] = bloc
        for applicable, row in lapsed:
            self._hindered(_Key(NeedKind.WORD, bloc, ""), applicable.place, row)

    def _lifted(self, applicable: ApplicableMeasure) -> int:
        """The decision of a measure that is lifted."""
        speaks = applicable.terms.coverage is Coverage.FULL and (applicable.holds_rest or not self._question.rest)
        return LIFTED if speaks else 0

    def _hindered(self, key: _Key, place: str, row: int) -> None:
        self.hindrances.setdefault(key, []).append(Hindrance(place, row))

    @cached_property
    def silences(self) -> Mapping[_Key, list[int]]:
        """By authority and place, or by bloc, the slots in which its word counts."""
        silences = [(consent.slot, consent.silence) for consent in self._required.consents if consent.silence]
        slots: dict[_Key, list[int]] = {}
        for slot, silence in (*silences, *self._required.silences):
            if slot in self._out:
                continue
            bloc = self._blocs.get(slot)
            key = _Key(NeedKind.WORD, bloc or silence.authority, "" if bloc else silence.place)
            slots.setdefault(key, []).append(slot)
        return slots

    def unknown(self) -> Iterator[_Key]:
        """The authorities whose word is missing as things stand."""
        following = self._consequences(frozenset())
        for key, slots in self.silences.items():
            if any(following[slot] & Consequence.UNKNOWN for slot in slots):
                yield key

    def lapsed(self, key: _Key) -> Mapping[str, int]:
        """The measures of an authority at a place that have run out, with their rows."""
        lapsed: dict[str, int] = {}
        for slot in self.silences.get(key, ()):
            lapsed |= self._lapsed.get(slot, {})
        return lapsed

    def choice(self, met: frozenset[_Key]) -> Choice:
        """The status but for passages, if some things were no longer missing."""
        return self.slots.choice(self._consequences(met))

    def _consequences(self, met: frozenset[_Key]) -> list[int]:
        decisions = [0] * len(self.slots.roles)
        for slot, as_it_is, key, changed in self._parts:
            decisions[slot] |= changed if key in met else as_it_is
        for key in met:
            for slot in self.silences.get(key, ()):
                decisions[slot] |= PERMITTED
        return list(map(consequences, self.slots.roles, decisions))


class LaneNeeds:
    """The things that a lane lacks at an instant until it is passable for the flow asked about.

    Passable is a severity up to 3. With `firm` that nothing is known to stand in the way is not enough: a word has to
    be on record, or traffic.
    """

    def __init__(self, history: LaneHistory, at: Instant, *, firm: bool = False) -> None:
        self._history, self._at, self._firm = history, at, firm
        self._world = _World(history, history.question, at)
        self._rest = _World(history, history.question._replace(rest=True), at)

    def sets(self) -> list[tuple[Need, ...]]:
        """The smallest sets of needs, at most `MAX_SETS` of them; one that is empty where nothing is missing.

        None of them where the lane cannot become passable by words and works, as where no crossing exists.
        """
        if self._is_passable(self._history.status(self._history.number(self._at))):
            return [()]
        keys = self._keys()
        sets = smallest_sets(len(keys), lambda numbers: self._enough([keys[number] for number in numbers]), MAX_SETS)
        return [tuple(self._need(keys[number]) for number in sorted(numbers)) for numbers in sets]

    def _is_passable(self, status: Status) -> bool:
        number = self._history.number(self._at)
        return self._history.severity(number) <= ENOUGH and not (self._firm and status is Status.PRESUMED)

    def _keys(self) -> list[_Key]:
        """All that may be missing, along the path; at one place what is to be lifted first."""
        words = set(self._world.silences) if self._firm else {*self._world.unknown(), *self._rest.unknown()}
        kinds = list(NeedKind)

        def along(key: _Key) -> tuple[int, int, _Key]:
            return min(map(self._step, self._places(key))), kinds.index(key.kind), key

        return sorted({*words, *self._world.hindrances, *self._rest.hindrances}, key=along)

    def _hindrances(self, key: _Key) -> list[Hindrance]:
        return [*self._world.hindrances.get(key, ()), *self._rest.hindrances.get(key, ())]

    def _places(self, key: _Key) -> tuple[str, ...]:
        """Where a thing is missing, along the path."""
        places = dict.fromkeys(hindrance.place for hindrance in self._hindrances(key)) or (key.place,)
        return tuple(sorted(places, key=self._step))

    def _step(self, place: str) -> int:
        """The number of a place along the path; what concerns the whole of it comes first."""
        return self._world.slots.numbers.get(place, -1)

    def _enough(self, met: Sequence[_Key]) -> bool:
        keys = frozenset(met)
        choice = self._world.choice(keys)
        match choice.status:
            case Status.OPEN:
                return True
            case Status.PRESUMED:
                return not self._firm or self._goes_on(choice)
            case Status.RESTRICTED:
                return self._rest.choice(keys).status in PASSABLE
            case _:
                return False

    def _goes_on(self, choice: Choice) -> bool:
        """Whether traffic has been seen since the lane became passable, which a better status does not interrupt."""
        assert choice.status in UNHINDERED
        gates = self._world.slots.gates
        passable = [way for step in choice.passable for way in step]
        passed = self._history.passed(self._at)
        return any(seen.gate not in gates or passable[gates[seen.gate]] for seen in passed)

    def _need(self, key: _Key) -> Need:
        kind, name, _ = key
        places = self._places(key)
        if kind is NeedKind.WORD:
            lapsed = self._world.lapsed(key) or self._rest.lapsed(key)
            return Need(kind, name, None, places, next(iter(lapsed.values()), NOTHING), tuple(lapsed))
        row = self._hindrances(key)[0].row
        if kind is NeedKind.LIFT:
            return Need(kind, self._history.view.registry.measures[name].authority, name, places, row)
        return Need(kind, name, None, places, row)
