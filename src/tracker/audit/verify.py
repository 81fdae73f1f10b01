"""Verifying a store: every event against its leaf, every leaf against its hash, and the roots against checkpoints.

One pass over events, leaves and hashes side by side, in batches. What differs is named by position, in order.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from tracker.audit.checkpoints import Checkpoint
from tracker.audit.signed_notes import encoded
from tracker.model.dates import instant
from tracker.model.errors import NewerStore, TrackerError
from tracker.store.database import BATCH, Found, Leaf, Reader
from tracker.store.event_store import EventStore
from tracker.store.leaves import leaf_of
from tracker.store.load_plan import place_of
from tracker.store.merkle import EMPTY, Frontier, kept, leaf_hash

_EVENTS = "SELECT * FROM event_log WHERE position >= ? ORDER BY position LIMIT ?"
_LEAVES = "SELECT * FROM merkle_leaves WHERE number >= ? ORDER BY number LIMIT ?"
_NODES = "SELECT * FROM merkle_nodes WHERE place >= ? ORDER BY place LIMIT ?"
_SMALLEST = -(2**63)  # a position that somebody wrote in may be below 1

MOST = 100  # findings, then it stops looking


class Finding(NamedTuple):
    """Something that is not as it was recorded."""

    position: int | None  # None: it is not known where, or is not about one event
    message: str


class Verdict(NamedTuple):
    """What a verification found."""

    size: int
    root: bytes
    last: int  # position
    findings: tuple[Finding, ...]  # by position


def verify(store: EventStore, checkpoints: Sequence[Checkpoint] = ()) -> Verdict:
    """Recompute the Merkle log of a store from what is stored.

    Args: checkpoints: known from elsewhere, which the log must extend.
    """
    with store.reading() as reader:
        return _Pass(store, reader, checkpoints).run()


class _Pass:
    def __init__(self, store: EventStore, reader: Reader, checkpoints: Sequence[Checkpoint]) -> None:
        self._store = store
        self._reader = reader
        self._events = _rows(reader, _EVENTS, "position")
        self._leaves = map(_leaf, _rows(reader, _LEAVES, "number"))
        self._nodes = _rows(reader, _NODES, "place")
        self._node = next(self._nodes, None)
        self._frontier = Frontier()
        self._checkpoints = sorted(checkpoints, key=lambda each: each.size)
        self._good = 0  # the size of the largest checkpoint that fits
        self._numbers: Counter[UUID] = Counter()
        self._recorded_at = self._last = 0
        self._findings: list[Finding] = []
        self._torn = False  # a hash above the leaves was found to be another

    def run(self) -> Verdict:
        total = self._reader.select("SELECT COUNT(*) AS count FROM merkle_leaves")[0]["count"]
        self._meet_checkpoints()
        event, leaf = next(self._events, None), next(self._leaves, None)
        while (event or leaf) and len(self._findings) < MOST:
            gap = leaf.number - self._frontier.size if leaf else 0
            if event and (leaf is None or event["position"] < leaf.position):
                self._without_leaf(event, missing=gap > 0 or (leaf is None and self._hash_waits()))
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
        if len(self._findings) < MOST:
            self._end()
        return Verdict(total, self._frontier.root(), self._last, tuple(self._findings))

    def _find(self, position: int | None, message: str) -> None:
        self._findings.append(Finding(position, message))

    def _hash_waits(self) -> bool:
        """Whether a hash is there for the next leaf."""
        return self._node is not None and self._node["place"] == kept(self._frontier.size)

    def _without_leaf(self, event: Found, *, missing: bool) -> None:
        position = event["position"]
        if missing:
            self._find(position, "the leaf of this event was removed")
            self._hashes(None)
        else:
            self._find(position, "it has no leaf: the event was inserted behind the tracker's back")
        self._last = max(self._last, position)

    def _without_both(self, leaf: Leaf) -> None:
        where = f"between positions {self._last} and {leaf.position}" if self._last else "at the beginning"
        self._find(self._last + 1, f"leaf {self._frontier.size} was removed with its event, {where}")
        self._hashes(None)

    def _pair(self, event: Found, leaf: Leaf) -> None:
        """An event and the leaf at its position."""
        position, state = leaf.position, _bytes(event["state"])
        try:
            made = leaf_of(position, state)
            wrong = self._which(made, leaf.leaf) if made != leaf.leaf else self._wrong_column(event, position, state)
        except NewerStore:
            raise
        except TrackerError as error:
            wrong = str(error)
        if wrong:
            self._find(position, wrong)
        elif position <= self._last:
            self._find(position, f"it stands behind position {self._last} in the Merkle log: the order was changed")
        elif event["recorded_at"] < self._recorded_at:
            self._find(position, "it was recorded earlier than what is in front of it: it was back-dated")
        else:
            self._recorded_at = event["recorded_at"]
        self._last = max(self._last, position)

    def _which(self, made: bytes, leaf: bytes) -> str:
        """Whose word the kept hash takes, where event and leaf differ."""
        hash_ = _bytes(self._node["hash"]) if self._node and self._hash_waits() else b""
        if hash_ == leaf_hash(leaf):
            return "the event was altered: its leaf says something else"
        if hash_ == leaf_hash(made):
            return "the leaf was altered: its event says something else"
        return "the event and its leaf were altered, or are those of other events"

    def _wrong_column(self, row: Found, position: int, state: bytes) -> str | None:
        """What a column says that the event itself does not."""
        event = self._store.mapper.event(state, position)
        stream, statement = place_of(event)
        number, self._numbers[stream] = self._numbers[stream], self._numbers[stream] + 1
        said = {
            "type": event.type,
            "stream": stream.hex,
            "number": number,
            "statement": statement,
            "digest": event.digest,
            "recorded_at": instant(event.recorded_at),
        }
        there = {**row, "stream": _hex(row["stream"])}
        if self._findings:  # after another event of the stream was removed, its number says nothing
            said["number"] = row["number"]
        wrong = [f"{key} is {there[key]!r}, not {each!r}" for key, each in said.items() if there[key] != each]
        return f"the event was altered: its {wrong[0]}" if wrong else None

    def _hashes(self, leaf: Leaf | None) -> None:
        """Compare what is kept for the next leaf; None: the leaf is gone, and its hash must do."""
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
        for level, each in enumerate(made[1:], start=1):
            if self._take(start + level) != each and not self._torn:  # all above it are others, too
                self._inner(start + level, self._frontier.size - (1 << level))
        self._meet_checkpoints()

    def _inner(self, place: int, first: int) -> None:
        """A hash is not that of the two below it."""
        found = self._reader.select("SELECT position FROM merkle_leaves WHERE number = ?", (first,))
        last, self._torn = self._frontier.size - 1, True
        self._find(
            found[0]["position"] if found else None,
            f"hash {place}, over leaves {first} to {last}, is gone or another: one of them was altered with its hash",
        )

    def _take(self, place: int) -> bytes | None:
        """The kept hash at a place, if it is there."""
        while self._node is not None and self._node["place"] < place:
            self._find(None, f"hash {self._node['place']} was inserted in the Merkle log")
            self._node = next(self._nodes, None)
        if self._node is None or self._node["place"] != place:
            return None
        found, self._node = _bytes(self._node["hash"]), next(self._nodes, None)
        return found

    def _meet_checkpoints(self) -> None:
        while self._checkpoints and self._checkpoints[0].size <= self._frontier.size:
            each = self._checkpoints.pop(0)
            if each.root == self._frontier.root():
                self._good = each.size
                continue
            roots = f"root {encoded(each.root)}, this log's first {each.size} {encoded(self._frontier.root())}"
            where = f"between leaf {self._good} and position {self._last}"
            self._find(None, f"the checkpoint of {each.size} leaves has {roots}: the log was rewritten {where}")

    def _end(self) -> None:
        size = self._frontier.size
        if self._node is not None:
            self._find(None, f"hash {self._node['place']} belongs to no leaf: leaves were removed at the end")
        for each in self._checkpoints:
            self._find(None, f"the checkpoint has {each.size} leaves, this log only {size}: its end was cut off")


def _rows(reader: Reader, sql: str, key: str) -> Iterator[Found]:
    start = _SMALLEST
    while found := reader.select(sql, (start, BATCH)):
        yield from found
        start = found[-1][key] + 1


def _leaf(row: Found) -> Leaf:
    position = row["position"]
    return Leaf(row["number"], position if isinstance(position, int) else _SMALLEST, _bytes(row["leaf"]))


def _bytes(value: Any) -> bytes:
    """SQLite keeps values of other types, too, if somebody writes them."""
    return value if isinstance(value, bytes) else b""


def _hex(stream: Any) -> str:
    return stream.hex if isinstance(stream, UUID) else str(stream)
