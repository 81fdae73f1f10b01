"""The append-only store of events, in an SQLite file or in a PostgreSQL database."""
