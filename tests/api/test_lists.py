"""Lists of announcements over HTTP: what they are about, words, names, and errors where there is no such name."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest


def ids(client: httpx.Client, query: str) -> list[str]:
    answer = client.get(f"/api/v1/announcements?limit=1000&{query}")
    assert answer.status_code == 200
    return [announcement["id"] for announcement in answer.json()]


def test_announcements_have_titles_subjects_and_kinds_of_source(client: httpx.Client) -> None:
    announcements = client.get("/api/v1/announcements?limit=1000").json()
    assert all(announcement["title"] and announcement["about"] for announcement in announcements)
    kinds = {source["kind"] for announcement in announcements for source in announcement["sources"]}
    assert kinds >= {"official", "agency", "press"}


@pytest.mark.parametrize(
    ("name", "same"), [("AZ", "azerbaijan"), ("margara", "Մարգարա"), ("AM-TR", "Turkey – Armenia")]
)
def test_about_takes_any_name(client: httpx.Client, name: str, same: str) -> None:
    assert ids(client, f"about={name}") == ids(client, f"about={quote(same)}") != []


def test_a_crossing_is_a_part_of_its_border_and_of_both_territories(client: httpx.Client) -> None:
    crossing, border, territory = (set(ids(client, f"about={name}")) for name in ("margara", "AM-TR", "TR"))
    assert crossing < border < territory


def test_words_are_found_in_any_order_and_script(client: httpx.Client) -> None:
    assert ids(client, "text=wheat+russia") == ids(client, "text=RUSSIA+wheat") != []
    assert ids(client, f"text={quote('Türkiye')}") == ids(client, "text=turkiye") != []
    assert set(ids(client, f"text={quote('ՄԱՐԳԱՐԱ')}")) >= set(ids(client, "about=margara"))


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("announcements", "about"),
        ("announcements", "party"),
        ("promises", "party"),
        ("passages", "at"),
        ("feed.atom", "subject"),
        ("calendar.ics", "subject"),
        ("state", "subject"),
    ],
)
def test_an_unknown_name_is_an_error_and_no_empty_list(client: httpx.Client, path: str, parameter: str) -> None:
    answer = client.get(f"/api/v1/{path}?{parameter}=nowhere")
    problem: dict[str, Any] = answer.json()
    assert answer.status_code == 404
    assert problem["parameter"] == parameter
    assert "nowhere" in problem["detail"]


def test_a_party_is_found_by_any_of_its_names(client: httpx.Client) -> None:
    for path in ("announcements", "promises"):
        first, *others = (client.get(f"/api/v1/{path}?party={name}").json() for name in ("TR", "turkey", "Turkiye"))
        assert first
        assert others == [first, first]


def test_an_entry_is_shown_by_any_of_its_names(client: httpx.Client) -> None:
    for name, kind in (("Culfa", "crossing"), ("Turkiye", "territory"), ("rzd", "party")):
        assert client.get(f"/api/v1/subjects/{name}").json()["kind"] == kind
