"""Random histories, and design §5 read literally: the oracle that the columns must agree with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from tracker.model.announcement import Announcement, Correction, Retraction, Statement, merge_patch
from tracker.model.dataset import Dataset
from tracker.model.dates import zone
from tracker.model.events import Recorded, canonical, recorded, registered
from tracker.model.registry import Border, Measure, Party, Scope, Subject, Territory
from tracker.model.vocabulary import MeasureKind, MeasureLevel, Mode, PartyKind

TZ = "+04:00"
LOCAL = zone(TZ)
STORED = datetime(2040, 1, 1, tzinfo=UTC)
FIRST = date(2031, 1, 1)
MEASURES = ("closure", "ban")

SUBJECTS: tuple[Subject, ...] = (
    Dataset(name="Two islands", timezone=TZ),
    Party(id="XA", name="Alpha", kind=PartyKind.STATE),
    Party(id="XB", name="Beta", kind=PartyKind.STATE),
    Territory(id="XA", name="Alpha", authority="XA"),
    Territory(id="XB", name="Beta", authority="XB"),
    Border(id="XA-XB", between=("XA", "XB"), modes=(Mode.ROAD,), normally="open"),
    *(
        Measure(
            id=name,
            title=f"Alpha's {name}",
            authority="XA",
            kind=MeasureKind.RESTRICTION,
            level=MeasureLevel.PROHIBITED,
            scope=Scope(at=("XA-XB",)),
        )
        for name in MEASURES
    ),
)


def a_day(number: int) -> date:
    return FIRST + timedelta(days=number)


def days(first: int = 0, last: int = 40) -> st.SearchStrategy[object]:
    """A day of a short span, known exactly or not."""
    within = st.integers(first, last)
    exact = within.map(a_day)
    either = st.tuples(within, st.integers(1, 12)).map(lambda d: f"[{a_day(d[0])}..{a_day(d[0] + d[1])}]")
    about = within.map(lambda d: f"{a_day(d)}~")
    return st.one_of(exact, exact, either, about)


@st.composite
def effects(draw: st.DrawFn) -> dict[str, object]:
    effect: dict[str, object] = {
        "type": draw(st.sampled_from(["impose", "extend", "ease", "lift"])),
        "measure": draw(st.sampled_from(MEASURES)),
    }
    if draw(st.booleans()):
        effect["from"] = draw(days())
    if effect["type"] == "extend" or draw(st.booleans()):
        effect["last_day"] = draw(days(60, 90))
    if effect["type"] == "ease":
        effect["limits"] = ["aid only"]
    return effect


def patches() -> st.SearchStrategy[dict[str, object]]:
    """What a correction may say: new effects, another day, other words."""
    return st.one_of(
        st.lists(effects(), max_size=2).map(lambda each: {"effect": each}),
        st.integers(0, 30).map(lambda day: {"announced": a_day(day)}),
        st.just({"summary": "other words"}),
    )


@st.composite
def statements(draw: st.DrawFn) -> list[Statement]:
    """Announcements, then corrections and retractions of some of them."""
    found: list[Statement] = []
    for number in range(draw(st.integers(1, 6))):
        made = draw(st.integers(0, 30))
        original = Announcement.model_validate(
            {
                "id": f"a{number}",
                "announced": a_day(made),
                "summary": "words",
                "by": [{"party": "XA"}],
                "effect": draw(st.lists(effects(), max_size=2)),
            }
        )
        found.append(original)
        for change in range(draw(st.integers(0, 2))):
            later = a_day(made + draw(st.integers(0, 15)))
            key = {"id": f"a{number}-{change}", "announced": later, "reason": "words"}
            if draw(st.booleans()):
                patch = draw(patches())
                found.append(Correction.model_validate({**key, "corrects": original.id, "replace": patch}))
            else:
                found.append(Retraction.model_validate({**key, "retracts": original.id}))
    return found


@st.composite
def logs(draw: st.DrawFn) -> list[Recorded]:
    """A log that records them in any order in which a correction comes after what it corrects."""
    said = draw(statements())
    ranks = {statement.id: draw(st.integers(0, 1000)) for statement in said}
    for statement in said:
        original = getattr(statement, "corrects", None) or getattr(statement, "retracts", None)
        if original is not None:
            ranks[statement.id] = max(ranks[statement.id], ranks[original] + 1)
    return log_of(sorted(said, key=lambda each: (ranks[each.id], each.id)))


def log_of(said: Iterable[Statement]) -> list[Recorded]:
    """A log of the fictional registry and these statements, in this order."""
    events = [registered(subject, STORED) for subject in SUBJECTS]
    return [
        Recorded(position, event)
        for position, event in enumerate([*events, *(recorded(each, STORED) for each in said)], start=1)
    ]


@dataclass(frozen=True)
class Claim:
    """One assertion, as the oracle sees it: days, not microseconds."""

    order: tuple[date, str, int]
    measure: str
    begins: tuple[date, date]
    ends: tuple[date, date] | None
    effect: object


def claims(log: Sequence[Recorded], announced_by: date, recorded_by: int) -> list[Claim]:
    """Every assertion that is known on both clocks, with the content that counts there."""
    found = []
    stored = [(at, getattr(event, "announcement", None), event) for at, event in log if at <= recorded_by]
    changes = [
        (at, getattr(event, "correction", None) or getattr(event, "retraction", None)) for at, _, event in stored
    ]
    for _, original, _ in stored:
        if original is None or original.announced.latest > announced_by:
            continue
        about = [
            change
            for _, change in changes
            if change is not None
            and original.id in (getattr(change, "corrects", None), getattr(change, "retracts", None))
            and change.announced.latest <= announced_by
        ]
        found += _claims(original, sorted(about, key=lambda change: (change.announced.latest, change.id)))
    return found


def _claims(original: Announcement, changes: Sequence[Correction | Retraction]) -> list[Claim]:
    # A correction patches the content that stood before it in the order of announcement, as far as it is known.
    content: Announcement | None = original
    last = original
    for change in changes:
        if isinstance(change, Retraction):
            content = None
            continue
        last = Announcement.model_validate(merge_patch(canonical(last), change.patch))
        content = last
    if content is None:
        return []
    return [
        Claim(
            (original.announced.latest, original.id, index),
            effect.measure,  # type: ignore[union-attr]
            _pair(effect.starts or content.announced),  # type: ignore[union-attr]
            _pair(effect.last_day) if effect.last_day else None,  # type: ignore[union-attr]
            effect,
        )
        for index, effect in enumerate(content.effect)
    ]


def _pair(day: object) -> tuple[date, date]:
    return day.earliest, day.latest  # type: ignore[attr-defined]


def oracle(log: Sequence[Recorded], measure: str, day: date, announced_by: date, recorded_by: int) -> object | None:
    """The value of a track at the close of a day: the last, in the order, that is known and covers it."""
    covering = [
        claim
        for claim in claims(log, announced_by, recorded_by)
        if claim.measure == measure and claim.begins[1] <= day and (claim.ends is None or day <= claim.ends[1])
    ]
    return max(covering, key=lambda claim: claim.order).effect if covering else None
