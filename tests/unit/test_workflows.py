"""The workflows, as GitHub's schema and as this repository wants them; and the Procfile."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

import satispy
from requires import missing

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FLOWS = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in PATHS}
STEPS = [
    (name, step) for name, flow in FLOWS.items() for job in flow["jobs"].values()
    for step in job.get("steps", [])
]  # fmt: skip
CHECK = ROOT / ".venv-release" / "bin" / "check-jsonschema"


def test_github_would_read_every_workflow():
    if not CHECK.exists():
        missing("check-jsonschema", "python3 tools/bootstrap.py release")
    done = subprocess.run(
        [CHECK, "--builtin-schema", "vendor.github-workflows", *PATHS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(FLOWS) == {"ci.yml", "cd.yml", "retrain.yml"}


def test_a_job_is_bounded_and_may_no_more_than_it_needs():
    for flow in FLOWS.values():
        assert flow["permissions"] == {"contents": "read"}
        for job in flow["jobs"].values():
            assert "uses" in job or job["timeout-minutes"] <= 200


def test_actions_are_githubs_own_with_a_version_and_leave_no_password_behind():
    for _name, step in STEPS:
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@(v\d+|[0-9a-f]{40})", step["uses"])
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False


def test_no_text_of_others_gets_into_a_command():
    """Where ${{ … }} stands in a script, whoever names a branch writes the script."""
    assert [step["run"] for _, step in STEPS if "${{" in step.get("run", "")] == []


def test_every_python_that_we_support_is_tested():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    supported = re.findall(r"Programming Language :: Python :: (3\.\d+)", text)
    assert FLOWS["ci.yml"]["jobs"]["test"]["strategy"]["matrix"]["python"] == supported
    assert 'requires-python = ">=3.11,<3.14"' in text


def test_nothing_is_published_before_all_tests_are_green():
    jobs = FLOWS["cd.yml"]["jobs"]
    assert jobs["tests"]["uses"] == "./.github/workflows/ci.yml"
    assert all("tests" in job["needs"] for name, job in jobs.items() if name != "tests")
    assert "workflow_call" in FLOWS["ci.yml"][True]  # YAML's word for `on`


def test_every_image_of_ours_is_published():
    built = {
        one["image"] for one in FLOWS["cd.yml"]["jobs"]["images"]["strategy"]["matrix"]["include"]
    }
    used = "".join(
        path.read_text("utf-8")
        for folder in (ROOT, ROOT / "airflow", *(ROOT / "deploy").rglob("kubernetes"))
        for path in (*folder.glob("docker-compose.yml"), *folder.glob("airflow-*.yaml"))
    )
    assert built == set(re.findall(r"(?:image|repository): (satispy-[\w-]+)", used))


@pytest.mark.parametrize(("tag", "passes"), [("v0.0.1", False), ("0.1.0", False), ("ours", True)])
def test_a_tag_that_is_not_the_version_publishes_nothing(tag, passes):
    (script,) = (step["run"] for _, step in STEPS if step.get("name") == "The tag is the version")
    name = f"v{satispy.__version__}" if tag == "ours" else tag
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=ROOT,
        env={"GITHUB_REF_NAME": name, "PATH": path},
        check=False,
    )
    assert (done.returncode == 0) is passes


def test_a_release_has_one_version_wherever_it_is_written():
    """Images, composes and manifests carry what the tag will be."""
    written = {
        **{
            path: r"ARG VERSION=(\S+)"
            for path in (*ROOT.glob("services/*/Dockerfile"), ROOT / "airflow" / "Dockerfile")
        },
        ROOT / "docker-compose.yml": r"SATISPY_VERSION:-([\d.]+)",
        ROOT / "airflow" / "docker-compose.yml": r"SATISPY_VERSION:-([\d.]+)",
        **{
            path: r"(?:newTag: |tag: |image: satispy-[\w-]+:)\"?(\d[\d.]*)"
            for path in (ROOT / "deploy").rglob("*.yaml")
        },
    }
    found = {
        version
        for path, pattern in written.items()
        for version in re.findall(pattern, path.read_text("utf-8"))
    }
    assert found == {satispy.__version__}


def test_every_session_of_nox_runs_in_the_workflow():
    named = re.search(r"options\.sessions = \[(.*?)\]", (ROOT / "noxfile.py").read_text())[1]
    run = "\n".join(step.get("run", "") for name, step in STEPS if name == "ci.yml")
    sessions = set(re.findall(r'"(\w+)"', named))
    assert sessions == {"lint", "type", "test", "train", "api", "build"}
    asked = {word for words in re.findall(r"nox -s ([\w ]+)$", run, re.M) for word in words.split()}
    assert asked == sessions - {"test"}  # .ci/run tests more than that one
    assert ".ci/run" in run


def test_the_procfile_starts_the_api_on_the_port_that_it_is_given(tmp_path):
    kind, _, command = (ROOT / "Procfile").read_text("utf-8").strip().partition(": ")
    assert kind == "web"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        "PORT": str(port),
        "PATH": path,
        "SATISPY_HOME": str(tmp_path),
        "HOME": str(tmp_path),
    }
    assert "satispy" in shlex.split(command)
    with subprocess.Popen(
        ["sh", "-c", command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as served:
        try:
            assert answers(f"http://127.0.0.1:{port}/health")
        finally:
            served.terminate()


def answers(url: str) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  ours
                return answer.status == 200
        except OSError:
            time.sleep(0.1)
    return False
