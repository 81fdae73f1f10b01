"""What can be set: flags over the environment (`TRACKER_*`) over `tracker.toml` over defaults."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from tracker.model.errors import BadRequest

FILE = "tracker.toml"


class Target(BaseModel):
    """Where news is sent to: one webhook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: AnyHttpUrl
    secret: SecretStr = Field(description="The key of the signatures: whsec_ and base64, of 24 to 64 bytes.")
    subjects: tuple[str, ...] = Field((), description="Only news about these; of all where none is named.")


class Settings(BaseSettings):
    """Everything that can be set, each with its default."""

    model_config = SettingsConfigDict(env_prefix="TRACKER_", extra="forbid", frozen=True)

    store: str | None = Field(None, description="The store: a file, sqlite:///FILE or postgresql://…")
    replica: str | None = Field(
        None, description="Read from this streaming replica of the store, as soon as it has what is asked for."
    )
    events: Path | None = Field(None, description="Answer straight from this folder of files; nothing is stored.")
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port that the server listens on; 0 for any free one.")
    workers: int = Field(1, ge=1, le=64, description="How many processes serve.")
    public_url: str | None = Field(None, description="How the server is called from outside, for links in feeds.")
    cors_origins: tuple[str, ...] = Field((), description='Whose pages may ask from a browser: origins, or "*".')
    max_body: int = Field(65_536, ge=0, description="The longest body of a request, in bytes.")
    max_query: int = Field(8_192, ge=256, description="The longest path and query of a request, in bytes.")
    max_requests: int = Field(64, ge=1, description="How many requests are answered at once; others are told to wait.")
    max_streams: int = Field(100, ge=0, description="How many streams of changes are open at once.")
    timeout: float = Field(30, gt=0, description="How long an answer may take, in seconds.")
    cache_bytes: int = Field(64 * 2**20, ge=0, description="How much memory is used to keep answers, in bytes.")
    access_log: bool = Field(True, description="Write a line of JSON to stdout for each request.")
    review: bool = Field(
        True, description="Whether what is handed in over HTTP waits until another person approves it."
    )
    write_rate: int = Field(
        120, ge=0, description="How many requests a minute one token, or one address with tokens, makes; 0: no limit."
    )
    read_rate: int = Field(0, ge=0, description="How many other requests a minute one address makes; 0: no limit.")
    audit_key: Path | None = Field(
        None, description="The private key that signs the checkpoints of /api/v1/audit; without it nobody signs them."
    )
    webhooks: tuple[Target, ...] = Field((), description="Where news is sent to.")
    webhook_private: bool = Field(False, description="Whether webhooks may be in private address ranges.")
    webhook_attempts: int = Field(8, ge=1, le=30, description="How often a delivery is tried.")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


class Setting(NamedTuple):
    """One setting as it is in force."""

    name: str
    value: str
    source: str


def config_file() -> Path:
    """The file of settings: `TRACKER_CONFIG`, or tracker.toml in the working folder."""
    return Path(os.environ.get("TRACKER_CONFIG") or FILE)


def read_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """What is in force.

    Args: flags: those that were given on the command line.
    Raises: BadRequest, naming the setting.
    """
    try:
        return Settings(**_given(flags))
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc'])) or 'setting'}: {each['msg']}" for each in error.errors()]
        raise BadRequest(f"the settings are not right: {'; '.join(wrong)}") from None
    except (SettingsError, ValueError, OSError) as error:
        raise BadRequest(f"the settings cannot be read: {error}") from None


def in_force(flags: Mapping[str, Any] | None = None) -> list[Setting]:
    """Every setting with its value and where that comes from; secrets are not shown.

    Raises: BadRequest.
    """
    given = _given(flags)
    settings = read_settings(given)
    sources: list[tuple[str, PydanticBaseSettingsSource]] = [
        ("flag", InitSettingsSource(Settings, given)),
        ("environment", EnvSettingsSource(Settings)),
        (str(config_file()), TomlConfigSettingsSource(Settings, config_file())),
    ]
    found = [(name, source()) for name, source in sources]
    return [Setting(field, _shown(getattr(settings, field)), _named(field, found)) for field in Settings.model_fields]


def _given(flags: Mapping[str, Any] | None) -> dict[str, Any]:
    """The flags that were given; one that names another store, or files, leaves the replica of the usual store out."""
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    return {"replica": None, **given} if {"store", "events"} & set(given) else given


def _named(field: str, found: list[tuple[str, dict[str, Any]]]) -> str:
    source = next((name for name, values in found if field in values), "default")
    return f"environment, TRACKER_{field.upper()}" if source == "environment" else source


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(each.url) if isinstance(each, Target) else str(each) for each in value) or "none"
    return "none" if value is None else re.sub(r"://([^:/@]+):[^@]*@", r"://\1:***@", str(value))
