"""A connection on which no whole request arrives is closed: uvicorn itself waits for ever for the end of a head."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = 10.0  # seconds for a request's line and headers; its body is under the deadline of the answer


class Impatient(H11Protocol):
    """uvicorn's HTTP, with a deadline for the head of each request."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._end()
        elif self._timer is None and not self._resting:
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    @property
    def _resting(self) -> bool:
        """Between two requests; uvicorn's own timer is for that."""
        return self.timeout_keep_alive_task is not None

    def _begin(self) -> None:
        self._timer = self.loop.call_later(HEAD, self._give_up)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        self.transport.close()
