"""Views for SQL: what held from when to when, whoever writes queries by hand or draws panels. See docs/dashboards.md.

The tables under them hold what the rule of time makes of the whole record. They are derived from it when something was
recorded, in one transaction; and the views give every column a stable name, an instant type and, for pledges, today.
"""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import Connection

from tracker.model.dates import FOREVER
from tracker.model.problem import BadRequest
from tracker.read_model.bell import CHANNEL
from tracker.read_model.checkpoint import VIEWS_CHECKPOINT
from tracker.read_model.database import writer
from tracker.read_model.intervals import measure_rows, pledge_rows, status_rows
from tracker.read_model.load import load
from tracker.read_model.log_views import RECORDED, json_of
from tracker.read_model.view_names import VIEWS, drop_views
from tracker.store.address import PostgresAddress, parse_address

VERSION = 2  # one more whenever the tables or views below change

_METADATA = MetaData()


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _instants(*names: str) -> list[Column[object]]:
    return [Column(name, DateTime(timezone=True)) for name in names]


_STATUS = Table(
    "tracker_status_intervals", _METADATA,
    *_texts("subject", "kind", "mode", "traffic", "direction", "status"), Column("severity", Integer),
    *_instants("valid_from", "valid_to"), Column("uncertain", Boolean), *_texts("announcement"),
)  # fmt: skip
_MEASURES = Table(
    "tracker_measure_intervals", _METADATA,
    *_texts("measure", "title", "authority", "kind", "places", "state", "level", "limits"),
    *_instants("valid_from", "valid_to"), Column("uncertain", Boolean), *_texts("announcement"),
)  # fmt: skip
_PLEDGES = Table(
    "tracker_pledges", _METADATA,
    *_texts("pledge", "kind", "parties", "places", "text"), *_instants("announced"), *_texts("announcement"),
    *_instants("due"), *_texts("outcome"), *_instants("ended"), *_texts("ended_by"), Column("lag_days", Integer),
)  # fmt: skip
_DERIVED = Table(
    VIEWS_CHECKPOINT, _METADATA, Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)  # fmt: skip


def derive(url: str) -> bool:
    """Bring the tables under the views up to what the read model holds.

    Returns: whether there was anything to do.
    Raises: NotRefreshed, NewerStore, StoreBusy, StoreUnavailable.
    """
    address = parse_address(url)
    with writer(address) as connection, connection.begin():
        reached = _reached(connection)
    try:
        record = load(url)
    except BadRequest:  # no dataset is on the record yet
        return False
    if reached == record.position:
        return False
    rows = [(table, list(make(record.view))) for table, make in _MAKERS]
    with writer(address) as connection, connection.begin():
        reached = _reached(connection)
        if reached is None:
            _make(connection)
        elif reached >= record.position:
            return False  # somebody else was faster
        for table, each in rows:
            connection.execute(delete(table))
            if each:
                connection.execute(insert(table), each)
        connection.execute(delete(_DERIVED))
        connection.execute(insert(_DERIVED).values(version=VERSION, position=record.position))
        if isinstance(address, PostgresAddress):
            connection.exec_driver_sql(f"NOTIFY {CHANNEL}, '{record.position:d}'")
    return True


_MAKERS = ((_STATUS, status_rows), (_MEASURES, measure_rows), (_PLEDGES, pledge_rows))


def _reached(connection: Connection) -> int | None:
    """The position that the tables hold; None where they, or views, are not there, or of another version."""
    found = inspect(connection)
    if _DERIVED.name not in found.get_table_names() or not set(VIEWS) <= set(found.get_view_names()):
        return None
    row = connection.execute(select(_DERIVED.c.version, _DERIVED.c.position)).one_or_none()
    return int(row.position) if row is not None and row.version == VERSION else None


