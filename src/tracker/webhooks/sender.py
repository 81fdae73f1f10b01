"""The post office: puts down what is new, and carries it until it arrives."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

import httpx
from standardwebhooks import Webhook

from tracker.model.dates import instant
from tracker.model.errors import TrackerError
from tracker.model.events import Recorded
from tracker.services.live import Live
from tracker.services.records import Tracker
from tracker.settings import Settings, Target
from tracker.webhooks.addresses import ForbiddenTarget, place
from tracker.webhooks.messages import messages
from tracker.webhooks.outbox import DELIVERED, FAILED, PENDING, Deliveries, Due, Message, Outcome

ReadLog = Callable[[int, int], Sequence[Recorded]]
Count = Callable[[str], None]  # of outcomes

EVERY = 1.0  # seconds between two rounds
LEASE = 60_000_000  # microseconds for which a message is kept from other processes
TIMEOUT = httpx.Timeout(10.0)  # between two signs of life
WHOLE = 30.0  # seconds for an attempt, however alive
FIRST, LONGEST = 5.0, 6 * 3600.0  # seconds before the second attempt, and at most
BATCH = 1000  # events told of at once
MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"


class Sent(NamedTuple):
    """The end of an attempt."""

    status: int | None
    error: str | None
    final: bool  # not to be tried again


class PostOffice:
    """Carries news of one store to its targets."""

    def __init__(
        self, url: str, live: Live, log: ReadLog, settings: Settings, *,
        count: Count = lambda _outcome: None, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._live, self._log, self._settings, self._count, self._now = live, log, settings, count, now
        self._targets = {str(target.url): target for target in settings.webhooks}
        self._deliveries = Deliveries(url, instant(now()), live.held.record.position)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """At work, until the end of the context."""
        task = asyncio.create_task(self._work())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            with contextlib.suppress(TrackerError):  # the store is busy or away: the next round tries again
                await asyncio.to_thread(self.collect)
                await self.carry()

    def collect(self) -> int:
        """Put down what is new.

        Returns: how many messages.
        """
        tracker, at = self._live.held, instant(self._now())
        return self._deliveries.tell(tracker.record.position, at, lambda *since: self._made(tracker, since, at))

    def _made(self, tracker: Tracker, since: tuple[int, int], at: int) -> list[Message]:
        position, then = since
        if position == tracker.record.position and tracker.record.view.steady(then, at):
            return []
        events = [each for each in self._log(position, BATCH) if each.position <= tracker.record.position]
        source = self._settings.public_url or f"urn:tracker:{tracker.record.view.registry.dataset.id}"
        return messages(tracker, events, since, at, source, tuple(self._targets.values()))

    async def carry(self) -> int:
        """Try what is due.

        Returns: how many messages were tried.
        """
        now = instant(self._now())
        due = await asyncio.to_thread(self._deliveries.take, now, now + LEASE)
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
            await asyncio.gather(*(self._try(client, each) for each in due))
        return len(due)

    async def _try(self, client: httpx.AsyncClient, due: Due) -> None:
        target = self._targets.get(due.target)
        sent = Sent(None, "no longer a target", final=True) if target is None else await self._send(client, target, due)
        outcome = self._outcome(due, sent)
        self._count(outcome.state)
        await asyncio.to_thread(self._deliveries.report, due, outcome, instant(self._now()))

    async def _send(self, client: httpx.AsyncClient, target: Target, due: Due) -> Sent:
        try:
            found = await place(due.target, private=self._settings.webhook_private)
            headers = {**signed(target, due, self._now()), "Host": found.named, "Content-Type": MEDIA_TYPE}
            extensions = {"sni_hostname": found.host}
            async with (
                asyncio.timeout(WHOLE),
                client.stream("POST", found.url, content=due.body, headers=headers, extensions=extensions) as answer,
            ):
                status = answer.status_code  # what it says beside is not read
        except ForbiddenTarget as error:
            return Sent(None, str(error), final=True)
        except (httpx.HTTPError, OSError, UnicodeError, ValueError) as error:
            return Sent(None, f"{type(error).__name__}: {error}"[:500], final=False)
        wrong = None if 200 <= status < 300 else f"answered {status}"
        return Sent(status, wrong, final=status == HTTPStatus.GONE)

    def _outcome(self, due: Due, sent: Sent) -> Outcome:
        now = self._now()
        if sent.error is None:
            return Outcome(DELIVERED, instant(now), sent.status, None)
        if sent.final or due.attempts + 1 >= self._settings.webhook_attempts:
            return Outcome(FAILED, instant(now), sent.status, sent.error)
        return Outcome(PENDING, instant(now + timedelta(seconds=wait(due.attempts))), sent.status, sent.error)


def wait(attempts: int) -> float:
    """Seconds before the next attempt: four times as long each time, and not all at once."""
    return min(FIRST * 4.0 ** min(attempts, 20), LONGEST) * random.uniform(0.8, 1.2)  # nosec B311  # no secret


def signed(target: Target, due: Due, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    signature = Webhook(target.secret.get_secret_value()).sign(due.id, now, due.body)
    return {"webhook-id": due.id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
