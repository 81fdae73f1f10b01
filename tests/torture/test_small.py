"""What `benchmarks/torture.py` does at length, at a small size; each function asserts what it is about."""

import os
from pathlib import Path

import pytest

from tests.store.samples import SUBJECTS
from tests.torture import clocks, crowd, cuts, disks, kills
from tests.torture.place import Place

pytestmark = pytest.mark.slow

may_mount = pytest.mark.skipif(not disks.can_mount(), reason="only where a file system in memory may be mounted")


def test_a_recorder_killed_at_any_moment_loses_nothing_that_was_acknowledged(place: Place) -> None:
    assert kills.recorder(place, rounds=3).counts["rounds"] == 3


def test_a_loader_killed_at_any_moment_leaves_nothing_or_all(place: Place) -> None:
    assert kills.loader(place, rounds=2).counts["events in the end"] == SUBJECTS + 1 + 3 * kills.LOAD


def test_a_refresher_killed_at_any_moment_leaves_what_the_next_question_completes(place: Place) -> None:
    assert kills.refresher(place, rounds=3).counts["rounds"] == 3


def test_many_writers_and_readers_at_once_lose_and_skip_nothing(place: Place) -> None:
    assert crowd.crowd(place, calls=2).counts["events"] == 8 * 2 * 2 + 2


def test_a_full_disk_is_an_error_in_words_and_is_recovered_from(place: Place) -> None:
    if place.kind == "postgresql":
        pytest.skip("a server on a full disk refuses connections now and then: see benchmarks/torture.py")
    assert disks.full(place, size="2m", load=1500).counts["said"]


@may_mount
def test_a_read_only_disk_or_server_is_an_error_in_words_and_is_recovered_from(place: Place) -> None:
    assert disks.read_only(place).counts["events afterwards"] == SUBJECTS + 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every file")
def test_a_read_only_file_is_an_error_in_words_and_is_recovered_from(place: Place) -> None:
    if place.kind != "sqlite":
        pytest.skip("a server's files are its own")
    assert disks.read_only_file(place).counts["events afterwards"] == SUBJECTS + 2


def test_a_call_whose_connection_is_cut_around_the_commit_is_recorded_once(place: Place) -> None:
    if place.kind == "sqlite":
        pytest.skip("a file has no connection")
    assert cuts.cuts(place, rounds=8).counts["rounds"] == 8


def test_a_clock_that_jumps_back_never_makes_the_record_do_so(place: Place) -> None:
    assert clocks.jumps(place, rounds=20).counts["jumps back"] > 0


def test_the_large_size_knows_the_same_scenarios() -> None:
    text = (Path(__file__).parents[2] / "benchmarks" / "torture.py").read_text("utf-8")
    for name in ("kills.recorder", "kills.loader", "kills.refresher", "crowd.crowd", "disks.full", "disks.read_only"):
        assert name in text
