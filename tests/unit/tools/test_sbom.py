"""Whatever an image holds stands in the list of licences, and none of them is one we refuse."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from requires import missing
from tool_module import load

ROOT = Path(__file__).resolve().parents[3]
LIST = ROOT / "docs" / "licences.md"
SBOM = load("sbom")


def said(*names):
    return [{"license": {"name": f"License :: OSI Approved :: {name}"}} for name in names]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("AGPL-3.0-only", True),
        ("GNU Affero General Public License v3", True),
        ("GPL-2.0-or-later", True),
        ("GPL", True),
        ("MIT AND GPL-3.0-only", True),
        ("SSPL-1.0", True),
        ("BUSL-1.1", True),
        ("unknown", True),
        ("LGPL-3.0-only", False),
        ("MIT OR GPL-2.0-or-later", False),
        ("MIT AND (BSD-2-Clause OR LGPL-2.1-or-later)", False),
        ("Apache-2.0", False),
    ],
)
def test_what_reaches_our_code_or_forbids_a_use_is_refused(text, refused):
    """A licence that nobody knows is no pass."""
    assert bool(SBOM.complaints({"some-package": text})) is refused


def test_an_identifier_goes_before_a_loose_name_unless_that_says_more():
    assert SBOM.licence([{"license": {"id": "MIT"}}, *said("Apache Software License")]) == "MIT"
    assert SBOM.licence(said("Apache Software License", "BSD License")) == "Apache-2.0 OR BSD"
    assert SBOM.licence([{"expression": "MIT AND PSF-2.0"}]) == "MIT AND PSF-2.0"
    assert SBOM.licence([]) == "unknown"
    text = SBOM.licence([{"license": {"id": "MIT"}}, *said("GNU General Public License (GPL)")])
    assert text == "MIT OR GPL"


def listed():
    rows = re.findall(r"^\| (?!licence |---)(.+?) \| (.+) \|$", LIST.read_text("utf-8"), re.M)
    return {name: text for text, names in rows for name in names.split(", ")}


def for_images():
    """What the locks of the images name, but for what is for other systems or older Pythons."""
    found = set()
    elsewhere = re.compile(r"win32|emscripten|darwin|Windows|< '3|!= 'x86_64'|PyPy'|== '3.13")
    for lock in {"trainer-gpu", *(lock for locks in SBOM.IMAGES.values() for lock in locks)}:
        text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
        for name, marker in re.findall(r"^([a-z0-9][\w.-]*)==[^\s;]+(?: ; (.*?))? \\", text, re.M):
            if not elsewhere.search(marker.replace("!= 'win32'", "").replace("!= 'PyPy'", "")):
                found.add(name)
    return found


def test_the_list_of_licences_names_what_the_images_hold():
    """Another package in a lock is looked at: `make sbom` writes the list anew."""
    assert sorted(for_images() - set(listed()) - {"tensorflow"}) == []
    assert "tensorflow-cpu" in listed()


def test_no_licence_of_the_list_is_refused():
    assert len(listed()) > 200
    assert SBOM.complaints(listed()) == []


def test_a_bill_of_materials_is_made_and_checked(tmp_path):
    """Of the smallest lock: CycloneDX checks the file against its own schema."""
    if not (ROOT / ".venv-release").is_dir():
        missing("the environment of releases", "python3 tools/bootstrap.py release")
    options = ["--to", tmp_path / "to", "--work", tmp_path / "work", "--list", tmp_path / "list.md"]
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "sbom.py", "tools", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    bill = json.loads((tmp_path / "to" / "tools.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "satispy"
    assert [one["name"] for one in bill["components"]] == ["uv"]
    assert "| MIT OR Apache-2.0 | uv |" in (tmp_path / "list.md").read_text("utf-8")
