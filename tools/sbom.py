#!/usr/bin/env python3
"""Say what each image holds: `make sbom` writes dist/sbom/<image>.cdx.json and docs/licences.md.

The packages of an image's lock, for Linux x86_64, are laid out in var/sbom/; CycloneDX describes
them (format 1.6, checked against its schema) with licences and who needs whom. Exit 1: a licence
is refused, or nobody knows one. Debian's packages of the base images are not in it: they change
with the base, and the engine's own tools list them.

Only the standard library is used; CycloneDX has an environment of its own (.venv-release).
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".venv-tools" / "bin" / "uv"
RELEASE = ROOT / ".venv-release" / "bin"
IMAGES = {
    "api": ("api", "store"),
    "page": ("page",),
    "airflow-image": ("airflow-image",),
    "trainer": ("trainer", "store"),
    "mlflow": ("mlflow",),
}
"""What is described, and the locks it is made from; with what only some builds hold."""
FROM_SOURCE = "jieba"  # has no wheel
PYTHON = "3.12"  # the images'
PLATFORM = "x86_64-manylinux_2_28"

REFUSED = (
    ("AGPL", r"AGPL|Affero", "lets who uses a service over a network ask for all of its source"),
    ("SSPL", r"SSPL|Server Side Public", "reaches whatever runs beside it"),
    (
        "BUSL, Elastic",
        r"BUSL|Business Source|Commons Clause|Elastic",
        "forbids to sell the service",
    ),
    ("GPL", r"(?<!L)GPL|(?<!Lesser )General Public License", "reaches the code that imports it"),
    ("CC-BY-NC", r"CC-BY-NC|NonCommercial", "forbids commercial use"),
)
"""What a licence may not say, and why."""

READ_BY_HAND = {
    "dataframely": "BSD-3-Clause",
    "huey": "MIT",
    "keras": "Apache-2.0",
    "namex": "Apache-2.0",
    "protobuf": "BSD-3-Clause",
    "pydeck": "Apache-2.0",
}
"""Licence files lie in these packages, their metadata name none that is in the lists of names."""

SHORT = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "GNU General Public License (GPL)": "GPL",
    "Artistic License": "Artistic",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
NVIDIA = "NVIDIA proprietary"


def main(arguments: list[str]) -> int:
    """Describe the images; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="*", help=f"locks; by default {' '.join(IMAGES)}")
    parser.add_argument(
        "--to", type=Path, default=ROOT / "dist" / "sbom", help="for the JSON files"
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "sbom", help="for the packages")
    parser.add_argument("--list", type=Path, default=ROOT / "docs" / "licences.md")
    options = parser.parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    licences: dict[str, str] = {}
    for image in options.images or IMAGES:
        place = options.to / f"{image}.cdx.json"
        lay_out(image, options.work / image)
        describe(options.work / image, place)
        found = licences_of(json.loads(place.read_text(encoding="utf-8")))
        print(f"{place}: {len(found)} packages")
        licences |= found
    if not options.images:
        licences |= dict.fromkeys(cuda(), NVIDIA)
    options.list.write_text(listed(licences), encoding="utf-8")
    wrong = complaints(licences)
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    return 1 if wrong else 0


def lay_out(image: str, folder: Path) -> None:
    """Install what an image holds, whatever Python runs here: it is only read, never run."""
    run([UV, "venv", "-q", "--clear", "--python", sys.executable, folder])
    where = ["--python", folder / "bin" / "python", "--python-version", PYTHON]
    how = ["--require-hashes", "--only-binary", ":all:", "--no-binary", FROM_SOURCE]
    locks = [ROOT / "requirements" / f"{lock}.txt" for lock in IMAGES.get(image, (image,))]
    run([UV, "pip", "sync", "-q", *where, "--python-platform", PLATFORM, *how, *locks])


def describe(folder: Path, place: Path) -> None:
    """Write the bill of materials of what lies there; the same packages give the same file."""
    whole = ["--pyproject", ROOT / "pyproject.toml", "--mc-type", "application", "--spec-version"]
    what = ["environment", "--output-reproducible", *whole, "1.6", "--output-format", "JSON"]
    run([RELEASE / "cyclonedx-py", *what, "--output-file", place, folder])


def licences_of(bill: dict) -> dict[str, str]:
    """Return package to licence, as one line; "unknown" where nothing is said."""
    found = {}
    for component in bill["components"]:
        name = re.sub(r"[-_.]+", "-", component["name"]).lower()
        found[name] = READ_BY_HAND.get(name) or licence(component.get("licenses", []))
    return found


def licence(said: list[dict]) -> str:
    """Return a licence in few words: an expression or identifiers before loose names."""
    exact, loose = [], []
    for one in said:
        if "expression" in one:
            exact.append(one["expression"])
        elif "id" in one["license"]:
            exact.append(one["license"]["id"])
        else:
            name = one["license"]["name"].strip().rpartition(" :: ")[2].splitlines()[0][:60]
            loose.append(SHORT.get(name, name))
    if exact and not any("GPL" in name or "Artistic" in name for name in loose):
        return " AND ".join(exact)
    return " OR ".join(dict.fromkeys([*exact, *loose])) or "unknown"


def complaints(licences: dict[str, str]) -> list[str]:
    """Return what is refused, and what nobody knows."""
    wrong = []
    for name, text in sorted(licences.items()):
        if text == "unknown":
            wrong.append(f"UNKNOWN  {name}: read its licence, then name it in tools/sbom.py")
        # Who may choose chooses the one that is allowed.
        choices = [reason_against(choice) for choice in re.split(r" OR |[()]", text) if choice]
        if choices and all(choices):
            wrong.append(f"REFUSED  {name}: {text}, which {choices[0]}")
    return wrong


def reason_against(text: str) -> str:
    """Return why a licence is refused, or nothing."""
    reasons = (why for _, pattern, why in REFUSED if re.search(pattern, text))
    return next(reasons, "")


def cuda() -> list[str]:
    """Return NVIDIA's packages, which are not fetched to read what their makers say of them."""
    lock = (ROOT / "requirements" / "trainer-gpu.txt").read_text(encoding="utf-8")
    return re.findall(r"^(nvidia-[a-z0-9-]+)==", lock, re.MULTILINE)


def listed(licences: dict[str, str]) -> str:
    """Return docs/licences.md."""
    by_licence: dict[str, list[str]] = {}
    for name, text in licences.items():
        by_licence.setdefault(text, []).append(name)
    rows = [f"| {text} | {', '.join(sorted(by_licence[text]))} |" for text in sorted(by_licence)]
    rules = [f"- {why} ({shown})" for shown, _, why in REFUSED]
    return "\n".join(
        [
            "# Licences of what the images hold",
            "",
            "Made by `make sbom`; do not edit. Satispy itself is Apache-2.0. What developers use",
            "beside it is in no image and not listed. `dist/sbom/` has each image's bill of",
            "materials (CycloneDX) with versions, and who needs whom.",
            "",
            "| licence | packages |",
            "| --- | --- |",
            *rows,
            "",
            f"{NVIDIA}: in the image `satispy-trainer-gpu` alone; these packages were not fetched",
            "to read what they say.",
            "",
            "A licence is refused where it",
            "",
            *rules,
            "",
            "and where nobody knows it. Where there is a choice, what is allowed is chosen.",
            "",
        ]
    )


def run(command: list) -> None:
    """Run a step, or leave with its name."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"sbom: this failed: {' '.join(map(str, command))}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
