"""A store with the real record, and a server on it."""

from tests.api.conftest import full_store, own_store, serving

__all__ = ["full_store", "own_store", "serving"]
