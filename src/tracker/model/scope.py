"""Scopes of measures: the places and flows that they are about."""

from pydantic import Field

from tracker.model.fields import (
    DestinationField,
    DirectionField,
    GoodsField,
    Model,
    ModesField,
    NamedField,
    OnlyField,
    OriginField,
    SubjectId,
    TrafficField,
)
from tracker.model.vocabulary import Regime


class Scope(Model):
    """Scope of a measure; a part left out means all of it."""

    at: tuple[SubjectId, ...] = Field(
        min_length=1, description="Ids of the borders, crossing points, corridors and territories that it names."
    )
    regime: Regime | None = Field(None, description="Role of the territory for the flow; null: any.")
    modes: ModesField = None
    traffic: TrafficField = None
    origin: OriginField = None
    destination: DestinationField = None
    direction: DirectionField = None
    goods: GoodsField = None
    only: OnlyField = None
    named: NamedField = None
