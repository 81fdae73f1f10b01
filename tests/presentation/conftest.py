"""The command line and the pages over one small dataset, that of the command line's tests."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import running
from tests.cli.conftest import dataset, run
from tracker import serve
from tracker.settings import Settings

__all__ = ["dataset"]  # a fixture


@pytest.fixture
def printed(dataset: Path) -> Callable[..., str]:
    """The words that a command prints."""

    def ask(*args: str) -> str:
        ran = run("--events", str(dataset), *args)
        assert ran.code == 0, ran.err
        return " ".join(ran.out.split())

    return ask


@pytest.fixture
def page(dataset: Path) -> Iterator[Callable[[str], str]]:
    """The words on a page."""
    settings = Settings(access_log=False, events=dataset)
    with running(serve.create(settings, lambda: datetime(2032, 1, 1, tzinfo=UTC))) as client:
        address = str(client.base_url).rstrip("/")

        def ask(path: str) -> str:
            answer = httpx.get(address + path)
            assert answer.status_code == 200, answer.text
            return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())

        yield ask
