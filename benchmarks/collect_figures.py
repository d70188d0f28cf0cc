"""Gather the figures of the benchmarks into ``benchmarks/figures.json``, which the API gives.

Usage: ``python benchmarks/collect_figures.py [--check]``. Reads ``benchmarks/README.md``, where the
figures of scripts were written down with machine and day, and ``benchmarks/results/*.json``, which
scripts wrote. What nobody measured is said to be so. ``--check`` writes nothing and ends with 1
where the file is not what would be written.
"""

import argparse
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from figures_sources import FACTS, GB_IN_MIB, NOT_YET, REASONS, SOURCES, Amount, Source

HERE = Path(__file__).resolve().parent
PYTHON = ".venv/bin/python benchmarks/"
IN_BASE_UNIT = {"GB": ("MiB", GB_IN_MIB), "min": ("s", 60.0)}
SECTION = re.compile(r"^## [^`\n]+: `([^`]+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
MEASURED = re.compile(
    r"Measured on (?P<machine>[^;]+?), on (?P<day>[\d-]+); (?P<rest>.*?)\.", re.DOTALL
)
ON_A_DAY = re.compile(r"([a-z, \n]+?) on\s+(\d{4}-\d\d-\d\d)")
SUBJECTS = {
    "models": "bench_models.py", "gate": "bench_gate.py", "retraining": "bench_retrain.py",
    "vectors": "bench_vectors.py", "predictions": "bench_predict.py",
    "flood": "bench_flood.py", "unknown users": "bench_unknown_user.py",
}  # fmt: skip
"""What the README calls the subject of a script, where it says on which day that ran."""

Json = dict[str, Any]


def collect(readme: str, results: dict[str, Json]) -> Json:
    """Return all figures.

    Parameters
    ----------
    readme
        Text of ``benchmarks/README.md``.
    results
        What scripts wrote, by the name of the script.

    Raises
    ------
    ValueError
        If the README does not hold a figure that is to be read from it, exactly once.
    """
    machine, days = _when_and_where(readme)
    sections = {_script(command): (command, text) for command, text in SECTION.findall(readme)}
    figures = []
    for source in SOURCES:
        where = {"command": _command(source.script), "date": None, "machine": None}
        value = None
        if source.pattern:
            command, text = sections[source.script]
            value = _read(source, text)
            day = days.get(source.script, days[""])
            where = {"command": command, "date": day, "machine": machine}
        elif source.id in results.get(source.script, {}).get("figures", {}):
            result = results[source.script]
            value = result["figures"][source.id]
            where = {name: result[name] for name in where}
        figures.append(_figure(source, value, where))
    measured = [figure["date"] for figure in figures if figure["date"]]
    return {
        "schema_version": 1,
        "newest": max(measured),
        "figures": figures,
        "facts": [asdict(fact) for fact in FACTS],
    }


def _figure(source: Source, value: float | None, where: Json) -> Json:
    reason, raison = ("", "") if value is not None else REASONS.get(source.id, NOT_YET)
    return {
        **{name: getattr(source, name) for name in ("id", "topic", "title", "titre")},
        "value": value,
        **{name: getattr(source, name) for name in ("unit", "better", "aim")},
        "met": None if value is None or source.aim is None else _good(value, source.aim, source),
        "published": _amount(source.published),
        "beats_published": _beats(source, value),
        **where,
        "note": " ".join(filter(None, (reason, source.note))),
        "remarque": " ".join(filter(None, (raison, source.remarque))),
    }


def _read(source: Source, text: str) -> float:
    found = re.findall(source.pattern, text, re.DOTALL)
    if len(found) != 1:
        raise ValueError(
            f"expected {source.id} once under {source.script} in benchmarks/README.md, but found "
            f"it {len(found)} times; correct the pattern in figures_sources.py"
        )
    value = round(float(found[0].replace(" ", "")) * source.scale, 4)
    return int(value) if value == int(value) else value


def _good(value: float, other: float, source: Source) -> bool:
    return value <= other if source.better == "lower" else value >= other


def _beats(source: Source, value: float | None) -> bool | None:
    if source.published is None or value is None:
        return None
    return _good(_in_base_unit((value, source.unit)), _in_base_unit(source.published), source)


def _in_base_unit(amount: Amount) -> float:
    return amount[0] * IN_BASE_UNIT.get(amount[1], ("", 1.0))[1]


def _amount(amount: Amount | None) -> Json | None:
    return None if amount is None else {"value": amount[0], "unit": amount[1]}


def _when_and_where(readme: str) -> tuple[str, dict[str, str]]:
    """Return the machine, and the day of each script; under an empty name that of all others."""
    if (found := MEASURED.search(readme)) is None:
        raise ValueError("expected 'Measured on MACHINE, on DAY; ...' in benchmarks/README.md")
    days = {"": found["day"]}
    for subjects, day in ON_A_DAY.findall(found["rest"]):
        for subject in re.split(r",| and ", " ".join(subjects.split())):
            if script := SUBJECTS.get(subject.strip()):
                days[script] = day
    return " ".join(found["machine"].split()), days


def _script(command: str) -> str:
    return next((part for part in re.split(r"[ /]", command) if part.endswith(".py")), command)


def _command(script: str) -> str:
    return f"{PYTHON}{script}" if script.endswith(".py") else script


def gathered() -> str:
    """Return the text of ``figures.json`` as it should be."""
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    results = {
        _script(found["command"]): found
        for path in sorted((HERE / "results").glob("*.json"))
        for found in [json.loads(path.read_text(encoding="utf-8"))]
    }
    return json.dumps(collect(readme, results), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file, or compare it; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where it differs")
    options = parser.parse_args()
    path = HERE / "figures.json"
    text = gathered()
    if options.check:
        same = path.is_file() and path.read_text(encoding="utf-8") == text
        print(f"{path} is {'as it should be' if same else 'not what the benchmarks say'}")
        return 0 if same else 1
    path.write_text(text, encoding="utf-8")
    print(f"{len(SOURCES)} figures in {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
