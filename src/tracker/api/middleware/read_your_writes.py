"""Reading one's own writes from any server: every answer says how far its record went, and a question may say how far
it has to. Plain ASGI, as the doors."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.change_notifier import Newsroom
from tracker.api.middleware.limits import refuse
from tracker.services.records import Tracker

SAYS, ASKS = "Tracker-Position", "Tracker-After"
_SAYS, _ASKS = SAYS.lower().encode(), ASKS.lower().encode()
_DIGITS = 18
PATIENCE = 2.5  # seconds


class Positions:
    """Adds `Tracker-Position` to answers; with `Tracker-After`, waits until the record holds that position."""

    def __init__(self, app: ASGIApp, *, newsroom: Newsroom) -> None:
        self.app = app
        self.newsroom = newsroom

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = next((value for name, value in scope["headers"] if name == _ASKS), None)
        if asked is not None:
            refusal = await self._refusal(asked)
            if refusal is not None:
                await refuse(scope, receive, send, *refusal)
                return

        async def positioned(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                if all(name != _SAYS for name, _ in headers):
                    headers.append((_SAYS, str(self._position(scope)).encode()))
            await send(message)

        await self.app(scope, receive, positioned)

    def _position(self, scope: Scope) -> int:
        tracker = scope.get("tracker") or self.newsroom.live.held
        assert isinstance(tracker, Tracker)
        return tracker.record.position

    async def _refusal(self, asked: bytes) -> tuple[HTTPStatus, str] | None:
        if not asked.isdigit() or len(asked) > _DIGITS:
            return HTTPStatus.BAD_REQUEST, f"{ASKS} is not a position of the log: send the {SAYS} of an answer"
        if await self.newsroom.reach(int(asked), PATIENCE):
            return None
        held, trouble = self.newsroom.live.held.record.position, self.newsroom.trouble
        words = f"the record here holds position {held}, not {int(asked)} yet: ask again"
        return HTTPStatus.SERVICE_UNAVAILABLE, f"{words} ({trouble})" if trouble else words
