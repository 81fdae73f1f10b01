"""Every test of the transparency log runs on an SQLite file and on a PostgreSQL database."""

from tests.store.conftest import new_url, store, url

__all__ = ["new_url", "store", "url"]
