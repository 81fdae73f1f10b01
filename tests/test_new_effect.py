"""A new type of effect in a copy of the program: where it must be written, and that nothing of it is lost."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EFFECT = '''
class Inspection(Effect):
    """A party begins to inspect all traffic at a place."""

    type: Literal["inspection"] = "inspection"
    at: PlaceField
    by: PartyId = Field(description="Id of the party that inspects.")
    share: int = Field(description="Percent of the traffic.")
    starts: StartField = None


AnyEffect = Annotated['''
WRITTEN = {  # file: what stands there today, and what the new effect puts in its place
    "model/effects.py": [
        ("\nAnyEffect = Annotated[", EFFECT),
        ("    | Control,\n", "    | Control\n    | Inspection,\n"),
    ],
    "model/vocabulary.py": [('    CONTROL = "control"\n', '    CONTROL = "control"\n    INSPECTION = "inspection"\n')],
    "dataset/effect_rules.py": [
        ("    Impose,\n", "    Impose,\n    Inspection,\n"),
        ("        case _:\n            assert_never(effect)",
         "        case Inspection():\n"
         '            yield from unknown_name(effect.by, "by", known, SubjectKind.PARTY)\n'
         "        case _:\n            assert_never(effect)"),
    ],
    "timeline/assertions.py": [
        ('        case "control":\n            return (control_track(effect.at),)',
         '        case "inspection":\n            return (f"inspection:{effect.at}",)\n'
         '        case "control":\n            return (control_track(effect.at),)'),
        ('"readiness" | "control":', '"readiness" | "control" | "inspection":'),
        ('        case "control":\n            return effect.by',
         '        case "inspection":\n            return str(effect.share)\n'
         '        case "control":\n            return effect.by'),
    ],
    "state/evidence.py": [
        ("    Impose,\n", "    Impose,\n    Inspection,\n"),
        ("        case Fulfil() | Withdraw()", "        case Inspection():\n            return {effect.by}\n"
         "        case Fulfil() | Withdraw()"),
    ],
}  # fmt: skip
ANNOUNCEMENT = """
announced = 2031-05-01
summary = "Half of all lorries are inspected from now on."

[[by]]
party = "{party}"

[[source]]
publisher = "Gazette"

[[effect]]
type = "inspection"
at = "{crossing}"
by = "{party}"
share = 50
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the sources."""
    copy = tmp_path / "src" / "tracker"
    shutil.copytree(ROOT / "src" / "tracker", copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def write(program: Path, file: str) -> None:
    path = program / file
    text = path.read_text("utf-8")
    for old, new in WRITTEN[file]:
        assert text.count(old) == 1, f"{file}: {text.count(old)} times {old!r}"
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def complaints(program: Path) -> set[tuple[str, str]]:
    """The functions in which mypy finds the effect not handled, by file."""
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(program)]
    environment = {**os.environ, "MYPYPATH": str(program.parent)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=program.parents[1], env=environment, check=False)
    places = set()
    for line in done.stdout.splitlines():
        if found := re.match(r"(\S+?\.py):(\d+): error: Argument 1 to \"assert_never\"", line):
            path = program.parents[1] / found[1]
            before = path.read_text("utf-8").splitlines()[: int(found[2])]
            function = next(match[1] for text in reversed(before) if (match := re.match(r"def (\w+)", text)))
            places.add((str(path.relative_to(program)), function))
    return places


def listed() -> set[tuple[str, str]]:
    """The functions that CONTRIBUTING names for a new effect."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition("### Where a new type of effect is written")[2].partition("### ")[0]
    return set(re.findall(r"^\| `([\w/]+\.py)` \| `(\w+)` \|", section, re.M))


def run(program: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(program.parent)}
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_each_place_that_contributing_names_complains_until_the_effect_is_written_there(program: Path) -> None:
    write(program, "model/effects.py")
    assert complaints(program) == listed()
    for file in WRITTEN:
        if file != "model/effects.py":
            write(program, file)
    assert complaints(program) == set()


@pytest.mark.slow
def test_a_new_effect_comes_back_from_columns_export_views_and_api(program: Path, tmp_path: Path) -> None:
    for file in WRITTEN:
        write(program, file)
    dataset = tmp_path / "events"
    shutil.copytree(ROOT / "examples" / "fiordland", dataset)
    registry = (dataset / "registry" / "all.toml").read_text("utf-8")
    crossing, party = (re.findall(rf"^\[{kind}\.([\w-]+)\]", registry, re.M)[0] for kind in ("crossing", "party"))
    (dataset / "2031").mkdir(exist_ok=True)
    statement = ANNOUNCEMENT.format(party=party, crossing=crossing)
    (dataset / "2031" / "half-are-inspected.toml").write_text(statement, "utf-8")
    store = str(tmp_path / "record.sqlite")
    tracker = (sys.executable, "-m", "tracker")
    run(program, *tracker, "--store", store, "load", str(dataset))

    shown = json.loads(run(program, *tracker, "--store", store, "show", "half-are-inspected", "--json"))
    assert shown["versions"][0]["content"]["effect"] == [
        {"type": "inspection", "at": crossing, "by": party, "share": 50}
    ]
    assert [effect["track"] for effect in shown["effects"]] == [f"inspection:{crossing}"]

    run(program, *tracker, "--store", store, "export", "--format", "parquet", "assertions", f"{tmp_path}/out")
    script = (
        "import pyarrow.dataset as d\n"
        f"rows = d.dataset({f'{tmp_path}/out'!r}).to_table().to_pylist()\n"
        "print([(row['track'], row['value']) for row in rows if row['announcement'] == 'half-are-inspected'])"
    )
    assert run(program, sys.executable, "-c", script).strip() == f"[('inspection:{crossing}', '50')]"

    script = (
        "from tracker.projections.load import load\n"
        f"view = load({store!r}).view\n"
        f"print(view.row(view.assertions.rows_of(view.track('inspection:{crossing}')).start).effect)"
    )
    assert f"at='{crossing}' by='{party}' share=50" in run(program, sys.executable, "-c", script)

    script = f'import sqlite3; print(sqlite3.connect({store!r}).execute("SELECT * FROM v_announcement '
    script += "WHERE id = 'half-are-inspected'\").fetchall())"
    assert "inspection" in run(program, sys.executable, "-c", script)

    script = (
        "from starlette.testclient import TestClient\n"
        "from tracker import serve\nfrom tracker.settings import Settings\n"
        f"with TestClient(serve.create(Settings(store={store!r})), base_url='http://127.0.0.1') as client:\n"
        "    print(client.get('/api/v1/announcements/half-are-inspected').text)\n"
    )
    assert '"share":50' in run(program, sys.executable, "-c", script).replace(" ", "")


def test_contributing_names_each_file_that_knows_the_statuses() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition("### Where a new status is written")[2].partition("## ")[0]
    named = set(re.findall(r"^\| `([\w./]+)` \|", section, re.M))
    source = ROOT / "src" / "tracker"
    files = [path for path in source.rglob("*") if path.suffix in (".py", ".css", ".html", ".js")]
    knowing = {str(path.relative_to(source)) for path in files if re.search("unready", path.read_text("utf-8"), re.I)}
    assert named == knowing


def test_contributing_names_each_room() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = {name.rstrip("/").removesuffix(".py") for name in re.findall(r"^\| `([\w.]+/?)` \|", text, re.M)}
    source = ROOT / "src" / "tracker"
    rooms = {path.relative_to(source).parts[0].removesuffix(".py") for path in source.rglob("*.py")}
    assert {room for room in rooms if not room.startswith("__")} <= named
