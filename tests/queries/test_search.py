"""Search in announcements."""

import json
from pathlib import Path

import pytest

from tests.queries.lists import banks, clocks, effect, said
from tracker.model.folding import words_of
from tracker.queries.announcements import AnnouncementFilter, announcements
from tracker.queries.search import search_index
from tracker.state.record import Record

TALK = """
announced = 2031-01-01
title = "Wheat for the south"
summary = "Grain may pass by rail; the ferry waits."

[[by]]
party = "shippers"
name = "Åsa Dvořák"
office = "Captain of the port"

[[source]]
publisher = "Дневной вестник"
title = "Всё о зерне"
"""


@pytest.fixture
def talk(tmp_path: Path) -> Record:
    return banks(
        tmp_path,
        talk=TALK,
        ban=said(rest=effect('type = "impose"\nmeasure = "bridge-ban"\nbasis = "reported"'), month=2),
        treaty=said('about = ["treaty"]', month=3),
    )


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("wheat", ["talk"]),
        ("south wheat", ["talk"]),
        ("RAIL grain", ["talk"]),
        ("gra", ["talk"]),
        ("rain", []),
        ("wheat treaty", []),
        ("asa dvorak", ["talk"]),
        ("captain shippers", ["talk"]),
        ("ДНЕВНОЙ все", ["talk"]),
        ("igdir", ["ban"]),
        ("closure long bridge", ["ban"]),
        ("کامل", []),
        ("بيله", ["ban"]),
        ("بیلهسوار", ["ban"]),
        ("կամուրջ", ["ban"]),
        ("Soderland", ["treaty"]),
        ("northland", ["ban", "treaty"]),
        ("test", ["ban", "treaty"]),
        ("– !", []),
    ],
)
def test_all_words_are_found_in_any_order(text: str, ids: list[str], talk: Record) -> None:
    answers = announcements(talk, clocks(talk), AnnouncementFilter(text=text))
    assert [answer.id for answer in answers] == ids


def test_a_source_is_found_whatever_its_accents(talk: Record) -> None:
    answers = announcements(talk, clocks(talk), AnnouncementFilter(source="все О"))
    assert [answer.id for answer in answers] == ["talk"]


def test_the_index_is_built_once_for_a_view(talk: Record) -> None:
    assert search_index(talk.view) is search_index(talk.view)


def test_the_index_can_be_written_out(record: Record) -> None:
    """A page without a server finds with it what the server finds."""
    index = search_index(record.view)
    plain = json.loads(json.dumps(index.as_json()))
    assert plain["announcements"] == list(record.view.contents)
    assert list(plain["words"]) == sorted(plain["words"])
    for text in ("wheat russia", "TÜRKIYE bor", "Мишустин"):
        words = [
            {number for word, numbers in plain["words"].items() if word.startswith(part) for number in numbers}
            for part in words_of(text)
        ]
        numbers = set.intersection(*words)
        assert {plain["announcements"][number] for number in numbers} == index.matches(text)
        assert text == "Мишустин" or numbers


def test_a_title_is_the_beginning_of_the_summary_where_there_is_none(tmp_path: Path) -> None:
    long = "One\\nword " + "after another " * 20
    record = banks(
        tmp_path,
        given=TALK,
        missing=said(month=2),
        long=said(month=3).replace("Words.", long),
        unbroken=said(month=4).replace("Words.", "x" * 300),
    )
    titles = {answer.id: answer.title for answer in announcements(record, clocks(record), AnnouncementFilter())}
    assert (titles["given"], titles["missing"]) == ("Wheat for the south", "Words.")
    assert titles["long"].startswith("One word after another ")
    assert titles["long"].endswith(("another …", "after …"))
    assert max(map(len, titles.values())) <= 100
    assert titles["unbroken"] == "x" * 98 + " …"


def test_answers_say_the_kind_of_a_source(record: Record) -> None:
    [answer, *_] = announcements(record, clocks(record), AnnouncementFilter())
    assert answer.sources[0].kind is not None
