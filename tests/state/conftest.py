"""`world` is three fictional countries in a row; a test's docstring holds what was announced.

A docstring is one announcement file, or several: each begins with its `announced`. They are called a1, a2, …; what
every announcement has is put before each where it lacks it: all four deciders speak, unless `by` names some.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from inspect import cleandoc
from pathlib import Path

import numpy as np
import pytest

from tracker.dataset.existing import NO_STATEMENTS
from tracker.dataset.reader import read_dataset, read_statements
from tracker.model.classes import asked_classes
from tracker.model.dates import Edge, Instant, close_of, instant, render
from tracker.model.errors import Severity
from tracker.model.events import Recorded, SubjectEvent, recorded, registered
from tracker.model.registry import Registry
from tracker.model.vocabulary import Mode, Traffic
from tracker.state.consents import Cause
from tracker.state.fold import fold
from tracker.state.instruments import InstrumentStanding, PledgeStanding, instrument_standing, pledges
from tracker.state.lane_history import LaneHistory
from tracker.state.lanes import lanes
from tracker.state.measures import MeasureStanding, measure_standing
from tracker.state.record import Record, View
from tracker.state.scope import Question
from tracker.state.status import STATUSES
from tracker.state.sweep import Sweep
from tracker.timeline.knowledge import EVERYTHING, Known

REGISTRY = """
[dataset]
name = "Three in a row"
timezone = "+04:00"

[party]
alpha = { name = "Alphia", kind = "state" }
beta = { name = "Betania", kind = "state" }
gamma = { name = "Gammor", kind = "state" }
rebels = { name = "The rebels", kind = "group" }
press = { name = "The press", kind = "media" }
railway = { name = "The railway", kind = "operator" }

[territory]
A = { name = "Alphia", authority = "alpha" }
B = { name = "Betania", authority = "beta" }
C = { name = "Gammor", authority = "gamma" }
D = { name = "Deltos, a detached part of Alphia", authority = "alpha", transit = "open" }

[border]
A-B = { between = ["A", "B"], modes = ["road", "rail", "pipeline"], traffic = ["people", "goods"] }
B-C = { between = ["B", "C"], modes = ["road", "rail"], normally = "open" }
C-D = { between = ["C", "D"], modes = ["road"], traffic = ["goods"], normally = "open" }

[crossing]
gate = { border = "A-B", modes = ["road"], names = { en = "The gate" } }
ford = { border = "C-D", modes = ["road"], traffic = ["goods"], names = { en = "The ford" } }

[corridor]
through = { name = "Through Betania", path = ["A", "gate", "B", "C"], modes = ["road"], traffic = ["goods"] }
descent = { name = "Down to Betania", path = ["D", "C", "B"], modes = ["road"], traffic = ["goods"], two_way = false }

[class]
food = { name = "Food", group = "cargo" }
energy = { name = "Energy", group = "cargo", aliases = ["fuel"] }
arms = { name = "Arms", group = "cargo" }
vehicles = { name = "Vehicles", group = "means" }
lorries = { name = "Lorries", group = "means", within = ["vehicles"] }
pedestrians = { name = "People on foot", group = "means" }

[measure]
closure = { title = "x", authority = "alpha", kind = "restriction", level = "prohibited", scope = { at = ["A-B"] } }
checks = { title = "x", authority = "alpha", kind = "restriction", level = "restricted", scope = { at = ["A-B"] } }
visitor-checks = { title = "x", authority = "alpha", kind = "restriction", level = "prohibited", \
scope = { at = ["A-B"], only = ["visitors"] } }
leave = { title = "x", authority = "alpha", kind = "permission", level = "permitted", scope = { at = ["A-B"] } }
beta-closure = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", scope = { at = ["A-B"] } }
beta-leave = { title = "x", authority = "beta", kind = "permission", level = "permitted", scope = { at = ["A-B"] } }
wheat-leave = { title = "x", authority = "beta", kind = "permission", level = "permitted", \
scope = { at = ["A-B"], goods = ["1001"] } }
wheat-ban = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], goods = ["1001"] } }
jet-ban = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], only = ["business jets"] } }
siege = { title = "x", authority = "rebels", kind = "restriction", level = "prohibited", de_facto = true, \
scope = { at = ["B-C"] } }
toll = { title = "x", authority = "rebels", kind = "permission", level = "permitted", scope = { at = ["B-C"] } }
gate-ban = { title = "x", authority = "alpha", kind = "restriction", level = "prohibited", scope = { at = ["gate"] } }
eastward = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], direction = "B>C" } }
people-ban = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], traffic = ["people"] } }
rail-ban = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], modes = ["rail"] } }
transit-bar = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["B"], regime = "transit", destination = ["C"] } }
transit-leave = { title = "x", authority = "beta", kind = "permission", level = "permitted", \
scope = { at = ["B"], regime = "transit" } }
import-bar = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["C"], regime = "import", origin = ["A"] } }
export-bar = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["C"], regime = "export" } }
c-import = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["C"], regime = "import" } }
c-transit = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["C"], regime = "transit", traffic = ["goods"] } }
vehicle-ban = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], only = ["vehicles"] } }
lorry-ban = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], only = ["lorries"] } }
ban-but-on-lorries = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], only = ["!lorries"] } }
light-ban = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], only = ["vehicles", "!lorries"] } }
ban-but-to-d = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], destination = ["!D"] } }
metal-ban = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], goods = ["72", "!7204"] } }
ban-but-on-scrap = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], goods = ["!7204"] } }
listed = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["B-C"], named = ["The Ark", "The Bounty"] } }
any-bar = { title = "x", authority = "gamma", kind = "restriction", level = "prohibited", scope = { at = ["C"] } }
corridor-bar = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["through"] } }
corridor-siege = { title = "x", authority = "rebels", kind = "restriction", level = "prohibited", \
scope = { at = ["through"] } }
wide = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", scope = { at = ["A-B", "B-C"] } }
gamma-leave = { title = "x", authority = "gamma", kind = "permission", level = "permitted", scope = { at = ["B-C"] } }
corridor-east = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["through"], direction = "A>C" } }
corridor-wheat = { title = "x", authority = "beta", kind = "restriction", level = "prohibited", \
scope = { at = ["through"], goods = ["1001"] } }

