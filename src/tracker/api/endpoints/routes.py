"""Endpoints about ways between territories: /routes, /routes/opened, /routes/needs."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from tracker.api.pagination import json_response
from tracker.api.parameters import (
    FIRM_PARAMETER,
    GOODS_PATTERN,
    MODES_PATTERN,
    ONLY_PARAMETER,
    ClockParameters,
    CurrentTracker,
    ShortText,
    SupposeParameters,
)
from tracker.api.problems import blaming
from tracker.model.classes import asked_classes
from tracker.model.errors import BadRequest
from tracker.model.vocabulary import Mode, Traffic
from tracker.queries.need_answers import JourneyNeeds
from tracker.queries.needs import journey_needs
from tracker.queries.route_answers import OpenedAnswer, RoutesAnswer
from tracker.queries.routes import Journey, read_modes
from tracker.queries.routes import opened as opened_query
from tracker.queries.routes import routes as routes_query
from tracker.queries.selection import Selection, find_territory
from tracker.state.record import Record

router = APIRouter(tags=["routes"])


class JourneyParameters(ClockParameters):
    """The journey asked about."""

    origin: ShortText = Field(alias="from", description="The territory to start from: its id or name.", examples=["RU"])
    destination: ShortText = Field(alias="to", description="The territory to get to: its id or name.", examples=["AM"])
    mode: Mode | None = Field(None, description="Only this mode. Default: each mode by itself.", examples=["rail"])
    modes: ShortText | None = Field(
        None,
        description="Ways that change between these modes, too, with commas between; instead of `mode`.",
        examples=["sea,rail"],
        json_schema_extra={"pattern": MODES_PATTERN},
    )
    traffic: Traffic = Field(Traffic.GOODS, description="Goods or people to move.", examples=["goods"])
    goods: ShortText | None = Field(
        None,
        description="Goods of this HS 2022 prefix, of 2 to 10 digits; 1001 is wheat.",
        examples=["1001"],
        json_schema_extra={"pattern": GOODS_PATTERN},
    )
    only: list[ShortText] = ONLY_PARAMETER

    def journey(self, record: Record) -> Journey:
        """The journey that the query asks about. Raises: ParameterError, naming the parameter."""
        with blaming("goods"):
            Selection(goods=self.goods)
        for name, text in (("from", self.origin), ("to", self.destination)):
            with blaming(name):
                find_territory(record.view.registry, text)
        with blaming("only"):
            only = asked_classes(record.view.registry.classes, self.only).words
        with blaming("modes"):
            modes = read_modes("modes", self.modes)
            return Journey(self.origin, self.destination, self.mode, self.traffic, self.goods, only, modes)


class SupposedJourneyParameters(JourneyParameters, SupposeParameters):
    """The journey asked about, and what is supposed."""


class JourneyNeedsParameters(SupposedJourneyParameters):
    """The journey asked about, and how sure its passage has to be."""

    firm: bool = FIRM_PARAMETER


@router.get("/routes", summary="Every way from one territory to another", response_model=RoutesAnswer)
def routes(tracker: CurrentTracker, query: Annotated[SupposedJourneyParameters, Query()]) -> Response:
    """Every simple path in the graph of territories and borders, the best status first and then the shortest, each
    with its weakest place and why. Where a corridor is registered along a path, it is that corridor's answer."""
    journey = query.journey(tracker.record)
    record, clocks = query.supposed(tracker.record, query.clocks(tracker))
    with blaming("to", only=BadRequest):
        return json_response(routes_query(record, clocks, journey))


@router.get("/routes/opened", summary="When a way opened, or closed", response_model=OpenedAnswer)
def opened(tracker: CurrentTracker, query: Annotated[JourneyParameters, Query()]) -> Response:
    """The dates on which the best status of all ways changed, up to the date asked about."""
    journey, clocks = query.journey(tracker.record), query.clocks(tracker)
    with blaming("to", only=BadRequest):
        return json_response(opened_query(tracker.record, clocks, journey))


@router.get("/routes/needs", summary="The fewest things missing until a way is passable", response_model=JourneyNeeds)
def needs(tracker: CurrentTracker, query: Annotated[JourneyNeedsParameters, Query()]) -> Response:
    """The routes on which the fewest restrictions are to be lifted, words to be spoken and
    infrastructure to be finished, with the places of each and the open pledges."""
    journey = query.journey(tracker.record)
    record, clocks = query.supposed(tracker.record, query.clocks(tracker))
    with blaming("to", only=BadRequest):
        return json_response(journey_needs(record, clocks, journey, firm=query.firm))
