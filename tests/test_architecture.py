"""Data flows one way through the house: imports point left, and rooms side by side do not know each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "tracker"
LEFT_OF: dict[str, set[str]] = {
    "model": set(),
    "dataset": {"model"},
    "store": {"model"},
    "timeline": {"model"},
    "state": {"model", "dataset", "store", "timeline"},
    "read_model": {"model", "dataset", "store", "timeline", "state"},
    "queries": {"model", "dataset", "store", "timeline", "state", "read_model"},
}
LEFT_OF["imports"] = {"model", "dataset"}
LEFT_OF["scale"] = {"model", "timeline"}
LEFT_OF["app"] = {*LEFT_OF["queries"], "queries", "imports"}
LEFT_OF["intake"] = {*LEFT_OF["app"], "app"}  # imports, wired to a store
LEFT_OF["bulk"] = {*LEFT_OF["app"], "app", "scale"}  # the record in parts, and engines on them
LEFT_OF["live"] = LEFT_OF["trust"] = LEFT_OF["writers"] = {*LEFT_OF["app"], "app"}
LEFT_OF["settings"] = {"model"}
LEFT_OF["package"] = LEFT_OF["app"]  # the record as files for others
LEFT_OF["recording"] = {*LEFT_OF["writers"], "writers"}  # what they hand in
LEFT_OF["webhooks"] = {*LEFT_OF["live"], "live", "settings"}
ROOF = {*LEFT_OF["live"], "live", "bulk", "scale", "intake", "trust", "writers", "recording", "settings", "package"}
LEFT_OF |= {"cli": ROOF, "api": {*ROOF, "webhooks"}, "web": ROOF, "notebook": ROOF}
LEFT_OF["serve"] = {*ROOF, "api", "web", "webhooks"}  # puts API and pages behind one door
ONLY = {"eventsourcing": {"store"}, "sqlalchemy": {"read_model", "queries"}, "psycopg": {"store", "read_model"}}
ONLY |= {"fastapi": {"api", "web", "serve"}, "typer": {"cli"}, "rich": {"cli"}}
DOORS = {"__main__": {"cli"}, "__init__": {"app", "queries", "model", "notebook"}}  # of the package itself


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
        allowed = DOORS.get(room, LEFT_OF.get(room, set())) | {room}
        for name, line in imports(path):
            head, _, rest = name.partition(".")
            if head == "tracker" and rest and rest.split(".")[0] not in allowed:
                yield f"{path}:{line}: {room} must not import {name}: it may use {', '.join(sorted(allowed))}"
            if room not in ONLY.get(head, {room}):
                yield f"{path}:{line}: only {', '.join(sorted(ONLY[head]))} may import {head}"


def test_imports_point_left() -> None:
    assert list(mistakes()) == []


def test_every_room_of_the_house_has_its_place() -> None:
    rooms = {room_of(path) for path in SOURCE.rglob("*.py")}
    assert rooms <= {*LEFT_OF, *DOORS}


def test_modules_stay_readable() -> None:
    long = {str(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCE.rglob("*.py")}
    assert {path: lines for path, lines in long.items() if lines > 345} == {}
