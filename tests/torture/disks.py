"""Disks that are full, and disks that cannot be written to."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.store.conftest import run_sql
from tests.store.samples import announcement, registry
from tests.torture.place import Figures, Place, assert_whole
from tests.torture.worker import load_of
from tracker.model.errors import TrackerError
from tracker.projections.refresh import refresh
from tracker.store.errors import StoreUnavailable
from tracker.store.event_store import open_store

SMALL, LARGE = "20m", "400m"  # PostgreSQL copies 8 MB into a new database
LOAD = 4000
CALL = 250


def can_mount() -> bool:
    """Whether we may mount a file system in memory."""
    try:
        with _disk("1m"):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def full(place: Place, size: str = SMALL, load: int = LOAD) -> Figures:
    """What is too much is refused in words, leaves nothing, and goes in when there is room."""
    if not can_mount():
        return _full_by_limit(place, load)
    with _disk(size) as disk, _store_on(place, disk) as url, open_store(url) as store, _asking(url) as ask:
        store.load(registry(), [announcement("first")])
        refresh(url, store)
        refused, stored = "", 0
        while not refused:
            try:
                store.record(load_of(f"r{stored}", CALL))
                stored += 1
            except TrackerError as error:
                refused = _words(error, "the disk is full", "disk full or gone")
        events = len(list(store.events()))
        assert ask(f"SELECT COUNT(*) FROM event_log WHERE statement LIKE 'r{stored}-%'") == [(0,)], "in part"
        assert ask("SELECT COUNT(*) FROM event_log WHERE statement LIKE 'r%'") == [(stored * CALL,)]
        with pytest.raises(StoreUnavailable):
            store.record(load_of("more", load))
        _mount("-o", f"remount,size={LARGE}", str(disk))
        assert store.record(load_of(f"r{stored}", CALL)).recorded == CALL
        store.record([announcement("last")])
        whole = assert_whole(url, store)
    counts = {"said": repr(refused), "events when full": events, "with room again": whole}
    return Figures("a full disk", place.kind, counts)


@contextmanager
def _asking(url: str) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Questions on a connection that is made while there is room: a full server refuses some new ones."""
    if not url.startswith("postgresql://"):
        yield lambda sql: run_sql(url, sql)
        return
    with psycopg.connect(url, autocommit=True) as server:
        yield lambda sql: server.execute(sql.encode()).fetchall()


def read_only(place: Place) -> Figures:
    """A store that cannot be written to says so, and nothing has changed when it can be."""
    with _disk(LARGE) as disk, _store_on(place, disk) as url:
        with open_store(url) as store:
            store.load(registry(), [announcement("first")])
            refresh(url, store)
        with _unwritable(place, url, disk), pytest.raises(TrackerError) as refused, open_store(url) as store:
            store.record([announcement("second")])
        said = _words(refused.value, "read-only", "cannot be written to")
        with open_store(url) as store:
            assert run_sql(url, "SELECT COUNT(*) FROM event_log WHERE statement = 'second'") == [(0,)]
            assert store.record([announcement("second")]).recorded == 1
            whole = assert_whole(url, store)
    return Figures("a read-only disk or server", place.kind, {"said": repr(said), "events afterwards": whole})


@contextmanager
def _unwritable(place: Place, url: str, disk: Path) -> Iterator[None]:
    """The file system itself; for a server, its own refusal, as a replica's."""
    if place.kind == "sqlite":
        _mount("-o", "remount,ro", str(disk))
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(disk))
        return
    name = url.rpartition("/")[2]
    run_sql(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        yield
    finally:
        with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as server:
            server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())


def read_only_file(place: Place) -> Figures:
    """The same for a file and a folder that are another's: only where we are not root, who may write everywhere."""
    url = place.new_url()
    file = Path(url.removeprefix("sqlite:///"))
    with open_store(url) as store:
        store.load(registry(), [announcement("first")])
    file.chmod(0o444)
    try:
        with pytest.raises(TrackerError) as refused, open_store(url) as store:
            store.record([announcement("second")])
    finally:
        file.chmod(0o644)
    said = _words(refused.value, "read-only", "permissions")
    with open_store(url) as store:
        assert store.record([announcement("second")]).recorded == 1
        whole = assert_whole(url, store)
    return Figures("a read-only file", place.kind, {"said": repr(said), "events afterwards": whole})


def _full_by_limit(place: Place, load: int) -> Figures:
    """Files may not grow beyond a limit: for those who may not mount."""
    url = place.new_url()
    with open_store(url) as store:
        said, _ = place.said("fill", url, load, 300_000)
        assert said, "it was not full"
        assert "disk" in said[0]
        assert store.max_position() == 0
        store.load(registry(), load_of("a", load))
        whole = assert_whole(url, store)
    return Figures("a full disk (a limit of the process)", place.kind, {"said": repr(said[0]), "with room": whole})


def _words(error: TrackerError, *some: str) -> str:
    text = str(error)
    assert any(words in text for words in some), text
    return text.partition(": ")[2]


@contextmanager
def _disk(size: str) -> Iterator[Path]:
    if os.geteuid() != 0:
        raise PermissionError("only root may mount")
    folder = Path(tempfile.mkdtemp(prefix="tracker-disk-"))
    try:
        _mount("-t", "tmpfs", "-o", f"size={size},mode=0777", "tracker-torture", str(folder))
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)
    finally:
        folder.rmdir()


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@contextmanager
def _store_on(place: Place, disk: Path) -> Iterator[str]:
    """The URL of a store whose data are on a disk."""
    if place.kind == "sqlite":
        yield f"sqlite:///{disk}/store.sqlite"
        return
    some = place.new_url()  # for its server
    folder, name = disk / "space", f"on_{disk.name.replace('-', '_')}".lower()
    folder.mkdir()
    shutil.chown(folder, place.server_user)
    server = some.rpartition("/")[0]
    run_sql(some, f"CREATE TABLESPACE {name} LOCATION '{folder}'", f"CREATE DATABASE {name} TABLESPACE {name}")
    try:
        yield f"{server}/{name}"
    finally:
        run_sql(some, f"DROP DATABASE {name} WITH (FORCE)", f"DROP TABLESPACE {name}")
