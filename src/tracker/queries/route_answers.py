"""Answers about routes. The models are the JSON contract: see docs/json.md."""

from typing import Annotated

from pydantic import Field

from tracker.model.vocabulary import Mode, Status
from tracker.queries.answer_base import (
    DATE,
    AnnouncedByField,
    AnnouncementsField,
    Answer,
    ButForField,
    CauseField,
    CoversUntilField,
    ModeField,
    OtherwiseField,
    PlaceField,
    ReasonField,
    RecordedByField,
    SeverityField,
    SinceField,
    TrafficField,
    UntilField,
)
from tracker.queries.answers import ClocksAnswer, LaneAnswer

MAX_PATHS = 100  # of one mode, the shortest first
RouteField = Annotated[str, Field(description="Id of the corridor, or the territories along the way.")]
StatusField = Annotated[Status, Field(description="Status of the route.")]
TruncatedField = Annotated[
    bool, Field(description=f"Whether a mode has more than {MAX_PATHS} paths, so that the longest are left out.")
]


class Weakest(Answer):
    """The place that decides the status of a route."""

    place: PlaceField
    name: str = Field(description="Name of the place.")
    authority: str = Field(description="Id of the party that decides there.")
    reason: ReasonField
    announcement: CauseField


class Leg(Answer):
    """A part of a route that uses one mode."""

    mode: ModeField
    path: tuple[str, ...] = Field(description="Territories along it, with the gate between each two of them.")


class ModeChange(Answer):
    """A change of mode on a route: an assumption, as no announcement says that it can be made."""

    place: PlaceField
    crossings: tuple[str, ...] = Field(description="Ids of crossing points beside it that are registered for both.")
    text: str = Field(description="In words.")


class RouteName(Answer):
    """A route: the way that it takes."""

    route: RouteField
    corridor: str | None = Field(description="Id of the corridor registered along the way; null: none is.")
    name: str = Field(description="Name of the corridor, or of the territories.")
    mode: Mode = Field(description="Means of transport; of a route of several modes, that of its first leg.")
    traffic: TrafficField
    path: tuple[str, ...] = Field(description="Territories along the way, with the gate between each two of them.")
    borders: int = Field(description="Number of borders that it crosses.")
    legs: tuple[Leg, ...] = Field((), description="Of a route of several modes: its legs, each by one mode.")
    mode_changes: tuple[ModeChange, ...] = Field((), description="Of a route of several modes: where the mode changes.")


class RouteAnswer(RouteName):
    """A route with its status."""

    status: StatusField
    severity: SeverityField
    since: SinceField
    reason: ReasonField
    weakest: Weakest | None = Field(description="The place that decides the status; null: there is none.")
    lane: LaneAnswer = Field(description="The answer for its lane.")


class JourneyAnswer(Answer):
    """A question for routes, as asked."""

    origin: str = Field(description="Id of the territory where it starts.")
    destination: str = Field(description="Id of the territory where it ends.")
    mode: Mode | None = Field(description="Means of transport; null: each by itself, or those of `modes`.")
    modes: tuple[Mode, ...] = Field((), description="Means of transport between which a way may change; empty: none.")
    traffic: TrafficField
    goods: str | None = Field(description="HS 2022 prefix of the goods; null: any.")
    only: tuple[str, ...] | None = Field(
        None, description="Classes of travellers, vehicles or goods, by ids or in words; null: any."
    )


class RoutesAnswer(JourneyAnswer, ClocksAnswer):
    """Routes as of a date, the best status first and then the shortest."""

    covers_until: CoversUntilField = None
    best: Status | None = Field(description="Best status of all routes; null: there is no route.")
    truncated: TruncatedField
    routes: tuple[RouteAnswer, ...] = Field(description="Routes, the best status first and then the shortest.")


class Opening(Answer):
    """A span of time in which the best status of all routes stayed the same."""

    at: str | None = Field(description=f"Start; null: before the record begins. {DATE}")
    until: UntilField
    status: StatusField
    otherwise: OtherwiseField = None
    but_for: ButForField = ()
    severity: SeverityField
    route: RouteField
    mode: ModeField
    path: tuple[str, ...] = Field(description="Territories along the way.")
    reason: ReasonField
    announcements: AnnouncementsField


class OpenedAnswer(JourneyAnswer):
    """Changes of the best status of all routes."""

    announced_by: AnnouncedByField
    recorded_by: RecordedByField
    truncated: TruncatedField
    changes: tuple[Opening, ...] = Field(description="Every change of the best status, oldest first.")
