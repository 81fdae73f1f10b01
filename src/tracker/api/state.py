"""What the API needs beside a question: the record as it goes on, its log, settings and geometry."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request

from tracker.api.change_notifier import Newsroom
from tracker.api.middleware.rate_limit import Buckets
from tracker.services.live import Live
from tracker.services.records import ReadLog
from tracker.settings import Settings

if TYPE_CHECKING:  # the libraries of webhooks are an extra
    from tracker.webhooks.sender import Sender


@dataclass(frozen=True)
class Service:
    """Shared by all requests of one process."""

    live: Live
    settings: Settings
    log: ReadLog
    newsroom: Newsroom
    webhooks: "Sender | None" = None
    regions: Path | None = None  # folders with geometry, where there are some
    buckets: Buckets = field(default_factory=lambda: Buckets(0))  # of tokens


def service(request: Request) -> Service:
    found = request.app.state.service
    assert isinstance(found, Service)
    return found
