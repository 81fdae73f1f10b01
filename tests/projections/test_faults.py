"""Writers that are killed, writers at once, and readers meanwhile."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.projections.conftest import assert_same, dump
from tests.store.samples import announcement, correction, registry
from tracker.model.announcement import Statement
from tracker.projections.checkpoint import NotRefreshed
from tracker.projections.load import is_current, load
from tracker.projections.refresh import rebuild, refresh
from tracker.state.fold import fold
from tracker.store.event_store import EventStore

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
COUNT = 300


@contextmanager
def worker(task: str, url: str, batch: int) -> Iterator[Callable[[], "subprocess.Popen[str]"]]:
    """A process that is ready, and a function that lets it go."""
    command = [sys.executable, "-m", "tests.projections.worker", task, url, str(batch)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

        def go() -> "subprocess.Popen[str]":
            assert process.stdin
            print(file=process.stdin, flush=True)
            return process

        try:
            yield go
        finally:
            process.kill()


def position(process: "subprocess.Popen[str]") -> int:
    assert process.stdout
    return int(process.stdout.readline())


@pytest.fixture
def filled(store: EventStore) -> EventStore:
    """Announcements, every third of them corrected."""
    said: list[Statement] = []
    for number in range(COUNT):
        said.append(announcement(f"a-{number}"))
        if number % 3 == 0:
            said.append(correction(f"c-{number}", f"a-{number}"))
    store.load(registry(), said)
    return store


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("task", ["refresh", "rebuild"])
def test_a_writer_killed_at_any_moment_leaves_whole_batches(url: str, filled: EventStore, task: str, seed: int) -> None:
    chance = random.Random(seed)
    if seed % 2:
        refresh(url, filled)
        filled.record([announcement(f"b-{number}") for number in range(COUNT)])
    for _ in range(2):
        with worker(task, url, 20) as go:
            process = go()
            time.sleep(chance.uniform(0.0, 0.4))
            process.kill()
            process.wait()
        events = list(filled.events())
        try:
            found = load(url)
        except NotRefreshed:
            continue
        assert_same(found, fold([event for event in events if event.position <= found.position]))
    assert refresh(url, filled) == filled.max_position()
    refreshed = dump(url)
    assert_same(load(url), fold(filled.events()))
    rebuild(url, filled)
    assert dump(url) == refreshed


@pytest.mark.parametrize("tasks", [["refresh"] * 3, ["rebuild"] * 3, ["refresh", "rebuild", "refresh", "rebuild"]])
def test_writers_at_once_do_not_disturb_each_other(url: str, filled: EventStore, tasks: list[str]) -> None:
    with ExitStack() as stack:
        gates = [stack.enter_context(worker(task, url, 10)) for task in tasks]
        running = [go() for go in gates]
        assert [position(process) for process in running] == [filled.max_position()] * len(tasks)
    found = dump(url)
    assert_same(load(url), fold(filled.events()))
    rebuild(url, filled)
    assert dump(url) == found


def test_readers_never_see_a_half_built_state(url: str, filled: EventStore) -> None:
    refresh(url, filled)
    expected = fold(filled.events())
    reads = 0
    for _ in range(2):
        with worker("rebuild", url, 40) as go:
            process = go()
            while process.poll() is None:
                assert is_current(url)
                assert_same(load(url), expected)
                reads += 1
            assert process.returncode == 0
    assert reads > 2


def test_the_log_grows_while_the_tables_are_rebuilt(url: str, filled: EventStore) -> None:
    refresh(url, filled)
    with worker("rebuild", url, 10) as go:
        process = go()
        seen = [0]
        for number in range(20):
            filled.record([announcement(f"b-{number}"), correction(f"d-{number}", f"a-{number}")])
            seen += [load(url).position, refresh(url, filled), load(url).position]
        assert seen == sorted(seen)  # no reader is taken back in time
        position(process)
    assert is_current(url)
    assert_same(load(url), fold(filled.events()))
    refreshed = dump(url)
    rebuild(url, filled)
    assert dump(url) == refreshed
