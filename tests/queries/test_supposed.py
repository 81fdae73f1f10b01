"""Statements that are supposed: known to one answer only. Design §6, "What if?", and §9, `--suppose`."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.records import ROOT, record_of
from tests.state.worlds import every_lane, worlds
from tests.timeline.histories import a_day
from tracker.model.dates import BEGINNING
from tracker.model.errors import BadRequest, UnknownSubject
from tracker.queries.answers import LanesState
from tracker.queries.clocks import Clocks, clocks, read_instant
from tracker.queries.diff import diff
from tracker.queries.measure_answers import MeasureAnswer
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.queries.supposed import MAX_SUPPOSED, VERBS, suppose
from tracker.queries.why import why
from tracker.state.lane_history import LaneHistory
from tracker.state.record import Record

ROUTE = Selection(("tr-am-az",))
ALL = ("lift tr-closure-1993", "lift az-am-border-closure", "ready margara")
MAY = "2026-05-01"


@pytest.fixture(scope="module")
def record() -> Record:
    return record_of(ROOT / "events")[0]


def at(record: Record, as_of: str, announced_by: str | None = None, recorded_by: str | None = None) -> Clocks:
    return clocks(
        as_of, announced_by, recorded_by, tz=record.tz, today=lambda: date(2026, 6, 1), position_at=lambda _: 0
    )


def statuses(record: Record, clocks: Clocks, selection: Selection = ROUTE) -> set[str]:
    [answer] = state(record, clocks, selection)
    assert isinstance(answer, LanesState)
    return {lane.status.value for lane in answer.lanes}


def measure(record: Record, clocks: Clocks, name: str) -> MeasureAnswer:
    [answer] = state(record, clocks, Selection((name,)))
    assert isinstance(answer, MeasureAnswer)
    return answer


def test_a_closure_that_is_supposed_to_be_lifted_closes_nothing_more(record: Record) -> None:
    asked = at(record, MAY)
    assert statuses(record, asked) == {"closed"}
    assert statuses(*suppose(record, asked, ALL[:1])) == {"closed"}
    assert statuses(*suppose(record, asked, ALL[:2])) == {"unready"}
    supposed, clocks = suppose(record, asked, ALL)
    [answer] = state(supposed, clocks, ROUTE)
    assert statuses(supposed, clocks) == {"open"}
    assert answer.supposed == ALL
    assert statuses(record, asked) == {"closed"}
    assert state(record, asked, ROUTE)[0].supposed == ()


def test_what_is_supposed_begins_at_the_date_asked_about(record: Record) -> None:
    supposed, clocks = suppose(record, at(record, MAY), ALL)
    assert measure(supposed, clocks, "tr-closure-1993").since == MAY
    assert statuses(supposed, clocks._replace(as_of=read_instant("as-of", "2026-04-30", record.tz))) == {"closed"}


@pytest.mark.parametrize("known", [("2020-01-01", None), (None, "300"), ("2020-01-01", "300")])
def test_it_is_known_by_every_clock(record: Record, known: tuple[str | None, str | None]) -> None:
    supposed, clocks = suppose(record, at(record, MAY, *known), ["lift tr-closure-1993"])
    assert measure(supposed, clocks, "tr-closure-1993").state == "lifted"
    assert (clocks.announced_by_text, clocks.recorded_by_text) == known


def test_what_was_recorded_later_stays_unknown(record: Record) -> None:
    asked = at(record, MAY, recorded_by="300")
    supposed, clocks = suppose(record, asked, ["lift tr-closure-1993"])
    others = Selection(("az-transit-bar", "ru-az-ge-am", "am-az-peace-agreement"))
    for answer, plain in zip(state(supposed, clocks, others), state(record, asked, others), strict=True):
        assert answer == plain.model_copy(update={"supposed": clocks.supposed})


@given(record=worlds(), day=st.integers(0, 60), data=st.data())
def test_it_is_the_last_word_whatever_is_on_record(record: Record, day: int, data: st.DataObject) -> None:
    """A law: nothing announced, whenever, has more weight; and before its date nothing changes."""
    asked = at(record, str(a_day(day)))
    chosen = data.draw(st.sampled_from(sorted(record.registry().measures.values(), key=lambda one: one.id)))
    verbs = [verb for verb, kind in VERBS.items() if kind is chosen.kind]
    verb = data.draw(st.sampled_from(verbs))
    supposed, clocks = suppose(record, asked, [f"{verb} {chosen.id}"])
    states = ("lifted", "revoked") if verb in ("lift", "revoke") else ("in-force", "eased")
    assert measure(supposed, clocks, chosen.id).state in states
    before = read_instant("as-of", str(a_day(day - 1)), record.tz)
    for lane in every_lane(record.registry())[:6]:
        one, other = (LaneHistory(each.view, lane) for each in (record, supposed))
        assert one.status(one.number(before)) is other.status(other.number(before))
        assert one.status(one.number(BEGINNING)) is other.status(other.number(BEGINNING))


def test_infrastructure_may_be_supposed_ready(record: Record) -> None:
    selection = Selection(("az-am-nx",))
    for texts, readiness in (((), {"absent"}), (("ready az-am-nx",), {"ready"})):
        [answer] = state(*suppose(record, at(record, MAY), texts), selection)
        assert isinstance(answer, LanesState)
        assert {each.state.value for lane in answer.lanes for each in lane.readiness if each.place == "az-am-nx"} == (
            readiness
        )


def test_a_reason_cites_what_is_supposed(record: Record) -> None:
    answer = why(*suppose(record, at(record, MAY), ALL), ROUTE)
    assert set(ALL) <= set(answer.citations)
    assert answer.citations[ALL[0]].summary == "Supposed: lift tr-closure-1993."


def test_a_difference_supposes_on_its_later_side_only(record: Record) -> None:
    before, after = at(record, "2026-01-01"), at(record, MAY)
    later, supposed = suppose(record, after, ALL)
    answer = diff(record, before, supposed, ROUTE, later=later)
    assert {(one.before, one.after) for one in answer.differences} == {("closed", "open")}
    assert {key for one in answer.differences for key in one.announcements} == set(ALL)
    assert (answer.before.supposed, answer.after.supposed) == ((), ALL)
    same_day = diff(record, after, supposed, ROUTE, later=later)
    assert {(one.before, one.after) for one in same_day.differences} == {("closed", "open")}
    assert {key for one in same_day.differences for key in one.announcements} == set(ALL)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot suppose '': write \"lift MEASURE\""),
        ("lift", "cannot suppose 'lift'"),
        ("drop tr-closure-1993", "cannot suppose 'drop tr-closure-1993'"),
        ("permit tr-closure-1993", "is a restriction, so 'permit' says nothing of it: write lift or impose"),
        ("lift am-tr-az-transit-permission", "is a permission, so 'lift' says nothing of it: write permit or revoke"),
        ("ready AZ-KZ", "nothing is known to be lacking at AZ-KZ"),
    ],
)
def test_what_cannot_be_supposed_is_refused_with_the_remedy(record: Record, text: str, message: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(message)):
        suppose(record, at(record, MAY), [text])


def test_a_measure_that_nobody_registered_is_refused_with_the_nearest(record: Record) -> None:
    with pytest.raises(UnknownSubject, match=r"did you mean .*tr-closure-1993"):
        suppose(record, at(record, MAY), ["lift tr-closure-1994"])


def test_a_question_may_not_suppose_without_end(record: Record) -> None:
    with pytest.raises(BadRequest, match=f"write at most {MAX_SUPPOSED}"):
        suppose(record, at(record, MAY), ["lift tr-closure-1993"] * (MAX_SUPPOSED + 1))


def test_names_are_read_as_everywhere(record: Record) -> None:
    title = record.registry().measures["tr-closure-1993"].title
    supposed, clocks = suppose(record, at(record, MAY), [f"lift {title.upper()}"])
    assert measure(supposed, clocks, "tr-closure-1993").announcement == "lift tr-closure-1993"
