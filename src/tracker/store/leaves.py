"""The leaves of the Merkle log: their content, and how they are appended.

A leaf is canonical JSON (RFC 8785) of an object with four members: `type` and `recorded_at` of the event, its
`position`, and `content`, which is all else that is stored of it. The members are cut out of the stored bytes, which
are canonical already: an event and its position make the leaf, and the leaf gives both back, byte for byte.
"""

import json
from collections.abc import Iterable

from tracker.store.database import ROWS_PER_BATCH, Leaf, LogReader, LogWriter
from tracker.store.errors import StoreDamaged
from tracker.store.merkle import Frontier, kept, leaf_hash, peaks

IN_FRONT = ("recorded_at", "type")  # members of an event that stand beside `content` in its leaf
_OUTSIDE = tuple(f'"{key}"' for key in IN_FRONT)
_decode = json.JSONDecoder().raw_decode


def leaf_of(position: int, state: bytes) -> bytes:
    """The leaf of an event.

    Raises: StoreDamaged, if the stored bytes are no event.
    """
    try:
        members = _members(state.decode())
        recorded_at, name = (members.pop(key) for key in _OUTSIDE)
    except (ValueError, KeyError) as error:
        raise StoreDamaged(f"the event at position {position} cannot be read: {error}") from error
    content = object_of(members.items())
    return f'{{"content":{content},"position":{position},"recorded_at":{recorded_at},"type":{name}}}'.encode()


def event_of(leaf: bytes) -> tuple[int, bytes]:
    """The position and the stored bytes of the event of a leaf.

    Raises: ValueError, if it is not a leaf.
    """
    try:
        members = _members(leaf.decode())
        content = _members(members['"content"'])
        position = members['"position"']
        state = object_of(sorted({**content, **{key: members[key] for key in _OUTSIDE}}.items()))
    except KeyError as error:
        raise ValueError(f"a leaf has no {error}") from error
    if not (position.isascii() and position.isdigit()):
        raise ValueError(f"a leaf is at position {position[:30]}")
    event = int(position), state.encode()
    if leaf_of(*event) != leaf:
        raise ValueError("a leaf is not canonical, or has other members")
    return event


def _members(text: str) -> dict[str, str]:
    """The members of a canonical JSON object, keys and values as they stand in the text.

    Raises: ValueError.
    """
    members: dict[str, str] = {}
    at, close = 1, len(text) - 1
    if text == "{}":
        return members
    try:
        while at <= close:
            _, colon = _decode(text, at)
            _, end = _decode(text, colon + 1)
            key = text[at:colon]
            if text[0] + text[colon] + text[end] != ("{:}" if end == close else "{:,") or key in members:
                raise ValueError("it is not a canonical JSON object")
            members[key] = text[colon + 1 : end]
            at = end + 1
    except (IndexError, RecursionError):
        raise ValueError("it is not a canonical JSON object") from None
    return members


def object_of(members: Iterable[tuple[str, str]]) -> str:
    """A JSON object of members, keys and values as they are to stand in the text."""
    return "{" + ",".join(f"{key}:{value}" for key, value in members) + "}"


def size_of(reader: LogReader) -> int:
    """The number of leaves."""
    return int(reader.select("SELECT COALESCE(MAX(number) + 1, 0) AS size FROM merkle_leaves")[0]["size"])


def hashes_at(reader: LogReader, places: Iterable[int]) -> list[bytes]:
    """The kept hashes at these places, in this order.

    Raises: StoreDamaged.
    """
    wanted = list(places)
    marks = ", ".join("?" * len(wanted))
    sql = f"SELECT place, hash FROM merkle_nodes WHERE place IN ({marks})"  # nosec  # question marks only
    rows = reader.select(sql, wanted) if wanted else []
    hashes = {row["place"]: bytes(row["hash"]) for row in rows}
    try:
        return [hashes[place] for place in wanted]
    except KeyError as error:
        raise StoreDamaged(f"hash {error} of the Merkle log is missing: run `tracker audit verify`") from error


class Appender:
    """The right edge of the Merkle log, for one transaction that stores events."""

    def __init__(self, writer: LogWriter) -> None:
        """Read the right edge from the store. Raises: StoreDamaged, if leaves and hashes do not fit together."""
        self._writer = writer
        size = size_of(writer)
        last = writer.select("SELECT COALESCE(MAX(place) + 1, 0) AS places FROM merkle_nodes")[0]["places"]
        if last != kept(size):
            raise StoreDamaged(
                f"the Merkle log has {size} leaves and {last} hashes, not {kept(size)}: run `tracker audit verify`"
            )
        self._frontier = Frontier(size, hashes_at(writer, peaks((0, size))))

    def append(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Append the leaves of events, each given as its position and its stored bytes."""
        self.append_leaves((position, leaf_of(position, state)) for position, state in events)

    def append_leaves(self, made: Iterable[tuple[int, bytes]]) -> None:
        """Append leaves, each with the position of its event."""
        first, append = self._frontier.size, self._frontier.append
        leaves: list[Leaf] = []
        hashes: list[bytes] = []
        for number, (position, leaf) in enumerate(made, start=first):
            leaves.append(Leaf(number, position, leaf))
            hashes += append(leaf_hash(leaf))
        self._writer.insert_merkle(leaves, list(enumerate(hashes, start=kept(first))))


def fill(writer: LogWriter) -> None:
    """Append the leaves of all events of a store that has no leaves yet."""
    appender, last = Appender(writer), 0
    sql = "SELECT position, state FROM event_log WHERE position > ? ORDER BY position LIMIT ?"
    while rows := writer.select(sql, (last, ROWS_PER_BATCH)):
        appender.append((row["position"], bytes(row["state"])) for row in rows)
        last = rows[-1]["position"]
