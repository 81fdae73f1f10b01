"""Clocks as people write them. Design §2."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tracker.model.dates import Edge, instant, render
from tracker.model.errors import BadRequest
from tracker.presentation.text import plain
from tracker.queries.clocks import Clocks, clocks, read_begin, read_instant

TZ = timezone(timedelta(hours=4))


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return instant(datetime(2031, month, day, hour, minute, tzinfo=TZ))


def question(as_of: str | None = None, recorded_by: str | None = None) -> Clocks:
    return clocks(
        as_of, None, recorded_by, tz=TZ, today=lambda: date(2031, 3, 31), position_at=lambda moment: moment.day
    )


def test_a_day_is_its_close_and_where_something_begins_its_start() -> None:
    assert read_instant("as-of", "2031-03-31", TZ) == at(4, 1) - 1
    assert read_begin("from", "2031-03-31", TZ) == at(3, 31)


@pytest.mark.parametrize(
    "text", ["2031-03-31T08:30+04:00", "2031-03-31 08:30+04:00", "2031-03-31T04:30:00Z", "2031-03-31T04:30:00.0Z"]
)
def test_an_instant_has_its_offset(text: str) -> None:
    assert read_instant("as-of", text, UTC) == at(3, 31, 8, 30) == read_begin("from", text, UTC)


@pytest.mark.parametrize("offset", ["+04:00", "-00:44", "-00:44:30", "+05:53:28"])
@pytest.mark.parametrize("hour", ["06:00", "06:00:30", "06:00:00.250000"])
def test_every_printed_instant_can_be_asked_for_again(hour: str, offset: str) -> None:
    moment = datetime.fromisoformat(f"1960-05-01T{hour}{offset}")
    printed = render(Edge(instant(moment), instant(moment)), moment.tzinfo or UTC)
    assert printed is not None
    for text in (printed, plain(printed)):
        assert read_instant("as-of", text, UTC) == instant(moment)


@pytest.mark.parametrize("text", ["2031-03-31T08:30", "2031-03-31 08:30:15.5"])
def test_an_instant_without_its_offset_is_told_so(text: str) -> None:
    with pytest.raises(BadRequest, match=f"as-of .* lacks its offset: write {text}"):
        read_instant("as-of", text, TZ)


@pytest.mark.parametrize(
    "text", ["20310331", "2031-02-30", "2031-13-01T08:30", "0999-01-01", "2031-03-31TT08:30Z", "soon", "", "2031"]
)
def test_all_else_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match=r"as-of .* is not a date: write a day such as"):
        read_instant("as-of", text, TZ)


def test_today_is_the_default_and_the_answer_repeats_the_question() -> None:
    plain = {"announced_by": None, "recorded_by": None, "supposed": ()}
    assert dict(question().texts) == {**plain, "as_of": "2031-03-31"}
    assert dict(question("2031-03-30", "120").texts) == {**plain, "as_of": "2031-03-30", "recorded_by": "120"}


def test_records_are_known_by_position_day_or_instant() -> None:
    assert [question(None, text).known.recorded_by for text in ("120", "2031-03-30", "2031-03-29T08:00Z")] == [
        120,
        30,
        29,
    ]
    with pytest.raises(BadRequest, match="or a position of the log such as 120"):
        question(None, "yesterday")
