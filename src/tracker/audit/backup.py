"""Backups of a log as an archive: a gzip file of canonical JSON lines, from any store to any store.

The first line is the header, with a checkpoint of the whole log; each further line is a leaf, in order. The root of
the checkpoint can be recomputed from the file with SHA-256 alone. Equal logs make equal archives, byte for byte.
"""

import gzip
import json
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

import rfc8785
from eventsourcing.persistence import IntegrityError

from tracker.audit.checkpoints import MAX_LEAVES, LogCheckpoint
from tracker.audit.digests import DigestCheck
from tracker.audit.proofs import current_checkpoint, log_id
from tracker.audit.signed_notes import NotTrusted, PublicKey
from tracker.model.errors import BadRequest, Conflict, TrackerError
from tracker.model.events import Recorded
from tracker.model.new_files import OWNER_ONLY, new_file
from tracker.store.database import ROWS_PER_BATCH, EventRow, LogReader
from tracker.store.errors import StoreDamaged, explained
from tracker.store.event_store import EventStore
from tracker.store.leaves import Appender, event_of, leaf_of, size_of
from tracker.store.load_plan import event_row
from tracker.store.merkle import Frontier, leaf_hash

FORMAT, VERSION = "tracker-archive", 1
MAX_LINE_BYTES = 16 * 2**20
MAX_UNPACKED_BYTES = 64 * 2**20  # beyond that the compression ratio decides
MAX_COMPRESSION = 200  # of a log's text to its gzip; real ones have 5 to 30, a bomb up to 1000
_EVENTS = "SELECT position, state FROM event_log WHERE position > ? ORDER BY position LIMIT ?"

MAX_GAP = 10**9  # between two positions: PostgreSQL leaves one for each event of a load that failed
FIRST_OF_STREAM = frozenset({"SubjectRegistered", "AnnouncementRecorded", "DraftSubmitted", "WriterAdded"})

CheckEvents = Callable[[Sequence[tuple[int, Recorded]]], None]  # of each event its line in the archive
ArchiveFile = IO[bytes] | gzip.GzipFile
MakeNote = Callable[[LogReader], str]  # a note about the whole log


def write(store: EventStore, path: Path, sign: MakeNote | None = None) -> LogCheckpoint:
    """Write the whole log into a new file, which appears when it is complete, and which its owner alone can read.

    Args: sign: makes the checkpoint inside; without it the checkpoint is not signed.
    Raises: StoreDamaged, if the log does not verify; FileExistsError, OSError, and the errors of the store and `sign`.
    """
    if os.path.lexists(path):
        raise FileExistsError(17, "there is a file already: choose another name", str(path))
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(new_file(draft, OWNER_ONLY), "wb") as raw:
        try:
            with store.reading() as reader:
                head = current_checkpoint(reader, "tracker")
                note = sign(reader) if sign else head.text
                header = {"checkpoint": note, "format": FORMAT, "log": log_id(reader), "version": VERSION}
                with gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
                    file.write(rfc8785.dumps(header) + b"\n")
                    _write_leaves(reader, head, file)
            raw.flush()
            os.fsync(raw.fileno())
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    return LogCheckpoint.of_note(note, None)


def _write_leaves(reader: LogReader, head: LogCheckpoint, file: ArchiveFile) -> None:
    frontier, last = Frontier(), 0
    while rows := reader.select(_EVENTS, (last, ROWS_PER_BATCH)):
        for row in rows:
            leaf = leaf_of(row["position"], bytes(row["state"]))
            frontier.append(leaf_hash(leaf))
            file.write(leaf + b"\n")
        last = rows[-1]["position"]
    if (frontier.size, frontier.root()) != (head.size, head.root):
        raise StoreDamaged("the store does not verify, and a backup would hide it: run `tracker audit verify`")


def restore(
    store: EventStore,
    path: Path,
    key: PublicKey | None = None,
    *,
    check: CheckEvents | None = None,
    max_bytes: int = MAX_UNPACKED_BYTES,
) -> LogCheckpoint:
    """Put the log of an archive into an empty store: all of it, at the positions it had, or nothing.

    Args: key: that must have signed the checkpoint inside; check: given all events with their lines, raises where they
        cannot be on a record; max_bytes: to unpack of a file, unless it is large.
    Returns: the checkpoint, whose root the store has now.
    Raises: NotTrusted, if the archive does not fit its checkpoint, or no store makes such a log; Conflict, BadRequest,
        NewerStore, OSError, what `check` raises, and the errors of the store.
    """
    with explained(store.address), _damage(path), path.open("rb") as raw, _opened(raw) as file:
        lines = _lines(file, raw, max_bytes)
        checkpoint, log = _header(next(lines, b""), key)
        try:
            return _restore(store, lines, checkpoint, log, check)
        except IntegrityError as error:
            raise NotTrusted(f"archive {path}: it holds the same statement twice; nothing was restored") from error


