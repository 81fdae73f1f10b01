"""Data flows one way through the rooms: an import that points right or up fails with its file and line."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "tracker"
MAX_LINES = 345  # of a module
BELOW = {  # by room: the rooms beneath it, whose own are allowed, too
    "model": (),
    "extras": ("model",),
    "settings": ("model",),
    "dataset": ("model",),
    "imports": ("dataset",),
    "store": ("model", "extras"),
    "audit": ("store",),
    "timeline": ("model",),
    "scale": ("timeline", "extras"),
    "state": ("timeline",),
    "projections": ("state", "store"),
    "queries": ("projections", "dataset"),
    "presentation": ("queries",),
    "services": ("queries", "imports", "audit", "scale", "settings"),
    "webhooks": ("services",),
    "notebook": ("services",),
    "cli": ("services", "presentation"),
    "api": ("webhooks", "presentation"),
    "web": ("services", "presentation"),
    "serve": ("api", "web"),
    "__main__": ("cli",),
    "__init__": ("notebook",),
}
ONLY = {
    "eventsourcing": {"store", "audit"},
    "sqlalchemy": {"projections", "queries", "webhooks"},
    "psycopg": {"store", "projections"},
    "fastapi": {"api", "web", "serve"},
    "typer": {"cli"},
    "rich": {"cli"},
}


def allowed(room: str) -> set[str]:
    """The room itself and all that lie beneath it."""
    return {room}.union(*(allowed(below) for below in BELOW.get(room, ())))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; write it in full"
            names = [f"tracker.{alias.name}" for alias in node.names] if node.module == "tracker" else [node.module]
            yield from ((str(name), node.lineno) for name in names)


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def mistakes() -> Iterator[str]:
    for path in sorted(SOURCE.rglob("*.py")):
        room = room_of(path)
        for name, line in imports(path):
            head, _, rest = name.partition(".")
            if head == "tracker" and rest and rest.split(".")[0] not in allowed(room):
                yield f"{path}:{line}: {room} must not import {name}: it may use {', '.join(sorted(allowed(room)))}"
            if room not in ONLY.get(head, {room}):
                yield f"{path}:{line}: only {', '.join(sorted(ONLY[head]))} may import {head}"


def test_imports_point_left_and_down() -> None:
    assert list(mistakes()) == []


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in SOURCE.rglob("*.py")} <= set(BELOW)


def test_modules_stay_readable() -> None:
    long = {str(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCE.rglob("*.py")}
    assert {path: lines for path, lines in long.items() if lines > MAX_LINES} == {}
