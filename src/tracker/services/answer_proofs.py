"""Answers with their evidence in one file, which anybody checks without the store. See docs/trust.md.

A file holds the question, the statements and registry entries that the answer rests on (as leaves of the log, each with
its proof of inclusion), a checkpoint of the log, and the answer. To check it is to check the proofs, and to derive the
answer once more from just these leaves.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, TypeAdapter

from tracker.audit import proofs
from tracker.audit.checkpoints import LogCheckpoint
from tracker.audit.digests import DigestCheck
from tracker.audit.proofs import Hash, LeafCount, Proof, ProofPath
from tracker.audit.signed_notes import NotTrusted, PublicKey
from tracker.model.dataset import entry_id
from tracker.model.errors import BadRequest, NewerStore, TrackerError
from tracker.model.events import AnyEvent, Recorded, StatementEvent, SubjectEvent
from tracker.model.vocabulary import Mode, Status, SubjectKind, Traffic
from tracker.queries.clocks import Clocks, clocks
from tracker.queries.selection import Selection
from tracker.services import audit
from tracker.services.records import from_store
from tracker.services.stores import Say, open_for_reading
from tracker.state.fold import fold
from tracker.state.record import Record
from tracker.store.codec import UPCASTERS, Mapper
from tracker.store.database import Leaf, LogReader, in_batches
from tracker.store.errors import StoreDamaged
from tracker.store.leaves import event_of
from tracker.store.merkle import leaf_hash, verify_inclusion
from tracker.timeline.versions import concerns

if TYPE_CHECKING:  # the store's libraries are imported by those who open one
    from tracker.queries.evidence import Evidence

MAX_ANSWER_BYTES = 64 * 2**20
_LEAVES = "SELECT number, position, leaf FROM merkle_leaves WHERE position IN ({}) ORDER BY number"


AskedClocks = tuple[str | None, str | None, str | None]  # as of, announced by, recorded by, as written


class StateQuestion(Proof):
    """A question about states: what `tracker state` is asked."""

    subjects: tuple[str, ...] = Field(min_length=1)
    kind: SubjectKind | None = None
    mode: Mode | None = None
    traffic: Traffic | None = None
    direction: str | None = None
    status: Status | None = None
    goods: str | None = None
    only: tuple[str, ...] = ()
    origin: str | None = None
    destination: str | None = None
    as_of: str
    announced_by: str | None = None
    recorded_by: str | None = Field(None, description="A position of the log.")

    @classmethod
    def of(cls, selection: Selection, at: Clocks, end: int) -> Self:
        """The question, with every text in it resolved. Args: end: the last position of the log."""
        recorded_by = None if at.recorded_by_text is None else str(min(at.known.recorded_by, end))
        filters = {name: getattr(selection, name) for name in Selection.__dataclass_fields__}
        return cls(**filters, as_of=at.as_of_text, announced_by=at.announced_by_text, recorded_by=recorded_by)

    @property
    def selection(self) -> Selection:
        return Selection(**{name: getattr(self, name) for name in Selection.__dataclass_fields__})

    def clocks(self, record: Record) -> Clocks:
        """The clocks of the question. Raises: BadRequest."""
        return clocks(
            self.as_of, self.announced_by, self.recorded_by, tz=record.tz, today=date.today, position_at=_no_timestamp
        )


def _no_timestamp(at: datetime) -> int:
    raise BadRequest(f"recorded_by {at} is no position of the log")


class ProvenLeaf(Proof):
    """A leaf of the log, and the hashes from it to the root."""

    index: LeafCount
    leaf: str
    path: ProofPath


class AnswerProof(Proof):
    """An answer with its evidence."""

    format: Literal["tracker-answer"] = "tracker-answer"
    version: Literal[1] = 1
    question: StateQuestion
    checkpoint: str = Field(description="The signed note of the log, or its text alone.")
    statements: tuple[ProvenLeaf, ...] = Field(description="Statements and registry entries, in the order of the log.")
    answer: tuple[dict[str, Any], ...] = Field(min_length=1, description="As `tracker state --json` gives it.")


class CheckedAnswer(Proof):
    """An answer that follows from statements which are in the log of a checkpoint."""

    question: StateQuestion
    origin: str = Field(description="Which log.")
    size: int = Field(description="How many leaves that log has.")
    root: Hash
    signed_by: str | None = Field(description="The key whose signature was checked; null: none was.")
    checkpoints: int = Field(description="How many checkpoints of the asker's own were compared.")
    statements: int = Field(description="How many statements and registry entries the answer was derived from.")
    state: str | None = Field(description="The signed digest of all that is derived from that log, if there is one.")
    answer: tuple[dict[str, Any], ...]


def make(
    url: str, selection: Selection, asked: AskedClocks, now: datetime, say: Say,
    *, note: str | None = None, key: Path | None = None,
) -> AnswerProof:  # fmt: skip
    """Answer a question about states from a store, with the evidence.

    Args: note: a checkpoint to prove it against; key: to sign one
        with now. Without both the tree head is unsigned.
    Raises: BadRequest, UnknownSubject, NotTrusted, StoreDamaged where the tables do not give the answer that follows
        from the log; OSError, and what the store raises.
    """
    if not selection.subjects:
        raise BadRequest("name what the answer is about: `state SUBJECT …`")
    if note is None:
        note = audit.note(url, None) if key is None else audit.checkpoint(url, key)
    from tracker.queries.evidence import evidence
    from tracker.queries.state import state

    source = from_store(url, now, say)
    at = source.clocks(*asked)
    question = StateQuestion.of(selection, at, source.record.position)
    answer = _plain(state(source.record, question.clocks(source.record), selection))
    rests_on = evidence(source.record, at, selection)
    with open_for_reading(url) as store, store.reading() as reader:
        head = LogCheckpoint.of_note(note, None)
        events = [event for event in store.events() if _is_in(event.event, rests_on)]
        if _derived(events, question) != answer:
            events = [event for event in store.events() if isinstance(event.event, SubjectEvent | StatementEvent)]
            if _derived(events, question) != answer:
                raise StoreDamaged("the tables of the store do not give this answer: run `tracker audit verify`")
        statements = tuple(_proven(reader, events, head))
    return AnswerProof(question=question, checkpoint=note, statements=statements, answer=answer)


def _is_in(event: AnyEvent, rests_on: "Evidence") -> bool:
    if isinstance(event, SubjectEvent):
        subject = event.subject
        return (subject.type, entry_id(subject.type, subject.id)) in rests_on.entries
    return isinstance(event, StatementEvent) and concerns(event) in rests_on.announcements


def _proven(reader: LogReader, events: Iterable[Recorded], head: LogCheckpoint) -> Iterator[ProvenLeaf]:
    """The leaves of events with their proofs.

    Raises: BadRequest, where one is later than the checkpoint; NotTrusted, StoreDamaged.
    """
    for positions in in_batches([event.position for event in events]):
        rows = reader.select(_LEAVES.format(", ".join("?" * len(positions))), positions)
        if len(rows) != len(positions):
            raise StoreDamaged("leaves of the Merkle log are missing: run `tracker audit verify`")
        for row in rows:
            leaf = Leaf(row["number"], row["position"], bytes(row["leaf"]))
            proof = proofs.prove_inclusion(reader, leaf, head, "")
            yield ProvenLeaf(index=proof.index, leaf=proof.leaf, path=proof.path)


def check(text: str, *, notes: Sequence[str] = (), key: PublicKey | None = None) -> CheckedAnswer:
    """Check an answer with nothing but a public key, or checkpoints from elsewhere. Needs no store.

    Raises: NotTrusted, saying what does not fit; NewerStore, BadRequest.
    """
    proof = proofs.read_json(TypeAdapter(AnswerProof), text, MAX_ANSWER_BYTES, "answer made by `tracker answer-proof`")
    head = LogCheckpoint.of_note(proof.checkpoint, key)
    for other in (LogCheckpoint.of_note(note, key) for note in notes):
        if other != head:
            raise NotTrusted(
                f"the checkpoint of {other.origin}, {other.size} leaves, is not that of the answer ({head.origin}, "
                f"{head.size} leaves): ask for an answer against it"
            )
    if _derived(list(_events(proof, head)), proof.question) != proof.answer:
        raise NotTrusted("the answer does not follow from its statements, or this is another version of the program")
    return CheckedAnswer(
        question=proof.question,
        origin=head.origin,
        size=head.size,
        root=head.root,
        signed_by=str(key) if key else None,
        checkpoints=len(notes),
        statements=len(proof.statements),
        state=head.state.line if head.state else None,
        answer=proof.answer,
    )


def _events(proof: AnswerProof, head: LogCheckpoint) -> Iterator[Recorded]:
    """The events of the leaves, in order.

    Raises: NotTrusted, where a leaf is not in the log, or is no event of a tracker; NewerStore.
    """
    mapper, digests, last = Mapper(), DigestCheck(UPCASTERS), (-1, 0)
    for one in proof.statements:
        try:
            leaf = one.leaf.encode()
            if not verify_inclusion(leaf_hash(leaf), one.index, head.size, one.path, head.root):
                raise NotTrusted(f"the proof is false: a statement is not leaf {one.index} of this log")
            position, state = event_of(leaf)
            event = mapper.event(state, position)
            wrong = digests.difference(event, state)
        except NewerStore:
            raise
        except (ValueError, StoreDamaged) as error:
            raise NotTrusted(f"leaf {one.index} is no event of a tracker: {error}") from error
        if wrong or not (one.index, position) > last or position <= last[1]:
            raise NotTrusted(f"leaf {one.index}: {wrong or 'it is out of order, or there twice'}")
        last = one.index, position
        yield Recorded(position, event)


def _derived(events: Sequence[Recorded], question: StateQuestion) -> tuple[dict[str, Any], ...]:
    """The answer that follows from some events; none where no answer does."""
    from tracker.queries.state import state

    try:
        record = fold(events)
        return _plain(state(record, question.clocks(record), question.selection))
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TrackerError, ValueError):
        return ()  # something that the statements name is not among them


def _plain(answers: Iterable[Any]) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(answer.model_dump_json(by_alias=True)) for answer in answers)
