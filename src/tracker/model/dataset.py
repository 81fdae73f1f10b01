"""The dataset itself: what it is called, which days its dates are, and up to when its coders have looked."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tracker.model.dates import Day, DayField, zone
from tracker.model.fields import Id, Model
from tracker.model.text import Line
from tracker.model.vocabulary import SubjectKind

NO_ID = "dataset"  # the id of a dataset that gives none, and the id under which every dataset is entered


TimeZone = Annotated[str, AfterValidator(lambda name: (zone(name), name)[1])]


def _exact(day: Day | None) -> Day | None:
    if day is not None and not day.exact:
        raise ValueError(f"{day.text!r} is not one day: write the last day that was looked at, e.g. 2026-05-31")
    return day


class Dataset(Model):
    """A dataset: its name, licence, contact and the time zone of its bare dates."""

    type: Literal[SubjectKind.DATASET] = SubjectKind.DATASET
    id: Id = Field(NO_ID, description="Id of the dataset, which tells it from others and never changes.")
    name: Line
    timezone: TimeZone
    licence: Line | None = None
    contact: Line | None = None
    covers_until: Annotated[DayField | None, AfterValidator(_exact)] = Field(
        None, description="Last day up to which the coders have looked for announcements; null: not said."
    )


def entry_id(kind: str, own: str) -> str:
    """The id under which a subject is entered: its own, but one for all datasets, as a registry holds one."""
    return NO_ID if kind == SubjectKind.DATASET else own
