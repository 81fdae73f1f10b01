"""A long log is made into parts by two processes: the same tables, whatever becomes of the other one."""

import sys
from collections import Counter

import pytest

from tests.projections.conftest import assert_same, dump
from tests.store.samples import announcement, correction, registry
from tracker.projections import parts
from tracker.projections.load import load
from tracker.projections.numbers import Part
from tracker.projections.parts import OTHER, OWN
from tracker.projections.project import Projection
from tracker.projections.refresh import rebuild, refresh
from tracker.store.event_store import EventStore


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How many parts each process made, where every log is long."""
    monkeypatch.setattr(parts, "LONG", 1)
    monkeypatch.setattr(parts, "SHARE", 3)
    monkeypatch.setattr(parts, "HELD", 4)
    found: Counter[int] = Counter()
    add = Projection.add

    def counted(taking: Projection, part: Part, maker: int = OWN) -> None:
        found[maker] += 1
        add(taking, part, maker)

    monkeypatch.setattr(Projection, "add", counted)
    return found


@pytest.fixture
def filled(url: str, store: EventStore) -> EventStore:
    said = [announcement(f"a-{number}", announced=f"2031-03-{number % 28 + 1:02}") for number in range(60)]
    store.load(registry(), said)
    store.record([correction(f"c-{number}", f"a-{number}") for number in range(0, 60, 7)])
    refresh(url, store)
    return store


def assert_rebuilt_the_same(url: str, store: EventStore) -> None:
    before, record = dump(url), load(url)
    for columns in (False, True):
        rebuild(url, store, columns=columns)
        assert dump(url) == before
        assert_same(load(url), record)


def test_two_processes_make_the_same_tables_as_one(url: str, filled: EventStore, makers: Counter[int]) -> None:
    assert_rebuilt_the_same(url, filled)
    assert min(makers[OWN], makers[OTHER]) > 0


def test_a_process_that_cannot_be_started_is_done_without(
    url: str, filled: EventStore, makers: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert_rebuilt_the_same(url, filled)
    assert makers[OTHER] == 0


def test_a_process_that_is_killed_is_done_without(
    url: str, filled: EventStore, makers: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = parts._Helper.answer

    def killed_after(helper: parts._Helper) -> Part | None:
        found = answer(helper)
        helper._process.kill()
        return found

    monkeypatch.setattr(parts._Helper, "answer", killed_after)
    assert_rebuilt_the_same(url, filled)
    assert makers[OTHER] > 0
