"""Small worlds whose registry has dates, and what both drivers of status answer about them."""

from datetime import datetime
from pathlib import Path

import numpy as np

from tests.dataset.records import record_of
from tracker.model.dates import FOREVER, Instant, instant
from tracker.model.errors import Problem
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import Lane, lanes
from tracker.state.record import Record, View
from tracker.state.scope import ANYTHING, Question
from tracker.state.status import STATUSES
from tracker.state.sweep import Sweep

HEAD = 'summary = "x"\nsource = [{ publisher = "x" }]\n'


def world(folder: Path, registry: str, *said: str) -> tuple[Record, tuple[Problem, ...]]:
    """The record of a registry and some announcements, and the problems of its files."""
    (folder / "registry").mkdir(parents=True)
    (folder / "registry/all.toml").write_text(registry, encoding="utf-8")
    for number, text in enumerate(said):
        year = folder / text.removeprefix("announced = ")[:4]
        year.mkdir(exist_ok=True)
        (year / f"a{number}.toml").write_text(text + HEAD, encoding="utf-8")
    return record_of(folder)


def said(day: str, by: str, *effects: str) -> str:
    each = ", ".join(f"{{ {effect} }}" for effect in effects)
    return f'announced = {day}\nby = [{{ party = "{by}" }}]\neffect = [{each}]\n'


def lane_of(view: View, subject: str, direction: str, mode: str = "road", traffic: str = "goods") -> Lane:
    every = lanes(view.registry, view.registry.places[subject])  # type: ignore[arg-type]
    return next(one for one in every if (one.direction, one.mode, one.traffic) == (direction, mode, traffic))


def at(text: str) -> Instant:
    """An instant, or noon of a day."""
    return instant(datetime.fromisoformat(text if "T" in text else f"{text}T12:00:00+00:00"))


def status(record: Record, lane: Lane, when: str, question: Question = ANYTHING) -> str:
    """The status of a lane at an instant, on which both drivers agree."""
    history = LaneHistory(record.view, lane, question)
    number = history.number(at(when))
    swept = Sweep(record.view, question).lane(lane).runs.at(np.array([at(when)]))
    assert STATUSES[swept.status[0]] is history.status(number)
    return history.status(number)


def agree(view: View, lane: Lane, question: Question = ANYTHING) -> None:
    """Both drivers have the same runs of a lane, with the same causes and what stands beside them."""
    history, sweep = LaneHistory(view, lane, question), Sweep(view, question).lane(lane)
    numbers = history.causal_runs()
    swept = sweep.causal_runs
    assert swept.instant.tolist() == [history.points[number] for number in numbers]
    assert [STATUSES[code] for code in swept.status] == [history.status(number) for number in numbers]
    plain = sweep.runs
    assert plain.instant.tolist() == [history.points[number] for number in history.runs()]
    for number in numbers:  # every reason can be told
        history.verdict(min(history.points[number], FOREVER - 1))
