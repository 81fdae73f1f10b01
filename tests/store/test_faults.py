"""Many processes at once, processes that die, connections that break, disks that fill."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tests.store.conftest import NewUrl, run_sql
from tests.store.samples import SUBJECTS, announcement, correction, registry
from tracker.model.errors import BadRequest, Conflict, NewerStore
from tracker.store.errors import StoreBusy, StoreUnavailable
from tracker.store.event_store import EventStore, Loaded, migrate, open_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@contextmanager
def worker(task: str, url: str, count: int = 0) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.store.worker", task, url, str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def at_once(task: str, urls: list[str], count: int = 0) -> list[str]:
    """The output of workers that are started at one moment."""
    processes = [worker(task, url, count) for url in urls]
    answers = []
    try:
        running = [process.__enter__() for process in processes]
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin
            print(file=process.stdin, flush=True)
        for process in running:
            assert process.stdout
            answers.append(process.stdout.readline().strip())
    finally:
        for each in processes:
            each.__exit__(None, None, None)
    return answers


def test_two_processes_that_load_at_once_both_succeed_and_store_once(url: str) -> None:
    migrate(url)
    answers = at_once("load", [url, url, url], 1500)
    total = SUBJECTS + 1500
    assert sorted(answers) == sorted([f"{total} 0", f"0 {total}", f"0 {total}"])
    with open_store(url) as store:
        assert len(list(store.events())) == total


def test_many_processes_that_create_the_store_at_once_all_succeed(url: str) -> None:
    assert at_once("migrate", [url] * 12) == ["0"] * 12


def test_many_processes_that_load_into_a_new_store_at_once_all_succeed(url: str) -> None:
    answers = at_once("load", [url] * 6, 3)
    assert sorted(answers) == sorted([f"{SUBJECTS + 3} 0"] + [f"0 {SUBJECTS + 3}"] * 5)


def test_a_loader_killed_in_the_middle_leaves_nothing(url: str) -> None:
    with worker("hang", url, 2000) as process:
        assert process.stdin
        assert process.stdout
        print(file=process.stdin, flush=True)
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "half\n"]
        process.kill()
        process.wait()
    with open_store(url) as store:
        assert store.max_position() == 0
        assert store.record([announcement("a-0")]).recorded == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_loader_killed_at_any_moment_leaves_nothing_or_all(url: str, seed: int) -> None:
    total = SUBJECTS + 1500
    with worker("load", url, 1500) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        print(file=process.stdin, flush=True)
        time.sleep(random.Random(seed).uniform(0.05, 0.6))
        process.kill()
        process.wait()
    with open_store(url) as store:
        assert len(list(store.events())) in (0, total)
        store.load(registry(), [announcement(f"a-{number}") for number in range(1500)])
        assert len(list(store.events())) == total


def test_after_somebody_else_was_first_the_same_content_is_success(url: str, store: EventStore) -> None:
    """Another writer records it between our read and our write, as after a lost reply."""
    statements = [announcement("a"), announcement("b")]
    other = open_store(url)

    def be_first(done: int, total: int) -> None:
        if (done, total) == (0, SUBJECTS + 2):
            other.load(registry(), statements)

    with other:
        assert store.load(registry(), statements, progress=be_first) == Loaded(0, 0, SUBJECTS + 2, None, None)
    assert len(list(store.events())) == SUBJECTS + 2


def test_after_somebody_else_was_first_the_rest_is_still_recorded(url: str, store: EventStore) -> None:
    with open_store(url) as other:
        loaded = store.record(
            [announcement("a"), announcement("b")],
            progress=lambda done, total: _ignore(
                other.record([announcement("b")]) if (done, total) == (0, 2) else None
            ),
        )
    assert (loaded.recorded, loaded.unchanged) == (1, 1)


def test_after_somebody_else_was_first_other_content_is_a_conflict(url: str, store: EventStore) -> None:
    with open_store(url) as other, pytest.raises(Conflict, match="a: recorded with digest"):
        store.record(
            [announcement("a"), announcement("b")],
            progress=lambda *_: _ignore(other.record([announcement("a", "First.")])),
        )
    assert len(list(store.events())) == 1


def _ignore(_: object) -> None:
    pass


def test_a_connection_cut_in_the_middle_of_a_load_is_made_anew(postgres_url: str) -> None:
    cuts: list[object] = []

    def cut(done: int, _: int) -> None:
        if done == 500 and not cuts:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cuts.append(run_sql(postgres_url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))

    with open_store(postgres_url) as store:
        loaded = store.record([announcement(f"a-{number}") for number in range(1000)], progress=cut)
        assert loaded.recorded == len(list(store.events())) == 1000
    assert cuts


def test_an_error_in_the_middle_of_a_load_leaves_nothing(store: EventStore) -> None:
    def fail(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.record([announcement(f"a-{number}") for number in range(600)], progress=fail)
    assert store.max_position() == 0
    assert store.record([announcement("a-0")]).recorded == 1


def test_threads_may_share_a_store(store: EventStore) -> None:
    def write(thread: int) -> None:
        for number in range(5):
            store.record([announcement(f"a-{thread}-{number}"), announcement(f"shared-{number}")])

    threads = [Thread(target=write, args=(thread,)) for thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(store.events())) == 6 * 5 + 5


def test_writers_on_one_announcement_all_get_their_turn(store: EventStore) -> None:
    """Each of them plans again under the lock if another was first, so that none has to retry."""
    store.record([announcement("a")])
    failed: list[Exception] = []

    def correct(thread: int) -> None:
        try:
            for number in range(6):
                assert store.record([correction(f"c-{thread}-{number}", "a")]).recorded == 1
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=correct, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(store.stream("announcement", "a")) == 1 + 8 * 6


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(url: str) -> None:
    with worker("hang", url, 2000) as process, open_store(url, lock_seconds=1) as store:
        assert process.stdin
        assert process.stdout
        print(file=process.stdin, flush=True)
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "half\n"]
        with pytest.raises(StoreBusy, match="try again"):
            store.record([announcement("b")])
        assert list(store.events()) == []  # readers do not wait


def test_a_full_disk_is_an_error_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    url = str(tmp_path / "store.sqlite")
    [answer] = at_once("fill", [url], 3000)
    assert answer.startswith(f"StoreUnavailable: store {url}: ")
    assert "disk" in answer
    with open_store(url) as store:
        assert store.max_position() == 0
        assert store.record([announcement("a")]).recorded == 1


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    with open_store(url) as store:
        run_sql(url, "UPDATE store_version SET version = 99")
        with pytest.raises(NewerStore, match="version 99"):
            store.record([announcement("a")])
        assert store.max_position() == 0
    for opening in (open_store, migrate):
        with pytest.raises(NewerStore, match="upgrade the tracker"):
            opening(url)


def test_a_store_that_is_not_there_is_not_made_on_the_way(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="load a dataset first"):
        open_store(url, create=False)


def test_tables_of_another_application_are_left_alone(new_url: NewUrl) -> None:
    url = new_url()
    run_sql(url, "CREATE TABLE stored_events (name text)", "INSERT INTO stored_events VALUES ('theirs')")
    with pytest.raises(StoreUnavailable):
        open_store(url)
    assert run_sql(url, "SELECT * FROM stored_events") == [("theirs",)]


def test_a_closed_store_says_so(url: str) -> None:
    store = open_store(url)
    store.close()
    store.close()
    with pytest.raises((StoreUnavailable, BadRequest), match="closed"):
        store.max_position()
