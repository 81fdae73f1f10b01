"""Settings of every connection to a store's database, made by the event store and by the projections.

Imports no driver: a command that reads an SQLite file has no time to spare for PostgreSQL's.
"""

from typing import TYPE_CHECKING, Any

from tracker.model.errors import BadRequest
from tracker.store.url import URL_FORMS, PostgresAddress

if TYPE_CHECKING:
    import psycopg

LOCK_SECONDS = 30  # to wait for another writer
CONNECT_SECONDS = 5  # to wait for a server
SQLITE_CACHE = 64 * 1024  # KiB of pages at most: the default 2 MiB make a large load write each page of an index often

MIGRATION_LOCK = 7_203_115_926_417_309  # advisory lock for creating or upgrading the tables of the log
PROJECTIONS_LOCK = 7_203_115_926_417_310  # advisory lock for writing the derived tables

_SESSION = (
    b"SET search_path = public",
    b"SET lock_timeout = '%ds'" % LOCK_SECONDS,
    b"SET idle_in_transaction_session_timeout = '60s'",
)
_DURABLE = (  # remote_apply, which waits for the replicas as well, stays
    b"SELECT set_config('synchronous_commit', 'on', false) "
    b"WHERE current_setting('synchronous_commit') <> 'remote_apply'"
)


def postgres_options(address: PostgresAddress) -> dict[str, Any]:
    """Parameters of a psycopg connection.

    Raises: BadRequest, without the driver's message, which would show the password.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        return {"connect_timeout": CONNECT_SECONDS} | conninfo_to_dict(address.url)
    except psycopg.ProgrammingError:
        raise BadRequest(f"{address} is not the URL of a PostgreSQL database: {URL_FORMS}") from None


def configure(connection: "psycopg.Connection[Any]", *, durable: bool) -> None:
    """Set up a session in autocommit mode; a durable one confirms a commit only when it is on disk."""
    connection.autocommit = True
    for setting in _SESSION:
        connection.execute(setting)
    if durable:
        connection.execute(_DURABLE)