[instrument]
treaty = { title = "A treaty", parties = ["alpha", "beta"] }
treaty-annex = { title = "Its annex" }
"""
STORED = datetime(2040, 1, 1, tzinfo=UTC)
LEFT_OUT = {
    "summary": 'summary = "Something was said."',
    "by": 'by = [{ party = "alpha" }, { party = "beta" }, { party = "gamma" }, { party = "rebels" }]',
    "source": 'source = [{ publisher = "The Bugle" }]',
}


@dataclass(frozen=True)
class World:
    """What was announced, and short questions about it."""

    record: Record

    def at(self, day: str) -> Instant:
        """The close of a day, or an hour of one."""
        if "T" in day:
            return instant(datetime.fromisoformat(day))
        return close_of(date.fromisoformat(day), self.record.tz)

    def view(self, announced_by: str | None = None) -> View:
        return self.record.at(Known(self.at(announced_by)) if announced_by else EVERYTHING)

    def lane(
        self, subject: str = "A-B", direction: str | None = None, *, mode: str = "road", traffic: str = "goods",
        goods: str | None = None, only: str | None = None, announced_by: str | None = None,
        origin: str | None = None, destination: str | None = None,
    ) -> LaneHistory:  # fmt: skip
        """The first lane like this."""
        view = self.view(announced_by)
        found = [
            lane
            for lane in lanes(view.registry, view.registry.places[subject])  # type: ignore[arg-type]
            if (lane.mode, lane.traffic) == (Mode(mode), Traffic(traffic)) and direction in (None, lane.direction)
        ]
        classes = asked_classes(view.registry.classes, only.split(" + ") if only else ())
        return LaneHistory(view, found[0], Question(goods, classes, origin, destination))

    def status(self, day: str, subject: str = "A-B", direction: str | None = None, **lane: str) -> str:
        """The status of a lane by itself; and it is the same where a sweep judges it."""
        history, at = self.lane(subject, direction, **lane), self.at(day)
        found = history.status(history.number(at))
        view, question = history.view, history.question
        sweep = view.memo.setdefault((Sweep, question), Sweep(view, question))
        swept = sweep.lane(history.lane).runs.at(np.array([at]))
        assert [STATUSES[code] for code in swept.status] == [found]
        assert swept.severity.tolist() == [history.severity(history.number(at))]
        return found

    def exceptions(self, day: str, subject: str = "A-B", direction: str | None = None, **lane: str) -> list[str | None]:
        """The measures that stand beside the status."""
        return [cause.measure for cause in self.lane(subject, direction, **lane).verdict(self.at(day)).exceptions]

    def causes(self, day: str, subject: str = "A-B", direction: str | None = None, **lane: str) -> list[Cause]:
        return list(self.lane(subject, direction, **lane).verdict(self.at(day)).causes)

    def words(self, day: str, subject: str = "A-B", direction: str | None = None, **lane: str) -> list[str]:
        """Everybody's word, worst first, as "place authority level"."""
        found = self.causes(day, subject, direction, **lane)
        return [f"{cause.place} {cause.authority} {cause.level}" for cause in found]

    def measure(self, name: str, day: str) -> MeasureStanding:
        view = self.record.view
        return measure_standing(view, view.registry.measures[name], self.at(day))

    def instrument(self, day: str, name: str = "treaty") -> InstrumentStanding:
        view = self.record.view
        return instrument_standing(view, view.registry.instruments[name], self.at(day))

    def pledges(self, day: str) -> dict[str, PledgeStanding]:
        return {each.pledge.pledge: each for each in pledges(self.record.view, self.at(day))}

    def said_in(self, row: int | None) -> str | None:
        """The announcement of a row."""
        return None if row is None or row < 0 else self.record.view.row(row).announcement

    def day(self, edge: Edge | None) -> str | None:
        return None if edge is None else render(edge, self.record.tz)


@pytest.fixture(scope="session")
def countries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, list[SubjectEvent]]:
    """The three countries and all that is in them, read once."""
    folder = tmp_path_factory.mktemp("three")
    (folder / "registry").mkdir()
    (folder / "registry/all.toml").write_text(REGISTRY, encoding="utf-8")
    files, problems = read_dataset(folder)
    assert files is not None, problems
    return files.registry, [registered(subject, STORED) for subject in files.registry.subjects()]


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest, countries: tuple[Registry, list[SubjectEvent]]) -> World:
    """Three countries, with the announcements of the test's docstring."""
    registry, entries = countries
    said = re.split(r"^(?=announced = )", cleandoc(request.function.__doc__ or ""), flags=re.MULTILINE)
    paths = []
    for number, text in enumerate(filter(str.strip, said), start=1):
        missing = [line for key, line in LEFT_OUT.items() if not re.search(rf"^(\[\[)?{key}( =|\]\])", text, re.M)]
        paths.append(tmp_path / f"a{number}.toml")
        paths[-1].write_text("\n".join([*missing, text]), encoding="utf-8")
    statements, _, problems = read_statements(paths, registry, NO_STATEMENTS)
    assert [each for each in problems if each.severity is Severity.ERROR] == []
    events = [*entries, *(recorded(each, STORED) for each in statements)]
    return World(fold(Recorded(position, event) for position, event in enumerate(events, start=1)))
