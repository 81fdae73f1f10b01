"""Reading one's own writes from any server of a store: `Tracker-Position` and `Tracker-After`.

Plain ASGI, for speed.
"""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.api.change_notifier import ChangeNotifier
from tracker.api.clients import Seats, client_of
from tracker.api.problems import refuse
from tracker.services.records import Tracker

POSITION, AFTER, LOG = "Tracker-Position", "Tracker-After", "Tracker-Log"
_POSITION, _AFTER = POSITION.lower().encode(), AFTER.lower().encode()
_LOG = LOG.lower().encode()
_MAX_DIGITS = 18
MAX_WAIT = 2.5  # seconds for which a request waits for a position
MAX_WAITING, WAITING_OF_ONE = 16, 4  # requests that wait at once: in all, and of one address


class ReadYourWrites:
    """Put the position of the record in `Tracker-Position`, the id of its log in `Tracker-Log`.

    With `Tracker-After`, wait until the record is there.
    """

    def __init__(self, app: ASGIApp, *, notifier: ChangeNotifier) -> None:
        self.app = app
        self.notifier = notifier
        self._seats = Seats(MAX_WAITING, WAITING_OF_ONE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = next((value for name, value in scope["headers"] if name == _AFTER), None)
        if wanted is not None:
            refusal = await self._refusal(wanted, client_of(scope))
            if refusal is not None:
                await refuse(scope, receive, send, *refusal)
                return

        async def with_position(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                if all(name != _POSITION for name, _ in headers):
                    tracker = self._tracker(scope)
                    headers.append((_POSITION, str(tracker.record.position).encode()))
                    if tracker.log:
                        headers.append((_LOG, tracker.log.encode()))
            await send(message)

        await self.app(scope, receive, with_position)

    def _tracker(self, scope: Scope) -> Tracker:
        tracker = scope.get("tracker") or self.notifier.live.held
        assert isinstance(tracker, Tracker)
        return tracker

    async def _refusal(self, wanted: bytes, client: str) -> tuple[HTTPStatus, str] | None:
        if not wanted.isdigit() or len(wanted) > _MAX_DIGITS:
            return HTTPStatus.BAD_REQUEST, f"{AFTER} is not a position of the log: send the {POSITION} of an answer"
        position, live = int(wanted), self.notifier.live
        if live.held.record.position >= position:
            return None
        full = self._seats.refusal(client)
        if full is not None:
            return HTTPStatus.SERVICE_UNAVAILABLE, full
        with self._seats.taken(client):
            if await self.notifier.reach(position, MAX_WAIT):
                return None
        error = self.notifier.store_error
        if position > live.log_end and not error:
            return HTTPStatus.SERVICE_UNAVAILABLE, f"the log ends at position {live.log_end}, before {position}: retry"
        detail = f"this server's record is at position {live.held.record.position}, not yet at {position}: retry"
        return HTTPStatus.SERVICE_UNAVAILABLE, f"{detail} ({error})" if error else detail
