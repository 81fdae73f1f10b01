"""Random worlds: territories, gates and corridors, measures of every scope, and what was announced about them."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.timeline.histories import STORED, TZ, a_day, days
from tracker.model.announcement import Announcement
from tracker.model.classes import AskedClasses, FlowClass, asked_classes
from tracker.model.dataset import Dataset
from tracker.model.events import Recorded, recorded, registered
from tracker.model.registry import Border, Corridor, Crossing, Measure, Party, Registry, Subject, Territory
from tracker.model.scope import Scope
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, PartyKind, Traffic
from tracker.state.fold import fold
from tracker.state.lanes import Lane, lanes
from tracker.state.record import Record

LANDS = ("XA", "XB", "XC")
BORDERS = tuple(f"{one}-{other}" for one, other in combinations(LANDS, 2))
GATES = (*BORDERS, "bridge", "ford", "ring", "arc")
PLACES = (*LANDS, *GATES)
MODES = (Mode.ROAD, Mode.RAIL)
GOODS = ("10", "1001", "27")
REGISTERED = (
    FlowClass(id="vehicles", name="Vehicles", group="means"),
    FlowClass(id="lorries", name="Lorries", group="means", within=("vehicles",)),
    FlowClass(id="pedestrians", name="People on foot", group="means"),
    FlowClass(id="foreigners", name="Foreigners", group="nationality"),
    FlowClass(id="citizens", name="Citizens", group="nationality"),
)
CLASSES = ("humanitarian aid", "lorries only", "Vehicles", "people on foot", "foreigners")
NARROWER = (["humanitarian aid only"], ["at night"], ["lorries"], ["!vehicles"], ["vehicles", "!lorries"], ["citizens"])
BARRING = ("impose", "impose", "extend", "exempt", "exempt", "lift")
ALLOWING = ("permit", "permit", "revoke")
PASSAGE = {"type": "passage", "traffic": "goods"}


def some(*values: str) -> st.SearchStrategy[tuple[str, ...] | None]:
    """Nothing, more often than a few of these."""
    few = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(st.none(), st.none(), few)


def listed(*values: str) -> st.SearchStrategy[tuple[str, ...] | None]:
    """A list that may say "all but"."""
    return some(*values, *(f"!{value}" for value in values[:2]))


def asked() -> st.SearchStrategy[AskedClasses]:
    """The classes of a question, of several groups and none."""
    classes = {entry.id: entry for entry in REGISTERED}
    groups = ("vehicles", "lorries", "pedestrians"), ("foreigners", "citizens"), ("humanitarian aid",)
    few = st.tuples(*(st.sampled_from([None, None, *group]) for group in groups))
    return few.map(lambda words: asked_classes(classes, [word for word in words if word]))


def directions() -> st.SearchStrategy[str | None]:
    pairs = [f"{one}>{other}" for one, other in combinations(LANDS, 2)]
    return st.sampled_from([None, None, *pairs, *(">".join(reversed(each.split(">"))) for each in pairs)])


def flows() -> dict[str, st.SearchStrategy[Any]]:
    """What narrows a scope, or the scope of an easing."""
    return {
        "modes": some("road", "rail"),
        "traffic": some("goods", "people"),
        "origin": listed(*LANDS),
        "destination": listed(*LANDS),
        "direction": directions(),
    }


def traffic() -> st.SearchStrategy[tuple[Traffic, ...]]:
    return st.sampled_from([(Traffic.GOODS,), (Traffic.GOODS, Traffic.PEOPLE)])


def measures(*, beside: bool = False) -> st.SearchStrategy[list[Measure]]:
    """Measures of every scope. Args: beside: also formalities and threats to those who pass elsewhere."""
    more = {"extraterritorial": st.sampled_from([False, False, True])} if beside else {}
    formality = [MeasureLevel.FORMALITY] if beside else []
    scope = st.fixed_dictionaries(
        {
            "at": st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True).map(tuple),
            "regime": st.sampled_from([None, None, "transit", "import", "export"]),
            "goods": listed(*GOODS),
            "only": listed(*CLASSES),
            "named": st.sampled_from([None, None, None, ("The Ark",)]),
            **flows(),
        }
    ).map(Scope.model_validate)
    one = st.builds(
        Measure,
        id=st.sampled_from(["m0", "m1", "m2", "m3", "m4", "m5"]),
        title=st.just("A measure"),
        authority=st.sampled_from([*LANDS, "rebels"]),
        kind=st.sampled_from([MeasureKind.RESTRICTION, MeasureKind.RESTRICTION, MeasureKind.PERMISSION]),
        level=st.sampled_from([MeasureLevel.PROHIBITED, MeasureLevel.RESTRICTED, *formality]),
        scope=scope,
        **more,
    )
    return st.lists(one, min_size=1, max_size=6, unique_by=lambda measure: measure.id)


@st.composite
def subjects(draw: st.DrawFn, *, beside: bool = False) -> list[Subject]:
    usually = st.sampled_from([None, "open"])
    found: list[Subject] = [Dataset(name="Three islands", timezone=TZ), *REGISTERED]
    found += [Party(id=name, name=name, kind=PartyKind.STATE) for name in (*LANDS, "rebels")]
    found += [Territory(id=name, name=name, authority=name, transit=draw(usually)) for name in LANDS]
    for name in BORDERS:
        one, other = name.split("-")
        crossings = draw(st.sampled_from([None, "some", "all"]))
        found.append(Border(id=name, between=(one, other), modes=MODES, normally=draw(usually), crossings=crossings))
    found.append(Crossing(id="bridge", border="XA-XB", modes=MODES, names={"en": "Bridge"}))
    ford = draw(st.sampled_from(["XA-XB", "XA-XC"]))
    found.append(Crossing(id="ford", border=ford, modes=(Mode.ROAD,), traffic=draw(traffic()), names={"en": "Ford"}))
    found.append(Corridor(id="ring", name="Ring", path=("XA", "bridge", "XB", "XC"), modes=MODES))
    goods, back = (Traffic.GOODS,), ("XB", "XC", "XA")
    found.append(Corridor(id="arc", name="Arc", path=back, modes=(Mode.RAIL,), traffic=goods, two_way=False))
    return [*found, *draw(measures(beside=beside))]


@st.composite
def effects(draw: st.DrawFn, chosen: Sequence[Measure]) -> dict[str, Any]:
    """What an announcement may say of these measures, of readiness, or of traffic seen."""
    kind = draw(st.sampled_from(["measure", "measure", "measure", "change", "readiness", "passage"]))
    if kind == "change":
        return draw(changes())
    if kind == "readiness":
        return {
            "type": "readiness",
            "at": draw(st.sampled_from(GATES)),
            "party": draw(st.sampled_from(LANDS)),
            "modes": draw(st.lists(st.sampled_from(["road", "rail"]), min_size=1, max_size=2, unique=True)),
            "state": draw(st.sampled_from(["ready", "works", "absent"])),
            "from": draw(days()),
        }
    if kind == "passage":
        origin, destination = draw(st.permutations(LANDS))[:2]
        return {
            **PASSAGE,
            "at": draw(st.sampled_from(GATES)),
            "mode": draw(st.sampled_from(["road", "rail"])),
            "origin": origin,
            "destination": destination,
            "on": draw(days()),
            "hs": draw(st.sampled_from([None, "100199", "27"])),
            "none": draw(st.booleans()) and draw(st.booleans()),
        }
    return draw(decisions(draw(st.sampled_from(chosen))))


def changes() -> st.SearchStrategy[dict[str, Any]]:
    """What officials do to a plan of their own; perhaps to one that is not there."""
    target = st.tuples(st.integers(0, 5), st.integers(1, 3)).map(lambda place: f"a{place[0]}#{place[1]}")
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("reschedule"), "of": target, "from": days(0, 60)}),
        st.fixed_dictionaries({"type": st.just("reschedule"), "of": target, "last_day": days(30, 90)}),
        st.fixed_dictionaries({"type": st.just("cancel"), "of": target}),
    )


@st.composite
def decisions(draw: st.DrawFn, measure: Measure) -> dict[str, Any]:
    said = draw(st.sampled_from(BARRING if measure.kind is MeasureKind.RESTRICTION else ALLOWING))
    effect: dict[str, Any] = {"type": said, "measure": measure.id, "from": draw(days())}
    if said == "extend" or draw(st.booleans()):
        effect["last_day"] = draw(days(30, 90))
    if said == "impose":
        effect["level"] = draw(st.sampled_from([None, "restricted", "prohibited"]))
        effect["on_expiry"] = draw(st.sampled_from([None, "ends"]))
    if said in ("impose", "exempt", "permit"):
        effect["when"] = draw(st.sampled_from([None, None, "23:00-07:00", "Mo-Fr 08:00-18:00", "Jan-Feb", "24/7"]))
    if said == "exempt" or (said in ("impose", "permit") and draw(st.booleans())):
        only = [
            ["humanitarian aid only"],
            ["at night"],
            ["lorries"],
            ["!vehicles"],
            ["vehicles", "!lorries"],
            ["citizens"],
        ]
        effect["only"] = draw(st.sampled_from(only))
    if said == "exempt":
        effect |= {name: draw(narrower) for name, narrower in flows().items()}
        effect["at"] = draw(some(*PLACES))
        effect["goods"] = draw(listed(*GOODS))
        effect["conditions"] = draw(st.sampled_from([[], [], ["with a licence"]]))
    return effect


class Story(NamedTuple):
    """What is registered in a random world, and what was announced in it."""

    registry: list[Subject]
    said: list[Announcement]

    def record(self) -> Record:
        events = [
            *(registered(each, STORED) for each in self.registry),
            *(recorded(each, STORED) for each in self.said),
        ]
        return fold([Recorded(position, event) for position, event in enumerate(events, start=1)])


@st.composite
def stories(draw: st.DrawFn, *, beside: bool = False) -> Story:
    """What is registered and announced in a random world. Args: beside: see `measures`."""
    registry = draw(subjects(beside=beside))
    chosen = [each for each in registry if isinstance(each, Measure)]
    said = [
        Announcement.model_validate(
            {
                "id": f"a{number}",
                "announced": a_day(draw(st.integers(0, 30))),
                "summary": "words",
                "by": [{"party": "XA"}],
                "effect": draw(st.lists(effects(chosen), min_size=1, max_size=3)),
            }
        )
        for number in range(draw(st.integers(1, 6)))
    ]
    return Story(registry, said)


def worlds(*, beside: bool = False) -> st.SearchStrategy[Record]:
    """A record of a random world. Args: beside: see `measures`."""
    return stories(beside=beside).map(Story.record)


def every_lane(registry: Registry) -> list[Lane]:
    """Every lane of a registry."""
    found: list[Lane] = []
    for table in (registry.borders, registry.crossings, registry.corridors):
        for subject in table.values():
            found += lanes(registry, subject)
    return found