def _make(connection: Connection) -> None:
    drop_views(connection)
    _METADATA.drop_all(connection)
    _METADATA.create_all(connection)
    for statement in _definitions(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _definitions(dialect: str) -> Sequence[str]:
    postgres = dialect == "postgresql"
    today = "CURRENT_TIMESTAMP" if postgres else "strftime('%Y-%m-%d %H:%M:%S', 'now')"
    status = "subject, kind, mode, traffic, direction, status, severity, valid_from, valid_to, uncertain, announcement"
    return (  # of constants of this function and of its module only
        f"CREATE VIEW v_status_interval AS SELECT {status} FROM tracker_status_intervals",  # nosec
        "CREATE VIEW v_measure_interval AS SELECT measure, title, authority, kind, places, state, level, limits, "
        "valid_from, valid_to, uncertain, announcement FROM tracker_measure_intervals",  # nosec
        "CREATE VIEW v_promise AS SELECT pledge, kind, parties, places, text, announced, announcement, due, "
        f"CASE WHEN outcome = 'open' AND due <= {today} THEN 'overdue' ELSE outcome END AS status, "
        "ended, ended_by, lag_days FROM tracker_pledges",  # nosec
        f"CREATE VIEW v_announcement AS {_of_recorded(dialect)} UNION ALL {_of_kept(dialect)}",
    )


def _instant(dialect: str, column: str) -> str:
    """A column of microseconds as an instant."""
    if dialect == "postgresql":
        return f"to_timestamp({column} / 1000000.0)"
    return f"strftime('%Y-%m-%d %H:%M:%S', {column} / 1000000, 'unixepoch')"


def _of_recorded(dialect: str) -> str:
    """Announcements that are as they were first recorded; see `log_views`."""
    json = json_of(dialect)
    party, name, url = (json.of_item(each) for each in ("party", "name", "url"))
    return f"""SELECT e.statement AS id, {_instant(dialect, "a.latest")} AS announced,
            {json.joined("by", party)} AS parties,
            {json.joined("by", f"COALESCE({name}, {party})")} AS speakers,
            {json.text("announcement", "summary")} AS summary, {json.text("announcement", "status")} AS verification,
            {json.joined("effect", json.of_item("type"))} AS effects,
            {json.joined("source", json.of_item("publisher"))} AS publishers,
            {json.joined("source", url)} AS urls,
            0 AS version, 'recorded' AS version_kind, {"FALSE" if dialect == "postgresql" else "0"} AS retracted,
            e.position, {_instant(dialect, "e.recorded_at")} AS recorded_at, {json.text("recorded_by")} AS recorded_by,
            e.digest
        FROM {RECORDED}"""  # nosec


def _of_kept(dialect: str) -> str:
    """The others, in the version that counts."""

    def joined(column: str, table: str, more: str = "") -> str:
        """The values of a column in the parts of an announcement, as one text."""
        of = f"WHERE p.announcement = a.announcement AND p.version = a.version{more}"
        return f"(SELECT {json.join} FROM (SELECT {column} AS v FROM {table} p {of} ORDER BY p.number) o)"  # nosec

    json, said = json_of(dialect), " AND p.part = 'content'"
    return f"""SELECT a.announcement, {_instant(dialect, "a.order_instant")},
            {joined("party", "tracker_kept_speakers", said)},
            {joined("COALESCE(name, party)", "tracker_kept_speakers", said)},
            a.summary, a.status,
            {joined("type", "tracker_kept_effects")},
            {joined("publisher", "tracker_kept_sources", said)},
            {joined("url", "tracker_kept_sources", said)},
            a.version, a.kind, a.content IS NULL, a.position, {_instant(dialect, "a.recorded_at")}, a.recorded_by,
            a.digest
        FROM tracker_kept_announcements a WHERE EXISTS (SELECT 1 FROM tracker_kept_spans s
            WHERE s.announcement = a.announcement AND s.version = a.version
            AND s.announced_to = {FOREVER} AND s.recorded_to = {FOREVER})"""  # nosec
