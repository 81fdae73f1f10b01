"""Answers about now are kept until the day on which they may change, and no longer."""

import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import running
from tests.dataset.records import record_of
from tracker import serve
from tracker.model.dates import close_of, moment
from tracker.settings import Settings

FIORDLAND = Path(__file__).parents[2] / "examples" / "fiordland"
MAX_SECONDS = 5.0  # until the server has looked at its clock again
STEPS = 4


def after_the_turn(client: httpx.Client, path: str, tag: str) -> httpx.Response:
    """The answer once the tag is no longer good."""
    until = time.monotonic() + MAX_SECONDS
    while (answer := client.get(path, headers={"If-None-Match": tag})).status_code == 304:
        assert time.monotonic() < until, f"{path} is still given"
        time.sleep(0.05)
    return answer


@pytest.mark.parametrize(
    ("path", "dated"),
    [
        ("/api/v1/state?subject=stillwater-bridge", True),
        ("/api/v1/state?kind=measure", True),
        ("/api/v1/feed.atom", False),
        ("/api/v1/calendar.ics", False),
    ],
)
def test_a_kept_answer_about_now_is_not_given_past_the_next_change(path: str, dated: bool) -> None:
    view = record_of(FIORDLAND)[0].view
    clock = [datetime(2031, 3, 15, 12, tzinfo=view.tz)]
    application = serve.create(Settings(events=str(FIORDLAND), access_log=False), now=lambda: clock[0])
    with running(application) as client:
        kept = client.get(path)
        for _ in range(STEPS):
            tag, body = kept.headers["etag"], kept.content
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
            then = view.next_change(close_of(clock[0].date(), view.tz))
            clock[0] = moment(then, view.tz) + timedelta(hours=12)
            kept = after_the_turn(client, path, tag)
            asked = f"{path}{'&' if '?' in path else '?'}as_of={clock[0].date()}"
            assert kept.content == client.get(asked).content
            assert kept.content != body or not dated