def _restore(
    store: EventStore, lines: Iterator[bytes], checkpoint: LogCheckpoint, log: str | None, check: CheckEvents | None
) -> LogCheckpoint:
    with store.writing() as writer:
        if size_of(writer) or writer.select("SELECT 1 FROM event_log LIMIT 1"):
            if current_checkpoint(writer, checkpoint.origin) == checkpoint:
                return checkpoint  # a second attempt
            raise Conflict(f"store {store.address} holds another log: restore into an empty one")
        archive = _ArchiveRows(store, keep=check is not None)
        appender = Appender(writer)
        while batch := list(archive.rows(lines)):
            positions, rows = [at for at, _ in batch], [row for _, row in batch]
            writer.insert_at(positions, rows)
            appender.append(zip(positions, [row.state for row in rows], strict=True))
            if archive.count > checkpoint.size:
                break
        if current_checkpoint(writer, checkpoint.origin) != checkpoint:
            raise NotTrusted(
                f"the archive holds {archive.count} events with another root than that of its checkpoint of "
                f"{checkpoint.size}: it was altered or cut; nothing was restored"
            )
        if log is not None and log != log_id(writer):
            raise NotTrusted(f"the first event of the archive is not that of the log {log[:80]}; nothing was restored")
        if check is not None:
            check(archive.events)
    return checkpoint


class _ArchiveRows:
    """The rows of a store, made of the lines of an archive. Args: keep: the events, too, with their lines."""

    def __init__(self, store: EventStore, *, keep: bool) -> None:
        self._mapper = store.mapper
        self._digests = DigestCheck(store.mapper.upcasters)
        self._keep = keep
        self.events: list[tuple[int, Recorded]] = []
        self._numbers: Counter[UUID] = Counter()
        self._last = (0, -MAX_LEAVES * 1000)  # position and time
        self.count = 0

    def rows(self, lines: Iterator[bytes]) -> Iterator[tuple[int, EventRow]]:
        """Position and row for each of the next ROWS_PER_BATCH lines.

        Raises: NotTrusted, NewerStore.
        """
        for _, line in zip(range(ROWS_PER_BATCH), lines, strict=False):
            self.count += 1
            try:
                yield self._row(*event_of(line))
            except (ArithmeticError, LookupError, RecursionError, StoreDamaged, TypeError, ValueError) as error:
                raise NotTrusted(f"line {self.count + 1} of the archive is no event of a log: {error}") from error

    def _row(self, position: int, state: bytes) -> tuple[int, EventRow]:
        event = self._mapper.event(state, position)
        row = event_row(event, 0, state)
        if not (self._last[0] < position <= MAX_LEAVES and self._last[1] <= row.recorded_at):
            raise ValueError(f"position {position} is out of order")
        if position - self._last[0] > MAX_GAP:
            raise ValueError(f"no store makes position {position} after {self._last[0]}")
        if wrong := self._digests.difference(event, state):
            raise ValueError(wrong)
        self._last = position, row.recorded_at
        stream = row.originator_id
        number, self._numbers[stream] = self._numbers[stream], self._numbers[stream] + 1
        if (number == 0) is not (row.topic in FIRST_OF_STREAM):
            what = "there is one already" if number else "what it is about was never recorded"
            raise ValueError(f"{row.topic} of {row.statement or 'an entry or draft'}: {what}")
        if self._keep:
            self.events.append((self.count + 1, Recorded(position, event)))
        return position, row._replace(originator_version=number)


def _header(line: bytes, key: PublicKey | None) -> tuple[LogCheckpoint, str | None]:
    """The checkpoint, and the id of the log where the archive has it."""
    try:
        header = json.loads(line)
        form, version, note, log = header["format"], header["version"], header["checkpoint"], header.get("log")
    except (AttributeError, ValueError, KeyError, TypeError, RecursionError):
        form = version = note = log = None
    if form != FORMAT or not isinstance(note, str):
        raise BadRequest("this is no archive of a tracker: make one with `tracker backup FILE`")
    if version != VERSION:
        raise BadRequest(f"the archive is of version {version!r}, this tracker reads {VERSION}: upgrade the tracker")
    return LogCheckpoint.of_note(note, key), None if log is None else str(log)


@contextmanager
def _opened(raw: IO[bytes]) -> Iterator[ArchiveFile]:
    """The file, unpacked if it is compressed."""
    compressed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    if not compressed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw, mode="rb") as file:
        yield file


def _lines(file: ArchiveFile, raw: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    """Lines without their ends.

    Raises: NotTrusted, if the file ends within a line, or is a compression bomb.
    """
    count = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        count += len(line)
        if len(line) > MAX_LINE_BYTES or (count > max_bytes and count > MAX_COMPRESSION * raw.tell()):
            raise NotTrusted("the archive unpacks to far more than a log would: it was not made by a tracker")
        if not line.endswith(b"\n"):
            raise NotTrusted("the archive ends within a line: it was cut")
        yield line[:-1]


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Name the file in errors about its content."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise NotTrusted(f"archive {path} is damaged or was cut: {error}; nothing was restored") from error
    except TrackerError as error:
        if isinstance(error, NotTrusted | BadRequest) and str(path) not in str(error):
            raise type(error)(f"archive {path}: {error}") from error
        raise
