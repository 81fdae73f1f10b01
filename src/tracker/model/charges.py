"""Who is in charge of a territory or of a side of a crossing, and who is a member of a bloc. Source: design §3."""

from datetime import tzinfo
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from tracker.model.fields import Model, ModesField, PartyId, TerritoryId
from tracker.model.lifespans import ALWAYS, ExactDay, ExactInstant, ExactStart, Lifespan, lifespan


class Charge(Model):
    """The party that is in charge from a day on, until the next one in a list is."""

    party: PartyId
    starts: ExactStart = Field(
        None, alias="from", description="Day from which on it is in charge; null: from the start."
    )


Authority = Annotated[
    Annotated[PartyId, Tag("[id]")] | Annotated[tuple[Charge, ...], Field(min_length=1), Tag("[list]")],
    Discriminator(lambda value: "[list]" if isinstance(value, list | tuple) else "[id]"),
]


def charges(authority: str | tuple[Charge, ...], tz: tzinfo) -> tuple[tuple[Lifespan, str], ...]:
    """Every party in charge, with the time during which it is, in order."""
    if isinstance(authority, str):
        return ((ALWAYS, authority),)
    begins = [lifespan(charge.starts, None, None, tz).begin for charge in authority]
    ends = [*begins[1:], ALWAYS.end]
    return tuple(
        (Lifespan(begin, end), charge.party) for begin, end, charge in zip(begins, ends, authority, strict=True)
    )


def ever_in_charge(authority: str | tuple[Charge, ...]) -> tuple[str, ...]:
    """Every party that is in charge at some time, in order."""
    if isinstance(authority, str):
        return (authority,)
    return tuple(dict.fromkeys(charge.party for charge in authority))


class Member(Model):
    """A member of a bloc, and from when to when it is one."""

    party: PartyId | None = Field(None, description="Id of the party, which may be a bloc.")
    territory: TerritoryId | None = Field(None, description="Id of a territory that is a member by itself.")
    starts: ExactStart = Field(
        None, alias="from", description="Day on which it becomes a member; null: from the start."
    )
    last_day: ExactDay = Field(None, description="Last day of its membership, inclusive; null: it goes on.")
    until: ExactInstant = Field(None, description="End of its membership, exclusive, with its offset.")
    modes: ModesField = None

    @property
    def name(self) -> str:
        """The id of the party or the territory."""
        return self.party or self.territory or ""
