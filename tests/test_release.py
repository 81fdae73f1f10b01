"""What a release is made of: the bill of materials, and the lock."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

SCRIPTS = Path(__file__).parents[1] / "scripts"
REPORT: dict[str, Any] = {
    "install": [
        {"metadata": {"name": "policy-timeline-tracker", "version": "1"}, "is_direct": True, "download_info": {}},
        {
            "metadata": {"name": "typer", "version": "2.0"},
            "download_info": {"url": "file:///typer.whl", "archive_info": {"hashes": {"sha256": "ab"}}},
        },
        {
            "metadata": {"name": "click", "version": "8.0"},
            "download_info": {"url": "https://index/click.whl", "archive_info": {"hashes": {"sha256": "cd"}}},
        },
    ]
}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bill_of_materials_names_what_the_program_needs() -> None:
    text = JsonV1Dot6(script("sbom").bill()).output_as_string()
    bill = json.loads(text)
    names = {component["name"] for component in bill["components"]}
    assert {"eventsourcing", "pydantic", "sqlalchemy", "fastapi", "cryptography", "pydantic-core"} <= names
    assert not {"pytest", "ruff", "policy-timeline-tracker"} & names
    needs = {one["ref"].partition("@")[0]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert any(ref.startswith("pkg:pypi/pydantic-core@") for ref in needs["pkg:pypi/pydantic"])
    assert "http" not in text.replace("httpx", "").replace("httpcore", "").replace(bill.get("$schema", ""), "")


def test_the_bill_of_materials_keeps_to_its_schema() -> None:
    pytest.importorskip("jsonschema")
    text = JsonV1Dot6(script("sbom").bill()).output_as_string()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_a_lock_has_versions_and_hashes_and_no_address() -> None:
    lock = script("lock")
    assert lock.locked(REPORT) == ["click==8.0 --hash=sha256:cd", "typer==2.0 --hash=sha256:ab"]
    without: dict[str, Any] = {"install": [{"metadata": {"name": "x", "version": "1"}, "download_info": {}}]}
    with pytest.raises(SystemExit, match="no SHA-256"):
        lock.locked(without)
