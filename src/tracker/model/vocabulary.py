"""The closed vocabularies that every other module speaks."""

from enum import StrEnum


class SourceKind(StrEnum):
    """What sort of publication a source is."""

    OFFICIAL = "official"  # the speaker's own site, gazette or account
    AGENCY = "agency"  # a news agency
    PRESS = "press"  # other media
    DATA = "data"  # a table or a register


class Mode(StrEnum):
    """A means of transport."""

    ROAD = "road"
    RAIL = "rail"
    AIR = "air"
    SEA = "sea"
    PIPELINE = "pipeline"


class Traffic(StrEnum):
    """What moves."""

    GOODS = "goods"
    PEOPLE = "people"


class Regime(StrEnum):
    """What a territory is to a flow: where it starts, passes through, or ends."""

    EXPORT = "export"
    TRANSIT = "transit"
    IMPORT = "import"


class PartyKind(StrEnum):
    """What sort of actor a party is."""

    STATE = "state"
    DE_FACTO = "de-facto-authority"
    GROUP = "group"
    ORGANISATION = "organisation"
    OPERATOR = "operator"  # a railway, an airline: sees traffic pass
    MEDIA = "media"


class MeasureKind(StrEnum):
    """Whether a measure forbids or allows."""

    RESTRICTION = "restriction"
    PERMISSION = "permission"


class MeasureLevel(StrEnum):
    """How strict a measure is while in force."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    PERMITTED = "permitted"


class Level(StrEnum):
    """What one authority's word amounts to at one place, from the worst to the best."""

    PROHIBITED = "prohibited"
    UNKNOWN = "unknown"
    RESTRICTED = "restricted"
    PERMITTED = "permitted"
    ASSUMED = "assumed"


class Status(StrEnum):
    """What a lane amounts to; the first that applies, from the worst to the best."""

    CLOSED = "closed"
    ONE_SIDED = "one-sided"
    UNVERIFIED = "unverified"
    UNREADY = "unready"
    RESTRICTED = "restricted"
    OPERATING = "operating"
    OPEN = "open"


class MeasureState(StrEnum):
    """Where a measure stands in its own life."""

    NONE = "none"
    UPCOMING = "upcoming"
    IN_FORCE = "in-force"
    EASED = "eased"
    LIFTED = "lifted"
    LAPSED = "lapsed"


class ReadinessState(StrEnum):
    """Whether the infrastructure for a mode is there."""

    READY = "ready"
    WORKS = "works"
    ABSENT = "absent"


class Stage(StrEnum):
    """The life cycle of a text."""

    PROPOSED = "proposed"
    UNDER_NEGOTIATION = "under-negotiation"
    TEXT_AGREED = "text-agreed"
    ADOPTED = "adopted"
    INITIALLED = "initialled"
    SIGNED = "signed"
    RATIFIED = "ratified"
    IN_FORCE = "in-force"
    RATIFICATION_SUSPENDED = "ratification-suspended"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    VOID = "void"


class PledgeKind(StrEnum):
    """How firmly intent was expressed."""

    OFFER = "offer"
    PROMISE = "promise"
    AGREEMENT = "agreement"


class PledgeStatus(StrEnum):
    """What has become of a pledge."""

    OPEN = "open"
    OVERDUE = "overdue"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """On whose word an effect rests."""

    DECLARED = "declared"  # the authority's own word
    OBSERVED = "observed"  # seen by press or operators
    REPORTED = "reported"  # somebody else says so


class RelationType(StrEnum):
    """How one announcement stands to another."""

    CONFIRMS = "confirms"
    DENIES = "denies"
    REPEATS = "repeats"
    WELCOMES = "welcomes"
    IMPLEMENTS = "implements"
    CONDITIONS = "conditions"


class Verification(StrEnum):
    """How well the coder could check an announcement."""

    VERIFIED = "verified"
    PARTLY_VERIFIED = "partly-verified"
    UNVERIFIED = "unverified"


class SubjectKind(StrEnum):
    """What can be registered; the names of the registry's tables."""

    DATASET = "dataset"
    PARTY = "party"
    TERRITORY = "territory"
    BORDER = "border"
    CROSSING = "crossing"
    CORRIDOR = "corridor"
    MEASURE = "measure"
    INSTRUMENT = "instrument"
