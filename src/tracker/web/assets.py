"""Styles, scripts and the icon: read once, compressed once, addressed by their digest so that they never grow old."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file."""

    body: bytes
    packed: bytes
    kind: str


@cache
def assets() -> dict[str, Asset]:
    """By name."""
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in KINDS)
    bodies = {path: path.read_bytes() for path in files}
    return {
        path.name: Asset(body, gzip.compress(body, 9, mtime=0), KINDS[path.suffix]) for path, body in bodies.items()
    }


@cache
def digest() -> str:
    """Of all of them: a page and its modules are of one make."""
    text = b"".join(name.encode() + asset.body for name, asset in assets().items())
    return hashlib.sha256(text).hexdigest()[:12]


def address(name: str) -> str:
    """Where a file is served."""
    return f"/static/{digest()}/{name}"
