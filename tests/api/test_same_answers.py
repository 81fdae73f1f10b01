"""What the API answers is what the command line answers."""

import shlex
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tracker.model.fields import Model
from tracker.queries.answer_base import Answer
from tracker.services import audit

QUESTIONS = [
    ("/state?as_of=2025-10-28", "state --as-of 2025-10-28"),
    ("/state?kind=corridor&as_of=2025-10-28", "state --kind corridor --as-of 2025-10-28"),
    (
        "/state?mode=rail&traffic=goods&status=open&as_of=2025-10-25",
        "state --mode rail --traffic goods --status open --as-of 2025-10-25",
    ),
    ("/state?goods=1001&kind=corridor&as_of=2025-10-25", "state --goods 1001 --kind corridor --as-of 2025-10-25"),
    (
        "/state?subject=margara&subject=tr-am-az&as_of=2025-03-25",
        "state margara tr-am-az --as-of 2025-03-25",
    ),
    ("/subjects/ru-az-ge-am/state?as_of=2025-10-20", "state ru-az-ge-am --as-of 2025-10-20"),
    ("/subjects/TRIPP/state?as_of=2025-10-23", "state TRIPP --as-of 2025-10-23"),
    (
        "/subjects/az-land-closure/state?as_of=2026-04-01T07:00%2B04:00",
        "state az-land-closure --as-of 2026-04-01T07:00+04:00",
    ),
    ("/subjects/am-turkish-goods-ban/state?as_of=2020-12-31", "state am-turkish-goods-ban --as-of 2020-12-31"),
    (
        "/subjects/ru-az-ge-am/state?as_of=2025-10-25&announced_by=2025-10-25",
        "state ru-az-ge-am --as-of 2025-10-25 --announced-by 2025-10-25",
    ),
    (
        "/state?kind=corridor&as_of=2025-10-25&recorded_by=300",
        "state --kind corridor --as-of 2025-10-25 --recorded-by 300",
    ),
    ("/subjects/margara/history?status_only=true", "history margara --status-only"),
    (
        "/diff/changes?from=2025-10-20&to=2025-11-06&about=margara&party=AM",
        "changes --from 2025-10-20 --to 2025-11-06 --about margara --party AM",
    ),
    ("/subjects/tr-am-az/why?mode=road&as_of=2025-10-28", "why tr-am-az --mode road --as-of 2025-10-28"),
    ("/subjects/az-transit-bar/why?as_of=2025-10-20", "why az-transit-bar --as-of 2025-10-20"),
    ("/subjects/am-az-peace-agreement/why?as_of=2025-08-09", "why am-az-peace-agreement --as-of 2025-08-09"),
    ("/subjects/margara/history", "history margara"),
    ("/subjects/zurich-protocols/history", "history zurich-protocols"),
    ("/subjects/margara/history?announced_by=2022-01-01", "history margara --announced-by 2022-01-01"),
    ("/diff?before=2025-10-20&after=2025-11-10", "diff 2025-10-20 2025-11-10"),
    ("/diff?before=2025-10-20&after=2025-11-10&kind=crossing", "diff 2025-10-20 2025-11-10 --kind crossing"),
    (
        "/diff?before=2025-10-23&after=2025-10-27&known=true&as_of=2025-10-23",
        "diff 2025-10-23 2025-10-27 --known --as-of 2025-10-23",
    ),
    ("/announcements", "announcements"),
    (
        "/announcements?party=AZ&from=2025-01-01&to=2025-12-31",
        "announcements --party AZ --from 2025-01-01 --to 2025-12-31",
    ),
    ("/announcements?about=margara&type=readiness", "announcements --about margara --type readiness"),
    ("/announcements?text=wheat&source=OC", "announcements --text wheat --source OC"),
    (
        "/announcements/aliyev-lifts-transit-to-armenia?as_of=2025-10-28",
        "show aliyev-lifts-transit-to-armenia --as-of 2025-10-28",
    ),
    ("/promises?as_of=2026-01-01", "promises --as-of 2026-01-01"),
    ("/promises?party=AM&status=overdue&as_of=2026-01-01", "promises --party AM --status overdue --as-of 2026-01-01"),
    ("/changes?after=400", "log --after 400"),
    (
        "/routes?from=RU&to=AM&mode=rail&goods=1001&as_of=2025-10-25",
        "routes RU AM --mode rail --goods 1001 --as-of 2025-10-25",
    ),
    (
        "/subjects/tr-am-az/needs?as_of=2026-05-01&firm=true&suppose=lift%20tr-closure-1993",
        "needs tr-am-az --as-of 2026-05-01 --firm --suppose 'lift tr-closure-1993'",
    ),
    ("/routes/needs?from=AM&to=TR&mode=road&as_of=2026-05-01", "needs AM TR --mode road --as-of 2026-05-01"),
    (
        "/routes?from=KZ&to=TR&modes=sea,rail&as_of=2026-05-01&suppose=lift%20tr-closure-1993",
        "routes KZ TR --modes sea,rail --as-of 2026-05-01 --suppose 'lift tr-closure-1993'",
    ),
    (
        "/diff?before=2026-01-01&after=2026-05-01&subject=margara&suppose=lift%20tr-closure-1993",
        "diff 2026-01-01 2026-05-01 --subject margara --suppose 'lift tr-closure-1993'",
    ),
    (
        "/subjects/margara/why?as_of=2026-05-01&suppose=lift%20tr-closure-1993",
        "why margara --as-of 2026-05-01 --suppose 'lift tr-closure-1993'",
    ),
    (
        "/routes/opened?from=Russia&to=Armenia&mode=rail&as_of=2026-01-01",
        "routes Russia Armenia --mode rail --opened --as-of 2026-01-01",
    ),
]


@pytest.mark.parametrize(("asked", "command"), QUESTIONS, ids=[command for _, command in QUESTIONS])
def test_answers_equal_those_of_the_command_line(
    asked: str, command: str, client: httpx.Client, tracker_cli: Callable[..., Any]
) -> None:
    answer = client.get(f"/api/v1{asked}")
    assert answer.status_code == 200, answer.text
    words = shlex.split(command)
    assert answer.json() == tracker_cli(*words)


def test_a_question_is_one_query(client: httpx.Client) -> None:
    """An answer is the model that the query gives, and what is handed in that of a file: not one of the API's own."""
    found = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    of_queries = {model.__name__ for model in _below(Answer)}
    operation = {"Health", "ProblemDetails", "Fault"}
    of_files = {model.__name__ for model in _below(Model)}
    of_the_log = {model.__name__ for model in _below(audit.AuditAnswer)} | {"InclusionProof", "ConsistencyProof"}
    writing = {"CorrectionBody", "RetractionBody", "Rejection", "Done"}
    named = {name for name, schema in found.items() if "properties" in schema}
    assert named <= of_queries | of_files | of_the_log | writing | operation


def _below(model: type[Any]) -> set[type[Any]]:
    return {model}.union(*(_below(each) for each in model.__subclasses__()))
