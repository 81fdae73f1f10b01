"""From announcements to assertions: "track T has value V over [valid_from, valid_to)". Source: design §5."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, NamedTuple, assert_never

from tracker.model.dates import FOREVER, Edge, Instant, When, ends, starts
from tracker.model.effects import (
    AnyEffect,
    Control,
    Ease,
    Extend,
    Fulfil,
    Impose,
    Lift,
    Passage,
    Permit,
    Pledge,
    Readiness,
    Revoke,
    StageReached,
    Withdraw,
)
from tracker.model.vocabulary import MeasureState, PledgeStatus, Verification
from tracker.timeline.knowledge import Span

if TYPE_CHECKING:  # most questions are answered from columns, without a model of any announcement
    from tracker.model.announcement import Announcement
    from tracker.timeline.versions import Version

NEVER_ENDS = Edge(FOREVER, FOREVER)
PASSED, NONE_PASSED = "passed", "none"


def measure_track(measure: str) -> str:
    return f"measure:{measure}"


def readiness_track(party: str, place: str, mode: str) -> str:
    return f"readiness:{party}:{place}:{mode}".lower()


def stage_track(instrument: str, party: str | None = None) -> str:
    return f"stage:{instrument}:{party}".lower() if party else f"stage:{instrument}"


def control_track(place: str) -> str:
    return f"control:{place}"


def pledge_track(pledge: str) -> str:
    return f"pledge:{pledge}"


class Attribution(NamedTuple):
    """Whose word an assertion is: the parties that spoke, and how well the coder could check it."""

    parties: tuple[str, ...]
    verification: Verification

    @classmethod
    def of(cls, content: "Announcement") -> "Attribution":
        return cls(tuple(dict.fromkeys(speaker.party for speaker in content.by)), content.status)


@dataclass(frozen=True, slots=True)
class Assertion:
    """One effect's word on one track."""

    track: str
    order: Instant  # with announcement and index: the place in the order
    announcement: str
    index: int  # of the effect in its file
    version: int
    begins: Edge
    ends: Edge
    span: Span
    attribution: Attribution
    effect: AnyEffect

    @property
    def place_in_order(self) -> tuple[Instant, str, int, str]:
        return (self.order, self.announcement, self.index, self.track)


def tracks_of(effect: AnyEffect, announcement: str, index: int) -> Sequence[str]:
    """The tracks that an effect speaks of; each passage is a track of its own, since none replaces another."""
    match effect:
        case Impose() | Extend() | Ease() | Lift() | Permit() | Revoke():
            return (measure_track(effect.measure),)
        case Readiness():
            return [readiness_track(effect.party, effect.at, mode) for mode in effect.modes]
        case StageReached():
            return (stage_track(effect.instrument, effect.party),)
        case Control():
            return (control_track(effect.at),)
        case Pledge() | Fulfil() | Withdraw():
            return (pledge_track(effect.pledge),)
        case Passage():
            return (f"passage:{announcement}:{index}",)
        case _:
            assert_never(effect)


def period_of(effect: AnyEffect, announced: When, tz: tzinfo) -> tuple[Edge, Edge]:
    """Where an effect begins and ends in the world."""
    match effect:
        case Impose() | Extend() | Ease() | Lift() | Permit() | Revoke():
            begins = starts(effect.starts or announced, tz)
            return begins, ends(effect.last_day, effect.until, tz)
        case Readiness() | Control():
            return starts(effect.starts or announced, tz), NEVER_ENDS
        case StageReached() | Passage() | Fulfil() | Withdraw():
            return starts(effect.on or announced, tz), NEVER_ENDS
        case Pledge():
            return starts(announced, tz), NEVER_ENDS
        case _:
            assert_never(effect)


def assertions_of(version: "Version", tz: tzinfo) -> Iterator[Assertion]:
    """All that a version of an announcement asserts, once for each span in which it is known."""
    content = version.content
    if content is None:
        return
    attribution = Attribution.of(content)
    for index, effect in enumerate(content.effect):
        begins, ending = period_of(effect, content.announced, tz)
        for track in tracks_of(effect, version.id, index):
            for span in version.spans:
                yield Assertion(
                    track, version.order, version.id, index, version.number, begins, ending, span, attribution, effect
                )


def value_of(effect: AnyEffect) -> str:
    """The value of a track in a word, where an effect decides it."""
    match effect:
        case Impose() | Extend() | Permit():
            return MeasureState.IN_FORCE.value
        case Ease():
            return MeasureState.EASED.value
        case Lift() | Revoke():
            return MeasureState.LIFTED.value
        case Readiness():
            return effect.state.value
        case StageReached():
            return effect.stage.value
        case Control():
            return effect.by
        case Pledge():
            return PledgeStatus.OPEN.value
        case Fulfil():
            return PledgeStatus.FULFILLED.value
        case Withdraw():
            return PledgeStatus.WITHDRAWN.value
        case Passage():
            return NONE_PASSED if effect.none else PASSED
        case _:
            assert_never(effect)
