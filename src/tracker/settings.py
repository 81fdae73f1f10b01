"""Settings of the program: flags over the environment (`TRACKER_*`) over `tracker.toml` over defaults.

Every command reads where its store is, so the levels are read by hand: importing pydantic-settings and building the
validators would take a quarter of the time of `tracker state`.
"""

import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import Url

from tracker.model.errors import BadRequest

FILE = "tracker.toml"
PREFIX = "TRACKER_"  # of variables
CONFIG = "TRACKER_CONFIG"  # names the file of settings
HANDED_DOWN = "TRACKER_FLAGS"  # the flags of `tracker serve`, as JSON, for the processes that it starts


def _http_url(text: str) -> str:
    """An address in its canonical form. Pydantic's own type for it takes as long to import as all of this."""
    url = Url(text)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("it is not an http:// or https:// address")
    if url.username is not None or url.password is not None:
        raise ValueError("it has a user name: leave out all up to the @")
    return str(url)


class Target(BaseModel):
    """A webhook: where changes are sent to."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    url: Annotated[str, AfterValidator(_http_url)]
    secret: SecretStr = Field(description="The key of the signatures: whsec_ and base64, of 24 to 64 bytes.")
    subjects: tuple[str, ...] = Field((), description="Only changes of these; of all where none is named.")


class Settings(BaseModel):
    """All settings, each with its default."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    store: str | None = Field(None, description="The store: a file, sqlite:///FILE or postgresql://…")
    replica: str | None = Field(
        None, description="Read from this streaming replica of the store, as soon as it has all that the store has."
    )
    events: Path | None = Field(None, description="Answer straight from this folder of files; nothing is stored.")
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that the server listens on; 0 for any free one.")
    workers: int = Field(1, ge=1, le=64, description="How many processes serve.")
    public_url: str | None = Field(None, description="The address of the server from outside, for links in feeds.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description='Names that the server answers to, or "*"; by default those of loopback where it listens there.'
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    cors_origins: tuple[str, ...] = Field((), description='Origins whose pages may ask from a browser, or "*".')
    max_body: int = Field(65_536, ge=0, description="The longest body of a request, in bytes.")
    max_query: int = Field(8_192, ge=256, description="The longest path and query of a request, in bytes.")
    max_connections: int = Field(
        960, ge=4, description="How many connections a process has at once; a quarter of them from one address."
    )
    max_requests: int = Field(64, ge=1, description="How many requests are answered at once; others are told to wait.")
    max_streams: int = Field(100, ge=0, description="How many streams of changes are open at once.")
    timeout: float = Field(30, gt=0, description="How long an answer may take, in seconds.")
    cache_bytes: int = Field(
        256 * 2**20,
        ge=32 * 2**20,
        description="How much memory is used to answer faster, in bytes: a quarter for answers, the rest for views of "
        "the record as it was known.",
    )
    access_log: bool = Field(True, description="Write a line of JSON to stdout for each request.")
    review: bool = Field(
        True, description="Whether what is handed in over HTTP waits until another person approves it."
    )
    write_rate: int = Field(120, ge=0, description="How many requests a minute one token makes; 0: no limit.")
    read_rate: int = Field(
        3000,
        ge=0,
        description="How many requests a minute one address makes without a token; each 5 ms of work on an answer "
        "count as one more. 0: no limit.",
    )
    max_drafts: int = Field(
        200, ge=1, description="How many drafts of one person wait for approval at once, handed in over HTTP."
    )
    metrics_address: str | None = Field(
        None,
        pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\[\]]+):[0-9]{1,5}$",
        description="Where /metrics is served apart, as HOST:PORT; then not where the rest is. It needs workers = 1.",
    )
    audit_key: Path | None = Field(
        None, description="The private key that signs the checkpoints of /api/v1/audit; without it they are unsigned."
    )
    webhooks: tuple[Target, ...] = Field((), description="Where changes are sent to.")
    webhook_private: bool = Field(False, description="Whether webhooks may be in private address ranges.")
    webhook_attempts: int = Field(8, ge=1, le=30, description="How often a delivery is tried.")


class Setting(NamedTuple):
    """One setting as it is in force."""

    name: str
    value: str
    source: str


class _Level(NamedTuple):
    """One place in which settings are given."""

    name: str
    values: Mapping[str, Any]


def config_file() -> Path:
    """The file of settings: `TRACKER_CONFIG`, or tracker.toml in the working folder.

    Raises: BadRequest where `TRACKER_CONFIG` names no file.
    """
    named = os.environ.get(CONFIG)
    if named and not Path(named).is_file():
        raise BadRequest(f"{CONFIG}={named} is not a file: name one, or take the variable away")
    return Path(named or FILE)


