"""Attacks with all rights in the database: `verify` names the first position that differs."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from freezegun import freeze_time

from tests.store.conftest import run_sql, without_guards
from tests.store.merkle_tree import Tree
from tests.store.samples import announcement, correction, registry, retraction
from tracker.audit import proofs
from tracker.audit.checkpoints import LogCheckpoint
from tracker.audit.verification import MAX_DISCREPANCIES, IntegrityReport, verify
from tracker.cli.main import answer
from tracker.model.announcement import Statement
from tracker.model.errors import NewerStore
from tracker.model.events import AnnouncementRecorded, digest
from tracker.store.codec import Mapper
from tracker.store.event_store import EventStore, open_store
from tracker.store.leaves import event_of, leaf_of
from tracker.store.merkle import leaf_hash, node_hash, place

SIZE = 13


class Attacker:
    """An attacker with SQL, who knows the tracker's tables."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.postgres = url.startswith("postgresql://")
        self.position = "notification_id" if self.postgres else "rowid"

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        return run_sql(self.url, *statements)

    def blob(self, value: bytes) -> str:
        return f"'\\x{value.hex()}'" if self.postgres else f"x'{value.hex()}'"

    def state(self, position: int) -> bytes:
        return bytes(self.sql(f"SELECT state FROM event_log WHERE position = {position}")[0][0])

    def set_event(self, position: int, column: str, value: str) -> None:
        self.sql(f"UPDATE stored_events SET {column} = {value} WHERE {self.position} = {position}")

    def set_state(self, position: int, state: bytes) -> None:
        self.set_event(position, "state", self.blob(state))

    def set_leaf(self, position: int, leaf: bytes) -> None:
        self.sql(f"UPDATE merkle_leaves SET leaf = {self.blob(leaf)} WHERE position = {position}")

    def set_hash(self, at: int, value: bytes) -> None:
        self.sql(f"UPDATE merkle_nodes SET hash = {self.blob(value)} WHERE place = {at}")

    def rebuild_tree(self) -> None:
        """Recompute all leaves and hashes from the altered events: nothing inside the store contradicts them."""
        rows = self.sql("SELECT position, state FROM event_log ORDER BY position")
        made = [(position, leaf_of(position, bytes(state))) for position, state in rows]
        tree = Tree(leaf for _, leaf in made)
        self.sql("DELETE FROM merkle_leaves", "DELETE FROM merkle_nodes")
        for number, (position, leaf) in enumerate(made):
            self.sql(f"INSERT INTO merkle_leaves VALUES ({number}, {position}, {self.blob(leaf)})")
        for at, hash_ in enumerate(tree.kept):
            self.sql(f"INSERT INTO merkle_nodes VALUES ({at}, {self.blob(hash_)})")


@pytest.fixture
def filled(store: EventStore) -> EventStore:
    """Ten subjects would be in the way: thirteen statements, two at a time, a day each."""
    statements = [announcement(f"a-{number}") for number in range(SIZE - 2)]
    both: list[Statement] = [*statements, correction("c", "a-3"), retraction("r", "a-4")]
    for day, start in enumerate(range(0, SIZE, 2), start=1):
        with freeze_time(f"2031-03-{day:02} 12:00"):
            store.record(both[start : start + 2])
    return store


@pytest.fixture
def attacker(filled: EventStore, url: str) -> Attacker:
    assert verify(filled).findings == ()
    without_guards(url)
    return Attacker(url)


def first(verdict: IntegrityReport) -> int | None:
    return verdict.findings[0].position if verdict.findings else -1


def forged(state: bytes) -> bytes:
    """Other words, with the digest that they have."""
    assert b"Beland" in state
    other = state.replace(b"Beland", b"Aaland")
    return other.replace(digest_in(state).encode(), digest_in(other).encode())


def digest_in(state: bytes) -> str:
    event = Mapper().event(state, 1)
    assert isinstance(event, AnnouncementRecorded)
    return digest(event.announcement)


