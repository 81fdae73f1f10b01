"""Lists, feeds and streams make what they show, and no more."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stores import log_length
from tracker.api.change_log import MAX_PORTIONS, PORTION, ChangeLog
from tracker.api.endpoints import announcements
from tracker.api.workers import Workers
from tracker.model.events import Recorded
from tracker.queries import feeds
from tracker.queries.announcements import announcement_answer
from tracker.services import records
from tracker.store.errors import StoreBusy


def counting(made: list[Any], make: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **named: Any) -> Any:
        made.append(args)
        return make(*args, **named)

    return wrapped


def test_a_page_of_announcements_is_all_that_is_made(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(announcements, "announcement_answer", counting(made, announcement_answer))
    page = client.get("/api/v1/announcements?limit=7&from=2024-01-01")
    assert len(page.json()) == len(made) == 7
    rest = client.get(page.links["next"]["url"])
    assert [item["id"] for item in rest.json()] != [item["id"] for item in page.json()]
    assert len(made) == 14


def test_a_feed_makes_the_newest_entries_only(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = client.get("/api/v1/feed.atom?limit=1000&as_of=2025-11-03").text
    made: list[Any] = []
    monkeypatch.setattr(feeds, "FeedEntry", counting(made, feeds.FeedEntry))
    page = client.get("/api/v1/feed.atom?limit=5&as_of=2025-11-03").text
    assert page.count("<entry>") == len(made) == 5
    head, _, tail = whole.partition("</entry>" * 1)
    assert page.startswith(head)
    assert tail


@pytest.fixture
def log(full_store: Path) -> tuple[Callable[[int, int], Sequence[Recorded]], list[tuple[int, int]]]:
    """The log of the record, and how it was read."""
    reads: list[tuple[int, int]] = []

    def read(after: int, limit: int) -> Sequence[Recorded]:
        reads.append((after, limit))
        return list(records.log(str(full_store), after, limit))

    return read, reads


def test_listeners_share_what_is_read(log: Any) -> None:
    read, reads = log
    end = log_length()

    async def listen() -> list[list[int]]:
        changes = ChangeLog(read, Workers("test", threads=2, waiting=2))

        async def one(after: int) -> list[int]:
            positions: list[int] = []
            while after < end:
                entries = await changes.after(after, end)
                positions += [entry.position for entry in entries]
                after = positions[-1]
            return positions

        return await asyncio.gather(*(one(after) for after in (0, 0, 3, end - 1)))

    assert asyncio.run(listen()) == [[*range(1 + after, end + 1)] for after in (0, 0, 3, end - 1)]
    assert sorted(reads) == [(0, PORTION), (PORTION, end - PORTION)]


def test_portions_are_bounded_and_a_failure_is_not_kept() -> None:
    busy = True

    def read(after: int, limit: int) -> Sequence[Recorded]:
        del after, limit
        if busy:
            raise StoreBusy("locked")
        return []

    async def listen() -> None:
        nonlocal busy
        changes = ChangeLog(read, Workers("test", threads=1, waiting=1))
        with pytest.raises(StoreBusy):
            await changes.after(0, 10)
        busy = False
        assert await changes.after(0, 10) == []
        for portion in range(3 * MAX_PORTIONS):
            await changes.after(portion * PORTION, 10**6)
        assert await changes.after(5, 5) == ()

    asyncio.run(listen())


def test_work_that_waits_is_bounded() -> None:
    async def work() -> None:
        go, workers = asyncio.Event(), Workers("test", threads=1, waiting=1)
        loop = asyncio.get_running_loop()
        held = [
            asyncio.create_task(workers.run(lambda: asyncio.run_coroutine_threadsafe(go.wait(), loop).result(10)))
            for _ in range(2)
        ]
        await asyncio.sleep(0.05)
        with pytest.raises(StoreBusy):
            await workers.run(lambda: None)
        go.set()
        await asyncio.gather(*held)
        await asyncio.sleep(0.05)
        assert await workers.run(lambda: 1) == 1

    asyncio.run(work())
