"""Optional dependencies: the extra that brings each, and the message where one is not installed."""

from collections.abc import Mapping
from functools import cache

from tracker.model.errors import TrackerError

DISTRIBUTION = "policy-timeline-tracker"
EXTRAS: Mapping[str, tuple[str, ...]] = {  # of pyproject.toml, with the modules that each brings
    "serve": (
        "fastapi", "fastapi_offline", "h11", "icalendar", "jinja2", "markdown_it", "prometheus_client", "sse_starlette",
        "starlette", "uvicorn",
    ),
    "webhooks": ("cloudevents", "httpx", "standardwebhooks"),
    "postgres": ("psycopg", "psycopg_pool"),
    "arrow": ("pyarrow",),
    "audit": ("cryptography",),
    "notebook": ("pandas", "pyarrow"),
    "spark": ("pyarrow", "pyspark"),
}  # fmt: skip


class MissingExtra(TrackerError):
    """An optional dependency is not installed."""


@cache  # a check costs a search of the path; an error is not cached
def require(extra: str) -> None:
    """Check, before they are imported, that the modules of an extra are installed.

    Raises: MissingExtra, naming what to install.
    """
    from importlib.util import find_spec  # every command imports this module, and few need an extra

    missing = next((module for module in EXTRAS[extra] if find_spec(module) is None), None)
    if missing is not None:
        raise MissingExtra(f'{missing} is not installed: pip install "{DISTRIBUTION}[{extra}]"')
