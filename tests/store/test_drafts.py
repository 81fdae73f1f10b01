"""Drafts on both databases: who may decide about them, what is stored, and what is answered a second time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import NewUrl, run_sql
from tests.store.samples import announcement, registry
from tracker.audit import backup
from tracker.audit.verification import verify
from tracker.model.errors import BadRequest, Conflict, DatasetErrors, Forbidden, UnknownDraft
from tracker.model.events import canonical, digest
from tracker.projections.load import load
from tracker.queries.log import DraftStatus
from tracker.services import drafting
from tracker.store import drafts
from tracker.store.drafts import ConcurrentWrite, Done, KeyReused, RequestKey
from tracker.store.event_store import EventStore, open_store

SAID = canonical(announcement("said"))


@pytest.fixture
def filled(url: str) -> str:
    with open_store(url) as store:
        store.load(registry(), [announcement("a")], by="founder")
    return url


def submit(url: str, by: str = "Ada", key: RequestKey | None = None, **changes: object) -> Done:
    return drafting.submit(url, {**SAID, **changes}, by=by, key=key)


def types(url: str, after: int = 11) -> list[str]:
    with open_store(url) as store:
        return [event.type for _, event in store.events(after=after)]


def test_a_draft_is_stored_and_changes_nothing_until_somebody_else_approves_it(filled: str) -> None:
    done = submit(filled)
    assert done.draft is not None
    assert "said" not in load(filled).announcements
    assert load(filled).position == done.position
    approved = drafting.approve(filled, done.draft, by="Grace")
    [version] = load(filled).announcements["said"]
    assert (version.recorded_by, version.position, version.digest) == (
        "Ada",
        approved.position,
        digest(announcement("said")),
    )
    with open_store(filled) as store:
        event = next(store.events(after=approved.position - 1)).event
        assert (event.type, event.recorded_by) == ("AnnouncementRecorded", "Ada")
        assert getattr(event, "approved_by", None) == "Grace"
        assert verify(store).findings == ()
    assert types(filled) == ["DraftSubmitted", "DraftApproved", "AnnouncementRecorded"]


def test_approval_stores_both_events_or_none(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = submit(filled)

    def broken(*_: object) -> int:
        raise RuntimeError("cut")

    with monkeypatch.context() as patch:
        patch.setattr("tracker.store.leaves.Appender.append", broken)
        with pytest.raises(RuntimeError, match="cut"):
            drafting.approve(filled, done.draft or "", by="Grace")
    assert types(filled) == ["DraftSubmitted"]
    assert drafting.show_draft(filled, done.draft or "").status is DraftStatus.WAITING
    drafting.approve(filled, done.draft or "", by="Grace")


@pytest.mark.parametrize("same", ["Ada", "ADA", " ada ", "Ａda"])
def test_nobody_approves_their_own_however_they_write_their_name(filled: str, same: str) -> None:
    done = submit(filled)
    with pytest.raises(Forbidden, match="another person has to approve it"):
        drafting.approve(filled, done.draft or "", by=same)
    assert types(filled) == ["DraftSubmitted"]


def test_without_review_one_person_is_enough(filled: str) -> None:
    done = submit(filled)
    drafting.approve(filled, done.draft or "", by="Ada", review=False)
    other = drafting.submit(filled, {**SAID, "id": "other"}, by="Ada", review=False)
    assert (other.outcome, other.draft) == ("recorded", None)
    assert {"said", "other"} <= set(load(filled).announcements)


def test_a_draft_is_decided_about_once(filled: str) -> None:
    name = submit(filled).draft or ""
    drafting.reject(filled, name, " The source is missing. ", by="Grace")
    with pytest.raises(Conflict, match=f"draft {name} was rejected by Grace"):
        drafting.approve(filled, name, by="Grace")
    with pytest.raises(Conflict, match="was rejected"):
        drafting.reject(filled, name, "Again.", by="Grace")
    [draft] = drafting.list_drafts(filled, DraftStatus.REJECTED)
    assert (draft.reason, draft.decided_by, draft.submitted_by) == ("The source is missing.", "Grace", "Ada")
    assert drafting.list_drafts(filled, DraftStatus.WAITING) == []


def test_the_id_of_a_rejected_draft_may_be_handed_in_again(filled: str) -> None:
    drafting.reject(filled, submit(filled).draft or "", "No.", by="Grace")
    drafting.approve(filled, submit(filled, summary="In better words.").draft or "", by="Grace")
    assert load(filled).announcements["said"][0].statement.id == "said"


def test_of_two_drafts_of_one_id_one_can_be_approved(filled: str) -> None:
    first, second = submit(filled), submit(filled, by="Bob", summary="Other words.")
    drafting.approve(filled, second.draft or "", by="Grace")
    with pytest.raises(Conflict, match="said is on the record"):
        drafting.approve(filled, first.draft or "", by="Grace")
    assert drafting.show_draft(filled, first.draft or "").status is DraftStatus.WAITING
    drafting.reject(filled, first.draft or "", "Another one is on the record.", by="Grace")


def test_a_draft_that_no_longer_fits_the_record_is_not_approved(filled: str) -> None:
    pledge = [{"type": "pledge", "pledge": "p", "kind": "offer", "parties": ["AA"], "text": "Soon."}]
    done = submit(filled, effect=pledge)
    drafting.submit(filled, {**SAID, "id": "sooner", "effect": pledge}, by="Ada", review=False)
    with pytest.raises(drafting.StaleDraft, match="pledge p was already made in sooner"):
        drafting.approve(filled, done.draft or "", by="Grace")


def test_mistakes_are_named_by_pointers_and_nothing_is_stored(filled: str) -> None:
    with pytest.raises(DatasetErrors) as caught:
        submit(filled, by_="x", effect=[{"type": "impose", "measure": "closur"}])
    assert [each.location.path for each in caught.value.problems] == ["/by_"]
    with pytest.raises(DatasetErrors, match='did you mean "closure"') as caught:
        submit(filled, effect=[{"type": "impose", "measure": "closur"}])
    assert [each.location.path for each in caught.value.problems] == ["/effect/0/measure"]
    assert types(filled) == []


def test_what_is_on_the_record_cannot_be_handed_in(filled: str) -> None:
    with pytest.raises(Conflict, match="a is on the record"):
        submit(filled, id="a")


def test_unknown_drafts_and_empty_reasons(filled: str) -> None:
    with pytest.raises(UnknownDraft, match="no draft 'd-0'"):
        drafting.approve(filled, "d-0", by="Grace")
    with pytest.raises(UnknownDraft):
        drafting.show_draft(filled, "a")
    with pytest.raises(BadRequest, match="give a reason"):
        drafting.reject(filled, submit(filled).draft or "", "  ", by="Grace")


def test_the_same_request_is_answered_again_and_done_once(filled: str) -> None:
    key = RequestKey("t", "k", b"one")
    first = submit(filled, key=key)
    assert submit(filled, key=key) == first
    assert types(filled) == ["DraftSubmitted"]
    with pytest.raises(KeyReused, match="Idempotency-Key 'k' came with another request"):
        submit(filled, key=RequestKey("t", "k", b"two"))
    assert submit(filled, key=RequestKey("other", "k", b"two")).draft != first.draft  # the key of somebody else
    approval = RequestKey("t", "k-2", b"three")
    approved = drafting.approve(filled, first.draft or "", by="Grace", key=approval)
    assert drafting.approve(filled, first.draft or "", by="Grace", key=approval) == approved


def test_whoever_wrote_in_between_is_seen(filled: str) -> None:
    with open_store(filled) as store:
        seen = store.max_position()
        store.record([announcement("between")])
        with pytest.raises(ConcurrentWrite):
            drafts.put(store, lambda _: [], _recorded, seen=seen)


def _recorded(position: int, at: datetime) -> Done:
    return Done(outcome="recorded", statement="x", draft=None, position=position, recorded_at=at)


def test_approval_looks_again_where_somebody_wrote_meanwhile(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done, real, count = submit(filled), drafts.put, list[object]()

    def late(store: EventStore, *args: object, **kwargs: object) -> Done:
        if not count:
            count.append(store.record([announcement("between")]))
        return real(store, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(drafts, "put", late)
    drafting.approve(filled, done.draft or "", by="Grace")
    assert types(filled) == ["DraftSubmitted", "AnnouncementRecorded", "DraftApproved", "AnnouncementRecorded"]


def test_of_many_at_once_one_decides(filled: str) -> None:
    name = submit(filled).draft or ""

    def decide(number: int) -> str:
        try:
            if number % 2:
                return drafting.approve(filled, name, by=f"Grace {number}").outcome
            return drafting.reject(filled, name, "No.", by=f"Grace {number}").outcome
        except (Conflict, ConcurrentWrite):
            return "too late"

    with ThreadPoolExecutor(6) as people:
        outcomes = list(people.map(decide, range(6)))
    assert len([each for each in outcomes if each != "too late"]) == 1
    with open_store(filled) as store:
        assert len(drafts.draft(store, name)[1]) == 2
        assert verify(store).findings == ()


def test_the_same_request_many_times_at_once_is_done_once(filled: str) -> None:
    key = RequestKey("t", "k", b"one")
    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(lambda _: submit(filled, key=key), range(6)))
    assert len(set(answers)) == 1
    assert types(filled) == ["DraftSubmitted"]


def test_drafts_are_backed_up_and_restored_with_the_rest(filled: str, new_url: NewUrl, tmp_path: Path) -> None:
    waiting, decided = submit(filled, id="w"), submit(filled)
    drafting.approve(filled, decided.draft or "", by="Grace")
    path, other = tmp_path / "x.gz", new_url()
    with open_store(filled) as store, open_store(other) as copy:
        assert backup.write(store, path).root == backup.restore(copy, path).root
        assert verify(copy).findings == ()
    assert drafting.list_drafts(other) == drafting.list_drafts(filled)
    drafting.approve(other, waiting.draft or "", by="Grace")


def test_drafts_are_found_without_looking_at_everything(filled: str) -> None:
    if filled.startswith("postgresql"):
        run_sql(filled, "SET enable_seqscan = off")  # of one connection only: see the plan below
        plan = run_sql(filled, "SELECT indexname FROM pg_indexes WHERE indexname = 'stored_events_drafts'")
    else:
        plan = run_sql(filled, f"EXPLAIN QUERY PLAN {drafts._DRAFTS}")
    assert "stored_events_drafts" in str(plan)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from(["submit", "approve", "reject"]), st.integers(0, 3)), max_size=8))
def test_law_each_draft_is_decided_at_most_once(new_url: NewUrl, steps: list[tuple[str, int]]) -> None:
    url = new_url()
    if url.startswith("postgresql"):
        return  # the machine in tests/torture does the same there
    with open_store(url) as store:
        store.load(registry(), [])
    names: list[str] = []
    for step, number in steps:
        if step == "submit":
            if "said" not in load_all(url):
                names.append(submit(url).draft or "")
        elif number < len(names):
            try:
                if step == "approve":
                    drafting.approve(url, names[number], by="Grace")
                else:
                    drafting.reject(url, names[number], "No.", by="Grace")
            except Conflict:
                continue
    with open_store(url) as store:
        found = [event for _, event in store.events() if event.type.startswith("Draft")]
        decided = [getattr(event, "draft", "") for event in found if event.type != "DraftSubmitted"]
        said = [event for _, event in store.events() if event.type == "AnnouncementRecorded"]
    assert len(decided) == len(set(decided))
    assert len(said) == sum(event.type == "DraftApproved" for event in found) <= 1


def load_all(url: str) -> set[str]:
    with open_store(url) as store:
        return {event.announcement.id for _, event in store.events() if event.type == "AnnouncementRecorded"}
