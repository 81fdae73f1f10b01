"""What measures, and whole requirements of a lane, amount to, as bits of one byte. Source: design §6."""

from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

from tracker.model.vocabulary import Level, Status
from tracker.state.permission import Word, weigh
from tracker.state.status import status_from

Bits = NDArray[np.uint8]


class Said(IntFlag):
    """What one measure amounts to in a requirement."""

    PROHIBITED = 1
    RESTRICTED = 2
    EXEMPTED = 4  # a restriction in force that does not bear on the class asked about
    COVERED = 8  # a restriction of all of the flow has been decided on: lifted, unless it is in force
    RAN_OUT = 16  # a measure on all of the flow has
    PERMITTED = 32
    PERMITTED_IN_PART = 64
    UNUSUAL = 128  # on a permission's track, something that prohibits


class Amounts(IntFlag):
    """What a requirement amounts to in its lane."""

    PROHIBITED = 1
    UNKNOWN = 2
    RESTRICTED = 4
    SPOKEN = 8  # somebody whose leave is needed permits or restricts by their own word
    LACKING = 16  # of infrastructure


class Kind(IntEnum):
    """Whose word it is."""

    NEEDED = 0
    ASSUMED = 1  # needed, and free unless a measure says otherwise
    UNASKED = 2  # of somebody whose leave is not needed
    READINESS = 3


IN_FORCE = {
    Level.PROHIBITED: int(Said.PROHIBITED),
    Level.RESTRICTED: int(Said.RESTRICTED),
    Level.PERMITTED: int(Said.EXEMPTED),
}
ALLOWING = {
    Level.PROHIBITED: int(Said.UNUSUAL),
    Level.RESTRICTED: int(Said.PERMITTED_IN_PART),
    Level.PERMITTED: int(Said.PERMITTED),
}
_WORD_OF = (
    (Said.PROHIBITED | Said.UNUSUAL, Amounts.PROHIBITED),
    (Said.RESTRICTED | Said.PERMITTED_IN_PART, Amounts.RESTRICTED | Amounts.SPOKEN),
    (Said.EXEMPTED, Amounts.SPOKEN),
)
_COUNTING = {
    Word.BARRED: Said.PROHIBITED | Said.RESTRICTED | Said.EXEMPTED,
    Word.ALLOWED_IN_PART: Said.PERMITTED_IN_PART | Said.UNUSUAL,
}


def _amounts(kind: Kind, said: Said) -> Amounts:
    """What all that is said in a requirement amounts to."""
    match kind:
        case Kind.READINESS:
            return Amounts.LACKING if said else Amounts(0)
        case Kind.UNASKED:
            found = Amounts.PROHIBITED if said & Said.PROHIBITED else Amounts(0)
            return found | (Amounts.RESTRICTED if said & Said.RESTRICTED else Amounts(0))
        case Kind.NEEDED | Kind.ASSUMED:
            assumed = kind is Kind.ASSUMED
            counts = weigh(
                barred=bool(said & _COUNTING[Word.BARRED]),
                freed=bool(said & (Said.PERMITTED | Said.COVERED)),
                allowed=bool(said & _COUNTING[Word.ALLOWED_IN_PART]),
                run_out=bool(said & Said.RAN_OUT),
                assumed=assumed,
            )
            if counts is Word.FREED:
                return Amounts.SPOKEN
            if counts is Word.RUN_OUT or (counts is Word.SILENT and not assumed):
                return Amounts.UNKNOWN
            counting = said & _COUNTING.get(counts, Said(0))
            return Amounts(sum(amount for bits, amount in _WORD_OF if counting & bits))


def _status(amounts: Amounts) -> Status:
    return status_from(
        prohibited=bool(amounts & Amounts.PROHIBITED),
        unknown=bool(amounts & Amounts.UNKNOWN),
        spoken=bool(amounts & Amounts.SPOKEN),
        lacking=bool(amounts & Amounts.LACKING),
        restricted=bool(amounts & Amounts.RESTRICTED),
    )


STATUSES = list(Status)
AMOUNTS: Bits = np.array([[_amounts(kind, Said(bits)) for bits in range(256)] for kind in Kind], dtype=np.uint8)
STATUS_OF: Bits = np.array([STATUSES.index(_status(Amounts(bits))) for bits in range(32)], dtype=np.uint8)
