"""Archives of a log: a gzip file of canonical JSON lines, from any store to any store.

The first line is the header, with a checkpoint of the whole log; each other one is a leaf, in order. Whoever has the
file can recompute the root of the checkpoint with SHA-256 alone. The same log makes the same archive, byte for byte.
"""

import gzip
import json
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

import rfc8785
from eventsourcing.persistence import IntegrityError

from tracker.audit import prover
from tracker.audit.checkpoints import LARGEST, Checkpoint
from tracker.audit.signed_notes import NotTrusted, PublicKey
from tracker.model.dates import instant
from tracker.model.errors import BadRequest, Conflict, TrackerError
from tracker.store.database import BATCH, Reader, Row
from tracker.store.errors import StoreDamaged, explained
from tracker.store.event_store import EventStore
from tracker.store.leaves import Appender, event_of, leaf_of, size_of
from tracker.store.load_plan import place_of
from tracker.store.merkle import Frontier, leaf_hash

FORMAT, VERSION = "tracker-archive", 1
LONGEST_LINE = 16 * 2**20  # bytes
_FREE = 64 * 2**20  # bytes that are never too many for the size of the file
_RATIO = 200  # of a log's text to its gzip; real ones have 5 to 30, a bomb up to 1000
_EVENTS = "SELECT position, state FROM event_log WHERE position > ? ORDER BY position LIMIT ?"

File = IO[bytes] | gzip.GzipFile
Sign = Callable[[Reader], str]  # a note about the whole log


