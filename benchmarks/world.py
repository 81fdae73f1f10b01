"""A seeded world of borders, crossings and corridors, with measures that stack on their lanes, for benchmarks.

Its shares are like those of the record of the South Caucasus, only denser:

| trait | share |
|---|---|
| measures on a border or crossing / territory / corridor | 88 / 2 / 10 % |
| restrictions / permissions | 80 / 20 % |
| by an authority whose consent is needed / by another | 95 / 5 % |
| for one mode; for goods or people only; one direction; some goods; a narrower class | 80; 80; 60; 15; 10 % |
| restrictions eased for a while, a third of them for a narrower scope | 25 % |
| extended / lifted, of restrictions; limited / revoked, of permissions | 30 / 85; 30 / 50 % |
| with a stated end; with an uncertain edge | 30; 8 % |
| borders normally open; gates with readiness by mode; lanes with passages | 60; 30; 30 % |
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Literal

import numpy as np

from tracker.model.dataset import Dataset
from tracker.model.dates import DAY, FOREVER, Edge, Instant
from tracker.model.effects import AnyEffect, Exempt, Extend, Impose, Lift, Passage, Permit, Readiness, Revoke
from tracker.model.register import Entries
from tracker.model.registry import Border, Corridor, Crossing, Entry, Measure, Registry, Subject, Territory
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, ReadinessState, Regime, Traffic, Verification
from tracker.state.lanes import Lane, lanes, stations
from tracker.state.record import Record
from tracker.timeline.assertion_table import Assertions, Pooled, attribution_text, value_text
from tracker.timeline.assertions import (
    NEVER_ENDS,
    Assertion,
    Attribution,
    exemption_track,
    measure_track,
    readiness_track,
)
from tracker.timeline.columns import TIMES, Ranked
from tracker.timeline.knowledge import Span
from tracker.timeline.stated import Stated

FIRST: Instant = 1_577_836_800_000_000  # 2020-01-01, UTC
DAYS = 2_000
MODES = (Mode.ROAD, Mode.RAIL)
LANES_OF_A_SUBJECT = 8  # two modes, two traffics, two directions
GOODS = ("1001", "2710", "8703", "72")
CLASSES = ("humanitarian aid", "third-country nationals")
WORD = Attribution(("XA",), Verification.VERIFIED)


@dataclass
class World:
    """A registry in the making, and assertions on its measures and places."""

    chance: random.Random
    territories: list[str] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    gates: list[Border | Crossing] = field(default_factory=list)
    corridors: list[Corridor] = field(default_factory=list)
    rows: list[Assertion] = field(default_factory=list)

    def often(self, share: float) -> bool:
        return self.chance.random() < share


def world(lane_count: int, measure_count: int, seed: int = 1) -> tuple[Record, list[Lane]]:
    """A record with about `lane_count` lanes and exactly `measure_count` measures; and its lanes."""
    made = World(random.Random(seed))
    _ways(made, lane_count // LANES_OF_A_SUBJECT)
    registry = Registry.of(made.subjects)
    measures = [_measure(made, registry, number) for number in range(measure_count)]
    for measure in measures:
        _story(made, measure)
    _infrastructure(made, registry)
    _traffic(made, registry)
    entries = [Entry.of(number, subject) for number, subject in enumerate([*made.subjects, *measures], start=1)]
    record = Record(Entries(entries), {}, Stated(_table(made.rows)), {}, UTC, len(entries))
    return record, [lane for subject in (*made.gates, *made.corridors) for lane in lanes(registry, subject)]


def _table(rows: list[Assertion]) -> Assertions:
    """The columns of these assertions."""
    times = zip(*((*row.begins, *row.ends, *row.span) for row in rows), strict=True)
    plain = {"order": [row.order for row in rows], **dict(zip(TIMES, times, strict=True))}
    dumped = [(row.effect.type, row.effect.model_dump(mode="json", by_alias=True)) for row in rows]
    return Assertions.of_columns(
        _pooled([row.track for row in rows]),
        _pooled([row.announcement for row in rows]),
        {name: Ranked.of(np.array(column, dtype=np.int64)) for name, column in plain.items()},
        np.array([row.index for row in rows], dtype=np.int64),
        np.array([row.version for row in rows], dtype=np.int64),
        _pooled([value_text(*effect) for effect in dumped]),
        _pooled([attribution_text(row.attribution.verification.value, row.attribution.parties) for row in rows]),
    )


def _pooled(names: list[str]) -> Pooled:
    number = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return Pooled(tuple(number), np.array([number[name] for name in names], dtype=np.int64))


def _ways(made: World, count: int) -> None:
    """Territories in a ring with shortcuts; three in ten of the subjects borders, four crossings, three corridors."""
    chance = made.chance
    made.territories = [f"T{number}" for number in range(max(6, count // 12))]
    made.subjects.append(Dataset(name="A world", timezone="+00:00"))
    for name in made.territories:
        transit: Literal["open"] | None = "open" if made.often(0.5) else None
        made.subjects.append(Territory(id=name, name=name, authority=name, transit=transit))
    borders: dict[tuple[str, str], Border] = {}
    size = len(made.territories)
    while len(borders) < max(size, count * 3 // 10):
        one = len(borders) if len(borders) < size else chance.randrange(size)
        other = (one + (1 if len(borders) < size else chance.randrange(2, size))) % size
        pair = made.territories[min(one, other)], made.territories[max(one, other)]
        if pair not in borders and pair[0] != pair[1]:
            borders[pair] = Border(
                id="-".join(pair), between=pair, modes=MODES, normally="open" if made.often(0.6) else None
            )
    made.gates += borders.values()
    for number in range(count * 4 // 10):
        border = chance.choice(list(borders.values())).id
        made.gates.append(Crossing(id=f"gate-{number}", border=border, modes=MODES, names={"en": f"Gate {number}"}))
    neighbours: dict[str, list[str]] = {}
    for one_side, other_side in borders:
        neighbours.setdefault(one_side, []).append(other_side)
        neighbours.setdefault(other_side, []).append(one_side)
    for number in range(count - len(made.gates)):
        path = [chance.choice(made.territories)]
        while len(path) < chance.randint(3, 5):
            further = [name for name in neighbours[path[-1]] if name not in path]
            if not further:
                break
            path.append(chance.choice(further))
        made.corridors.append(Corridor(id=f"way-{number}", name=f"Way {number}", path=tuple(path), modes=MODES))
    made.subjects += [*made.gates, *made.corridors]


def _measure(made: World, registry: Registry, number: int) -> Measure:
    chance, where = made.chance, made.chance.random()
    if where < 0.88:
        gate = chance.choice(made.gates)
        border = gate if isinstance(gate, Border) else registry.borders[gate.border]
        at, authorities, sides = gate.id, registry.authorities(border), border.between
    elif where < 0.9 or not made.corridors:
        at = chance.choice(made.territories)
        authorities, sides = (at,), None
    else:
        corridor = chance.choice(made.corridors)
        at, authorities, sides = corridor.id, tuple(p for p in corridor.path if p in registry.territories), None
    permits = made.often(0.2)
    scope: dict[str, Any] = {
        "at": (at,),
        "modes": (chance.choice(MODES),) if made.often(0.8) else None,
        "traffic": (chance.choice(list(Traffic)),) if made.often(0.8) else None,
        "direction": ">".join(chance.sample(sides, 2)) if sides and made.often(0.6) else None,
        "regime": chance.choice(list(Regime)) if at in registry.territories and made.often(0.7) else None,
        "goods": (chance.choice(GOODS),) if made.often(0.15) else None,
        "only": (chance.choice(CLASSES),) if made.often(0.1) else None,
    }
    level = MeasureLevel.PROHIBITED if made.often(0.6) else MeasureLevel.RESTRICTED
    return Measure(
        id=f"measure-{number}",
        title=f"Measure {number}",
        authority=chance.choice(authorities) if made.often(0.95) else chance.choice(made.territories),
        kind=MeasureKind.PERMISSION if permits else MeasureKind.RESTRICTION,
        level=MeasureLevel.PERMITTED if permits else level,
        scope=Scope(**scope),
    )


def _story(made: World, measure: Measure) -> None:
    """Announce the effects of a measure, in order."""
    day = made.chance.randrange(DAYS)
    for effect in _told(made, measure):
        track = exemption_track(f"{measure.id}-{day}") if isinstance(effect, Exempt) else measure_track(measure.id)
        _say(made, track, day, effect, may_end=not isinstance(effect, Lift | Revoke))
        day += made.chance.randrange(5, 120)


def _told(made: World, measure: Measure) -> Iterator[AnyEffect]:
    if measure.kind is MeasureKind.PERMISSION:
        yield Permit(measure=measure.id, only=("at night",) if made.often(0.3) else None)
        if made.often(0.5):
            yield Revoke(measure=measure.id)
        return
    yield Impose(measure=measure.id)
    if made.often(0.3):
        yield Extend.model_construct(measure=measure.id)  # its end stands in the columns
    if made.often(0.25):
        narrower = {"traffic": (Traffic.GOODS,), "modes": (Mode.ROAD,)} if made.often(1 / 3) else {}
        yield Exempt(measure=measure.id, only=("humanitarian aid",), **narrower)
    if made.often(0.85):
        yield Lift(measure=measure.id)


def _say(made: World, track: str, day: int, effect: AnyEffect, *, may_end: bool = False) -> None:
    begin = FIRST + day * DAY
    begins = Edge(begin, begin + (made.chance.randrange(1, 20) * DAY if made.often(0.08) else 0))
    end = begins.latest + made.chance.randrange(10, 300) * DAY
    ends = Edge(end, end) if may_end and made.often(0.3) else NEVER_ENDS
    number = len(made.rows)
    announced = Span(begin, FOREVER, number, FOREVER)
    made.rows.append(Assertion(track, begin, f"a{number:07}", 0, 0, begins, ends, announced, WORD, effect))


def _infrastructure(made: World, registry: Registry) -> None:
    for gate in made.gates:
        border = gate if isinstance(gate, Border) else registry.borders[gate.border]
        for mode in MODES:
            for party in registry.authorities(border):
                if made.often(0.3):
                    state = made.chance.choices(list(ReadinessState), (6, 2, 1))[0]
                    effect = Readiness(at=gate.id, party=party, modes=(mode,), state=state)
                    _say(made, readiness_track(party, gate.id, mode), made.chance.randrange(DAYS), effect)


def _traffic(made: World, registry: Registry) -> None:
    for subject in (*made.gates, *made.corridors):
        path = stations(registry, subject)
        for mode in MODES:
            for origin, destination in ((path[0], path[-1]), (path[-1], path[0])):
                for _ in range(made.chance.randrange(1, 6) if made.often(0.3) else 0):
                    seen = Passage(
                        at=subject.id, mode=mode, traffic=Traffic.GOODS, origin=origin, destination=destination
                    )
                    _say(made, f"passage:a{len(made.rows):07}:0", made.chance.randrange(DAYS), seen)
