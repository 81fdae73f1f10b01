"""How far the tables have come, which version of the tracker wrote them, and the names that cold readers need."""

from typing import NamedTuple

from tracker.model.errors import NewerStore, TrackerError
from tracker.store.url import Address

VERSION = 10  # to be raised with each change of the tables, or of the derivation of their rows
UNFINISHED = -VERSION  # of tables that are being filled for the first time: they are not read yet

# These two are read before the version is known: no later version may rename them.
VIEWS_CHECKPOINT = "tracker_views_checkpoint"  # the position up to which the tables under the views are derived
CHECKPOINT = "tracker_checkpoint"
VIEWS = ("v_status_interval", "v_announcement", "v_measure_interval", "v_promise")
READ_CHECKPOINT = f"SELECT version, position FROM {CHECKPOINT}"  # nosec  # a constant


class NotRefreshed(TrackerError):
    """The tables are not there yet, or an older tracker wrote them: refresh them first."""


class Checkpoint(NamedTuple):
    """The state of the tables."""

    version: int
    position: int  # of the last event that is in them

    @property
    def readable(self) -> bool:
        return self.version == VERSION


def refuse_newer(checkpoint: Checkpoint, address: Address) -> None:
    """Refuse tables that a later version wrote. Raises: NewerStore."""
    if checkpoint.version > VERSION:
        raise NewerStore(
            f"store {address} has a read model of version {checkpoint.version}, this tracker reads up to {VERSION}: "
            "upgrade the tracker"
        )
