"""Laws of changes of plans: put off, dropped, prolonged; and of the order of one day."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.histories import LOCAL, a_day, log_of
from tracker.model.announcement import Announcement
from tracker.model.dates import close_of
from tracker.state.fold import fold
from tracker.state.record import Record
from tracker.timeline.knowledge import EVERYTHING, Known
from tracker.timeline.precedence import Precedents, places
from tracker.timeline.value_at import winners

DAY = st.integers(0, 60).map(a_day)


def said(name: str, day: date, *effects: dict[str, object], **more: object) -> Announcement:
    content = {"id": name, "announced": day, "summary": "words", "by": [{"party": "XA"}], "effect": effects, **more}
    return Announcement.model_validate(content)


def decides(record: Record, day: date, known: Known = EVERYTHING) -> tuple[str, str] | None:
    """The type of effect that decides the closure at the close of a day, and who may have said so last."""
    track = record.assertions.number("measure:closure")
    row = winners(record.assertions, close_of(day, LOCAL), known)[track] if track >= 0 else -1
    return None if row < 0 else (record.assertions.effect(row).type, record.assertions.announced_in(row))


@given(
    first=st.integers(11, 40).map(a_day), moved=st.integers(11, 40).map(a_day), asked=DAY,
    kind=st.sampled_from(["impose", "lift"]), beside=st.booleans(),
)  # fmt: skip
def test_law_what_is_put_off_in_time_is_as_if_the_new_date_had_been_announced(
    first: date, moved: date, asked: date, kind: str, beside: bool
) -> None:
    others = [said("b", a_day(5), {"type": "impose", "measure": "closure", "last_day": a_day(30)})] * beside
    plan = said("a", a_day(0), {"type": kind, "measure": "closure", "from": first})
    change = said("c", a_day(10), {"type": "reschedule", "of": "a#1", "from": moved})
    direct = said("a", a_day(0), {"type": kind, "measure": "closure", "from": moved})
    one, other = (decides(fold(log_of([*others, *told])), asked) for told in ((plan, change), (direct,)))
    assert (one and ("a" if one[1] == "c" else one[1], one[0])) == (other and (other[1], other[0]))
    before = Known(close_of(a_day(9), LOCAL))
    assert decides(fold(log_of([*others, plan, change])), asked, before) == decides(
        fold(log_of([*others, plan])), asked, before
    )


@given(names=st.permutations(["a", "b", "c", "d"]), asked=DAY)
def test_law_permuting_ids_changes_no_answer_where_the_order_is_said(names: list[str], asked: date) -> None:
    effects = [
        {"type": "impose", "measure": "closure", "last_day": a_day(30)},
        {"type": "lift", "measure": "closure", "last_day": a_day(20)},
        {"type": "impose", "measure": "closure", "last_day": a_day(10)},
        {"type": "extend", "measure": "closure", "last_day": a_day(50)},
    ]
    told = [
        said(name, a_day(0), effect, after=[names[number - 1]] if number else [])
        for number, (name, effect) in enumerate(zip(names, effects, strict=True))
    ]
    found = decides(fold(log_of(told)), asked)
    if asked <= a_day(10):
        expected: tuple[str, str] | None = ("impose", names[2])
    else:  # the extension is of the last word, and outweighs the others
        expected = ("extend", names[3]) if asked <= a_day(50) else None
    assert found == expected


def test_circles_order_nothing_and_a_word_outweighs_a_relation() -> None:
    day = close_of(a_day(0), LOCAL)
    orders = dict.fromkeys("abc", day)
    circle = {"a": Precedents(("b",), ()), "b": Precedents(("a",), ())}
    assert places(circle, orders, LOCAL) == {}
    clash = {"a": Precedents(("b",), ()), "b": Precedents((), ("a",)), "c": Precedents((), ("a",))}
    assert places(clash, orders, LOCAL) == {"a": (day, 1), "c": (day, 2)}


def test_a_later_day_comes_later_whatever_is_said() -> None:
    orders = {"a": close_of(a_day(0), LOCAL), "b": close_of(a_day(1), LOCAL)}
    assert places({"a": Precedents(("b",), ())}, orders, LOCAL) == {}


def test_a_bare_day_comes_after_an_hour_of_it_where_it_says_so() -> None:
    hour = close_of(a_day(0), LOCAL)
    orders = {"a": hour - 1000, "b": hour}
    assert places({"a": Precedents(("b",), ())}, orders, LOCAL) == {"a": (hour, 1)}
