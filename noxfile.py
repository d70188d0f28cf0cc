"""The project's checks, each in an environment of its own: `.venv-release/bin/nox -s lint type`.

`make lint` and `make test` check the same in the environments that stand already. Here `train` and
`api` have no more than the lock of their image, and so prove that it is enough.
"""

import os
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

import nox

LOCKS = Path("requirements")
HOME = Path("var/nox/home").resolve()
SERVICES = os.pathsep.join(("services/fastapi", "services/streamlit"))
FIRST_REVIEWS = """
import sys, pathlib
from satispy.core.settings import Settings
from satispy.demo.reviews import write_reviews
from satispy.workflows.ingest import Delivery, ingest_file
from satispy.workflows.opening import open_home
home = pathlib.Path(sys.argv[1])
first = write_reviews(home.parent / "reviews")[0]
with first.open("rb") as file, open_home(Settings(home=home)) as opened:
    ingest_file(opened, Delivery(file, first.name, "nox"))
"""
UNTIL_READY = """
import sys, time, urllib.request
for _ in range(240):
    try:
        sys.exit(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/health").status != 200)
    except OSError:
        time.sleep(0.25)
sys.exit("the API did not answer within a minute")
"""
nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "type", "test", "train", "api", "build"]


def install(session: nox.Session, *locks: str) -> None:
    """Install locks exactly, and the project itself without dependencies."""
    exact = [part for lock in locks for part in ("-r", str(LOCKS / f"{lock}.txt"))]
    session.install("--require-hashes", *exact)
    session.install("--no-deps", "--editable", ".")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and who may import whom."""
    install(session, "platform", "dev")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", env={"PYTHONPATH": SERVICES})


@nox.session(name="type")
def types(session: nox.Session) -> None:
    """Types, strictly."""
    install(session, "platform", "dev")
    session.run("mypy")


@nox.session
def test(session: nox.Session) -> None:
    """Unit tests, or those that are named: `nox -s test -- tests/api`; `make test` runs all."""
    install(session, "platform", "dev")
    session.run("python", "-m", "pytest", "-q", "-n", "2", *(session.posargs or ["tests/unit"]))


@nox.session
def train(session: nox.Session) -> None:
    """Retrain once, with what the image of the workers holds and nothing else."""
    install(session, "trainer")
    shutil.rmtree(HOME, ignore_errors=True)
    session.run("python", "-c", FIRST_REVIEWS, str(HOME))
    session.run("satispy", "retrain", env={"SATISPY_HOME": str(HOME)})


@nox.session(requires=["train"])
def api(session: nox.Session) -> None:
    """Ask the API over every route, with what its image holds and nothing else."""
    install(session, "api")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        "SATISPY_HOME": str(HOME),
        "SATISPY_API_PORT": str(port),
        "SATISPY_ADMIN_PASSWORD": secrets.token_urlsafe(18),
    }
    satispy = Path(session.bin) / "satispy"
    cases, log = HOME.parent / "cases.jsonl", HOME.parent / "api.log"
    lines = Path("src/satispy/demo/smoke.jsonl").read_text("utf-8").splitlines()
    # No Airflow runs here, which those about a retraining want to hear of.
    cases.write_text("\n".join(line for line in lines if "GET /retrain" not in line), "utf-8")
    asked = ("--base-url", f"http://127.0.0.1:{port}", "--cases", str(cases))
    with (
        log.open("w") as said,
        subprocess.Popen(
            [satispy, "api"], env=os.environ | own, stdout=said, stderr=subprocess.STDOUT
        ) as served,
    ):
        try:
            session.run("python", "-c", UNTIL_READY, str(port))
            session.run("satispy", "smoke", *asked, env=own)
        finally:
            served.terminate()


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and its source; ask whether an index would take them."""
    session.install("--require-hashes", "-r", str(LOCKS / "release.txt"))
    out = Path(session.create_tmp()).resolve() / "dist"
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(out))
    session.run("twine", "check", "--strict", *map(str, sorted(out.glob("satispy-*"))))