# Altering.


def alter_the_event(mallory: Attacker) -> None:
    state = forged(mallory.state(5))
    mallory.set_state(5, state)
    mallory.set_event(5, "digest", f"'{digest_in(state)}'")


def alter_the_event_but_not_its_digest(mallory: Attacker) -> None:
    mallory.set_state(5, mallory.state(5).replace(b"Beland", b"Aaland"))
    mallory.rebuild_tree()


def alter_the_event_by_a_blank(mallory: Attacker) -> None:
    mallory.set_state(5, mallory.state(5).replace(b'","', b'", "', 1))


def alter_the_leaf(mallory: Attacker) -> None:
    mallory.set_leaf(5, leaf_of(5, forged(mallory.state(5))))


def alter_event_and_leaf(mallory: Attacker) -> None:
    alter_the_event(mallory)
    mallory.set_leaf(5, leaf_of(5, mallory.state(5)))


def alter_event_leaf_and_its_hash(mallory: Attacker) -> None:
    alter_event_and_leaf(mallory)
    mallory.set_hash(place(0, 4), leaf_hash(leaf_of(5, mallory.state(5))))


def alter_event_leaf_and_two_hashes(mallory: Attacker) -> None:
    alter_event_leaf_and_its_hash(mallory)
    hashes = [leaf_hash(leaf_of(position, mallory.state(position))) for position in (5, 6)]
    mallory.set_hash(place(1, 2), node_hash(*hashes))


def alter_a_hash(mallory: Attacker) -> None:
    mallory.set_hash(place(0, 4), b"\0" * 32)


def alter_the_type(mallory: Attacker) -> None:
    mallory.set_event(5, "topic", "'AnnouncementRetracted'")


def alter_the_digest(mallory: Attacker) -> None:
    mallory.set_event(5, "digest", "'00'")


def alter_the_id_of_the_statement(mallory: Attacker) -> None:
    mallory.set_event(5, "statement", "'another'")


def alter_the_number_in_the_stream(mallory: Attacker) -> None:
    mallory.set_event(5, "originator_version", "7")


def alter_the_stream(mallory: Attacker) -> None:
    mallory.set_event(5, "originator_id", "'6f0c4f8e-52a1-5d0a-9d0e-0d6a6f1f7c52'")


def garble_the_event(mallory: Attacker) -> None:
    mallory.set_state(5, b"\xff{")


# Back-dating.


def back_date_the_column(mallory: Attacker) -> None:
    mallory.set_event(5, "recorded_at", "recorded_at - 86400000000")


def back_date_the_event(mallory: Attacker) -> None:
    state = mallory.state(5)
    assert b"2031-03-03T12" in state
    mallory.set_state(5, state.replace(b"2031-03-03T12", b"2031-03-01T12"))
    mallory.set_event(5, "recorded_at", "recorded_at - 172800000000")


def back_date_event_and_whole_tree(mallory: Attacker) -> None:
    back_date_the_event(mallory)
    mallory.rebuild_tree()


# Deleting.


def delete_the_event(mallory: Attacker) -> None:
    mallory.sql(f"DELETE FROM stored_events WHERE {mallory.position} = 5")


def delete_the_leaf(mallory: Attacker) -> None:
    mallory.sql("DELETE FROM merkle_leaves WHERE position = 5")


def delete_event_and_leaf(mallory: Attacker) -> None:
    delete_the_event(mallory)
    delete_the_leaf(mallory)


def delete_event_and_leaf_and_close_the_gap(mallory: Attacker) -> None:
    delete_event_and_leaf(mallory)
    for number in range(5, SIZE):
        mallory.sql(f"UPDATE merkle_leaves SET number = {number - 1} WHERE number = {number}")


def delete_the_hash(mallory: Attacker) -> None:
    mallory.sql(f"DELETE FROM merkle_nodes WHERE place = {place(0, 4)}")


