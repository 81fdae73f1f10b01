"""The tables of a store, one tuple of statements for each version of the schema.

`stored_events` is the table that eventsourcing's recorders read, with three columns more: the id of the statement (its
uniqueness reserves it), the digest and the time, so that a load and a look-up by time need not decode anything.
The view `event_log` has its rows under our own column names, alike in both databases: read from the view.

`merkle_leaves` holds the leaf of each event, numbered without gaps, and `merkle_nodes` the hashes that
`tracker.store.merkle` keeps: filled in the transaction that stores the event, or once in the upgrade from version 1.

`writer_tokens` and `idempotency_keys` hold who may write, and stored responses: they are not part of the log.
"""

VERSION = 4  # of the schema; one more than the last needs one tuple more in both

CREATE_VERSION = "CREATE TABLE IF NOT EXISTS store_version (version integer NOT NULL)"

_REFUSAL = "stored events are never changed: record a correction"

_SQLITE_1 = (
    """
    CREATE TABLE stored_events (
        rowid INTEGER PRIMARY KEY AUTOINCREMENT,
        originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL,
        state BLOB NOT NULL,
        statement TEXT UNIQUE,
        digest TEXT NOT NULL,
        recorded_at INTEGER NOT NULL,
        UNIQUE (originator_id, originator_version))
    """,
    "CREATE INDEX stored_events_recorded_at ON stored_events (recorded_at)",
    """
    CREATE VIEW event_log AS
    SELECT rowid AS position, originator_id AS stream, originator_version AS number, topic AS type,
           statement, digest, recorded_at, state
    FROM stored_events
    """,
    f"""
    CREATE TRIGGER stored_events_no_update BEFORE UPDATE ON stored_events
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
    """,
    f"""
    CREATE TRIGGER stored_events_no_delete BEFORE DELETE ON stored_events
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
    """,
    # INSERT OR REPLACE deletes without firing the trigger on DELETE.
    f"""
    CREATE TRIGGER stored_events_no_replace BEFORE INSERT ON stored_events
    WHEN EXISTS (SELECT 1 FROM stored_events WHERE rowid = NEW.rowid)
      OR EXISTS (SELECT 1 FROM stored_events WHERE statement = NEW.statement)
      OR EXISTS (SELECT 1 FROM stored_events
                 WHERE originator_id = NEW.originator_id AND originator_version = NEW.originator_version)
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
    """,  # nosec  # a constant
)

_POSTGRES_LOG = """
    CREATE VIEW public.event_log AS
    SELECT notification_id AS position, originator_id AS stream, originator_version AS number, topic AS type,
           statement, digest, recorded_at, state
    FROM public.stored_events
    """

_POSTGRES_1 = (
    """
    CREATE TABLE public.stored_events (
        notification_id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        originator_id uuid NOT NULL,
        originator_version bigint NOT NULL,
        topic text NOT NULL,
        state bytea NOT NULL,
        statement text UNIQUE,
        digest text NOT NULL,
        recorded_at bigint NOT NULL,
        PRIMARY KEY (originator_id, originator_version))
    """,
    "CREATE INDEX stored_events_recorded_at ON public.stored_events (recorded_at, notification_id)",
    _POSTGRES_LOG,
    f"""
    CREATE FUNCTION public.stored_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$
    """,
    """
    CREATE TRIGGER stored_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON public.stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION public.stored_events_refuse()
    """,
)

_MERKLE_REFUSAL = "the Merkle log is never changed"


def _sqlite_guards(table: str, taken: str) -> tuple[str, ...]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_MERKLE_REFUSAL}'); END"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) {refuse}",  # nosec  # constants of this module
    )


_SQLITE_2 = (
    "CREATE TABLE merkle_leaves (number INTEGER PRIMARY KEY, position INTEGER NOT NULL UNIQUE, leaf BLOB NOT NULL)",
    "CREATE TABLE merkle_nodes (place INTEGER PRIMARY KEY, hash BLOB NOT NULL)",
    *_sqlite_guards("merkle_leaves", "number = NEW.number OR position = NEW.position"),
    *_sqlite_guards("merkle_nodes", "place = NEW.place"),
)

_POSTGRES_2 = (
    "LOCK TABLE public.stored_events IN EXCLUSIVE MODE",  # no event is stored without its leaf meanwhile
    """
    CREATE TABLE public.merkle_leaves (
        number bigint PRIMARY KEY, position bigint NOT NULL UNIQUE, leaf bytea NOT NULL)
    """,
    "CREATE TABLE public.merkle_nodes (place bigint PRIMARY KEY, hash bytea NOT NULL)",
    f"""
    CREATE FUNCTION public.merkle_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_MERKLE_REFUSAL}'; END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON public.{table}
        FOR EACH STATEMENT EXECUTE FUNCTION public.merkle_refuse()
        """
        for table in ("merkle_leaves", "merkle_nodes")
    ),
)

LEAVES = 2  # the version in which every event has a leaf

# A partial index: drafts are few among many events.
_DRAFTS = "topic IN ('DraftSubmitted', 'DraftApproved', 'DraftRejected')"


def _writers(schema: str, number: str, octets: str) -> tuple[str, ...]:
    return (
        f"""
        CREATE TABLE {schema}writer_tokens (
            id text PRIMARY KEY, person text NOT NULL, scopes text NOT NULL, sha256 {octets} NOT NULL,
            created_at {number} NOT NULL, expires_at {number}, revoked_at {number})
        """,
        f"""
        CREATE TABLE {schema}idempotency_keys (
            token text NOT NULL, key text NOT NULL, request {octets} NOT NULL, answer text NOT NULL,
            at {number} NOT NULL, PRIMARY KEY (token, key))
        """,
    )


_SQLITE_3 = (
    *_writers("", "INTEGER", "BLOB"),
    f"CREATE INDEX stored_events_drafts ON stored_events (rowid) WHERE {_DRAFTS}",
)
_POSTGRES_3 = (
    *_writers("public.", "bigint", "bytea"),
    f"CREATE INDEX stored_events_drafts ON public.stored_events (notification_id) WHERE {_DRAFTS}",
)

# Ids sort by their bytes, as everywhere else: the views of the read model could not use the index otherwise.
_POSTGRES_4 = (
    "DROP VIEW public.event_log CASCADE",  # and the read model's views, which are made again with its tables
    'ALTER TABLE public.stored_events ALTER COLUMN statement TYPE text COLLATE "C"',  # rewrites the index alone
    _POSTGRES_LOG,
)

SQLITE = (_SQLITE_1, _SQLITE_2, _SQLITE_3, ())
POSTGRES = (_POSTGRES_1, _POSTGRES_2, _POSTGRES_3, _POSTGRES_4)
