"""Dates, numbers and clocks as people read them."""

import pytest

from tracker.presentation.text import (
    clocks_text,
    count,
    days,
    has_uncertain_date,
    knowledge_text,
    last_day,
    period,
    plain,
)


@pytest.mark.parametrize(
    ("exact", "short"),
    [
        ("2025-10-27", "2025-10-27"),
        ("[1993-04-03..1993-04-04]", "1993-04-03/04"),
        ("[2020-12-31..2021-01-01]", "2020-12-31/2021-01-01"),
        ("[2025-10-01..2025-10-21]", "2025-10-01..21"),
        ("[2025-01-01..2025-09-21]", "2025-01-01..09-21"),
        ("[1989-10-11..1992-12-31]", "1989-10-11..1992-12-31"),
        ("[1993-01-01..1993-12-31]", "1993"),
        ("[1989-01-01..1992-12-31]", "1989..1992"),
        ("[1989-08-01..1989-08-31]", "1989-08"),
        ("[2013-03-01..2013-05-31]", "2013-03..2013-05"),
        ("2026-04-01T06:00:00+04:00", "2026-04-01 06:00 +04:00"),
        ("in force since [1993-04-03..1993-04-04] (goods)", "in force since 1993-04-03/04 (goods)"),
        (None, ""),
    ],
)
def test_a_date_is_written_short(exact: str | None, short: str) -> None:
    assert plain(exact) == short


def test_an_end_at_midnight_is_the_day_before() -> None:
    assert last_day("2025-04-01") == "2025-03-31"
    assert last_day("[2025-04-01..2025-04-02]") == "2025-03-31/04-01"
    assert last_day("[2021-01-01..2021-01-02]") == "2020-12-31/2021-01-01"
    assert last_day(None) == ""
    assert last_day("2026-04-01T06:00:00+04:00") == "2026-04-01 06:00 +04:00"


@pytest.mark.parametrize(
    ("begin", "until", "words"),
    [
        ("2025-03-21", "2025-04-01", "2025-03-21 – 2025-03-31"),
        ("2025-03-21", "2025-03-22", "2025-03-21"),
        ("2025-03-21", None, "since 2025-03-21"),
        (None, "2025-04-01", "until 2025-03-31"),
        (None, None, "always"),
        ("2022-02-02", "[1993-04-03..2022-07-01]", "2022-02-02 – 2022-06-30 at the latest"),
        ("[1991-11-01..1991-11-30]", "[1991-10-18..2009-01-29]", "1991-11 – 2009-01-28 at the latest"),
        ("2022-02-02T06:00:00+04:00", "[2022-02-02..2022-02-04]", "2022-02-02 06:00 +04:00 – 2022-02-03 at the latest"),
        ("2022-02-02", "[2022-02-03..2022-02-05]", "2022-02-02 – 2022-02-02..04"),
        ("[1989-08-01..1989-09-06]", "[1989-10-11..1992-12-31]", "1989-08-01..09-06 – 1989-10-10..1992-12-30"),
    ],
)
def test_a_period_is_written_with_its_last_day(begin: str | None, until: str | None, words: str) -> None:
    assert period(begin, until) == words


def test_many_days_are_given_in_years_too() -> None:
    assert [days(1), days(61), days(13_180)] == ["1 day", "61 days", "13,180 days (36 years)"]


def test_only_uncertain_dates_need_the_note_on_them() -> None:
    assert has_uncertain_date("since 2025-10-01..21")
    assert has_uncertain_date("since 1993-04-03/04")
    assert not has_uncertain_date("Turkey's leave (winter 1992/93), in force since 1993-04-03")


def test_a_number_has_its_noun() -> None:
    assert [count(1, "way"), count(2_000, "way"), count(2, "box", "boxes")] == ["1 way", "2,000 ways", "2 boxes"]


def test_clocks_name_only_what_limits_an_answer() -> None:
    assert clocks_text("2025-10-28", None, None) == "as of 2025-10-28 · everything known today"
    assert knowledge_text("2026-04-01T06:00:00+04:00", None) == "announced by 2026-04-01 06:00 +04:00"
    assert knowledge_text("2025-10-25", "120") == "announced by 2025-10-25 · recorded by 120"
