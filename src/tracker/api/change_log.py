"""The log as streams send it: in portions that are read and decoded once for all who listen."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import NamedTuple

from tracker.api.workers import Workers
from tracker.queries.log import log_entry
from tracker.services.records import ReadLog

PORTION = 500  # events
MAX_PORTIONS = 8  # kept: those at the end, where all listen, and a few that somebody catches up on


class SentEntry(NamedTuple):
    """An entry of the log as JSON."""

    position: int
    text: str


class ChangeLog:
    """Entries of the log after a position, a portion at a time. For one event loop."""

    def __init__(self, log: ReadLog, workers: Workers) -> None:
        self._log, self._workers = log, workers
        self._portions: OrderedDict[tuple[str, int, int], asyncio.Task[Sequence[SentEntry]]] = OrderedDict()

    async def after(self, position: int, end: int, revision: str = "") -> Sequence[SentEntry]:
        """The entries after a position, up to the end of its portion.

        Args: end: the last position that is read; revision: of files that are edited, where the log is made of them.
        Raises: what the store raises.
        """
        number = position // PORTION
        last = min((number + 1) * PORTION, end)
        if position >= last:
            return ()
        entries = await self._shared((revision, number * PORTION, last))
        return [entry for entry in entries if entry.position > position]

    def _shared(self, span: tuple[str, int, int]) -> Awaitable[Sequence[SentEntry]]:
        """The entries of a portion, read by the first who asks; a failure is not kept."""
        task = self._portions.get(span)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._portions[span] = asyncio.ensure_future(self._workers.run(partial(self._read, *span[1:])))
        self._portions.move_to_end(span)
        while len(self._portions) > MAX_PORTIONS:
            self._portions.popitem(last=False)
        return asyncio.shield(task)

    def _read(self, after: int, last: int) -> Sequence[SentEntry]:
        entries = map(log_entry, self._log(after, last - after))
        return [SentEntry(entry.position, entry.model_dump_json()) for entry in entries if entry.position <= last]