def write(store: EventStore, path: Path, sign: Sign | None = None) -> Checkpoint:
    """Write the whole log into a new file, which appears when it is complete.

    Args: sign: makes the checkpoint inside; without it nobody vouches for that.
    Raises: StoreDamaged, if the log does not verify; FileExistsError, OSError, and what the store and `sign` raise.
    """
    if path.exists():
        raise FileExistsError(17, "there is a file already: choose another name", str(path))
    draft = path.with_name(f"{path.name}.new")
    try:
        with store.reading() as reader:
            head = prover.head(reader, "tracker")
            note = sign(reader) if sign else head.text
            with draft.open("wb") as raw:
                with gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
                    file.write(rfc8785.dumps({"checkpoint": note, "format": FORMAT, "version": VERSION}) + b"\n")
                    _write_leaves(reader, head, file)
                raw.flush()
                os.fsync(raw.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return Checkpoint.of_note(note, None)


def _write_leaves(reader: Reader, head: Checkpoint, file: File) -> None:
    frontier, last = Frontier(), 0
    while found := reader.select(_EVENTS, (last, BATCH)):
        for row in found:
            leaf = leaf_of(row["position"], bytes(row["state"]))
            frontier.append(leaf_hash(leaf))
            file.write(leaf + b"\n")
        last = found[-1]["position"]
    if (frontier.size, frontier.root()) != (head.size, head.root):
        raise StoreDamaged("the store does not verify, and a backup would hide it: ask `tracker audit verify`")


def restore(store: EventStore, path: Path, key: PublicKey | None = None) -> Checkpoint:
    """Put the log of an archive into an empty store: all of it, at the positions it had, or nothing.

    Args: key: who must have signed the checkpoint inside.
    Returns: the checkpoint, whose root the store has now.
    Raises: NotTrusted, if the archive is not what its checkpoint says; Conflict, BadRequest, NewerStore, OSError, and
        what the store raises.
    """
    with explained(store.address), _damage(path), path.open("rb") as raw, _opened(raw) as file:
        lines = _lines(file, raw)
        checkpoint = _header(next(lines, b""), key)
        try:
            return _restore(store, lines, checkpoint)
        except IntegrityError as error:
            raise NotTrusted(f"archive {path}: it holds the same statement twice; nothing was restored") from error


def _restore(store: EventStore, lines: Iterator[bytes], checkpoint: Checkpoint) -> Checkpoint:
    with store.writing() as writer:
        if size_of(writer) or writer.select("SELECT 1 FROM event_log LIMIT 1"):
            if prover.head(writer, checkpoint.origin) == checkpoint:
                return checkpoint  # a second attempt
            raise Conflict(f"store {store.address} holds another log: restore into an empty one")
        reading = _Reading(store)
        appender = Appender(writer)
        while batch := list(reading.rows(lines)):
            positions, rows = [at for at, _ in batch], [row for _, row in batch]
            writer.insert_at(positions, rows)
            appender.append(zip(positions, [row.state for row in rows], strict=True))
            if reading.count > checkpoint.size:
                break
        if prover.head(writer, checkpoint.origin) != checkpoint:
            raise NotTrusted(
                f"the archive holds {reading.count} events with another root than that of its checkpoint of "
                f"{checkpoint.size}: it was altered or cut; nothing was restored"
            )
    return checkpoint


class _Reading:
    """Leaves as rows of a store."""

    def __init__(self, store: EventStore) -> None:
        self._mapper = store.mapper
        self._numbers: Counter[UUID] = Counter()
        self._last = (0, -LARGEST * 1000)  # position and time
        self.count = 0

    def rows(self, lines: Iterator[bytes]) -> Iterator[tuple[int, Row]]:
        """The next some lines.

        Raises: NotTrusted, NewerStore.
        """
        for _, line in zip(range(BATCH), lines, strict=False):
            self.count += 1
            try:
                yield self._row(*event_of(line))
            except (ValueError, StoreDamaged, RecursionError) as error:
                raise NotTrusted(f"line {self.count + 1} of the archive is no event: {error}") from error

    def _row(self, position: int, state: bytes) -> tuple[int, Row]:
        event = self._mapper.event(state, position)
        at = instant(event.recorded_at)
        if not (self._last[0] < position <= LARGEST and self._last[1] <= at):
            raise ValueError(f"position {position} is out of order")
        self._last = position, at
        stream, statement = place_of(event)
        number, self._numbers[stream] = self._numbers[stream], self._numbers[stream] + 1
        return position, Row(
            originator_id=stream,
            originator_version=number,
            topic=event.type,
            state=state,
            statement=statement,
            digest=event.digest,
            recorded_at=at,
        )


def _header(line: bytes, key: PublicKey | None) -> Checkpoint:
    try:
        header = json.loads(line)
        form, version, note = header["format"], header["version"], header["checkpoint"]
    except (ValueError, KeyError, TypeError, RecursionError):
        form = version = note = None
    if form != FORMAT or not isinstance(note, str):
        raise BadRequest("this is no archive of a tracker: make one with `tracker backup FILE`")
    if version != VERSION:
        raise BadRequest(f"the archive is of version {version!r}, this tracker reads {VERSION}: upgrade the tracker")
    return Checkpoint.of_note(note, key)


@contextmanager
def _opened(raw: IO[bytes]) -> Iterator[File]:
    """The lines of the file, whether it is still compressed or not."""
    compressed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    if not compressed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw, mode="rb") as file:
        yield file


def _lines(file: File, raw: IO[bytes]) -> Iterator[bytes]:
    """Lines without their ends.

    Raises: NotTrusted, where a small file unfolds into something huge, or ends within a line.
    """
    count = 0
    while line := file.readline(LONGEST_LINE + 1):
        count += len(line)
        if len(line) > LONGEST_LINE or (count > _FREE and count > _RATIO * raw.tell()):
            raise NotTrusted("the archive unfolds into far more than a log would: it was not made by a tracker")
        if not line.endswith(b"\n"):
            raise NotTrusted("the archive ends within a line: it was cut")
        yield line[:-1]


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Name the file in what is raised about its inside."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise NotTrusted(f"archive {path} is damaged or was cut: {error}; nothing was restored") from error
    except TrackerError as error:
        if isinstance(error, NotTrusted | BadRequest) and str(path) not in str(error):
            raise type(error)(f"archive {path}: {error}") from error
        raise
