"""Run every test in the environment it needs, and close with one line over all of them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
NO_TEST_CHOSEN = 5  # pytest: -k or -m left nothing in this suite
AT_ONCE = ("-n", "2", "--dist", "loadfile", "-p", "no:benchmark")
"""Two at once, on two cores; a file stays together, for its tests share what costs to make."""
SUITES = [
    (".venv", ["tests/unit", "tests/contract", "tests/api", "tests/tracking", *AT_ONCE]),
    # Streamlit looks through all that a process has imported whenever it draws a page: in one where
    # TensorFlow is, a test takes 20 s instead of one.
    (".venv", ["tests/ui", *AT_ONCE]),
    (".venv", ["tests/e2e"]),  # the whole product: it wants the machine to itself
    # In a Docker engine where one answers; else skipped, whatever SATISPY_TEST_REQUIRE says.
    (".venv", ["tests/production/test_smoke.py"]),
    # Airflow warns about itself while it is imported; our own code is held to "error" above.
    (".venv-airflow", ["tests/dags", "-W", "default"]),
]


def main(arguments: list[str]) -> int:
    """Run all suites with these pytest arguments; return 0 if every test passed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
        and (not name.startswith("SATISPY_") or name in {"SATISPY_REVIEWS", "SATISPY_TEST_REQUIRE"})
    }
    counts = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    broken = False
    with tempfile.TemporaryDirectory() as folder:
        for number, (place, given) in enumerate(SUITES):
            result = Path(folder, f"{number}.xml")
            python = ROOT / place / "bin" / "python"
            command = [python, "-m", "pytest", f"--junitxml={result}", *given, *arguments]
            status = subprocess.call([str(part) for part in command], cwd=ROOT, env=environment)
            nothing_chosen = status == NO_TEST_CHOSEN and bool(arguments)
            broken = broken or (status != 0 and not nothing_chosen)
            if not result.is_file():
                print(f"pytest of {given[0]} ended with status {status} and wrote no result")
                counts["tests"] += 1
                counts["errors"] += 1
                continue
            for suite in ElementTree.parse(result).getroot().iter("testsuite"):  # noqa: S314 - ours
                for name in counts:
                    counts[name] += int(suite.get(name, 0))
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{passed} passed, {failed} failed{skipped}")
    return 1 if broken or failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
