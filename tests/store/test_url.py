"""Where a store can be, and what is said where it cannot."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.store.samples import announcement
from tracker.model.errors import BadRequest, TrackerError
from tracker.store.errors import StoreUnavailable
from tracker.store.event_store import open_store
from tracker.store.url import PostgresAddress, SqliteAddress, parse_address

NOBODY = 65534


def test_the_forms_of_a_url() -> None:
    assert parse_address("sqlite:////var/lib/store.sqlite") == SqliteAddress(Path("/var/lib/store.sqlite"))
    assert parse_address("sqlite:///store.sqlite") == SqliteAddress(Path.cwd() / "store.sqlite")
    assert parse_address("data/store.sqlite") == SqliteAddress(Path.cwd() / "data/store.sqlite")
    assert parse_address("~/store.sqlite") == SqliteAddress(Path.home() / "store.sqlite")
    url = "postgresql://me:secret@db.example:5433/tracker?sslmode=require"
    assert parse_address(url) == PostgresAddress(url)


def test_a_password_is_not_shown() -> None:
    address = parse_address("postgresql://me:secret@db.example:5433/tracker?password=secret")
    assert str(address) == "postgresql://db.example:5433/tracker"
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "://",
        ":memory:",
        "a\0b",
        "mysql://localhost/x",
        "https://example.org",
        "postgres://localhost/x",
        "postgresql+psycopg://h/x",
        "sqlite://",
        "sqlite://x.sqlite",
        "sqlite:///:memory:",
        "sqlite:///x.sqlite?mode=ro",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(BadRequest, match="write a file path, sqlite:"):
        open_store(url)


@pytest.mark.parametrize(
    "url", ["postgresql://me:secret@[::1/x", "postgresql://me:secret@h/x?nonsense=1", "postgresql://me:secret@h:port/x"]
)
def test_a_malformed_postgres_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(TrackerError) as refusal:
        open_store(url)
    assert "secret" not in str(refusal.value)


def test_a_server_that_cannot_be_reached_is_named() -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/x.*refused") as refusal:
        open_store("postgresql://me:secret@127.0.0.1:1/x")
    assert "secret" not in str(refusal.value)


def test_a_database_that_does_not_exist_is_named(postgres_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        open_store(postgres_url.rpartition("/")[0] + "/nowhere")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="missing does not exist: create it"):
        open_store(str(tmp_path / "missing" / "store.sqlite"))


def test_a_folder_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="this is a folder"):
        open_store(str(tmp_path))


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database, but long enough to look like one. " * 30)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="not an SQLite database"):
        open_store(str(path))
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.touch()
    with open_store(str(path)) as store:
        assert store.max_position() == 0


def test_a_file_with_other_tables_becomes_a_store_too(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE assertions (track text)")
    with open_store(str(path)) as store:
        assert store.record([announcement("a")]).recorded == 1


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions do not bind root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)


def test_a_folder_that_cannot_be_written_to_is_named(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with as_nobody(), pytest.raises(StoreUnavailable, match="cannot be written to"):
        open_store(str(open_folder / "store.sqlite"))


def test_a_read_only_file_is_an_error_in_words(open_folder: Path) -> None:
    path = open_folder / "store.sqlite"
    with open_store(str(path)) as store:
        store.record([announcement("a")])
    path.chmod(0o444)
    with as_nobody(), open_store(str(path)) as store:
        assert store.max_position() == 1
        with pytest.raises(StoreUnavailable, match="read-only"):
            store.record([announcement("b")])
        assert store.max_position() == 1


def test_a_read_only_file_in_a_read_only_folder_is_an_error_in_words(open_folder: Path) -> None:
    path = open_folder / "store.sqlite"
    with open_store(str(path)):
        pass
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with as_nobody(), pytest.raises(StoreUnavailable, match="permissions"), open_store(str(path)) as store:
        store.record([announcement("a")])
