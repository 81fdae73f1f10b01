"""The deadline of the work under way: loops look at it and stop when the answer would come too late."""

import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

from tracker.model.errors import TrackerError

Item = TypeVar("Item")
_ends: ContextVar[float | None] = ContextVar("deadline", default=None)  # by the monotonic clock


class OutOfTime(TrackerError):
    """The work took longer than it may."""


def set_deadline(seconds: float) -> None:
    """Give the work of this context, and of threads that it starts, so many seconds."""
    _ends.set(time.monotonic() + seconds)


def check_deadline() -> None:
    """Stop work whose time is up. Raises: OutOfTime."""
    ends = _ends.get()
    if ends is not None and time.monotonic() > ends:
        raise OutOfTime("the answer took too long: narrow the question")


def in_time(items: Iterable[Item]) -> Iterator[Item]:
    """Items of a loop, as long as there is time. Raises: OutOfTime."""
    for item in items:
        check_deadline()
        yield item
