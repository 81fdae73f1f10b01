"""Reads that go to a replica: a real one, of a real primary, that lags, stops, or is somebody else's."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from queue import Queue
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.api.conftest import running
from tests.postgres import Server
from tests.torture.failover import Link, caught_up
from tracker import serve
from tracker.cli.main import answer
from tracker.model.errors import BadRequest
from tracker.projections.notifications import Listener
from tracker.services import audit, records, verification
from tracker.services.live import Live
from tracker.settings import Settings
from tracker.store.errors import StoreUnavailable

pytestmark = pytest.mark.slow

EVENTS = Path(__file__).parents[2] / "examples" / "fiordland"
NOW = datetime(2032, 1, 1, tzinfo=UTC)
NUMBERS = count()
SAID = """
announced = 2031-06-01
summary = "Something was said."
by = [{ party = "SK" }]
source = [{ publisher = "The Bugle" }]
"""


class Stores:
    """One store, and the same on the replica."""

    def __init__(self, primary: str, replica: Server, folder: Path) -> None:
        self.primary = primary
        self.replica = replica.url(self.primary.rpartition("/")[2])
        self.heard: list[str] = []
        self._folder = folder
        self._server = replica

    def ask(self, **changes: str) -> records.Tracker:
        given = {"primary": self.primary, "replica": self.replica, **changes}
        return records.from_store(given["primary"], NOW, self.heard.append, replica=given["replica"])

    def record(self) -> int:
        """Record something new; its position."""
        path = self._folder / f"said-{next(NUMBERS)}.toml"
        path.write_text(SAID, "utf-8")
        loaded, _ = records.record(self.primary, [path])
        assert loaded.last
        return loaded.last

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """While the replica takes nothing in."""
        self._server.sql("SELECT pg_wal_replay_pause()")
        try:
            with psycopg.connect(self._server.url("postgres"), autocommit=True) as server:
                while server.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() != ("paused",):
                    pass
            yield
        finally:
            self._server.sql("SELECT pg_wal_replay_resume()")

    def caught_up(self) -> None:
        """Wait until the replica is a whole copy, whatever it needs for it."""
        caught_up(self.replica, self.primary)


@pytest.fixture(scope="module")
def filled(postgres_pair: tuple[Server, Server]) -> str:
    """The URL of a store with a record, which only grows."""
    url = postgres_pair[0].new_database()
    records.load(url, EVENTS)
    return url


@pytest.fixture
def stores(filled: str, postgres_pair: tuple[Server, Server], tmp_path: Path) -> Stores:
    found = Stores(filled, postgres_pair[1], tmp_path)
    found.caught_up()
    return found


@pytest.fixture
def nobody() -> str:
    """The address of a server that is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"postgresql://tracker@127.0.0.1:{free.getsockname()[1]}/tracker"


def test_a_question_goes_to_the_replica_and_misses_nothing_that_was_recorded_before(stores: Stores) -> None:
    for _ in range(5):
        position = stores.record()
        found = stores.ask()
        assert (found.record.position, found.address) == (position, stores.replica)
    assert stores.heard == []


def test_a_replica_that_is_too_far_behind_is_not_asked(stores: Stores) -> None:
    with stores.held_up():
        position = stores.record()
        found = stores.ask()
        assert (found.record.position, found.address) == (position, stores.primary)
        assert "behind" in stores.heard.pop()
    stores.caught_up()
    assert stores.ask().address == stores.replica


def test_without_its_primary_the_replica_answers_with_what_it_has(stores: Stores, nobody: str) -> None:
    found = stores.ask(primary=nobody)
    assert (found.record.position, found.address) == (stores.ask().record.position, stores.replica)
    assert "the answer is what the replica has" in stores.heard[0]


def test_without_the_replica_the_primary_answers(stores: Stores, nobody: str) -> None:
    assert stores.ask(replica=nobody).address == stores.primary
    assert "the primary answers" in stores.heard[0]


def test_without_both_the_error_is_that_of_the_replica(stores: Stores, nobody: str) -> None:
    with pytest.raises(StoreUnavailable, match="postgresql://127"):
        stores.ask(primary=nobody, replica=nobody)


def test_another_database_is_not_a_replica(stores: Stores, postgres_pair: tuple[Server, Server]) -> None:
    other = postgres_pair[0].new_database()
    records.load(other, Path(__file__).parents[2] / "events")
    with pytest.raises(BadRequest, match="not a replica of the store"):
        stores.ask(replica=other)


def test_a_file_has_no_replica(stores: Stores, tmp_path: Path) -> None:
    for primary, replica in (
        (str(tmp_path / "a.sqlite"), stores.replica),
        (stores.primary, str(tmp_path / "b.sqlite")),
    ):
        with pytest.raises(BadRequest, match="only a PostgreSQL store has replicas"):
            records.from_store(primary, NOW, stores.heard.append, replica=replica)


def test_a_replica_alone_is_a_store_to_read_and_to_verify(stores: Stores, tmp_path: Path) -> None:
    assert records.from_store(stores.replica, NOW, stores.heard.append).record.position == stores.ask().record.position
    assert list(records.log(stores.replica)) == list(records.log(stores.primary))
    assert verification.verify(stores.replica).intact
    assert audit.head(stores.replica) == audit.head(stores.primary)
    audit.backup(stores.replica, tmp_path / "log.jsonl.gz")
    (tmp_path / "new.toml").write_text(SAID, "utf-8")
    with pytest.raises(StoreUnavailable, match="name the primary"):
        records.record(stores.replica, [tmp_path / "new.toml"])


