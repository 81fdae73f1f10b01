"""What the API needs beside a question: the record as it goes on, its log, settings and geometry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from tracker.api.news import Newsroom
from tracker.live import Live
from tracker.model.events import Recorded
from tracker.settings import Settings

ReadLog = Callable[[int, int], Sequence[Recorded]]  # after a position, no more than so many


@dataclass(frozen=True)
class Service:
    """Shared by all requests of one process."""

    live: Live
    settings: Settings
    log: ReadLog
    newsroom: Newsroom
    regions: Path | None = None  # folders with geometry, where there are some


def service(request: Request) -> Service:
    found = request.app.state.service
    assert isinstance(found, Service)
    return found
