"""Write a bill of materials (CycloneDX 1.6, JSON) of the program with all extras, as they are installed here.

    python scripts/sbom.py [OUT]        default: build/sbom.json

Name, version, licence and package URL of each package, and which needs which. No address of a registry is in it.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

PROGRAM = "policy-timeline-tracker"
EXTRA = "all"


def requirements(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a package needs on this machine, with some of its extras."""
    for text in package.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*sorted(extras), "")):
            yield requirement


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def component(package: Distribution, kind: ComponentType = ComponentType.LIBRARY) -> Component:
    name, licence = normalised(package.metadata["Name"]), package.metadata.get("License-Expression")
    purl = PackageURL("pypi", None, name, package.version)
    licences = [DisjunctiveLicense(name=licence)] if licence else []
    return Component(
        name=name, version=package.version, type=kind, purl=purl, bom_ref=str(purl), licenses=licences
    )  # fmt: skip


def bill() -> Bom:
    """The bill of materials; packages that are not installed are left out."""
    bom, done = Bom(), dict[tuple[str, frozenset[str]], Component]()
    root = distribution(PROGRAM)
    bom.metadata.component = component(root, ComponentType.APPLICATION)
    components = {normalised(PROGRAM): bom.metadata.component}
    waiting = [(root, frozenset({EXTRA}))]
    while waiting:
        package, extras = waiting.pop()
        key = normalised(package.metadata["Name"]), extras
        if key in done:
            continue
        done[key] = components[key[0]]
        needed = []
        for requirement in requirements(package, extras):
            name = normalised(requirement.name)
            try:
                found = distribution(requirement.name)
            except PackageNotFoundError:
                continue
            if name not in components:
                components[name] = component(found)
                bom.components.add(components[name])
            if name != key[0]:
                needed.append(components[name])
            waiting.append((found, frozenset(requirement.extras)))
        bom.register_dependency(components[key[0]], needed)
    return bom


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/sbom.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    bom = bill()
    out.write_text(JsonV1Dot6(bom).output_as_string(indent=2) + "\n", encoding="utf-8")
    print(f"{out}: {len(bom.components)} packages")


if __name__ == "__main__":
    main()
