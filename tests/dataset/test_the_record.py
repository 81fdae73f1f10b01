"""The record in events/ reads without errors and says what independent statements say."""

from tests.dataset.records import ROOT, missed, record_of
from tracker.model.errors import Severity

EVENTS = ROOT / "events"


def test_the_record_meets_its_expectations() -> None:
    record, problems = record_of(EVENTS)
    assert [str(problem) for problem in problems if problem.severity is Severity.ERROR] == []
    assert missed(EVENTS, record, at_least=130) == []
