"""A point and a span of the two clocks of knowledge, announcement and record time. Source: design §2 and §5."""

from typing import NamedTuple

from tracker.model.dates import FOREVER, Instant


class Known(NamedTuple):
    """Knowledge of all that was announced by an instant and recorded by a position of the log, both inclusive."""

    announced_by: Instant = FOREVER - 1
    recorded_by: int = FOREVER - 1


EVERYTHING = Known()


class Span(NamedTuple):
    """A span of announcement time by a span of record time, both half-open, in which something is known."""

    announced_from: Instant
    announced_to: Instant
    recorded_from: int
    recorded_to: int

    def holds(self, known: Known) -> bool:
        return (
            self.announced_from <= known.announced_by < self.announced_to
            and self.recorded_from <= known.recorded_by < self.recorded_to
        )
