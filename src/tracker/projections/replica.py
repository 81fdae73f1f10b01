"""Reads that go to a streaming replica: which address has what a read needs, and the wait until it does."""

from collections.abc import Callable
from typing import NamedTuple

from tracker.model.errors import BadRequest
from tracker.projections.checkpoint import CHECKPOINT, READ_CHECKPOINT, Checkpoint
from tracker.projections.connections import Reader, reading, watching
from tracker.store.backoff import wait_until
from tracker.store.errors import StoreBusy, StoreUnavailable
from tracker.store.url import PostgresAddress, parse_address

PATIENCE = 2.0  # seconds in which a replica may come up to the primary
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.02  # seconds between two looks
_TIP = "SELECT position, digest FROM event_log ORDER BY position DESC LIMIT 1"
_AT = "SELECT digest FROM event_log WHERE position = {:d}"

Say = Callable[[str], None]


class Tip(NamedTuple):
    """The last event of a log."""

    position: int  # 0: there is none
    digest: str


def check_replica(primary: str, replica: str) -> None:
    """Refuse a replica unless both addresses are PostgreSQL databases. Raises: BadRequest."""
    for name, url in (("the store", primary), ("its replica", replica)):
        _postgres(name, url)


def _postgres(name: str, url: str) -> PostgresAddress:
    address = parse_address(url)
    if not isinstance(address, PostgresAddress):
        raise BadRequest(f"only a PostgreSQL store has replicas, but {name} is {address}: leave the replica out")
    return address


def where_to_read(primary: str, replica: str, bring_up: Callable[[], object], say: Say) -> str:
    """The address to read from now: the replica once it has all that the primary has; the primary if that takes long.

    If the primary does not answer, it is the replica with what it has. Nothing is written to a replica.
    Args: bring_up: makes the tables of the primary hold its log.
    Raises: BadRequest, and what `bring_up` raises for other reasons than that the primary does not answer.
    """
    try:
        bring_up()
        reached = tip(primary)
    except StoreUnavailable as error:
        say(f"note: {error}; the answer is what the replica has")
        return replica
    try:
        if wait_for(replica, reached):
            return replica
        reason = f"{parse_address(replica)} is more than {PATIENCE:g} seconds behind"
    except (StoreUnavailable, StoreBusy) as error:
        reason = str(error)
    say(f"note: the primary answers, for the replica cannot: {reason}")
    return primary


def wait_for(replica: str, last: Tip, seconds: float | None = None) -> bool:
    """Wait until the tables of a replica hold what a log held.

    Returns: false where they do not after so long.
    Raises: BadRequest, if it is the replica of another log; StoreUnavailable, StoreBusy.
    """
    address, patience = _postgres("its replica", replica), PATIENCE if seconds is None else seconds
    with watching(address) as reader:
        is_reached = wait_until(
            lambda: _tables(reader) >= last.position, patience, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE
        )
        if not is_reached:
            return False
        if last.position and reader.select(_AT.format(last.position)) != [(last.digest,)]:
            raise BadRequest(f"{address} is not a replica of the store: its event {last.position} is another one")
    return True


def tip(url: str) -> Tip:
    """The last event at an address.

    Raises: StoreUnavailable, StoreBusy, BadRequest.
    """
    with reading(parse_address(url)) as reader:
        return _tip(reader)


def _tip(reader: Reader) -> Tip:
    rows = reader.select(_TIP) if reader.has("event_log") else []
    return Tip(*rows[0]) if rows else Tip(0, "")


def _tables(reader: Reader) -> int:
    checkpoints = [Checkpoint(*row) for row in reader.select(READ_CHECKPOINT)] if reader.has(CHECKPOINT) else []
    return checkpoints[0].position if checkpoints and checkpoints[0].readable else -1
