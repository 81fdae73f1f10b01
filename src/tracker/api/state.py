"""The state of a server process that its requests share."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request

from tracker.api.change_log import ChangeLog
from tracker.api.change_notifier import ChangeNotifier
from tracker.api.memory import MemoryBudget
from tracker.api.middleware.rate_limit import RateLimiter
from tracker.api.workers import Workers
from tracker.model.errors import Conflict
from tracker.services.live import Live
from tracker.services.records import ReadLog
from tracker.settings import Settings

if TYPE_CHECKING:  # the libraries of webhooks are an extra
    from tracker.webhooks.sender import Sender


@dataclass(frozen=True)
class ServerState:
    """The record that follows its store, the log behind it, and the settings."""

    live: Live
    settings: Settings
    log: ReadLog
    notifier: ChangeNotifier
    memory: MemoryBudget
    webhooks: "Sender | None" = None  # None: no webhook is set
    regions: Path | None = None  # the folder with the geometry of regions
    token_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(0))
    anonymous_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(0))  # by address
    writes: Workers = field(default_factory=lambda: Workers("writing", threads=4, waiting=32))
    store_reads: Workers = field(default_factory=lambda: Workers("reading", threads=8, waiting=32))
    change_log: ChangeLog = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "change_log", ChangeLog(self.log, self.store_reads))


def refuse_beyond(state: ServerState, after: int) -> None:
    """Refuse a position beyond the end of the log. Raises: Conflict, which names the log."""
    held = state.live.held
    if after > held.record.position and not state.log(after - 1, 1):
        raise Conflict(
            f"position {after} is beyond the end of this log{f' ({held.log})' if held.log else ''}: it may be of "
            "another log (compare Tracker-Log), or this one lost its end; read it from the beginning"
        )


def server_state(request: Request) -> ServerState:
    """The state of the server that answers a request."""
    state = request.app.state.server
    assert isinstance(state, ServerState)
    return state
