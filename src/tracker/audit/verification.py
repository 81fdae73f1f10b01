"""Verification of a log: events against leaves and digests, leaves against hashes, and roots against checkpoints.

One pass over events, leaves and hashes side by side, in batches. Discrepancies are reported in order of position.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from tracker.audit.checkpoints import LogCheckpoint
from tracker.audit.digests import DigestCheck
from tracker.audit.signed_notes import encoded
from tracker.model.errors import Discrepancy, NewerStore, TrackerError
from tracker.store.database import ROWS_PER_BATCH, Leaf, LogReader, SqlRow
from tracker.store.event_store import EventStore
from tracker.store.leaves import leaf_of
from tracker.store.load_plan import event_row
from tracker.store.merkle import EMPTY, Frontier, kept, leaf_hash

_EVENTS = "SELECT * FROM event_log WHERE position >= ? ORDER BY position LIMIT ?"
_LEAVES = "SELECT * FROM merkle_leaves WHERE number >= ? ORDER BY number LIMIT ?"
_NODES = "SELECT * FROM merkle_nodes WHERE place >= ? ORDER BY place LIMIT ?"
_MIN_POSITION = -(2**63)  # an inserted row may have a position below 1

MAX_DISCREPANCIES = 100  # then the verification stops


class IntegrityReport(NamedTuple):
    """Result of a verification."""

    size: int
    root: bytes
    last: int  # the greatest position
    findings: tuple[Discrepancy, ...]  # by position


def verify(store: EventStore, checkpoints: Sequence[LogCheckpoint] = ()) -> IntegrityReport:
    """Recompute the Merkle log of a store from its events, leaves and hashes.

    Args: checkpoints: known from elsewhere, which the log must extend.
    """
    with store.reading() as reader:
        return _VerificationPass(store, reader, checkpoints).run()


class _VerificationPass:
    def __init__(self, store: EventStore, reader: LogReader, checkpoints: Sequence[LogCheckpoint]) -> None:
        self._store = store
        self._reader = reader
        self._events = _rows(reader, _EVENTS, "position")
        self._leaves = map(_leaf, _rows(reader, _LEAVES, "number"))
        self._nodes = _rows(reader, _NODES, "place")
        self._node = next(self._nodes, None)
        self._frontier = Frontier()
        self._checkpoints = sorted(checkpoints, key=lambda checkpoint: checkpoint.size)
        self._good = 0  # the size of the largest checkpoint that fits
        self._numbers: Counter[UUID] = Counter()
        self._digests = DigestCheck(store.mapper.upcasters)
        self._recorded_at = self._last = 0
        self._findings: list[Discrepancy] = []
        self._inner_altered = False  # a hash above the leaves differs, and so all above it do

    def run(self) -> IntegrityReport:
        total = self._reader.select("SELECT COUNT(*) AS count FROM merkle_leaves")[0]["count"]
        self._meet_checkpoints()
        event, leaf = next(self._events, None), next(self._leaves, None)
        while (event or leaf) and len(self._findings) < MAX_DISCREPANCIES:
            gap = leaf.number - self._frontier.size if leaf else 0
            if event and (leaf is None or event["position"] < leaf.position):
                self._without_leaf(event, missing=gap > 0 or (leaf is None and self._next_hash_present()))
                event = next(self._events, None)
            elif leaf and gap > 0:
                self._without_both(leaf)
            elif leaf:
                if gap:
                    self._find(leaf.position, f"its leaf has the number {leaf.number} of another")
                elif event and event["position"] == leaf.position:
                    self._pair(event, leaf)
                    event = next(self._events, None)
                else:
                    self._find(leaf.position, "the event was removed: only its leaf is left")
                self._hashes(leaf)
                leaf = next(self._leaves, None)
        if len(self._findings) < MAX_DISCREPANCIES:
            self._end()
        return IntegrityReport(total, self._frontier.root(), self._last, tuple(self._findings))

    def _find(self, position: int | None, message: str) -> None:
        self._findings.append(Discrepancy(position, message))

    def _next_hash_present(self) -> bool:
        """Whether the store has a hash for the next leaf."""
        return self._node is not None and self._node["place"] == kept(self._frontier.size)

    def _without_leaf(self, event: SqlRow, *, missing: bool) -> None:
        position = event["position"]
        if missing:
            self._find(position, "the leaf of this event was removed")
            self._hashes(None)
        else:
            self._find(position, "it has no leaf: the event was inserted by other means than the tracker")
        self._last = max(self._last, position)

    def _without_both(self, leaf: Leaf) -> None:
        place = f"between positions {self._last} and {leaf.position}" if self._last else "at the beginning"
        self._find(self._last + 1, f"leaf {self._frontier.size} was removed with its event, {place}")
        self._hashes(None)

    def _pair(self, event: SqlRow, leaf: Leaf) -> None:
        """Compare an event and the leaf at its position."""
        position, state = leaf.position, _bytes(event["state"])
        try:
            made = leaf_of(position, state)
            wrong = (
                self._altered_side(made, leaf.leaf) if made != leaf.leaf else self._wrong_column(event, position, state)
            )
        except NewerStore:
            raise
        except TrackerError as error:
            wrong = str(error)
        if wrong:
            self._find(position, wrong)
        elif position <= self._last:
            self._find(position, f"it stands behind position {self._last} in the Merkle log: the order was changed")
        elif event["recorded_at"] < self._recorded_at:
            self._find(position, "it has an earlier time than the event before it: it was back-dated")
        else:
            self._recorded_at = event["recorded_at"]
        self._last = max(self._last, position)

    def _altered_side(self, made: bytes, leaf: bytes) -> str:
        """Which of an event and its leaf was altered, if they differ: the other one fits the stored hash."""
        hash_ = _bytes(self._node["hash"]) if self._node and self._next_hash_present() else b""
        if hash_ == leaf_hash(leaf):
            return "the event was altered: its leaf says something else"
        if hash_ == leaf_hash(made):
            return "the leaf was altered: its event says something else"
        return "the event and its leaf were altered, or are those of other events"

    def _wrong_column(self, row: SqlRow, position: int, state: bytes) -> str | None:
        """A column that differs from the event itself, if there is any."""
        event = self._store.mapper.event(state, position)
        recorded = event_row(event, 0, state)
        stream = recorded.originator_id
        number, self._numbers[stream] = self._numbers[stream], self._numbers[stream] + 1
        expected = {
            "type": recorded.topic,
            "stream": stream.hex,
            "number": row["number"] if self._findings else number,  # unknown after an event of the stream was removed
            "statement": recorded.statement,
            "digest": recorded.digest,
            "recorded_at": recorded.recorded_at,
        }
        stored = {**row, "stream": _hex(row["stream"])}
        wrong = [f"{key} is {stored[key]!r}, not {value!r}" for key, value in expected.items() if stored[key] != value]
        if wrong:
            return f"the event was altered: its {wrong[0]}"
        return self._digests.difference(event, state)

    def _hashes(self, leaf: Leaf | None) -> None:
        """Compare the stored hashes of the next leaf; None: the leaf is missing, and its stored hash is used."""
        start = kept(self._frontier.size)
        stored = self._take(start)
        if leaf is None:
            hash_ = stored or EMPTY
        else:
            hash_ = leaf_hash(leaf.leaf)
            if stored is None:
                self._find(leaf.position, "the hash of its leaf was removed")
            elif stored != hash_ and (not self._findings or self._findings[-1].position != leaf.position):
                self._find(
                    leaf.position, "the hash of its leaf is another: a leaf was altered, removed or inserted here"
                )
        made = self._frontier.append(stored or hash_)
        for level, inner in enumerate(made[1:], start=1):
            if self._take(start + level) != inner and not self._inner_altered:
                self._inner(start + level, self._frontier.size - (1 << level))
        self._meet_checkpoints()

    def _inner(self, place: int, first: int) -> None:
        """Report a hash that is not that of the two below it."""
        rows = self._reader.select("SELECT position FROM merkle_leaves WHERE number = ?", (first,))
        last, self._inner_altered = self._frontier.size - 1, True
        self._find(
            rows[0]["position"] if rows else None,
            f"hash {place}, over leaves {first} to {last}, is gone or another: one of them was altered with its hash",
        )

    def _take(self, place: int) -> bytes | None:
        """The stored hash at a place, if there is one."""
        while self._node is not None and self._node["place"] < place:
            self._find(None, f"hash {self._node['place']} was inserted in the Merkle log")
            self._node = next(self._nodes, None)
        if self._node is None or self._node["place"] != place:
            return None
        hash_, self._node = _bytes(self._node["hash"]), next(self._nodes, None)
        return hash_

    def _meet_checkpoints(self) -> None:
        while self._checkpoints and self._checkpoints[0].size <= self._frontier.size:
            checkpoint = self._checkpoints.pop(0)
            size, root = checkpoint.size, self._frontier.root()
            if checkpoint.root == root:
                self._good = size
                continue
            roots = f"root {encoded(checkpoint.root)}, this log's first {size} {encoded(root)}"
            place = f"between leaf {self._good} and position {self._last}"
            self._find(None, f"the checkpoint of {size} leaves has {roots}: the log was rewritten {place}")

    def _end(self) -> None:
        size = self._frontier.size
        if self._node is not None:
            self._find(None, f"hash {self._node['place']} belongs to no leaf: leaves were removed at the end")
        for checkpoint in self._checkpoints:
            self._find(None, f"the checkpoint has {checkpoint.size} leaves, this log only {size}: its end was cut off")


def _rows(reader: LogReader, sql: str, key: str) -> Iterator[SqlRow]:
    start = _MIN_POSITION
    while rows := reader.select(sql, (start, ROWS_PER_BATCH)):
        yield from rows
        start = rows[-1][key] + 1


def _leaf(row: SqlRow) -> Leaf:
    position = row["position"]
    return Leaf(row["number"], position if isinstance(position, int) else _MIN_POSITION, _bytes(row["leaf"]))


def _bytes(value: Any) -> bytes:
    """Bytes, or none: a column of SQLite can hold a value of any type."""
    return value if isinstance(value, bytes) else b""


def _hex(stream: Any) -> str:
    return stream.hex if isinstance(stream, UUID) else str(stream)