def read_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force.

    Args: flags: of the command line; None where one was not given.
    Raises: BadRequest, naming the setting and where it is given.
    """
    return _validated(_levels(flags))


def in_force(flags: Mapping[str, Any] | None = None) -> list[Setting]:
    """Every setting with its value and where that comes from; secrets are not shown.

    Raises: BadRequest.
    """
    levels = _levels(flags)
    settings = _validated(levels)
    return [Setting(name, _shown(getattr(settings, name)), _source(name, levels)) for name in Settings.model_fields]


def texts_in_force(names: Sequence[str], flags: Mapping[str, Any] | None = None) -> list[str | None]:
    """The values of some settings that are text, without validating the others; None where one is not given.

    Raises: BadRequest.
    """
    levels = _levels(flags)
    values = _merged(levels)
    for name in names:
        if not isinstance(values.get(name), str | Path | None):
            raise BadRequest(f"the settings are not right: {name}: write it as text ({_source(name, levels)})")
    return [None if values.get(name) is None else str(values[name]) for name in names]


def unknown_variables() -> list[str]:
    """A remark about each variable that looks like a setting and is none: it is not read."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {CONFIG, HANDED_DOWN}
    given = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [f"{name} is no setting and is not read: {_guess(name, known)}" for name in given]


def _guess(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
    return f"did you mean {near[0]}?" if near else "`tracker config` shows all settings"


def hand_down(flags: Mapping[str, Any]) -> None:
    """Hand flags to the processes that this one starts, which read them with `handed_down`."""
    given = {name: str(value) for name, value in flags.items() if value is not None}
    os.environ[HANDED_DOWN] = json.dumps(given)


def handed_down() -> dict[str, Any]:
    """The flags of the process that started this one; none if it left none."""
    flags: dict[str, Any] = json.loads(os.environ.get(HANDED_DOWN, "{}"))
    return flags


def _validated(levels: Sequence[_Level]) -> Settings:
    try:
        return Settings.model_validate(_merged(levels))
    except ValidationError as error:
        mistakes = []
        for mistake in error.errors():
            name = ".".join(map(str, mistake["loc"]))
            mistakes.append(f"{name}: {mistake['msg']} ({_source(str(mistake['loc'][0]), levels)})")
        raise BadRequest(f"the settings are not right: {'; '.join(mistakes)}") from None


def _merged(levels: Sequence[_Level]) -> dict[str, Any]:
    return {name: value for level in reversed(levels) for name, value in level.values.items()}


def _levels(flags: Mapping[str, Any] | None) -> list[_Level]:
    """The levels of settings, the nearest first."""
    file = config_file()
    return [
        _Level("flag", _decisive(flags or {})),
        _Level("environment", _environment()),
        _Level(str(file), _read(file)),
    ]


def _decisive(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given. One that names files or a store leaves out all that other levels say of either."""
    given = {name: value for name, value in flags.items() if value is not None}
    if "events" in given:
        return {"store": None, "replica": None, **given}
    return {"events": None, "replica": None, **given} if "store" in given else given


def _environment() -> dict[str, Any]:
    """The settings that have a variable which is not empty; lists and tables are JSON there.

    Raises: BadRequest.
    """
    values: dict[str, Any] = {}
    for name, text in os.environ.items():
        field = name.upper().removeprefix(PREFIX).lower()
        if not text or not name.upper().startswith(PREFIX) or field not in Settings.model_fields:
            continue
        values[field] = text
        if get_origin(Settings.model_fields[field].annotation) is tuple:
            try:
                values[field] = json.loads(text)
            except ValueError as error:
                raise BadRequest(f"the settings cannot be read: {name} is not JSON: {error}") from None
    return values


def _read(file: Path) -> dict[str, Any]:
    """The settings in a file; none where there is no file.

    Raises: BadRequest, also for a setting that does not exist: a mistyped one would be ignored otherwise.
    """
    if not file.exists():
        return {}
    import tomllib  # takes 2 ms

    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise BadRequest(f"the settings cannot be read: {file}: {error}") from None
    unknown = [name for name in values if name not in Settings.model_fields]
    if unknown:
        raise BadRequest(f"the settings are not right: {file} sets {', '.join(unknown)}: see `tracker config` for all")
    return values


def _source(name: str, levels: Sequence[_Level]) -> str:
    source = next((level.name for level in levels if name in level.values), "default")
    return f"environment, {PREFIX}{name.upper()}" if source == "environment" else source


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(item.url if isinstance(item, Target) else str(item) for item in value) or "none"
    return "none" if value is None else re.sub(r"://([^:/@]+):[^@]*@", r"://\1:***@", str(value))