def test_the_command_line_reads_from_the_replica_and_writes_to_the_primary(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACKER_STORE", stores.primary)
    monkeypatch.setenv("TRACKER_REPLICA", stores.replica)
    (tmp_path / "said-by-me.toml").write_text(SAID, "utf-8")
    asked: list[str | None] = []
    monkeypatch.setattr(records, "from_store", _spied(records.from_store, asked))
    assert answer(["record", str(tmp_path / "said-by-me.toml")]) == 0
    assert answer(["show", "said-by-me"]) == 0
    assert answer(["log"]) == 0
    assert asked == [stores.replica]
    assert "said-by-me" in capfd.readouterr().out
    assert answer(["config"]) == 0
    assert "environment, TRACKER_REPLICA" in " ".join(capfd.readouterr().out.split())
    assert answer(["--store", str(tmp_path / "other.sqlite"), "load", str(EVENTS)]) == 0
    assert answer(["--store", str(tmp_path / "other.sqlite"), "state"]) == 0  # the replica is not one of this store
    assert asked == [stores.replica, None]


def _spied(ask: Callable[..., records.Tracker], asked: list[str | None]) -> Callable[..., records.Tracker]:
    def spied(*args: object, replica: str | None = None, **more: object) -> records.Tracker:
        asked.append(replica)
        return ask(*args, replica=replica, **more)

    return spied


def test_a_server_never_goes_back_to_what_a_slow_replica_has(stores: Stores) -> None:
    live = Live.of_store(stores.primary, lambda: NOW, stores.heard.append, replica=stores.replica)
    with stores.held_up():
        position = stores.record()
        assert live.reach(position, 20)
        assert live.held.address == stores.primary
        before = live.held
        assert live.look() is before
    stores.caught_up()
    assert live.look().record.position == position
    later = stores.record()
    assert live.reach(later, 20)
    assert live.held.address == stores.replica


def test_a_server_leaves_a_replica_that_is_gone(stores: Stores) -> None:
    link = Link(urlsplit(stores.replica).port or 0, 0)
    through = stores.replica.replace(f":{urlsplit(stores.replica).port}/", f":{link.port}/")
    live = Live.of_store(stores.primary, lambda: NOW, stores.heard.append, replica=through)
    assert live.held.address == through
    link.cut()
    assert live.look().address == stores.primary
    assert "the primary answers" in stores.heard.pop()


def test_a_server_on_a_replica_shows_what_was_written_a_moment_ago(stores: Stores) -> None:
    settings = Settings(store=stores.primary, replica=stores.replica, access_log=False, read_rate=0)
    with running(serve.create(settings)) as client:
        assert client.get("/api/v1/state").headers["tracker-position"] == str(stores.ask().record.position)
        for _ in range(5):
            position = stores.record()
            found = client.get("/api/v1/changes", headers={"Tracker-After": str(position)})
            assert found.headers["tracker-position"] == str(position)
            assert found.json()[-1]["position"] == position
        refused = client.get("/api/v1/state", headers={"Tracker-After": "soon"})
        assert (refused.status_code, "not a position" in refused.json()["detail"]) == (400, True)


def test_a_position_that_does_not_come_is_not_waited_for_for_ever(stores: Stores) -> None:
    with running(serve.create(Settings(store=stores.primary, access_log=False, read_rate=0))) as client:
        found = client.get("/api/v1/state", headers={"Tracker-After": "999999"})
        assert (found.status_code, found.headers["retry-after"]) == (503, "1")
        assert "before 999999" in found.json()["detail"]


def test_a_bell_rings_with_the_position_and_a_replica_has_none(stores: Stores) -> None:
    rung: Queue[int] = Queue()
    silent = Listener(stores.replica, lambda _position: pytest.fail("a replica cannot be listened to"))
    bell = Listener(stores.primary, rung.put)
    try:
        while True:  # until it hangs
            position = stores.record()
            try:
                assert rung.get(timeout=0.2) <= position
                break
            except Exception:
                continue
    finally:
        bell.close()
        silent.close()


def test_who_may_only_read_can_ask_everything_and_change_nothing(stores: Stores, tmp_path: Path) -> None:
    name = f"reader_{next(NUMBERS)}"
    with psycopg.connect(stores.primary, autocommit=True) as server:
        for statement in (
            f"CREATE ROLE {name} LOGIN",
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {name}",
        ):
            server.execute(statement.encode())
    reader = stores.primary.replace("tracker@", f"{name}@")
    position = stores.record()
    assert records.from_store(reader, NOW, stores.heard.append).record.position == position
    records.rebuild(stores.primary)
    assert records.from_store(reader, NOW, stores.heard.append).record.position == position
    assert verification.verify(reader).intact
    later = tmp_path / "later"
    shutil.copytree(EVENTS, later)
    (later / "2031" / "said-later.toml").write_text(SAID, "utf-8")
    with pytest.raises(StoreUnavailable, match="lacks the right"):
        records.load(reader, later)
