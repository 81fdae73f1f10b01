"""Laws of lane statuses on random records over the fictional pair of territories."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, MEASURES, STORED, SUBJECTS, a_day, log_of, statements
from tracker.model.announcement import Announcement, Statement
from tracker.model.dates import BEGINNING, close_of
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Measure, Subject
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Status
from tracker.state.fold import fold
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import lanes
from tracker.state.record import Record
from tracker.state.status import PASSABLE, SEVERITY, UNHINDERED

pytestmark = pytest.mark.slow

DAY = st.integers(-2, 100).map(a_day)
EXTRA = Measure(
    id="extra",
    title="One more",
    authority="XB",
    kind=MeasureKind.RESTRICTION,
    level=MeasureLevel.PROHIBITED,
    scope=Scope(at=("XA-XB",)),
)
PERMISSION = EXTRA.model_copy(
    update={"kind": MeasureKind.PERMISSION, "level": MeasureLevel.PERMITTED, "id": "leave", "authority": "XB"}
)


def histories_of(record: Record) -> list[LaneHistory]:
    view = record.view
    return [LaneHistory(view, lane) for lane in lanes(view.registry, view.registry.borders["XA-XB"])]


def with_effect(said: list[Statement], measure: Measure, effect: dict[str, object]) -> list[Recorded]:
    extra = Announcement.model_validate(
        {"id": "z", "announced": a_day(0), "summary": "words", "by": [{"party": "XB"}], "effect": [effect]}
    )
    subjects: list[Subject] = [*SUBJECTS, measure]
    events = [*(registered(each, STORED) for each in subjects), *(recorded(each, STORED) for each in [*said, extra])]
    return [Recorded(position, event) for position, event in enumerate(events, start=1)]


@given(said=statements(), day=DAY, level=st.sampled_from(["prohibited", "restricted"]))
def test_a_status_only_gets_worse_when_a_restriction_is_added(said: list[Statement], day: date, level: str) -> None:
    at = close_of(day, LOCAL)
    before = histories_of(fold(log_of(said)))
    after = histories_of(fold(with_effect(said, EXTRA, {"type": "impose", "measure": "extra", "level": level})))
    for old, new in zip(before, after, strict=True):
        worse, better = new.status(new.number(at)), old.status(old.number(at))
        assert SEVERITY[worse] >= SEVERITY[better] or {worse, better} <= {Status.ONE_SIDED, Status.UNVERIFIED}


@given(said=statements(), day=DAY, limits=st.sampled_from([None, ["aid only"]]))
def test_a_permission_never_makes_a_status_worse(said: list[Statement], day: date, limits: list[str] | None) -> None:
    at = close_of(day, LOCAL)
    before = histories_of(fold(log_of(said)))
    permit: dict[str, object] = {"type": "permit", "measure": "leave", "only": limits}
    after = histories_of(fold(with_effect(said, PERMISSION, permit)))
    for old, new in zip(before, after, strict=True):
        was, now = old.status(old.number(at)), new.status(new.number(at))
        assert SEVERITY[now] <= SEVERITY[was]


@given(said=statements(), day=DAY, measure=st.sampled_from(MEASURES), only=st.sampled_from([None, ["aid"]]))
def test_an_exemption_never_makes_a_status_worse(
    said: list[Statement], day: date, measure: str, only: list[str] | None
) -> None:
    at = close_of(day, LOCAL)
    before = histories_of(fold(log_of(said)))
    after = histories_of(fold(with_effect(said, EXTRA, {"type": "exempt", "measure": measure, "only": only})))
    for old, new in zip(before, after, strict=True):
        assert SEVERITY[new.status(new.number(at))] <= SEVERITY[old.status(old.number(at))]


@given(said=statements(), day=DAY, level=st.sampled_from(["prohibited", "restricted"]), data=st.data())
def test_law_the_order_of_recording_changes_no_lane(
    said: list[Statement], day: date, level: str, data: st.DataObject
) -> None:
    originals = [one for one in said if isinstance(one, Announcement)]
    at = close_of(day, LOCAL)
    effect: dict[str, object] = {"type": "impose", "measure": "extra", "level": level}
    shuffled: list[Statement] = [*data.draw(st.permutations(originals))]
    before = histories_of(fold(with_effect([*originals], EXTRA, effect)))
    after = histories_of(fold(with_effect(shuffled, EXTRA, effect)))
    for old, new in zip(before, after, strict=True):
        assert old.status(old.number(at)) == new.status(new.number(at))


@given(first=st.integers(11, 40), moved=st.integers(11, 40), day=DAY)
def test_law_a_start_put_off_in_time_makes_of_a_lane_what_the_new_date_would_have_made(
    first: int, moved: int, day: date
) -> None:
    def told(name: str, announced: int, effect: dict[str, object]) -> Statement:
        content = {"id": name, "announced": a_day(announced), "summary": "words", "by": [{"party": "XA"}]}
        return Announcement.model_validate({**content, "effect": [effect]})

    def plan(start: int) -> Statement:
        return told("a", 0, {"type": "impose", "measure": "closure", "from": a_day(start)})

    put_off = told("b", 10, {"type": "reschedule", "of": "a#1", "from": a_day(moved)})
    at = close_of(day, LOCAL)
    one = histories_of(fold(log_of([plan(first), put_off])))
    other = histories_of(fold(log_of([plan(moved)])))
    assert [old.status(old.number(at)) for old in one] == [new.status(new.number(at)) for new in other]


@given(said=statements(), day=DAY)
def test_the_history_and_the_state_agree_at_every_instant(said: list[Statement], day: date) -> None:
    at = close_of(day, LOCAL)
    for history in histories_of(fold(log_of(said))):
        number = history.number(at)
        assert history.verdict(at) == history.verdict(history.points[number])
        assert history.points[history.since(number)] <= at
        assert history.points[0] == BEGINNING


@given(said=statements(), limits=st.sampled_from([None, ["aid only"]]))
def test_assertions_of_one_manner_make_the_same_of_a_lane(said: list[Statement], limits: list[str] | None) -> None:
    permit: dict[str, object] = {"type": "permit", "measure": "leave", "only": limits}
    for history in histories_of(fold(with_effect(said, PERMISSION, permit))):
        for number, at in enumerate(history.points):
            judged = history.verdict(at).status
            assert history.status(number) in (judged, Status.OPERATING if judged in UNHINDERED else judged)
            assert history.passable_from(number) == reference_passable_from(history, number)


def reference_passable_from(history: LaneHistory, number: int) -> int | None:
    """Going back from a point as long as the lane is passable."""
    passable = [history.verdict(at).status in PASSABLE for at in history.points[: number + 1]]
    return (
        None
        if not passable[-1]
        else number + 1 - next((n for n, each in enumerate(reversed([False, *passable])) if not each))
    )


@given(said=statements(), day=DAY)
def test_what_is_not_uncertain_is_the_same_in_every_reading(said: list[Statement], day: date) -> None:
    at = close_of(day, LOCAL)
    record = fold(log_of(said))
    for history in histories_of(record):
        uncertain = history.uncertainty(at)
        if uncertain is not None:
            assert uncertain.alternative != history.verdict(at).status
            assert uncertain.edge.earliest <= at < uncertain.edge.latest


def test_both_measures_are_on_the_border() -> None:
    assert {subject.id for subject in SUBJECTS if isinstance(subject, Measure)} == set(MEASURES)
