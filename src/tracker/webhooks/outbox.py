"""The outbox: messages to webhooks and the outcome of each attempt. Not derived from the log, so a rebuild keeps it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.engine import Connection

from tracker.projections.writer import writer
from tracker.store.url import parse_address

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"

_METADATA = MetaData()
_DELIVERIES = Table(
    "tracker_webhook_deliveries",
    _METADATA,
    Column("target", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created", BigInteger, nullable=False),  # instants, in microseconds
    Column("due", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("status", Integer),  # of the last answer
    Column("error", Text),
    Column("ended", BigInteger),
)
_NEWS = Table(
    "tracker_webhook_news",
    _METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),  # up to which messages were made
    Column("at", BigInteger, nullable=False),
)


class Message(NamedTuple):
    """A message to one target."""

    target: str
    id: str
    type: str
    body: str


class DueMessage(NamedTuple):
    """A message that is to be sent now."""

    target: str
    id: str
    body: str
    attempts: int  # so far


class Outcome(NamedTuple):
    """The result of an attempt to send a message."""

    state: str
    due: int
    status: int | None
    error: str | None


class Outbox:
    """The messages of one store. Several processes share the work: each message is taken by one at a time."""

    def __init__(self, url: str, at: int, position: int) -> None:
        """Open the outbox; a new one has no messages about events up to a position."""
        self._address = parse_address(url)
        with writer(self._address) as connection, connection.begin():
            _METADATA.create_all(connection)
            if connection.execute(select(_NEWS.c.position)).first() is None:
                connection.execute(insert(_NEWS).values(one=1, position=position, at=at))

    def collect(self, position: int, at: int, make: Callable[[int, int], Sequence[Message]]) -> int:
        """Add the messages about events and changes since the last call, by any process.

        Args: make: gives the messages about events since a position and changes since an instant.
        Returns: how many messages.
        """
        with writer(self._address) as connection, connection.begin():
            last = connection.execute(select(_NEWS.c.position, _NEWS.c.at)).one()
            if last.position > position or last.at >= at:
                return 0
            messages = [message for message in make(last.position, last.at) if not _holds(connection, message)]
            if messages:
                common = {"created": at, "due": at, "attempts": 0, "state": PENDING}
                connection.execute(insert(_DELIVERIES), [message._asdict() | common for message in messages])
            connection.execute(update(_NEWS).values(position=position, at=at))
        return len(messages)

    def take(self, now: int, until: int, targets: Sequence[str], limit: int = 20) -> list[DueMessage]:
        """The messages to some targets that are due, leased until an instant, so that no other process takes them."""
        ready = (_DELIVERIES.c.state == PENDING) & (_DELIVERIES.c.due <= now) & _DELIVERIES.c.target.in_(targets)
        with writer(self._address) as connection, connection.begin():
            columns = (_DELIVERIES.c.target, _DELIVERIES.c.id, _DELIVERIES.c.body, _DELIVERIES.c.attempts)
            rows = connection.execute(select(*columns).where(ready).order_by(_DELIVERIES.c.due).limit(limit)).all()
            for row in rows:
                connection.execute(update(_DELIVERIES).where(_key(row.target, row.id)).values(due=until))
        return [DueMessage(*row) for row in rows]

    def report(self, due: DueMessage, outcome: Outcome, now: int) -> None:
        """Store the outcome of an attempt."""
        ended = None if outcome.state == PENDING else now
        with writer(self._address) as connection, connection.begin():
            connection.execute(
                update(_DELIVERIES)
                .where(_key(due.target, due.id))
                .values(attempts=due.attempts + 1, ended=ended, **outcome._asdict())
            )

    def give_up(self, targets: Sequence[str], now: int) -> None:
        """Give up the messages to all but some targets."""
        former = (_DELIVERIES.c.state == PENDING) & _DELIVERIES.c.target.not_in(targets)
        with writer(self._address) as connection, connection.begin():
            ended = {"state": FAILED, "error": "no longer a target", "ended": now}
            connection.execute(update(_DELIVERIES).where(former).values(**ended))

    def forget(self, before: int) -> int:
        """Delete the messages that ended before an instant.

        Returns: how many.
        """
        with writer(self._address) as connection, connection.begin():
            old = (_DELIVERIES.c.state != PENDING) & (_DELIVERIES.c.ended < before)
            return connection.execute(delete(_DELIVERIES).where(old)).rowcount

    def counts(self) -> dict[str, int]:
        """How many messages are in each state."""
        with writer(self._address) as connection, connection.begin():
            state = _DELIVERIES.c.state
            rows = connection.execute(select(state, func.count()).group_by(state)).all()
        return {str(name): int(count) for name, count in rows}


def _key(target: str, name: str) -> ColumnElement[bool]:
    return (_DELIVERIES.c.target == target) & (_DELIVERIES.c.id == name)


def _holds(connection: Connection, message: Message) -> bool:
    row = select(literal(1)).where(_key(message.target, message.id))
    return connection.execute(row).first() is not None
