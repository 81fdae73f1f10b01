"""The log in parts: a long one is made into parts by two processes at once."""

import os
import subprocess  # nosec  # a process of our own
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from select import select
from subprocess import DEVNULL, PIPE  # nosec
from typing import NamedTuple, Self

import msgspec
import numpy as np

from tracker.model.dates import zone
from tracker.projections.connections import Reader, reading
from tracker.projections.numbers import Numbering, Part
from tracker.projections.source import StoredEvents
from tracker.store.database import NEXT, Stored, stored_of
from tracker.store.url import parse_address
from tracker.timeline.columns import IntArray, codes

PIECE = 500  # events that are read at a time where nobody waits in between: no more than the cache holds
SHARE = 5_000  # positions in a part
LONG = 50_000  # positions: the other process takes a quarter of a second to start
AHEAD = 3  # parts that it is asked for before they are needed
HELD = 16  # parts of one's own that wait for the other's

OWN, OTHER, SPARE = 0, 1, 2  # makers of parts: this process, the other, and this one in place of the other

_LENGTH = 8  # bytes of the number that says how long an answer is
_PIPE = 1 << 20  # bytes: what a user may have on Linux


class Share(NamedTuple):
    """A run of positions, without the first."""

    after: int
    until: int


class Task(msgspec.Struct):
    """What the other process is to do with every share that it reads next."""

    url: str  # never an argument of the command: it may hold a password
    timezone: str
    schemas: dict[str, int]
    subjects: bool


def in_pieces(source: StoredEvents, share: Share) -> Iterator[Sequence[Stored]]:
    """The events of a share."""
    position, until = share
    while position < until and (piece := source.stored(position, min(PIECE, until - position))):
        position = piece[-1].position
        yield piece if position <= until else [stored for stored in piece if stored.position <= until]


def in_parts(source: StoredEvents, numbering: Numbering, until: int, task: Task | None) -> Iterator[tuple[Part, int]]:
    """All events up to a position, in order, with the maker of each part.

    Args: task: for the other process, where there may be one.
    """
    shares = deque(Share(after, min(after + SHARE, until)) for after in range(0, until, SHARE))
    if task is None or until < LONG or os.name != "posix" or not sys.executable:
        for share in shares:
            yield numbering.part(in_pieces(source, share)), OWN
        return
    with _Helper(task) as helper:
        yield from _shared(source, numbering, shares, helper)


def _shared(
    source: StoredEvents, numbering: Numbering, shares: deque[Share], helper: "_Helper"
) -> Iterator[tuple[Part, int]]:
    waiting: deque[Share | Part] = deque()  # of the other process, and one's own
    spare = numbering.anew()  # each maker's parts are taken in the order in which it made them
    while shares or waiting:
        while shares and helper.asked < AHEAD:
            helper.ask(shares[0])
            waiting.append(shares.popleft())
        first = waiting[0]
        if isinstance(first, Part):
            waiting.popleft()
            yield first, OWN
        elif helper.has_answered() or not shares or len(waiting) > HELD:
            waiting.popleft()
            answer = helper.answer()
            yield (answer, OTHER) if answer else (spare.part(in_pieces(source, first)), SPARE)
        else:
            waiting.append(numbering.part(in_pieces(source, shares.popleft())))


class _Helper:
    """The other process. If it ends, for whatever reason, nothing is lost: this one then does all."""

    def __init__(self, task: Task) -> None:
        # A new one, not a fork: SQLite does not bear one where it has a file open.
        self._process = subprocess.Popen(  # nosec  # this very module
            [sys.executable, "-m", __name__], bufsize=0, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        self._widen()
        self.asked = 0
        self._write(task)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()

    def _widen(self) -> None:
        """Let an answer wait in the pipe while the next is made."""
        import fcntl  # not everywhere

        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # more than a user may have
                fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, _PIPE)

    def ask(self, share: Share) -> None:
        self.asked += 1
        self._write(share)

    def _write(self, task: Task | Share) -> None:
        with suppress(BrokenPipeError):
            self._in.write(msgspec.json.encode(task) + b"\n")

    def has_answered(self) -> bool:
        """Whether an answer has begun, or none will ever come."""
        return bool(select([self._out], [], [], 0)[0])

    def answer(self) -> Part | None:
        """The part of the share that was asked for first; None if there will be none."""
        self.asked -= 1
        length = self._read(_LENGTH)
        data = self._read(int.from_bytes(length)) if length else None
        return _decode(data) if data else None

    def _read(self, count: int) -> bytearray | None:
        data = bytearray(count)
        done, rest = 0, memoryview(data)
        while done < count:
            read = self._out.readinto(rest[done:])  # type: ignore[attr-defined]  # of a file without a buffer
            if not read:
                return None
            done += read
        return data


def _encode(part: Part) -> bytes:
    data = msgspec.msgpack.encode(part, enc_hook=_packed)
    return len(data).to_bytes(_LENGTH) + data


def _packed(array: IntArray) -> tuple[str, int, bytes]:
    """In as few bytes as its numbers take."""
    narrow = codes(array)
    return narrow.dtype.str, narrow.shape[1], narrow.tobytes()


def _unpacked(_: type, packed: tuple[str, int, bytes]) -> IntArray:
    kind, width, data = packed
    return np.frombuffer(data, dtype=kind).reshape(-1, width).astype(np.int64)


_decode = msgspec.msgpack.Decoder(Part, dec_hook=_unpacked).decode


class _Log:
    """The log without the event store, which takes a tenth of a second to import."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def stored(self, after: int, limit: int) -> Sequence[Stored]:
        return [*map(stored_of, self._reader.select(NEXT.format(after, limit)))]


def _help() -> None:
    """What the other process does until nobody asks any more."""
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    numbering = Numbering(zone(task.timezone), task.schemas, subjects=task.subjects)
    with reading(parse_address(task.url)) as reader:
        for line in sys.stdin.buffer:
            share = msgspec.json.decode(line, type=Share)
            sys.stdout.buffer.write(_encode(numbering.part(in_pieces(_Log(reader), share))))
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _help()
