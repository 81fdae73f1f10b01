"""Odd parameters: an answer or a problem, never a mistake of ours."""

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

QUESTIONS = (
    "/api/v1/subjects/margara/state", "/api/v1/subjects/margara/why", "/api/v1/subjects/margara/history",
    "/api/v1/announcements", "/api/v1/promises", "/api/v1/passages", "/api/v1/feed.atom", "/api/v1/calendar.ics",
    "/api/v1/routes?from=RU&to=AM&mode=rail", "/api/v1/series?subject=margara",
)  # fmt: skip
CLOCKS = ("as_of", "announced_by", "recorded_by")

zones: Any = st.none() | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones).map(datetime.isoformat)
days = st.dates().map(str)
odd = st.sampled_from(
    "2025-02-29|2025-10-28T24:00Z|2025-10-28T23:59:60Z|2025-W10|20251028|1e9|0|-1|inf|NaN|2025-10-28 |２０２５-10-28|"
    f"2025-10-28T07:00 04:00|{'9' * 30}|\x00|�|今日|[2020-12-31..2021-01-01]".split("|")
)
dates = moments | days | odd | st.text(max_size=20)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.sampled_from(QUESTIONS), clocks=st.dictionaries(st.sampled_from(CLOCKS), dates, max_size=3))
def test_any_clock_is_answered_or_refused(question: str, clocks: dict[str, str], client: httpx.Client) -> None:
    answer = client.get(question, params={**_query(question), **clocks})
    early = "recorded_by" in clocks  # before anything was registered
    assert answer.status_code in ((200, 400, 404) if early else (200, 400)), f"{question} {clocks}: {answer.text}"
    if answer.status_code == 400:
        assert answer.json()["parameter"] in (*clocks, None)


def _query(question: str) -> dict[str, str]:
    return dict(each.split("=") for each in question.partition("?")[2].split("&") if each)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parameters=st.dictionaries(
        st.sampled_from(["subject", "direction", "only", "goods", "after", "limit", "format", "text", "party", "bom"]),
        st.text(max_size=30),
        max_size=4,
    )
)
def test_any_words_are_answered_or_refused(parameters: dict[str, str], client: httpx.Client) -> None:
    for question in ("/api/v1/state?kind=corridor", "/api/v1/announcements"):
        answer = client.get(question, params={**_query(question), **parameters})
        assert answer.status_code in (200, 400, 404), f"{parameters}: {answer.text}"


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=40))
def test_any_path_is_answered_or_refused(path: str, client: httpx.Client) -> None:
    for start in ("/api/v1/subjects/", "/api/v1/announcements/", "/api/v1/docs/", "/"):
        answer = client.get(start + quote(path, safe=""))
        assert answer.status_code < 500, f"{start}{path!r}: {answer.text}"


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_hour_without_its_offset_is_refused_by_name(question: str, client: httpx.Client) -> None:
    wrong: dict[str, Any] = {"as_of": "2025-10-28T07:00:00"}
    answer = client.get(question, params={**_query(question), **wrong})
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "as_of"


def test_a_direction_that_nothing_has_is_told_which_there_are(client: httpx.Client) -> None:
    for path in (
        "state?subject=margara",
        "subjects/margara/state?",
        "subjects/margara/history?",
        "series?subject=margara",
    ):
        answer = client.get(f"/api/v1/{path}&direction=TR>AZ")
        assert answer.status_code == 400
        there = "margara has no lane like the one asked for: choose among what there is, direction: AM>TR, TR>AM"
        assert answer.json()["detail"] == there
    named = client.get("/api/v1/subjects/margara/state?direction=Turkey>Armenia&traffic=goods").json()["lanes"]
    assert [lane["direction"] for lane in named] == ["TR>AM"]


def test_a_date_after_what_the_coders_covered_is_answered_with_up_to_when(client: httpx.Client) -> None:
    for path in ("subjects/margara/state", "subjects/margara/why", "routes?from=RU&to=AM&mode=rail"):
        sign = "&" if "?" in path else "?"
        late, early = (client.get(f"/api/v1/{path}{sign}as_of={day}").json() for day in ("2026-07-01", "2026-06-30"))
        assert (late["covers_until"], early["covers_until"]) == ("2026-06-30", None)
