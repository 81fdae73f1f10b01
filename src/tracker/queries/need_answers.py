"""Answers about what is missing until a lane is passable. The models are the JSON contract: see docs/json.md."""

from pydantic import Field

from tracker.queries.answer_base import (
    DATE,
    Answer,
    ButForField,
    CauseField,
    CoversUntilField,
    OtherwiseField,
    PartyField,
    SeverityField,
)
from tracker.queries.answers import ClocksAnswer, LaneName, PledgesField, SubjectState
from tracker.queries.route_answers import JourneyAnswer, RouteName, StatusField, TruncatedField
from tracker.state.needs import NeedKind

FIRM = "Whether a word on record, or traffic, is wanted: that nothing is known to stand in the way is not enough."


class NeedAnswer(Answer):
    """One thing that is missing: a restriction to be lifted, a word to be spoken, infrastructure to be finished."""

    kind: NeedKind = Field(description="What is missing: lift, word or infrastructure.")
    authority: PartyField
    name: str = Field(description="Name of the party.")
    measure: str | None = Field(description="Id of the restriction to be lifted; null: not about one.")
    places: tuple[str, ...] = Field(description="Ids of the places where it is missing, along the path.")
    since: str | None = Field(
        description=f"Since when it has been missing; null: the authority has never said anything there. {DATE}"
    )
    announcement: CauseField
    lapsed: tuple[str, ...] = Field((), description="Ids of the measures of the authority there that have run out.")
    reason: str = Field(description="What stands in the way, in words.")
    suppose: str | None = Field(description="The text of `suppose` that asks what if it were done; null: none does.")
    pledges: PledgesField


class Needs(Answer):
    """The fewest things missing until a lane is passable for the flow asked about."""

    status: StatusField
    severity: SeverityField
    otherwise: OtherwiseField = None
    but_for: ButForField = ()
    count: int | None = Field(description="Number of things missing; null: words and works do not suffice.")
    needs: tuple[NeedAnswer, ...] = Field(description="The things missing, along the path.")
    alternatives: tuple[tuple[NeedAnswer, ...], ...] = Field(description="Other sets of things that are as few.")
    more: bool = Field(description="Whether there are further such sets.")


class LaneNeedsAnswer(LaneName, Needs):
    """The fewest things missing on a lane."""


class SubjectNeeds(SubjectState):
    """The fewest things missing on the lanes of a border, crossing or corridor."""

    firm: bool = Field(description=FIRM)
    lanes: tuple[LaneNeedsAnswer, ...] = Field(description="Its lanes: one for each mode, traffic and direction.")


class RouteNeeds(RouteName, Needs):
    """The fewest things missing on a route."""


class JourneyNeeds(JourneyAnswer, ClocksAnswer):
    """The routes between two territories on which the fewest things are missing."""

    covers_until: CoversUntilField = None
    firm: bool = Field(description=FIRM)
    truncated: TruncatedField
    routes: tuple[RouteNeeds, ...] = Field(
        description="The best few routes: those with the fewest things missing first, then the shortest."
    )
