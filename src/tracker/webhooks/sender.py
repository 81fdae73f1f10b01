"""The sender of webhooks: collects messages about changes, and sends each until it arrives."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import NamedTuple

import httpx
from standardwebhooks import Webhook

from tracker.model.dates import instant
from tracker.model.errors import TrackerError
from tracker.model.events import Recorded
from tracker.services.live import Live
from tracker.services.records import ReadLog, Tracker
from tracker.settings import Settings, Target
from tracker.store.backoff import pauses
from tracker.webhooks.addresses import ForbiddenTarget, resolve
from tracker.webhooks.messages import messages
from tracker.webhooks.outbox import DELIVERED, FAILED, PENDING, DueMessage, Message, Outbox, Outcome

Count = Callable[[str], None]  # of outcomes

ROUND_SECONDS = 1.0  # between two rounds
LEASE = 60_000_000  # microseconds for which no other process takes a message
TIMEOUT = httpx.Timeout(10.0)  # between two signs of life
MAX_ATTEMPT_SECONDS = 30.0  # also for a target that answers a byte at a time
FIRST_PAUSE, LONGEST_PAUSE, PAUSE_FACTOR = 5.0, 6 * 3600.0, 4.0  # seconds between attempts, and their growth
MAX_EVENTS = 1000  # read from the log at once
MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"
KEPT = timedelta(days=30)  # for which deliveries are kept that were made or given up
FORGET_EVERY = timedelta(hours=1)


class Response(NamedTuple):
    """The answer of a target, or the error in its place."""

    status: int | None
    error: str | None
    final: bool  # not to be tried again


class Sender:
    """Sends the changes of one store to its targets."""

    def __init__(
        self, url: str, live: Live, log: ReadLog, settings: Settings, *,
        count: Count = lambda _outcome: None, now: Callable[[], datetime] = lambda: datetime.now(UTC),
        max_seconds: float = MAX_ATTEMPT_SECONDS,
    ) -> None:  # fmt: skip
        self._live, self._log, self._settings, self._count, self._now = live, log, settings, count, now
        self._max_seconds = max_seconds
        self._targets = {target.url: target for target in settings.webhooks}
        self._forgotten_at = datetime.min.replace(tzinfo=UTC)
        self._outbox = Outbox(url, instant(now()), live.held.record.position)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Collect and send messages until the end of the context; no target waits for another."""
        works: list[Callable[[], Awaitable[object]]] = [partial(self.send, target) for target in self._targets]
        tasks = [asyncio.create_task(_in_rounds(work)) for work in (self._collect, *works)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _collect(self) -> None:
        await asyncio.to_thread(self.collect)
        if self._forgotten_at + FORGET_EVERY <= self._now():
            self._forgotten_at = self._now()
            await asyncio.to_thread(self.forget)

    def forget(self) -> int:
        """Delete old deliveries that were made or given up, and give up those to former targets.

        Returns: how many were deleted.
        """
        now = self._now()
        self._outbox.give_up(tuple(self._targets), instant(now))
        return self._outbox.forget(instant(now - KEPT))

    def collect(self) -> int:
        """Add the messages about new events and changes to the outbox.

        Returns: how many messages.
        """
        tracker, at = self._live.held, instant(self._now())
        return self._outbox.collect(tracker.record.position, at, lambda *since: self._made(tracker, since, at))

    def _made(self, tracker: Tracker, since: tuple[int, int], at: int) -> list[Message]:
        position, then = since
        if position == tracker.record.position and tracker.record.view.next_change(then) > at:
            return []
        events = list(self._events(position, tracker.record.position))
        source = self._settings.public_url or f"urn:tracker:{tracker.record.view.registry.dataset.id}"
        return messages(tracker, events, since, at, source, tuple(self._targets.values()))

    def _events(self, position: int, last: int) -> Iterator[Recorded]:
        """The stored events after a position, up to a last one."""
        while position < last:
            events = [event for event in self._log(position, MAX_EVENTS) if event.position <= last]
            if not events:  # a store that is behind, such as a replica
                return
            yield from events
            position = events[-1].position

    async def send(self, target: str | None = None) -> int:
        """Try the messages that are due. Args: target: those to one target; to all of them if there is none.

        Returns: how many messages were tried.
        """
        now = instant(self._now())
        targets = tuple(self._targets) if target is None else (target,)
        due = await asyncio.to_thread(self._outbox.take, now, now + LEASE, targets)
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
            await asyncio.gather(*(self._try(client, message) for message in due))
        return len(due)

    async def _try(self, client: httpx.AsyncClient, due: DueMessage) -> None:
        outcome = self._outcome(due, await self._post(client, self._targets[due.target], due))
        self._count(outcome.state)
        await asyncio.to_thread(self._outbox.report, due, outcome, instant(self._now()))

    async def _post(self, client: httpx.AsyncClient, target: Target, due: DueMessage) -> Response:
        try:
            endpoint = await resolve(due.target, private=self._settings.webhook_private)
            headers = {**signed(target, due, self._now()), "Host": endpoint.host_header, "Content-Type": MEDIA_TYPE}
            extensions = {"sni_hostname": endpoint.host}
            async with (
                asyncio.timeout(self._max_seconds),
                client.stream("POST", endpoint.url, content=due.body, headers=headers, extensions=extensions) as answer,
            ):
                status = answer.status_code  # the body is not read
        except ForbiddenTarget as error:
            return Response(None, str(error), final=True)
        except (httpx.HTTPError, OSError, UnicodeError, ValueError) as error:
            return Response(None, f"{type(error).__name__}: {error}"[:500], final=False)
        wrong = None if 200 <= status < 300 else f"answered {status}"
        return Response(status, wrong, final=status == HTTPStatus.GONE)

    def _outcome(self, due: DueMessage, response: Response) -> Outcome:
        now = self._now()
        if response.error is None:
            return Outcome(DELIVERED, instant(now), response.status, None)
        if response.final or due.attempts + 1 >= self._settings.webhook_attempts:
            return Outcome(FAILED, instant(now), response.status, response.error)
        return Outcome(PENDING, instant(now + timedelta(seconds=pause(due.attempts))), response.status, response.error)


async def _in_rounds(work: Callable[[], Awaitable[object]]) -> None:
    """Do work once a second, for ever."""
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        with contextlib.suppress(TrackerError):  # the store is busy or away: the next round tries again
            await work()


def pause(attempts: int) -> float:
    """Seconds before the next attempt, a fifth more or less, so that messages do not all come at once."""
    seconds = next(islice(pauses(FIRST_PAUSE, LONGEST_PAUSE, PAUSE_FACTOR), attempts, None))
    return seconds * random.uniform(0.8, 1.2)  # nosec B311  # no secret


def signed(target: Target, due: DueMessage, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    signature = Webhook(target.secret.get_secret_value()).sign(due.id, now, due.body)
    return {"webhook-id": due.id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