def delete_an_inner_hash(mallory: Attacker) -> None:
    mallory.sql(f"DELETE FROM merkle_nodes WHERE place = {place(1, 2)}")


# Inserting.


def copy_of_event(mallory: Attacker, position: int) -> None:
    copied = "topic, state, 'new', digest, recorded_at FROM stored_events WHERE"
    mallory.sql(
        f"INSERT INTO stored_events ({mallory.position}, originator_id, originator_version, topic, state, statement, "
        f"digest, recorded_at) SELECT {position}, originator_id, 9, {copied} {mallory.position} = 3"
    )


def insert_at_the_end(mallory: Attacker) -> None:
    copy_of_event(mallory, 14)


def insert_before_the_first(mallory: Attacker) -> None:
    copy_of_event(mallory, 0)


def insert_at_the_smallest_position(mallory: Attacker) -> None:
    copy_of_event(mallory, -(2**63))


def insert_with_a_leaf(mallory: Attacker) -> None:
    copy_of_event(mallory, 14)
    leaf = leaf_of(14, mallory.state(14))
    mallory.sql(f"INSERT INTO merkle_leaves VALUES ({SIZE}, 14, {mallory.blob(leaf)})")


def insert_where_one_was_deleted(mallory: Attacker) -> None:
    delete_the_event(mallory)
    copy_of_event(mallory, 5)


# Swapping.


def swap_the_contents(mallory: Attacker) -> None:
    states = mallory.state(5), mallory.state(6)
    mallory.set_state(6, states[0])
    mallory.set_state(5, states[1])


def swap_the_positions(mallory: Attacker) -> None:
    for now, then in ((5, 99), (6, 5), (99, 6)):
        mallory.set_event(now, mallory.position, str(then))


def swap_the_leaves(mallory: Attacker) -> None:
    for now, then in ((4, 99), (5, 4), (99, 5)):
        mallory.sql(f"UPDATE merkle_leaves SET number = {then} WHERE number = {now}")


def swap_positions_and_leaves(mallory: Attacker) -> None:
    swap_the_positions(mallory)
    for position in (5, 6):
        mallory.set_leaf(position, leaf_of(position, mallory.state(position)))


POSITIONS: dict[Callable[[Attacker], None], int] = {
    alter_the_event: 5,
    alter_the_event_by_a_blank: 5,
    alter_the_leaf: 5,
    alter_event_and_leaf: 5,
    alter_event_leaf_and_its_hash: 5,
    alter_event_leaf_and_two_hashes: 5,
    alter_a_hash: 5,
    alter_the_type: 5,
    alter_the_digest: 5,
    alter_the_id_of_the_statement: 5,
    alter_the_number_in_the_stream: 5,
    alter_the_stream: 5,
    garble_the_event: 5,
    back_date_the_column: 5,
    back_date_the_event: 5,
    back_date_event_and_whole_tree: 5,
    delete_the_event: 5,
    delete_the_leaf: 5,
    delete_event_and_leaf: 5,
    delete_event_and_leaf_and_close_the_gap: 6,  # the leaf of position 6 stands where that of 5 was
    delete_the_hash: 5,
    delete_an_inner_hash: 5,
    insert_at_the_end: 14,
    insert_before_the_first: 0,
    insert_at_the_smallest_position: -(2**63),
    insert_with_a_leaf: 14,
    insert_where_one_was_deleted: 5,
    swap_the_contents: 5,
    swap_the_positions: 5,
    swap_the_leaves: 5,
    swap_positions_and_leaves: 5,
}


@pytest.mark.slow
@pytest.mark.parametrize("attack", POSITIONS, ids=lambda attack: attack.__name__)
def test_an_attack_is_found(filled: EventStore, attacker: Attacker, attack: Callable[[Attacker], None]) -> None:
    attack(attacker)
    verdict = verify(filled)
    assert first(verdict) == POSITIONS[attack], verdict.findings
    assert len(verdict.findings) <= MAX_DISCREPANCIES


