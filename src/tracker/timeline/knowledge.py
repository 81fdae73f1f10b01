"""A point and a span of the two clocks of knowledge, announcement and record time. Source: design §2 and §5."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
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


def parts(span: Span, others: Sequence[Span]) -> Iterator[tuple[Span, tuple[bool, ...]]]:
    """Cut a span where one of others begins or ends: each part, and which of the others hold in all of it."""
    announced = _cuts(
        span.announced_from, span.announced_to, [(other.announced_from, other.announced_to) for other in others]
    )
    recorded = _cuts(
        span.recorded_from, span.recorded_to, [(other.recorded_from, other.recorded_to) for other in others]
    )
    for recorded_from, recorded_to in pairwise(recorded):
        begun, before = announced[0], _holding(others, announced[0], recorded_from)
        for at in announced[1:-1]:
            holding = _holding(others, at, recorded_from)
            if holding != before:
                yield Span(begun, at, recorded_from, recorded_to), before
                begun, before = at, holding
        yield Span(begun, announced[-1], recorded_from, recorded_to), before


def _cuts(first: int, last: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    return [first, *sorted({at for edge in edges for at in edge if first < at < last}), last]


def _holding(others: Sequence[Span], announced_by: Instant, recorded_by: int) -> tuple[bool, ...]:
    known = Known(announced_by, recorded_by)
    return tuple([other.holds(known) for other in others])
