"""Other regions need no code: every dataset in examples/ reads clean and meets its own expectations."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from tests.dataset.records import ROOT, missed, record_of
from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.answers import LanesState
from tracker.queries.clocks import clocks
from tracker.queries.selection import Selection
from tracker.queries.state import state
from tracker.state.record import Record

EXAMPLES = sorted(registry.parent for registry in (ROOT / "examples").glob("*/registry"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_meets_its_expectations(folder: Path) -> None:
    record, problems = record_of(folder)
    assert [str(problem) for problem in problems] == []
    assert missed(folder, record, at_least=10) == []


@cache
def fiordland() -> Record:
    return record_of(ROOT / "examples" / "fiordland")[0]


def status(subject: str, mode: Mode, direction: str, as_of: str, announced_by: str | None = None) -> str:
    record = fiordland()
    asked = clocks(as_of, announced_by, None, tz=record.tz, today=date.today, position_at=lambda _: 0)
    answer = state(record, asked, Selection((subject,), mode=mode, traffic=Traffic.GOODS, direction=direction))[0]
    assert isinstance(answer, LanesState)
    return answer.lanes[0].status


def test_a_correction_counts_from_the_day_on_which_it_was_announced() -> None:
    bridge = ("stillwater-bridge", Mode.ROAD, "SK>HV")
    assert status(*bridge, "2031-07-20", announced_by="2031-07-09") == "open"
    assert status(*bridge, "2031-07-20", announced_by="2031-07-10") == "closed"
    assert status(*bridge, "2031-07-20") == "closed"
    assert status(*bridge, "2031-08-01") == "open"


def test_a_retraction_counts_from_the_day_on_which_it_was_announced() -> None:
    railway = ("HV-SK", Mode.RAIL, "SK>HV")
    assert status(*railway, "2031-08-10", announced_by="2031-08-19") == "operating"
    assert status(*railway, "2031-08-10", announced_by="2031-08-20") == "open"
    assert status(*railway, "2031-08-10") == "open"
