"""Pauses grow up to the longest, and waiting ends with what was waited for or after so many seconds."""

import time
from itertools import islice

from tracker.store.backoff import pauses, wait_until


def test_pauses_double_up_to_the_longest() -> None:
    assert list(islice(pauses(1, 6), 5)) == [1, 2, 4, 6, 6]
    assert list(islice(pauses(5, 100, 4), 4)) == [5, 20, 80, 100]


def test_waiting_ends_as_soon_as_it_is_so() -> None:
    looks = iter([False, False, True])
    assert wait_until(lambda: next(looks), 60, first=0.001, longest=0.001)
    assert list(looks) == []


def test_waiting_ends_after_so_many_seconds_with_one_last_look() -> None:
    begin, looks = time.monotonic(), list[float]()

    def reached() -> bool:
        looks.append(time.monotonic())
        return False

    assert not wait_until(reached, 0.05, first=0.02, longest=10)
    assert looks[-1] - begin >= 0.05
    assert time.monotonic() - begin < 1
