"""A record that follows its store: a log that loses its end, or gives way to another, is an alarm."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.store.samples import announcement, registry
from tracker.services import audit
from tracker.services.live import Live
from tracker.services.stores import refreshed
from tracker.store.event_store import open_store

NOW = datetime(2032, 1, 1, tzinfo=UTC)


def filled(path: Path, *names: str) -> Path:
    with open_store(str(path)) as store:
        store.load(registry(), [announcement(name) for name in names])
        refreshed(str(path), store)
    return path


def replace(path: Path, other: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(other, path)


def test_another_log_in_place_of_the_one_that_is_followed_is_an_alarm(tmp_path: Path) -> None:
    """A longer one, too: its id tells."""
    path, said = filled(tmp_path / "store.sqlite", "a", "b"), list[str]()
    live = Live.of_store(str(path), lambda: NOW, said.append)
    assert (live.held.log, live.held.alarm) == (audit.head(str(path)).log, None)
    filled(path, "a", "b", "c")
    assert live.look().alarm is None
    replace(path, filled(tmp_path / "other.sqlite", "a", "b", "c", "d"))
    assert "or was replaced" in str(live.look().alarm)
    assert said == [f"ALARM: {live.held.alarm}"]
    assert live.look().alarm == live.held.alarm


def test_a_log_cut_at_its_end_is_an_alarm(tmp_path: Path) -> None:
    path, said = filled(tmp_path / "store.sqlite", "a"), list[str]()
    shutil.copy(path, tmp_path / "before.sqlite")
    filled(path, "a", "b")
    live = Live.of_store(str(path), lambda: NOW, said.append)
    replace(path, tmp_path / "before.sqlite")
    assert "lost its end" in str(live.look().alarm)
    assert len(said) == 1
