"""Assertions that effects make: "track T has value V over [valid_from, valid_to)". Source: design §5.

An effect may be a model, or a struct of `tracker.timeline.statements` with the fields of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, assert_never

from tracker.model.dates import FOREVER, Day, Edge, Instant, When
from tracker.model.effects import AnyEffect, Exempt, names_of
from tracker.model.vocabulary import MeasureState, PledgeStatus, Verification
from tracker.timeline.knowledge import Span

PENDING = "pending:"  # begins the tracks of what bears on other assertions, until it is settled with them
NEVER_ENDS = Edge(FOREVER, FOREVER)
PASSED, NONE_PASSED = "passed", "none"


def measure_track(measure: str) -> str:
    return f"measure:{measure}"


def readiness_track(party: str, place: str, mode: str) -> str:
    return f"readiness:{party}:{place}:{mode}".lower()


def stage_track(instrument: str, party: str | None = None) -> str:
    return f"stage:{instrument}:{party}".lower() if party else f"stage:{instrument}"


def exemption_track(exemption: str, measure: str | None = None) -> str:
    """The track of an exemption; with a measure, where one act exempts from several."""
    return f"exemption:{exemption}:{measure}" if measure else f"exemption:{exemption}"


def control_track(place: str) -> str:
    return f"control:{place}"


def pledge_track(pledge: str) -> str:
    return f"pledge:{pledge}"


class Attribution(NamedTuple):
    """Whose word an assertion is: the parties that spoke, and how well the coder could check it."""

    parties: tuple[str, ...]
    verification: Verification


@dataclass(frozen=True, slots=True)
class Assertion:
    """The value that one effect gives one track, from a start until an end."""

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
    def kind(self) -> str:
        """The type of effect."""
        return self.effect.type

    @property
    def place_in_order(self) -> tuple[Instant, str, int, str]:
        return (self.order, self.announcement, self.index, self.track)


def exemption_of(effect: Exempt, announcement: str, index: int) -> str:
    """The id of the exemption that an effect makes."""
    return effect.exemption or f"{announcement}-{index + 1}"


def tracks_of(effect: AnyEffect, announcement: str, index: int) -> Sequence[str]:
    """The tracks that an effect speaks of; each passage is a track of its own, since none replaces another."""
    match effect.type:
        case "impose" | "permit" | "revoke":
            return [measure_track(measure) for measure in names_of(effect.measure)]
        case "lift" | "extend":
            if effect.exemption is not None:
                return (exemption_track(effect.exemption),)
            return [measure_track(measure) for measure in names_of(effect.measure)]
        case "exempt":
            exemption, measures = exemption_of(effect, announcement, index), names_of(effect.measure)
            if len(measures) == 1:
                return (exemption_track(exemption),)
            return [exemption_track(exemption, measure) for measure in measures]
        case "reschedule" | "cancel":
            return (f"of:{effect.of}",)
        case "readiness":
            return [readiness_track(effect.party, effect.at, mode) for mode in effect.modes]
        case "stage":
            return (stage_track(effect.instrument, effect.party),)
        case "control":
            return (control_track(effect.at),)
        case "pledge" | "fulfil" | "withdraw":
            return (pledge_track(effect.pledge),)
        case "passage":
            return (f"passage:{announcement}:{index}",)
        case _:
            assert_never(effect.type)


def is_pending(effect: AnyEffect) -> bool:
    """Whether an effect asserts something only together with others: see `tracker.timeline.plans`."""
    return effect.type in ("extend", "reschedule", "cancel") or getattr(effect, "from_event", None) is not None


def period_of(effect: AnyEffect) -> tuple[When | None, Day | None, datetime | None]:
    """When an effect says that it begins (None: when it was announced), its last day, and the instant at which it ends.

    The last day is inclusive, the instant exclusive; an effect has one of them at most.
    """
    match effect.type:
        case "impose" | "lift" | "extend" | "exempt" | "permit" | "revoke" | "reschedule":
            return effect.starts, effect.last_day, effect.until
        case "readiness" | "control":
            return effect.starts, None, None
        case "stage" | "passage" | "fulfil" | "withdraw":
            return effect.on, None, None
        case "pledge" | "cancel":
            return None, None, None
        case _:
            assert_never(effect.type)


def value_of(effect: AnyEffect) -> str:
    """The value that an effect gives its track, as one word."""
    match effect.type:
        case "impose" | "extend" | "permit" | "exempt":
            return MeasureState.IN_FORCE.value
        case "lift":
            return MeasureState.LIFTED.value
        case "revoke":
            return MeasureState.REVOKED.value
        case "reschedule" | "cancel":
            return effect.type
        case "readiness":
            return effect.state.value
        case "stage":
            return effect.stage.value
        case "control":
            return effect.by
        case "pledge":
            return PledgeStatus.OPEN.value
        case "fulfil":
            return PledgeStatus.FULFILLED.value
        case "withdraw":
            return PledgeStatus.WITHDRAWN.value
        case "passage":
            return NONE_PASSED if effect.none else PASSED
        case _:
            assert_never(effect.type)
