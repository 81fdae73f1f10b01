"""Days known exactly or not, and where they begin and end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.dates import Day, Edge, close_of, ends, instant, moment, parse_day, render, start_of, starts, zone

TBILISI = zone("+04:00")


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2025-10-27", date(2025, 10, 27), date(2025, 10, 27)),
        ("1993", date(1993, 1, 1), date(1993, 12, 31)),
        ("1989-08", date(1989, 8, 1), date(1989, 8, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2010-09-15~", date(2010, 9, 8), date(2010, 9, 22)),
        ("[2020-12-31..2021-01-01]", date(2020, 12, 31), date(2021, 1, 1)),
    ],
)
def test_each_form_has_an_earliest_and_a_latest_day(text: str, earliest: date, latest: date) -> None:
    assert parse_day(text) == Day(earliest, latest, text)


@pytest.mark.parametrize(
    "text",
    ["20240102", "2024-13", "2023-02-29", "[2021-01-01..2020-12-31]", "[2020-12-31..]", "1993~", "19xx", "", "٢٠٢٤"],
)
def test_anything_else_is_refused_with_the_text_in_the_message(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|calendar|backwards") as error:
        parse_day(text)
    assert repr(text) in str(error.value)


def test_a_last_day_ends_where_the_next_day_begins() -> None:
    last = parse_day("2021-12-31")
    assert ends(last, None, TBILISI) == Edge(*[start_of(date(2022, 1, 1), TBILISI)] * 2)
    assert render(ends(last, None, TBILISI), TBILISI) == "2022-01-01"


def test_an_until_ends_at_its_instant_whatever_zone_it_is_written_in() -> None:
    local = datetime.fromisoformat("2026-01-01T06:00:00+04:00")
    assert ends(None, local, TBILISI) == ends(None, local.astimezone(UTC), TBILISI)
    assert render(ends(None, local, TBILISI), TBILISI) == "2026-01-01T06:00:00+04:00"


def test_an_uncertain_day_renders_as_both_days() -> None:
    assert render(starts(parse_day("1989-08"), TBILISI), TBILISI) == "[1989-08-01..1989-08-31]"


@given(day=st.dates(date(1000, 1, 2), date(8999, 12, 30)))
def test_a_day_closes_just_before_the_next_begins(day: date) -> None:
    assert close_of(day, TBILISI) + 1 == start_of(day + timedelta(days=1), TBILISI)


@given(at=st.datetimes(datetime(1000, 1, 2), datetime(8999, 12, 30), timezones=st.just(UTC)))
def test_an_instant_survives_a_round_trip(at: datetime) -> None:
    assert moment(instant(at), UTC) == at


@pytest.mark.parametrize("name", ["+04:00", "UTC+04:00", "Asia/Tbilisi", "-03:30"])
def test_offsets_and_names_are_time_zones(name: str) -> None:
    assert zone(name).utcoffset(datetime(2025, 7, 1)) is not None


@pytest.mark.parametrize("name", ["", "Atlantis/Centre", "+4", "../etc/passwd", "+99:99"])
def test_anything_else_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone(name)
