"""The URL of a store, parsed. Imports no database driver, which would slow every command down."""

from pathlib import Path
from typing import NamedTuple

from tracker.extras import require
from tracker.model.errors import BadRequest

URL_FORMS = "write a file path, sqlite:////path/to/file.sqlite or postgresql://user:password@host:port/database"


class SqliteAddress(NamedTuple):
    """A store in an SQLite file."""

    path: Path  # absolute

    def __str__(self) -> str:
        return str(self.path)


class PostgresAddress(NamedTuple):
    """A store in a database of a PostgreSQL server."""

    url: str

    def __str__(self) -> str:
        """The address for messages: host and database, never the password."""
        place, _, _ = self.url.removeprefix("postgresql://").partition("?")
        return f"postgresql://{place.rpartition('@')[2]}"

    def __repr__(self) -> str:
        return f"PostgresAddress({self})"


Address = SqliteAddress | PostgresAddress


def parse_address(url: str) -> Address:
    """Read the URL of a store.

    Raises: BadRequest, saying which forms there are; MissingExtra, where the driver is not installed.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return _file(url)
    if scheme == "postgresql":
        require("postgres")
        return PostgresAddress(url)
    if scheme == "sqlite" and rest.startswith("/"):
        return _file(rest[1:])
    raise BadRequest(f"{scheme}://… is not the URL of a store: {URL_FORMS}")


def _file(path: str) -> SqliteAddress:
    if not path or "\0" in path or "?" in path or ":memory:" in path:
        raise BadRequest(f"{path!r} is not a file that a store can be in: {URL_FORMS}")
    return SqliteAddress(Path(path).expanduser().absolute())
