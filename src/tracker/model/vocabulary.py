"""The closed vocabularies of the field. No pydantic here: the command line lists these words in its help."""

from enum import StrEnum


class Mode(StrEnum):
    """Means of transport."""

    ROAD = "road"
    RAIL = "rail"
    AIR = "air"
    SEA = "sea"
    PIPELINE = "pipeline"


class Traffic(StrEnum):
    """Goods or people."""

    GOODS = "goods"
    PEOPLE = "people"


class Regime(StrEnum):
    """Role of a territory for a flow: its start, a passage, or its end."""

    EXPORT = "export"
    TRANSIT = "transit"
    IMPORT = "import"


class PartyKind(StrEnum):
    """Kinds of parties."""

    STATE = "state"
    DE_FACTO = "de-facto-authority"
    GROUP = "group"
    ORGANISATION = "organisation"
    BLOC = "bloc"  # its measures are those of each of its members
    OPERATOR = "operator"  # a railway, an airline: sees traffic pass
    MEDIA = "media"


class MeasureKind(StrEnum):
    """Kinds of measures: forbidding or allowing."""

    RESTRICTION = "restriction"
    PERMISSION = "permission"


class MeasureLevel(StrEnum):
    """Strictness of a measure while in force."""

    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    FORMALITY = "formality"  # a duty, fee, check or document that anybody can meet
    PERMITTED = "permitted"


class Level(StrEnum):
    """Effect of one authority's measures at one place, from the worst to the best."""

    PROHIBITED = "prohibited"
    UNKNOWN = "unknown"
    RESTRICTED = "restricted"
    PERMITTED = "permitted"
    ASSUMED = "assumed"


class Status(StrEnum):
    """Status of a lane: the first that applies, from the worst to the best."""

    CLOSED = "closed"
    ONE_SIDED = "one-sided"
    UNVERIFIED = "unverified"
    UNREADY = "unready"
    RESTRICTED = "restricted"
    OPERATING = "operating"
    OPEN = "open"
    PRESUMED = "presumed"  # no bar is on record, and no word either


class MeasureState(StrEnum):
    """State of a measure in its life cycle."""

    NONE = "none"
    UPCOMING = "upcoming"
    IN_FORCE = "in-force"
    EASED = "eased"
    LIFTED = "lifted"
    LAPSED = "lapsed"  # it ran out, and no statement says how it goes on
    OVER = "over"  # it ran out by its own terms
    REVOKED = "revoked"  # of a permission


class OnExpiry(StrEnum):
    """Meaning of an end that was set in advance."""

    ENDS = "ends"  # over by its own terms, as if it had never been
    UNKNOWN = "unknown"  # somebody was expected to decide how it goes on


class ReadinessState(StrEnum):
    """State of the infrastructure for a mode."""

    READY = "ready"
    WORKS = "works"
    ABSENT = "absent"


class Stage(StrEnum):
    """Stages in the life cycle of a text."""

    PROPOSED = "proposed"
    UNDER_NEGOTIATION = "under-negotiation"
    TEXT_AGREED = "text-agreed"
    ADOPTED = "adopted"
    INITIALLED = "initialled"
    SIGNED = "signed"
    RATIFIED = "ratified"
    PROVISIONALLY_APPLIED = "provisionally-applied"
    PARTLY_IN_FORCE = "partly-in-force"
    IN_FORCE = "in-force"
    APPLICABLE = "applicable"  # in force, and applied
    RATIFICATION_SUSPENDED = "ratification-suspended"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    EXPIRED = "expired"
    ANNULLED = "annulled"

    @classmethod
    def _missing_(cls, value: object) -> "Stage | None":
        return cls.ANNULLED if value == "void" else None  # its word in older files


ENDED_STAGES = frozenset({Stage.WITHDRAWN, Stage.TERMINATED, Stage.EXPIRED, Stage.ANNULLED})  # a text's life is over


class PledgeKind(StrEnum):
    """How firmly an intent was expressed."""

    OFFER = "offer"
    PROMISE = "promise"
    AGREEMENT = "agreement"


class PledgeStatus(StrEnum):
    """Outcome of a pledge so far."""

    OPEN = "open"
    OVERDUE = "overdue"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """Source of the knowledge of an effect."""

    DECLARED = "declared"  # by the authority itself
    OBSERVED = "observed"  # by press or operators
    REPORTED = "reported"  # by any other party


class RelationType(StrEnum):
    """Relations of one announcement to another."""

    CONFIRMS = "confirms"
    DENIES = "denies"
    REPEATS = "repeats"
    WELCOMES = "welcomes"
    IMPLEMENTS = "implements"
    CONDITIONS = "conditions"  # makes it depend on something
    ANSWERS = "answers"  # in return for it


class Verification(StrEnum):
    """Result of the coder's check of an announcement."""

    VERIFIED = "verified"
    PARTLY_VERIFIED = "partly-verified"
    UNVERIFIED = "unverified"


class SourceKind(StrEnum):
    """Kinds of publications."""

    OFFICIAL = "official"  # the speaker's own site, gazette or account
    AGENCY = "agency"  # a news agency
    PRESS = "press"  # other media
    DATA = "data"  # a table or a register


class EffectType(StrEnum):
    """Types of effects of an announcement; none: it changes nothing."""

    IMPOSE = "impose"
    EXTEND = "extend"
    EXEMPT = "exempt"
    LIFT = "lift"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    PERMIT = "permit"
    REVOKE = "revoke"
    READINESS = "readiness"
    PLEDGE = "pledge"
    FULFIL = "fulfil"
    WITHDRAW = "withdraw"
    PASSAGE = "passage"
    STAGE = "stage"
    CONTROL = "control"
    NONE = "none"


class SubjectKind(StrEnum):
    """Kinds of registered subjects; also the names of the registry's tables."""

    DATASET = "dataset"
    PARTY = "party"
    TERRITORY = "territory"
    BORDER = "border"
    CROSSING = "crossing"
    CORRIDOR = "corridor"
    CLASS = "class"
    MEASURE = "measure"
    INSTRUMENT = "instrument"
