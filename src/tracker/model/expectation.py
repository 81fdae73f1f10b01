"""Expectations: answers that a record should give, each from an independent source."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from tracker.model.dates import WhenField
from tracker.model.effects import PledgeId
from tracker.model.fields import Direction, HsPrefix, Model, PartyId, SubjectId, TerritoryId
from tracker.model.text import Line, NoteField
from tracker.model.vocabulary import MeasureState, Mode, PledgeStatus, Stage, Status, Traffic


def _listed(value: object) -> object:
    """A single word as a list."""
    return (value,) if isinstance(value, str) else value


class Expectation(Model):
    """A row of `expectations.toml`: the expected state of a subject or pledge, and the source that says so."""

    subject: SubjectId | None = None
    mode: Mode | None = None
    traffic: Traffic | None = None
    direction: Direction | None = None
    goods: HsPrefix | None = None
    only: Annotated[tuple[Line, ...], BeforeValidator(_listed)] = ()
    origin: TerritoryId | None = None
    destination: TerritoryId | None = None
    pledge_id: PledgeId | None = Field(default=None, alias="pledge")
    as_of: WhenField  # a day: its close
    announced_by: WhenField | None = None
    status: Status | None = None  # of every lane that the row names
    state: MeasureState | None = None  # of a measure
    stage: Stage | None = None  # of a text
    party: PartyId | None = None  # whose stage
    became: PledgeStatus | None = None  # of a pledge
    control: PartyId | None = None  # who staffs a crossing
    uncertain: Line | bool | None = None  # the alternative; or whether there is one
    disputed: bool | None = None
    passages: Annotated[int, Field(ge=0)] | None = None
    source: Line  # the item or publication that says so
    note: NoteField = None

    @model_validator(mode="after")
    def _one_question(self) -> "Expectation":
        if (self.subject is None) == (self.pledge_id is None):
            raise ValueError("asks about nothing, or two things: give either `subject` or `pledge`")
        answers = [self.status, self.state, self.stage, self.became, self.control, self.uncertain, self.disputed]
        if all(answer is None for answer in (*answers, self.passages)):
            raise ValueError("expects nothing: give `status`, `state`, `stage`, `became`, `control` or another answer")
        return self
