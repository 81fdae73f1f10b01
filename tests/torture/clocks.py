"""A clock that jumps."""

import random
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, tzinfo
from unittest import mock

from tests.torture.place import Figures, Place, assert_whole, begun
from tests.torture.worker import calls_of
from tracker.store.event_store import open_store

START = datetime(2031, 3, 20, 12, tzinfo=UTC)


class Clock(datetime):
    """What the store asks for the time; set `shows`."""

    shows = START

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return cls.shows.astimezone(tz)


def clock_shows() -> AbstractContextManager[object]:
    """While this is entered, the store's clock shows `Clock.shows`."""
    return mock.patch("tracker.store.event_store.datetime", Clock)


def jumps(place: Place, rounds: int, seed: int = 0) -> Figures:
    """`recorded_at` never decreases, whoever writes; a question by time finds what was recorded by then."""
    chance, back, shown = random.Random(seed), 0, []
    with begun(place) as (url, one), open_store(url) as other:
        first = one.max_position()
        Clock.shows = datetime.now(UTC)
        with clock_shows():
            for number in range(rounds):
                step = timedelta(seconds=chance.choice((1e-6, 1, 3600, 86400 * 400)) * chance.choice((-1, 0, 1)))
                Clock.shows += step
                back += step < timedelta(0)
                shown.append(Clock.shows)
                (one, other)[number % 2].record(calls_of(f"r{number}")[0])
        events = list(one.events(after=first))
        times = [event.event.recorded_at for event in events]
        assert times == sorted(times)
        assert times[:: len(times) // rounds] == [max(shown[: number + 1]) for number in range(rounds)]
        for at in times:
            assert one.position_at(at) == max(event.position for event in events if event.event.recorded_at <= at)
        assert_whole(url, one)
    counts = {"calls": rounds, "jumps back": back, "events": len(times), "that decrease": 0}
    return Figures("a clock that jumps", place.kind, counts)
