"""A deadline for the head of a request: uvicorn itself waits without end for one that never arrives."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class HeaderTimeoutProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which closes a connection on which the head of a request does not arrive in time."""

    head_seconds = 10.0  # for the line and headers of a request; its body counts towards the timeout of the response
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._timer is None and not self._between_requests:
            self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    @property
    def _between_requests(self) -> bool:
        """Whether the connection is idle between two requests, and uvicorn's own timer runs."""
        return self.timeout_keep_alive_task is not None

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._expire)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        self.transport.close()