ONE_OF_EACH = (alter_the_event, delete_event_and_leaf, insert_at_the_end, swap_the_contents, back_date_the_event)


@pytest.mark.parametrize("attack", ONE_OF_EACH, ids=lambda attack: attack.__name__)
def test_the_command_fails_and_names_the_first_position(
    url: str, attacker: Attacker, attack: Callable[[Attacker], None], capsys: pytest.CaptureFixture[str]
) -> None:
    attack(attacker)
    assert answer(["--store", url, "audit", "verify", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["intact"], said["findings"][0]["position"]) == (False, POSITIONS[attack])


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (alter_the_event, "event was altered: its leaf says something else"),
        (alter_the_leaf, "leaf was altered: its event says something else"),
        (alter_the_digest, "its digest is '00'"),
        (alter_the_event_but_not_its_digest, "that of its content"),
        (garble_the_event, "cannot be read"),
        (back_date_the_column, "its recorded_at is"),
        (back_date_event_and_whole_tree, "back-dated"),
        (delete_the_event, "event was removed"),
        (delete_the_leaf, "leaf of this event was removed"),
        (delete_event_and_leaf, "leaf 4 was removed with its event, between positions 4 and 6"),
        (insert_at_the_end, "inserted by other means than the tracker"),
        (alter_event_leaf_and_its_hash, "over leaves 4 to 5"),
    ],
)
def test_a_finding_says_what_happened(
    filled: EventStore, attacker: Attacker, attack: Callable[[Attacker], None], words: str
) -> None:
    attack(attacker)
    findings = verify(filled).findings
    assert words in findings[0].message
    assert len(findings) == 1


# Rewriting everything: only a checkpoint from elsewhere tells.


@pytest.fixture
def checkpoints(filled: EventStore) -> list[LogCheckpoint]:
    with filled.reading() as reader:
        return [LogCheckpoint("test", size, proofs.root_of(reader, size)) for size in (0, 2, 4, 8, SIZE)]


def cut_off_the_end(mallory: Attacker) -> None:
    mallory.sql(f"DELETE FROM stored_events WHERE {mallory.position} > 9")
    mallory.rebuild_tree()


def rewrite_everything(mallory: Attacker) -> None:
    alter_the_event(mallory)
    mallory.rebuild_tree()


def remove_one_and_rewrite(mallory: Attacker) -> None:
    mallory.sql(f"DELETE FROM stored_events WHERE {mallory.position} = 3")
    mallory.rebuild_tree()


def swap_and_rewrite(mallory: Attacker) -> None:
    """Positions 5 and 6 were stored at the same time."""
    swap_the_positions(mallory)
    mallory.rebuild_tree()


REWRITES = [cut_off_the_end, rewrite_everything, remove_one_and_rewrite, swap_and_rewrite]


def test_checkpoints_of_a_log_that_grew_fit(filled: EventStore, checkpoints: list[LogCheckpoint]) -> None:
    filled.load(registry(), [announcement("later")])
    assert verify(filled, checkpoints).findings == ()


@pytest.mark.parametrize("attack", REWRITES, ids=lambda attack: attack.__name__)
def test_a_log_that_was_rewritten_as_a_whole_does_not_extend_its_checkpoint(
    filled: EventStore, checkpoints: list[LogCheckpoint], attacker: Attacker, attack: Callable[[Attacker], None]
) -> None:
    attack(attacker)
    assert verify(filled).findings == ()
    for given in (checkpoints[-1:], checkpoints, checkpoints[::-1]):
        assert verify(filled, given).findings
    assert verify(filled, checkpoints[:2]).findings == ()


def test_to_remove_what_was_corrected_later_is_found_even_so(filled: EventStore, attacker: Attacker) -> None:
    attacker.sql(f"DELETE FROM stored_events WHERE {attacker.position} = 4")
    attacker.rebuild_tree()
    assert first(verify(filled)) == 12


