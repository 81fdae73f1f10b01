"""The fewest things missing until a lane is passable. Design §6, "What would it take?", and §9."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.state.worlds import GOODS, LANDS, PLACES, every_lane, worlds
from tests.state.worlds import asked as classes
from tests.timeline.histories import STORED, a_day, log_of
from tracker.model.announcement import Announcement
from tracker.model.dates import Instant, close_of, moment
from tracker.model.effects import Readiness
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Measure
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, Regime, Status, Traffic
from tracker.queries.supposed import supposing
from tracker.state.fold import fold
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane, mixed_lane
from tracker.state.needs import MAX_SETS, LaneNeeds, Need, NeedKind
from tracker.state.record import Record, View
from tracker.state.scope import Question
from tracker.state.smallest_sets import smallest_sets

SLOW = settings(max_examples=min(30, settings().max_examples))
Deed = tuple[NeedKind, str, str]  # what is done: by its kind, the measure or authority, the place


def word_of(authority: str, place: str) -> str:
    return f"word-{authority}-{place}".lower()


def with_words(record: Record, lane: Lane) -> Record:
    """A record in which each authority of a lane has a permission at each of its places, on which nothing was said."""
    words = [
        Measure(
            id=word_of(authority, place),
            title="Leave",
            authority=authority,
            kind=MeasureKind.PERMISSION,
            level=MeasureLevel.PERMITTED,
            scope=Scope(at=(place,)),
        )
        for authority, place in silences(lane)
    ]
    return enlarged(record, words)


def enlarged(record: Record, measures: Sequence[Measure], more: Sequence[Announcement] = ()) -> Record:
    """A record with more measures and announcements in it."""
    said = [version.statement for history in record.announcements.values() for version in history]
    events = [*(registered(one, STORED) for one in (*record.registry().subjects(), *measures))]
    statements = [*(recorded(one, STORED) for one in (*said, *more))]
    return fold([Recorded(position, event) for position, event in enumerate([*events, *statements], start=1)])


def silences(lane: Lane) -> list[tuple[str, str]]:
    """The authorities whose consent a lane needs, with the places."""
    names = [(authority, site.on_path or site.place) for site in lane.sites for authority in site.authorities]
    return list(dict.fromkeys(names))


def deeds(record: Record, lane: Lane, at: Instant) -> list[Deed]:
    """All that anybody could do for a lane: lift any restriction, speak at any place, finish any infrastructure."""
    view = record.view
    measures = view.registry.measures.values()
    lifting: list[Deed] = [
        (NeedKind.LIFT, one.id, "")
        for one in measures
        if one.kind is MeasureKind.RESTRICTION and _in_force(view, one.id, at)
    ]
    speaking: list[Deed] = [(NeedKind.WORD, authority, place) for authority, place in silences(lane)]
    finishing: dict[Deed, None] = {}
    for tracks in (view.readiness_at.get(mode, {}) for mode in modes(lane)):
        for track in (track for some in tracks.values() for track in some):
            row = view.course(track).winner(at)
            effect = view.said(row) if row >= 0 else None
            if isinstance(effect, Readiness) and effect.state != "ready" and effect.at in lane.places:
                finishing[NeedKind.INFRASTRUCTURE, effect.party, effect.at] = None
    return [*lifting, *speaking, *finishing]


def _in_force(view: View, measure: str, at: Instant) -> bool:
    track = view.track(f"measure:{measure}")
    return track >= 0 and view.course(track).winner(at) >= 0 and view.said(view.course(track).winner(at)).type != "lift"


def modes(lane: Lane) -> set[Mode]:
    return {site.mode or lane.mode for site in lane.sites}


def done(record: Record, at: Instant, some: Sequence[Deed]) -> Record:
    """The record with deeds done at an instant."""
    effects: list[dict[str, Any]] = []
    begin = moment(at, record.tz)
    for kind, name, place in some:
        if kind is NeedKind.LIFT:
            effects.append({"type": "lift", "measure": name, "from": begin})
        elif kind is NeedKind.WORD:
            effects.append({"type": "permit", "measure": word_of(name, place), "from": begin})
        else:
            ready = {"type": "readiness", "at": place, "party": name, "modes": list(Mode), "state": "ready"}
            effects.append({**ready, "from": begin})
    word = {"id": "supposed", "announced": begin, "summary": "x", "by": [{"party": "XA"}], "effect": effects}
    return supposing(record, (), [Announcement.model_validate(word)]) if effects else record


class Asked(NamedTuple):
    lane: Lane
    question: Question
    at: Instant
    firm: bool

    def passable(self, record: Record) -> bool:
        history = LaneHistory(record.view, self.lane, self.question)
        number = history.number(self.at)
        return history.severity(number) <= 3 and not (self.firm and history.status(number) is Status.PRESUMED)

    def needs(self, record: Record) -> list[tuple[Need, ...]]:
        return LaneNeeds(LaneHistory(record.view, self.lane, self.question), self.at, firm=self.firm).sets()


def imposed(measures: Sequence[Measure]) -> Announcement:
    """Some restrictions, in force without an end."""
    effects = [{"type": "impose", "measure": measure.id} for measure in measures]
    words = {"id": "bars", "announced": a_day(5), "summary": "x", "by": [{"party": "XA"}], "effect": effects}
    return Announcement.model_validate(words)


@st.composite
def bars(draw: st.DrawFn) -> Measure:
    """A restriction with a wide scope, which bears on many lanes."""
    return Measure(
        id=draw(st.sampled_from(["b0", "b1", "b2", "b3", "b4"])),
        title="A bar",
        authority=draw(st.sampled_from([*LANDS, "rebels"])),
        kind=MeasureKind.RESTRICTION,
        level=draw(st.sampled_from([MeasureLevel.PROHIBITED, MeasureLevel.PROHIBITED, MeasureLevel.RESTRICTED])),
        scope=Scope(
            at=draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True).map(tuple)),
            regime=draw(st.sampled_from([None, None, Regime.TRANSIT, Regime.IMPORT])),
            only=draw(st.sampled_from([None, None, ("humanitarian aid",)])),
        ),
    )


@st.composite
def asked(draw: st.DrawFn) -> tuple[Record, Asked]:
    record = draw(worlds())
    registry = record.registry()
    wide = draw(st.lists(bars(), max_size=5, unique_by=lambda measure: measure.id))
    record = enlarged(record, wide, [imposed(wide)])
    lane = draw(st.sampled_from(every_lane(registry)))
    if draw(st.booleans()) and draw(st.booleans()):
        lane = mixed_lane(registry, ("XA", "XB", "XC"), (Mode.ROAD, Mode.RAIL), Traffic.GOODS)
    goods = draw(st.sampled_from([None, None, *GOODS]))
    only = draw(classes())
    at = close_of(a_day(draw(st.integers(0, 60))), record.tz)
    return record, Asked(lane, Question(goods, only), at, draw(st.booleans()) and draw(st.booleans()))


def deeds_of(needs: Sequence[Need]) -> frozenset[Deed]:
    return frozenset(
        (need.kind, need.measure or need.authority, "" if need.measure else need.places[0]) for need in needs
    )


def subsets(every: Sequence[Deed], size: int) -> Iterator[frozenset[Deed]]:
    return map(frozenset, combinations(every, size))


@given(world=asked())
@SLOW
def test_needs_are_the_fewest_deeds_that_open_a_lane(world: tuple[Record, Asked]) -> None:
    record, question = world
    record = with_words(record, question.lane)
    every = deeds(record, question.lane, question.at)
    sets = [deeds_of(needs) for needs in question.needs(record)]
    if not sets:
        assert not question.passable(done(record, question.at, every))
        return
    size = len(sets[0])
    assert {len(one) for one in sets} == {size}
    assert len(set(sets)) == len(sets)
    assert all(one <= set(every) for one in sets)
    assume(size <= 3)
    for fewer in range(size):
        for some in subsets(every, fewer):
            assert not question.passable(done(record, question.at, sorted(some)))
    works = {some for some in subsets(every, size) if question.passable(done(record, question.at, sorted(some)))}
    assert set(sets) == works if len(sets) < MAX_SETS else set(sets) <= works


@given(world=asked())
@SLOW
def test_each_of_the_needs_is_needed(world: tuple[Record, Asked]) -> None:
    record, question = world
    record = with_words(record, question.lane)
    for needs in question.needs(record):
        some = deeds_of(needs)
        assert question.passable(done(record, question.at, sorted(some)))
        for one in some:
            assert not question.passable(done(record, question.at, sorted(some - {one})))


@given(st.lists(st.frozensets(st.integers(0, 8), min_size=1, max_size=4), min_size=1, max_size=7), st.integers(1, 50))
def test_smallest_sets_are_all_the_smallest(groups: list[frozenset[int]], most: int) -> None:
    def enough(numbers: frozenset[int]) -> bool:
        return all(not group.isdisjoint(numbers) for group in groups)

    sizes = ([set(some) for some in combinations(range(9), size) if enough(frozenset(some))] for size in range(10))
    smallest = next(sets for sets in sizes if sets)
    sets = smallest_sets(9, enough, most)
    assert len(sets) == min(most, len(smallest))
    assert all(set(one) in smallest for one in sets)
    assert smallest_sets(9, lambda _: False, most) == []


def test_nothing_is_needed_where_a_formality_stands_beside_the_status() -> None:
    formality = Measure(
        id="fee", title="A fee", authority="XA", kind=MeasureKind.RESTRICTION, level=MeasureLevel.FORMALITY,
        scope=Scope(at=("XA-XB",)),
    )  # fmt: skip
    record = enlarged(fold(log_of([])), [formality], [imposed([formality])])
    for lane in every_lane(record.registry()):
        history = LaneHistory(record.view, lane)
        assert history.verdict(close_of(a_day(9), record.tz)).formalities
        assert LaneNeeds(history, close_of(a_day(9), record.tz)).sets() == [()]
