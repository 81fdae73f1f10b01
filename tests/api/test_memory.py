"""Memory that a stranger's questions take: bounded, whatever they ask."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.api.conftest import make, running
from tracker.api.memory import BYTES_OF_BLOCK, MemoryBudget
from tracker.services import records
from tracker.services.live import Live
from tracker.settings import Settings
from tracker.state.record import REGISTRIES_KEPT, VIEWS_KEPT
from tracker.timeline.knowledge import Known

BUDGET = 32 * 2**20


@pytest.fixture
def live(full_store: Path) -> Live:
    tracker = records.from_store(str(full_store), datetime(2026, 11, 1, tzinfo=UTC), print)
    return Live(tracker, lambda _held: None)


def test_a_position_beyond_the_end_is_the_end(live: Live) -> None:
    tracker, last = live.held, live.held.record.position
    everything = tracker.clocks(None, None, None).known
    assert tracker.clocks(None, None, str(last)).known == everything
    assert tracker.clocks(None, None, "9" * 18).known == everything
    assert tracker.clocks(None, None, str(last - 1)).known == Known(everything.announced_by, last - 1)


def test_views_and_registries_are_bounded_by_number(live: Live) -> None:
    record, said = live.held.record, live.held.record.view.known.announced_by
    first, registry, whole = record.over_periods(Known(said, 1)), record.registry(1), record.registry()
    listed = record.over_periods(record.view.known, 10**14)
    assert record.over_periods(Known(said, 1)) is first
    for position in range(2, 2 + 2 * max(VIEWS_KEPT, REGISTRIES_KEPT)):
        record.over_periods(Known(said, position))
        record.over_periods(record.view.known, position * 10**14)  # lists seasons up to another year
    assert record.over_periods(Known(said, 1)) is not first
    assert record.registry(1) is not registry
    assert record.registry() is whole
    assert record.over_periods(record.view.known, 10**14).known == listed.known


def test_all_is_forgotten_where_it_takes_more_than_the_budget(live: Live) -> None:
    blocks, heard = 1000, []
    live.on_forget.append(lambda: heard.append(blocks))
    memory = MemoryBudget(live, 400 * BYTES_OF_BLOCK, blocks=lambda: blocks)
    first = live.held.record.view
    assert not memory.check()
    blocks += 300  # three quarters of the budget
    assert not memory.check()
    assert live.held.record.view is first
    blocks += 1
    assert memory.is_exceeded
    assert memory.check()
    assert heard == [blocks]
    assert live.held.record.view is not first
    assert not memory.is_exceeded  # a record that has grown does not make it forget for ever


def any_question(dice: random.Random) -> str:
    """A question with clocks, goods and filters that was probably never asked."""
    day = f"{dice.randint(1990, 2060)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    clocks = f"as_of={day}&recorded_by={dice.choice((dice.randint(200, 600), 10**9 + dice.randint(1, 10**6)))}"
    return dice.choice(
        (
            f"/api/v1/subjects/tr-am-az/state?{clocks}&goods={dice.randint(10, 999999)}",
            f"/api/v1/subjects/margara/history?{clocks}&only=class{dice.randint(1, 10**6)}",
            f"/api/v1/announcements?{clocks}&text={dice.randint(1, 10**6)}",
            f"/api/v1/subjects/margara/why?{clocks}&announced_by={day}",
        )
    )


@pytest.mark.slow
def test_strangers_questions_leave_memory_as_it_was(full_store: Path, own_rss: Callable[[], int]) -> None:
    application: FastAPI = make(full_store, cache_bytes=BUDGET, read_rate=0)
    dice = random.Random(7)
    memory: MemoryBudget = application.state.server.memory
    most = []
    with running(application) as client:
        for _ in range(4):
            _ask(client, dice, 12)
            most.append(own_rss())
    assert memory.forgotten >= 1
    assert most[-1] - most[1] < BUDGET
    assert memory.used < 2 * BUDGET


def _ask(client: httpx.Client, dice: random.Random, count: int) -> None:
    for _ in range(count):
        answer = client.get(any_question(dice))
        assert answer.status_code in (200, 404), answer.text


@pytest.fixture
def own_rss() -> Callable[[], int]:
    """Bytes of memory that this process has from the system."""
    return lambda: int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def test_the_budget_is_at_least_that_of_a_question() -> None:
    with pytest.raises(ValueError, match="cache_bytes"):
        Settings(cache_bytes=1000)