def test_several_checkpoints_tell_where_the_log_was_rewritten(
    filled: EventStore, checkpoints: list[LogCheckpoint], attacker: Attacker
) -> None:
    rewrite_everything(attacker)
    findings = verify(filled, checkpoints).findings
    assert "checkpoint of 8 leaves" in findings[0].message
    assert "between leaf 4 and position 8" in findings[0].message


def test_a_log_that_lost_its_end_says_so(
    filled: EventStore, checkpoints: list[LogCheckpoint], attacker: Attacker
) -> None:
    cut_off_the_end(attacker)
    [found] = verify(filled, checkpoints).findings
    assert found.message == f"the checkpoint has {SIZE} leaves, this log only 9: its end was cut off"


def test_a_checkpoint_of_nothing_is_compared_too(store: EventStore) -> None:
    assert verify(store, [LogCheckpoint.empty("test")]).findings == ()
    assert verify(store, [LogCheckpoint("test", 0, b"\0" * 32)]).findings


# And no false alarms.


def test_an_empty_store_is_intact(store: EventStore) -> None:
    assert verify(store)[2:] == (0, ())


def test_gaps_in_the_positions_are_no_finding(store: EventStore, url: str) -> None:
    store.record([announcement("a"), announcement("b")])
    if url.startswith("postgresql://"):
        run_sql(url, "SELECT nextval('stored_events_notification_id_seq') FROM generate_series(1, 5)")
    else:
        run_sql(url, "UPDATE sqlite_sequence SET seq = seq + 5")
    store.record([announcement("c")])
    assert store.max_position() == 8
    assert verify(store).findings == ()


def test_a_long_log_is_verified_in_batches(store: EventStore, url: str) -> None:
    store.record([announcement(f"a-{number}") for number in range(1700)])
    verdict = verify(store)
    assert (verdict.size, verdict.last, verdict.findings) == (1700, 1700, ())
    with store.reading() as reader:
        assert verdict.root == proofs.current_checkpoint(reader, "test").root
    without_guards(url)
    mallory = Attacker(url)
    mallory.set_state(1001, forged(mallory.state(1001)))
    assert [found.position for found in verify(store).findings] == [1001]


def test_what_is_stored_while_it_verifies_is_no_finding(filled: EventStore, url: str) -> None:
    with open_store(url) as other, filled.reading() as reader:
        before = proofs.current_checkpoint(reader, "test")
        other.record([announcement("meanwhile")])
        assert proofs.current_checkpoint(reader, "test") == before
    assert verify(filled).size == SIZE + 1


def test_an_event_of_a_newer_tracker_is_no_finding(filled: EventStore, attacker: Attacker) -> None:
    attacker.set_state(5, attacker.state(5).replace(b'"schema":2', b'"schema":3'))
    attacker.rebuild_tree()
    with pytest.raises(NewerStore):
        verify(filled)


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["'text'", "7", "99999999999", "NULL"])
def test_values_of_other_types_are_found_and_not_stumbled_upon(
    filled: EventStore, attacker: Attacker, value: str
) -> None:
    if value != "NULL":
        attacker.set_event(5, "state", value)
        attacker.sql(f"UPDATE merkle_leaves SET leaf = {value} WHERE number = 7")
        attacker.sql(f"UPDATE merkle_nodes SET hash = {value} WHERE place = {place(0, 9)}")
    attacker.set_event(12, "recorded_at", "'yesterday'")
    assert first(verify(filled)) == (12 if value == "NULL" else 5)


def test_the_leaf_of_the_attacked_event_still_gives_it_back(filled: EventStore, attacker: Attacker) -> None:
    """An altered event can be restored from its leaf."""
    before = attacker.state(5)
    alter_the_event(attacker)
    [[leaf]] = attacker.sql("SELECT leaf FROM merkle_leaves WHERE position = 5")
    assert event_of(bytes(leaf)) == (5, before)
    attacker.set_state(*event_of(bytes(leaf)))
    attacker.set_event(5, "digest", f"'{digest_in(before)}'")
    assert verify(filled).findings == ()
