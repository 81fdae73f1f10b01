"""Bounds of each connection and of all: uvicorn waits without end for a peer that sends nothing or takes nothing."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tracker.api.clients import is_within, network_of

MAX_CONNECTIONS = 960  # of a process, which most systems allow 1,024 open files
MAX_UNSENT = 64 * 2**20  # bytes written that peers have not taken, of all connections
SEND_BUFFER = 128 * 2**10  # bytes that the kernel holds for one peer; it takes twice that with its own bookkeeping
MAX_AHEAD = 64 * 2**10  # bytes received beyond the request that is being answered
MIN_TAKEN = 4096  # bytes that a peer takes in `stall_seconds`, unless it takes all


class Connections:
    """The open connections of a process, by address, and the bytes that their peers have not taken yet."""

    def __init__(self, *, most: int = MAX_CONNECTIONS, unsent: int = MAX_UNSENT, trusted: Collection[str] = ()) -> None:
        """Set the bounds.

        Args: most: connections in all, and a quarter of them for one address; unsent: bytes in all; trusted:
            addresses or networks of proxies, which connect for many clients and may have all.
        """
        self.most, self.unsent, self._trusted = most, unsent, tuple(trusted)
        self.open: dict[BoundedProtocol, str] = {}  # with the network that it comes from, the oldest first
        self._by_network: Counter[str] = Counter()

    def admit(self, protocol: "BoundedProtocol", host: str) -> bool:
        """Count a new connection, unless its address has its share; where all are taken, an idle one makes room."""
        network = network_of(host)
        has_share = self._by_network[network] >= max(self.most // 4, 1)
        if has_share and not is_within(host, self._trusted):
            return False
        if len(self.open) >= self.most and not self._close_idle():
            return False
        self.open[protocol] = network
        self._by_network[network] += 1
        return True

    def forget(self, protocol: "BoundedProtocol") -> None:
        """Take a connection that was lost out of the count."""
        network = self.open.pop(protocol, None)
        if network is None:
            return
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]

    def relieve(self) -> None:
        """Abort the connections whose peers have taken nothing for longest, while all are owed too many bytes."""
        owing = [protocol for protocol in self.open if protocol.unsent]
        total = sum(protocol.unsent for protocol in owing)
        for protocol in sorted(owing, key=lambda protocol: protocol.taken_at):
            if total <= self.unsent:
                return
            total -= protocol.unsent
            protocol.transport.abort()

    def _close_idle(self) -> bool:
        idle = next((protocol for protocol in self.open if protocol.idle), None)
        if idle is not None:
            self.forget(idle)
            idle.transport.abort()
        return idle is not None


class _CountingTransport:
    """A transport that counts the bytes written to it."""

    def __init__(self, transport: asyncio.Transport, written: Callable[[], None]) -> None:
        self._transport, self._written = transport, written
        self.count = 0

    def write(self, data: bytes) -> None:
        """Write to the peer; nothing, once the connection is closing, which an application learns a moment later."""
        if self._transport.is_closing():
            return
        self.count += len(data)
        self._transport.write(data)
        self._written()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which ends connections whose peers neither send a whole request nor take their answers.

    One request is answered at a time, and the next one of the connection only when the answer has gone out.
    """

    head_seconds = 10.0  # for the line and headers of a request
    body_seconds = 30.0  # for the body of a request, from the end of its head, be it answered meanwhile or not
    stall_seconds = 20.0  # for which a peer may take less than MIN_TAKEN of what is written

    _awaited: tuple[object, object] | None = None  # the part of a request that has not arrived, and of which request
    _receive_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _taken = 0  # bytes taken by the peer when that was last looked at
    taken_at = 0.0  # when the peer had last taken enough, by the loop's clock
    _held = False  # whether an answer is complete, but not gone out

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._counted = _CountingTransport(transport, self._on_written)
        super().connection_made(cast(asyncio.Transport, self._counted))
        state = getattr(self.app, "state", None)
        self._all: Connections = getattr(state, "connections", None) or _DEFAULT
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if self._all.admit(self, self.client[0] if self.client else ""):
            self._await_request()
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_far_ahead:
            self.transport.abort()
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.forget(self)
        for timer in (self._receive_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        self._held = False
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Go on to the next request, as soon as this one's answer has gone out."""
        if self.flow.write_paused and not self.transport.is_closing():
            self._held = True
            return
        super().on_response_complete()
        self._await_request()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._held:
            self._held = False
            self.on_response_complete()

    @property
    def unsent(self) -> int:
        """How many bytes were written that the peer has not taken."""
        return int(self._counted.get_write_buffer_size())

    @property
    def idle(self) -> bool:
        """Whether no request of the connection is being answered."""
        return self.cycle is None or (self.cycle.response_complete and not self._held)

    @property
    def _is_far_ahead(self) -> bool:
        """Whether too much has been sent behind a request that is still being answered."""
        return self.conn.their_state is h11.DONE and len(self.conn.trailing_data[0]) > MAX_AHEAD

    def _await_request(self) -> None:
        """Start a timer for the part of a request that is to come next; one that runs for it already goes on."""
        awaited: tuple[object, object] | None = None
        if self.conn.their_state is h11.SEND_BODY:
            awaited = h11.SEND_BODY, self.cycle
        elif self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:  # uvicorn's, between requests
            awaited = h11.IDLE, None
        if awaited == self._awaited:
            return
        self._awaited = awaited
        if self._receive_timer is not None:
            self._receive_timer.cancel()
        seconds = self.body_seconds if awaited and awaited[0] is h11.SEND_BODY else self.head_seconds
        self._receive_timer = self.loop.call_later(seconds, self._give_up) if awaited else None

    def _give_up(self) -> None:
        self._receive_timer = None
        self.transport.close()  # what was answered goes out, as long as the peer takes it

    def _on_written(self) -> None:
        if not self.unsent:
            return
        if self._stall_timer is None:
            self._taken, self.taken_at = self._counted.count - self.unsent, self.loop.time()
            self._watch()
        self._all.relieve()

    def _watch(self) -> None:
        self._stall_timer = self.loop.call_later(self.stall_seconds / 4, self._look)

    def _look(self) -> None:
        """Abort the connection where its peer has taken next to nothing for too long."""
        self._stall_timer = None
        if not self.unsent:
            return
        taken, now = self._counted.count - self.unsent, self.loop.time()
        if taken - self._taken >= MIN_TAKEN:
            self._taken, self.taken_at = taken, now
        if now - self.taken_at >= self.stall_seconds:
            self.transport.abort()
        else:
            self._watch()


_DEFAULT = Connections()  # for an application that sets no bounds of its own
