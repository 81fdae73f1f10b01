"""Life spans: from when to when something exists, is in charge, or is a member. Source: design §3."""

from datetime import datetime, tzinfo
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field

from tracker.model.dates import (
    BEGINNING,
    FOREVER,
    Day,
    DayField,
    Edge,
    Instant,
    InstantField,
    When,
    WhenField,
    ends,
    moment,
    render,
    starts,
)
from tracker.model.fields import Model, SubjectId


class Lifespan(NamedTuple):
    """A time from an instant on, up to another, exclusive."""

    begin: Instant
    end: Instant

    def holds(self, at: Instant) -> bool:
        """Whether an instant is in it."""
        return self.begin <= at < self.end

    def meet(self, other: "Lifespan") -> "Lifespan":
        """The time in both; empty (its end not after its begin) where there is none."""
        return Lifespan(max(self.begin, other.begin), min(self.end, other.end))

    @property
    def empty(self) -> bool:
        return self.begin >= self.end

    @property
    def outside(self) -> tuple["Lifespan", ...]:
        """The times before and after it."""
        if self.empty:
            return (ALWAYS,)
        both = Lifespan(BEGINNING, self.begin), Lifespan(self.end, FOREVER)
        return tuple(span for span in both if not span.empty)

    @property
    def edges(self) -> tuple[Instant, ...]:
        """Its begin and its end, as far as they have a date."""
        return tuple(at for at in self if BEGINNING < at < FOREVER)


ALWAYS = Lifespan(BEGINNING, FOREVER)


def _one_day(when: Any) -> Any:
    if isinstance(when, Day) and not when.exact:
        raise ValueError(f"{when.text!r} is not one day, as a date of the registry is: write one, e.g. {when.earliest}")
    return when


ExactStart = Annotated[WhenField | None, AfterValidator(_one_day)]
ExactDay = Annotated[DayField | None, AfterValidator(_one_day)]
ExactInstant = InstantField | None


def lifespan(begin: When | None, last_day: Day | None, until: datetime | None, tz: tzinfo) -> Lifespan:
    """The time from a day or an instant on, to the end of its last day, or up to an instant."""
    return Lifespan(BEGINNING if begin is None else starts(begin, tz).latest, ends(last_day, until, tz).latest)


class WrittenSpan(NamedTuple):
    """The dates of a time as they are written; None where there is none."""

    begin: str | None
    until: str | None  # exclusive
    last_day: str | None  # inclusive, of an end that falls on midnight


def written_span(span: Lifespan, tz: tzinfo) -> WrittenSpan:
    """The dates of a time, as they are written."""
    begin, until = (render(Edge(at, at), tz) for at in span)
    is_day = until is not None and "T" not in until
    return WrittenSpan(begin, until, moment(span.end - 1, tz).date().isoformat() if is_day else None)


def span_text(span: WrittenSpan) -> str:
    """A time in words: "from 2011-07-09 through 2019-12-31"; "" of all time."""
    end = f"through {span.last_day}" if span.last_day else span.until and f"until {span.until}"
    return " ".join(filter(None, (span.begin and f"from {span.begin}", end)))


class Lived(Model):
    """Common to all that may begin and end."""

    starts: ExactStart = Field(None, alias="from", description="Day on which it began to exist; null: always.")
    last_day: ExactDay = Field(None, description="Last day on which it existed, inclusive; null: it exists.")
    succeeds: SubjectId | None = Field(None, description="Id of what it takes the place of, of the same kind.")

    def own_life(self, tz: tzinfo) -> Lifespan:
        """When it exists by its own dates."""
        if self.starts is None and self.last_day is None:
            return ALWAYS
        return lifespan(self.starts, self.last_day, None, tz)
