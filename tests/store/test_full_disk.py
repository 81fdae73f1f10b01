"""A store on a disk that is full, or that nobody can write to, is read, verified and backed up."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path

import pytest

from tests.store.samples import announcement, registry
from tests.torture.disks import can_mount
from tracker.services.stores import refreshed
from tracker.store.event_store import open_store


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store without a write-ahead log, as the last process that closed it leaves it."""
    path = tmp_path / "store.sqlite"
    with open_store(str(path)) as opened:
        opened.load(registry(), [announcement("a")])
        refreshed(str(path), opened)
    assert not path.with_name("store.sqlite-shm").exists()
    return path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB in memory."""
    if not can_mount():
        pytest.skip("no file system can be mounted here: a full disk is tested by a limit for files alone")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tracker-test", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def run(store: Path, *args: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """A command; with a limit, no file that it writes can be longer."""
    command: Sequence[str] = [sys.executable, "-m", "tracker", "--store", str(store), *args]
    if limit is not None:
        command = ["sh", "-c", f'ulimit -f {limit}; exec "$@"', "sh", *command]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TRACKER_")}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_no_file_can_be_written(store: Path) -> None:
    asked = run(store, "state", "bridge", "--as-of", "2031-03-25", "--json", limit=0)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert '"status": "closed"' in asked.stdout


def test_a_full_disk(store: Path, disk: Path, tmp_path: Path) -> None:
    full = disk / "store.sqlite"
    shutil.copy(store, full)
    with (disk / "fill").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        file.writelines(repeat(bytes(1024)))
    assert '"status": "closed"' in run(full, "state", "bridge", "--as-of", "2031-03-25", "--json").stdout
    verified = run(full, "audit", "verify")
    assert verified.stdout.startswith("Intact"), verified.stderr
    assert run(full, "backup", str(tmp_path / "log.gz")).returncode == 0
    refused = run(full, "token", "create", "Ada", "--scope", "record")
    assert refused.returncode == 3
    assert "the disk is full" in refused.stderr or "disk full or gone" in refused.stderr
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert '"status": "closed"' in run(full, "state", "bridge", "--as-of", "2031-03-25", "--json").stdout
