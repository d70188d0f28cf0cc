#!/usr/bin/env python3
"""Look every locked package up in a database of vulnerabilities: `make audit`.

pip-audit ends with 0, "No known vulnerabilities found", for packages that it could not look up, and
so it does beside a mirror that knows of no vulnerabilities at all. Here such a package is *not
audited*, and that is no pass: exit 0 is for everything audited and clean, 1 for a vulnerability, 2
for something not audited. Each run first asks for a version that is known to be vulnerable: who
does not know that one is not believed about the others.

Only the standard library is used; pip-audit has an environment of its own.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIP_AUDIT = ROOT / ".venv-audit" / "bin" / "pip-audit"
KNOWN_VULNERABLE = ("requests", "2.19.0")
"""Has had advisories since 2018 (CVE-2018-18074)."""

SECONDS = 1_200
CLEAN, VULNERABLE, NOT_AUDITED = range(3)

Package = tuple[str, str]


@dataclass
class Found:
    """What is known of the packages of one lock."""

    clean: list[Package] = field(default_factory=list)
    vulnerable: dict[Package, list[str]] = field(default_factory=dict)
    not_audited: dict[Package, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Vulnerable is worse than not audited, and that is worse than clean."""
        return VULNERABLE if self.vulnerable else NOT_AUDITED if self.not_audited else CLEAN


def main(arguments: list[str]) -> int:
    """Audit the locks; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("locks", nargs="*", type=Path, help="by default requirements/*.txt")
    parser.add_argument("--program", type=Path, default=PIP_AUDIT, help="pip-audit")
    options = parser.parse_args(arguments)
    locks = options.locks or sorted((ROOT / "requirements").glob("*.txt"))
    by_lock = {lock: packages_of(lock.read_text(encoding="utf-8")) for lock in locks}
    # A package stands in several locks; each version is asked for once.
    answers = audit(options.program, sorted({one for found in by_lock.values() for one in found}))
    worst = Found()
    for lock, packages in by_lock.items():
        found = among(answers, packages)
        print(sentence(lock.name, found))
        for part in ("clean", "vulnerable", "not_audited"):
            kept = getattr(worst, part)
            (kept.extend if part == "clean" else kept.update)(getattr(found, part))
        if not packages:
            worst.not_audited["", ""] = f"{lock} names no package"
    for (name, version), ids in sorted(worst.vulnerable.items()):
        print(f"VULNERABLE   {name} {version}: {', '.join(ids)}")
    for why, count in Counter(worst.not_audited.values()).most_common():
        print(f"NOT AUDITED  {count} packages: {why}")
    verdict = ("all audited, none vulnerable", "vulnerable", "NOT AUDITED, which is no pass")
    print(f"audit: {verdict[worst.exit_code]}")
    return worst.exit_code


def packages_of(lock: str) -> list[Package]:
    """Return what a lock pins, whatever machine it is for."""
    pins = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, re.MULTILINE)
    return [(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in pins]


def audit(program: Path, packages: list[Package]) -> Found:
    """Look packages up, after a version that must be known as vulnerable."""
    found = Found()
    proof, complaint = ask(program, [KNOWN_VULNERABLE])
    if KNOWN_VULNERABLE not in proof.vulnerable:
        why = complaint or "; ".join(proof.not_audited.values())
        why = why or "{} {} is not known as vulnerable there".format(*KNOWN_VULNERABLE)
        found.not_audited = dict.fromkeys(packages, f"no database of vulnerabilities: {why}")
        return found
    for part in without_doubles(packages):
        answer, complaint = ask(program, part)
        found.clean += answer.clean
        found.vulnerable |= answer.vulnerable
        found.not_audited |= answer.not_audited
        told = {*answer.clean, *answer.vulnerable, *answer.not_audited}
        missing = [one for one in part if one not in told]
        found.not_audited |= dict.fromkeys(missing, complaint or "pip-audit said nothing of it")
    return found


def without_doubles(packages: list[Package]) -> list[list[Package]]:
    """Split packages so that none stands twice in a part: a lock has versions per Python."""
    parts: list[list[Package]] = []
    for package in packages:
        fitting = (part for part in parts if package[0] not in {name for name, _ in part})
        part = next(fitting, None)
        if part is None:
            parts.append(part := [])
        part.append(package)
    return parts


def ask(program: Path, packages: list[Package]) -> tuple[Found, str]:
    """Run pip-audit; return what it found, and its complaint where it did not answer."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in packages))
        command = [program, "-r", wanted, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        try:
            done = subprocess.run(
                [*command, "--format", "json", "--desc", "off", "--cache-dir", folder],
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Found(), f"pip-audit did not run: {error}"
    try:
        return read(json.loads(done.stdout)), ""
    except (ValueError, KeyError, TypeError):
        said = done.stderr.strip().splitlines()
        return Found(), f"pip-audit did not answer: {(said or ['it said nothing'])[-1][:200]}"


def read(answer: dict) -> Found:
    """Read pip-audit's JSON."""
    found = Found()
    for one in answer["dependencies"]:
        name = re.sub(r"[-_.]+", "-", one["name"]).lower()
        if "skip_reason" in one:
            version = re.search(r"\(([^()]+)\)$", one["skip_reason"])
            package = (name, version[1] if version else "")
            found.not_audited[package] = "not in the database"
        elif one["vulns"]:
            ids = [" = ".join([vuln["id"], *vuln.get("aliases", [])]) for vuln in one["vulns"]]
            found.vulnerable[name, one["version"]] = ids
        else:
            found.clean.append((name, one["version"]))
    return found


def among(answers: Found, packages: list[Package]) -> Found:
    """Return what was found of these packages."""
    wanted = set(packages)
    return Found(
        [one for one in answers.clean if one in wanted],
        {one: ids for one, ids in answers.vulnerable.items() if one in wanted},
        {one: why for one, why in answers.not_audited.items() if one in wanted},
    )


def sentence(name: str, found: Found) -> str:
    """Return the line of one lock."""
    audited = len(found.clean) + len(found.vulnerable)
    states = {CLEAN: "audited", VULNERABLE: "VULNERABLE", NOT_AUDITED: "NOT AUDITED"}
    return (
        f"{states[found.exit_code]:<12} {name}: {audited} audited, {len(found.vulnerable)} "
        f"vulnerable, {len(found.not_audited)} not audited"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
