"""New statements are checked against what they concern: with the same outcome as against all that was ever said."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import NewUrl
from tests.store.samples import announcement, correction, registry, retraction
from tracker.dataset import rules
from tracker.dataset.existing import OnRecord, StatementList
from tracker.dataset.files import FileEntry
from tracker.dataset.references import STATEMENT
from tracker.dataset.rules import check
from tracker.model.announcement import Statement
from tracker.model.errors import Problem
from tracker.projections.lazy_announcements import Announcements
from tracker.projections.load import load
from tracker.projections.refresh import refresh
from tracker.queries.existing import on_record
from tracker.store.event_store import open_store

IDS, PLEDGES = [f"a-{letter}" for letter in "bcdefg"], ["p-one", "p-two", "p-three"]
ids, pledges = st.sampled_from(IDS), st.sampled_from(PLEDGES)


def pledge(name: str) -> dict[str, Any]:
    return {"type": "pledge", "pledge": name, "kind": "promise", "parties": ["BB"], "text": "It opens."}


effects = st.lists(
    st.one_of(pledges.map(pledge), pledges.map(lambda name: {"type": "fulfil", "pledge": name})), max_size=2
)
relations = st.lists(ids.map(lambda name: {"type": "confirms", "announcement": name}), max_size=1)
days = st.sampled_from(["2031-03-20", "2031-03-25", "2031-04-01", "2031-04-05"])


@st.composite
def said(draw: st.DrawFn) -> list[Statement]:
    """Some that may be on a record, in their order, then some that may be recorded next, right or wrong."""
    found: list[Statement] = [
        announcement(name, announced=draw(days), effect=draw(effects), relation=draw(relations))
        for name in draw(st.lists(ids, unique=True, min_size=1))
    ]
    for number in range(draw(st.integers(0, 3))):
        name = draw(ids)
        replace = draw(st.sampled_from(["effect", "relation", "both"]))
        patch = {"effect": draw(effects)} if replace != "relation" else {}
        patch |= {"relation": draw(relations)} if replace != "effect" else {}
        found.append(correction(f"c-{number}", name, **patch))
    if draw(st.booleans()):
        found.append(retraction("r", draw(ids)))
    return found


def checked(record: OnRecord, new: Sequence[Statement]) -> tuple[Problem, ...]:
    return check(registry(), record, new, {(STATEMENT, each.id): FileEntry(each.id) for each in new})


def test_a_retraction_of_what_was_never_announced_counts() -> None:
    before = StatementList([announcement("a-c", effect=[pledge("p-one")]), retraction("r", "a-b")])
    assert checked(before, [announcement("a-b", effect=[pledge("p-one")])]) == ()


@pytest.mark.slow
@settings(max_examples=300)
@given(every=said(), data=st.data())
def test_law_what_is_not_concerned_changes_nothing(every: list[Statement], data: st.DataObject) -> None:
    new = data.draw(st.lists(st.sampled_from(every), unique_by=lambda each: each.id, min_size=1))
    before = StatementList(each for each in every if each not in new)
    found = checked(before, new)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "concerning", lambda _, record: list(record.about(list(record.names()))))
        assert checked(before, new) == found


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(every=said(), data=st.data())
def test_law_a_store_says_the_same(new_url: NewUrl, every: list[Statement], data: st.DataObject) -> None:
    known = _recordable(every, data.draw(st.integers(0, len(every))))
    new = [each for each in every if each not in known]
    url = new_url()
    with open_store(url) as store:
        store.load(registry(), known)
        refresh(url, store)
    assert checked(on_record(load(url)), new) == checked(StatementList(known), new)


def _recordable(every: Iterable[Statement], count: int) -> list[Statement]:
    """Those of the first that find what they correct or retract."""
    found: list[Statement] = []
    for each in list(every)[:count]:
        target = getattr(each, "corrects", None) or getattr(each, "retracts", None)
        if target is None or any(one.id == target for one in found):
            found.append(each)
    return found


def test_a_store_reads_only_what_is_concerned(new_url: NewUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    url = new_url()
    with open_store(url) as store:
        related = announcement("b", effect=[pledge("p-one")])
        store.load(registry(), [announcement("a"), related, correction("c", "b"), announcement("d")])
        refresh(url, store)
    read: list[Collection[str]] = []
    about = Announcements.about

    def watched(announcements: Announcements, names: Collection[str]) -> Any:
        histories = list(about(announcements, names))
        read.append({version.id for history in histories for version in history})
        return histories

    monkeypatch.setattr(Announcements, "about", watched)
    monkeypatch.setattr(Announcements, "__iter__", lambda _: pytest.fail("the whole log is read"))
    new = announcement("e", effect=[{"type": "fulfil", "pledge": "p-one"}])
    assert checked(on_record(load(url)), [new]) == ()
    assert read == [set(), {"b"}]


@pytest.mark.parametrize("name", ["c", "it's", "b'; DROP TABLE event_log; --", "", "b\n", "\0"])
def test_names_that_are_no_ids_are_nobody_s(new_url: NewUrl, name: str) -> None:
    url = new_url()
    with open_store(url) as store:
        store.load(registry(), [announcement("b"), correction("c", "b")])
        refresh(url, store)
    found = {each.id for each in on_record(load(url)).about([name])}
    assert found == ({"b", "c"} if name == "c" else set())


def test_a_word_is_guessed_among_all_names(new_url: NewUrl) -> None:
    url = new_url()
    with open_store(url) as store:
        store.load(registry(), [announcement("2031-03-20-bridge", effect=[pledge("p-bridge")])])
        refresh(url, store)
    wrong = announcement(
        "e", effect=[{"type": "fulfil", "pledge": "p-brigde"}],
        relation=[{"type": "confirms", "announcement": "2031-03-20-brigde"}],
    )  # fmt: skip
    messages = [each.message for each in checked(on_record(load(url)), [wrong])]
    assert messages == [
        'no pledge "p-brigde" was announced: did you mean "p-bridge"?',
        'no announcement "2031-03-20-brigde" is known: did you mean "2031-03-20-bridge"?',
    ]
