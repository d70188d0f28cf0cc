"""What could not be looked up is not audited, and that is no pass."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from requires import missing

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "tools" / "audit_dependencies.py"

FAKE = """#!{python}
import json, re, sys
answers = json.loads({answers!r})
wanted = open(sys.argv[sys.argv.index("-r") + 1]).read()
names = re.findall("^(.+)==(.+)$", wanted, re.M)
assert len({{name for name, _ in names}}) == len(names), "twice"
if answers.get("breaks"):
    sys.exit("ERROR:pip_audit._cli:Could not connect to the vulnerability feed")
found = []
for name, version in names:
    ids = answers.get(name + "==" + version, [])
    if ids == "skipped":
        reason = f"Dependency not found and could not be audited: {{name}} ({{version}})"
        found.append({{"name": name, "skip_reason": reason}})
    elif ids != "unsaid":
        vulns = [{{"id": one, "aliases": [], "fix_versions": []}} for one in ids]
        found.append({{"name": name, "version": version, "vulns": vulns}})
print(json.dumps({{"dependencies": found, "fixes": []}}))
"""
KNOWN = {"requests==2.19.0": ["CVE-2018-18074"]}


@pytest.fixture
def audit(tmp_path):
    """Audit a lock with a pip-audit that answers so."""
    lock = tmp_path / "x.txt"
    lock.write_text(
        "one==1.0 \\\n    --hash=sha256:0\nTwo_b==2.0 ; sys_platform == 'win32' \\\n"
        "    --hash=sha256:0\none==1.1 ; python_version < '3.12' \\\n    --hash=sha256:0\n"
    )
    fake = tmp_path / "pip-audit"

    def run(answers, program=fake):
        fake.write_text(FAKE.format(python=sys.executable, answers=json.dumps(answers)))
        fake.chmod(0o755)
        done = subprocess.run(
            [sys.executable, PROGRAM, lock, "--program", program],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, **dict.fromkeys(PROXIES, "http://127.0.0.1:9")},
        )
        assert not done.stderr
        return done.returncode, done.stdout

    return run


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


def test_all_audited_and_clean_is_the_only_pass(audit):
    code, said = audit(KNOWN)
    assert code == 0
    assert "audited      x.txt: 3 audited, 0 vulnerable, 0 not audited" in said


def test_a_vulnerable_package_is_named_with_its_advisories(audit):
    code, said = audit({**KNOWN, "one==1.1": ["PYSEC-1"], "two-b==2.0": "skipped"})
    assert code == 1
    assert "VULNERABLE   one 1.1: PYSEC-1" in said
    assert "2 audited, 1 vulnerable, 1 not audited" in said


@pytest.mark.parametrize("how", ["skipped", "unsaid"])
def test_what_was_skipped_is_not_audited_even_where_it_is_for_another_machine(audit, how):
    code, said = audit({**KNOWN, "two-b==2.0": how})
    assert code == 2
    assert "NOT AUDITED  x.txt: 2 audited, 0 vulnerable, 1 not audited" in said
    assert "no pass" in said


def test_a_database_that_does_not_know_a_known_vulnerability_is_not_believed(audit):
    code, said = audit({})
    assert code == 2
    assert "0 audited, 0 vulnerable, 3 not audited" in said
    assert "requests 2.19.0 is not known as vulnerable there" in said


def test_a_database_that_cannot_be_reached_is_said(audit):
    code, said = audit({"breaks": True})
    assert code == 2
    assert "Could not connect to the vulnerability feed" in said


def test_without_pip_audit_nothing_is_audited(audit, tmp_path):
    code, said = audit({}, tmp_path / "nothing")
    assert code == 2
    assert "pip-audit did not run" in said


def test_the_real_pip_audit_without_network_has_audited_nothing(audit):
    """The proxies that are set lead nowhere."""
    real = ROOT / ".venv-audit" / "bin" / "pip-audit"
    if not real.exists():
        missing(".venv-audit", "run 'python3 tools/bootstrap.py audit'")
    code, said = audit({}, real)
    assert code == 2
    assert "NOT AUDITED  x.txt: 0 audited, 0 vulnerable, 3 not audited" in said
