"""A server on a store with the real record."""

from tests.api.conftest import serving

__all__ = ["serving"]
