#!/usr/bin/env python3
"""Build the environments: `tools/bootstrap.py platform airflow`; what is up to date is left alone.

Runs on any Python 3, so that a wrong one can be named; picks a right one (3.11 to 3.13) itself.
Only the standard library is used, and no Python is ever downloaded.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".venv-tools"
UV = TOOLS / "bin" / "uv"
ENVIRONMENTS = {
    "platform": (".venv", ["platform.txt", "dev.txt"]),
    "airflow": (".venv-airflow", ["airflow.txt", "airflow-dev.txt"]),
    "mlflow": (".venv-mlflow", ["mlflow.txt"]),  # for who asks: make up MLFLOW=1
    "audit": (".venv-audit", ["audit.txt"]),  # for make audit
    "moto": (".venv-moto", ["moto.txt"]),  # an S3 server, for the tests of the store
    "dvc": (".venv-dvc", ["dvc.txt"]),  # for experiments; make dvc builds it
    "release": (".venv-release", ["release.txt"]),  # for make sbom, make wheel and nox
}
STAMP = "satispy-environment"
OLDEST, NEWEST = (3, 11), (3, 13)
NEEDED_GB = 5


def main(names):
    """Build what is missing or out of date; return the exit status."""
    unknown = [name for name in names if name not in ENVIRONMENTS]
    if unknown:
        return refuse(f"unknown environment {unknown}; known are {', '.join(ENVIRONMENTS)}")
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return hand_over()
    wanted = [name for name in names if not up_to_date(name)]
    if not wanted:
        return 0
    complaint = missing_prerequisite()
    if complaint:
        return refuse(complaint)
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_uv()
        for name in wanted:
            if not up_to_date(name):
                build(name)
    return 0


def hand_over():
    """Go on with a Python of the right version, if the PATH has one."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)
        check = "import sys; sys.exit(sys.version_info[:2] != (3, %d))" % minor
        if found and subprocess.call([found, "-c", check], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, __file__, *sys.argv[1:]])  # noqa: S606 - the same script
    return refuse(
        "expected Python 3.11, 3.12 or 3.13, but found only %s (%s). Install one (Debian, Ubuntu: "
        "apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 ..."
        % (sys.version.split()[0], sys.executable)
    )


def missing_prerequisite():
    """Return what this machine lacks and the remedy, or nothing."""
    version = "%d.%d" % sys.version_info[:2]
    try:
        import ensurepip  # Debian ships it apart
    except ImportError:
        return (
            f"Python {version} cannot make virtual environments (no ensurepip). "
            f"Debian, Ubuntu: apt-get install python{version}-venv"
        )
    if sys.version_info[:2] == (3, 13):  # wikipedia2vec has no wheel there
        if not any(map(shutil.which, ("c++", "g++", "clang++"))):
            return (
                "Python 3.13 needs a C++ compiler, for wikipedia2vec is compiled there. "
                "Debian, Ubuntu: apt-get install g++ - or use Python 3.12, which needs none"
            )
        if not Path(sysconfig.get_path("include"), "Python.h").is_file():
            return (
                "Python 3.13 needs its headers (Python.h), for wikipedia2vec is compiled there. "
                "Debian, Ubuntu: apt-get install python3-dev - or use Python 3.12"
            )
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < NEEDED_GB:
        return f"the environments need {NEEDED_GB} GB, but {ROOT} has {free:.1f} GB free"
    return ""


def fingerprint(name):
    """Return what an up-to-date environment was made from."""
    _folder, locks = ENVIRONMENTS[name]
    parts = [(ROOT / "requirements" / lock).read_bytes() for lock in locks]
    parts += [(ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def up_to_date(name):
    """Whether the environment stands, whole, and was made from today's lock."""
    stamp = ROOT / ENVIRONMENTS[name][0] / STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint(name)


def install_uv():
    """Install uv, pinned and hashed, into an environment of its own."""
    lock = ROOT / "requirements" / "tools.txt"
    stamp = TOOLS / STAMP
    mark = hashlib.sha256(lock.read_bytes()).hexdigest()
    if UV.exists() and stamp.is_file() and stamp.read_text() == mark:
        return
    run([sys.executable, "-m", "venv", TOOLS])
    pip = [TOOLS / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-q"]
    run([*pip, "install", "--require-hashes", "-r", lock])
    stamp.write_text(mark)


def build(name):
    """Make one environment exactly as its locks say."""
    folder, locks = ENVIRONMENTS[name]
    target = ROOT / folder
    began = time.monotonic()
    say(f"building {folder} with Python {sys.version.split()[0]} ...")
    (target / STAMP).unlink(missing_ok=True)
    if version_of(target / "bin" / "python") != "%d.%d" % sys.version_info[:2]:
        run([UV, "venv", "-q", "--clear", "--python", sys.executable, target])
    pip = [UV, "pip"]
    for_target = ["-q", "--python", target / "bin" / "python"]
    exact = [ROOT / "requirements" / lock for lock in locks]
    run([*pip, "sync", "--require-hashes", "--compile-bytecode", *for_target, *exact])
    run([*pip, "install", "--no-deps", *for_target, "--editable", ROOT])
    (target / STAMP).write_text(fingerprint(name))
    say(f"{folder} is ready after {time.monotonic() - began:.0f} s")


def version_of(python):
    """Return "3.12" for an interpreter that runs, else nothing."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([str(python), "-c", code], stdout=subprocess.PIPE, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.decode().strip()


def run(command):
    """Run a command of the installation; leave with its output where it fails."""
    leave_out = {"PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}
    environment = {key: value for key, value in os.environ.items() if key not in leave_out}
    environment.update(UV_PYTHON_DOWNLOADS="never", UV_NO_CONFIG="1")
    done = subprocess.run([str(part) for part in command], env=environment, cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(refuse("the step above failed: " + " ".join(str(part) for part in command)))


def refuse(complaint):
    """Print what is wrong; return the exit status for it."""
    print(f"satispy: {complaint}", file=sys.stderr)
    return 1


def say(line):
    """Print a line of progress."""
    print(f"satispy: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
