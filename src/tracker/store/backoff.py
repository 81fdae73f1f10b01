"""Pauses that grow, between looks at something that is not there yet."""

import time
from collections.abc import Callable, Iterator


def pauses(first: float, longest: float, factor: float = 2.0) -> Iterator[float]:
    """The seconds to wait before each further attempt, without end: `factor` times as long each, up to the longest."""
    pause = first
    while True:
        yield pause
        pause = min(factor * pause, longest)


def wait_until(reached: Callable[[], bool], seconds: float, *, first: float, longest: float) -> bool:
    """Check a condition, with growing pauses, until it holds.

    Args: seconds: after which it is given up, with one last look; first, longest: pauses in seconds.
    Returns: false where it was not reached.
    """
    deadline, steps = time.monotonic() + seconds, pauses(first, longest)
    while not reached():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(next(steps), left))
    return True
