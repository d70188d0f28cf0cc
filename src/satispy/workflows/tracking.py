"""MLflow, kept in step with our runs and with the history of what serves.

Ours is the record, MLflow's is a copy of it: whatever decides anything reads our files. So a server
that is away stops nothing, and a catch-up may begin, break off and begin anew at any time: a run is
found again by its tag, a version by its run, and what is there already is not written twice.

A retraining and the API let a process of its own catch up (`follow`): it is killed when its time is
over, so a server that answers too slowly, or never, cannot hold them up, and neither of them loads
MLflow's client, which takes 2 s and 190 MB.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from filelock import FileLock

from satispy.core.errors import ArtifactDamaged, ConfigurationError, NotFound, SatispyError
from satispy.core.settings import PREFIX, Paths, Settings, load_settings
from satispy.registry import runs
from satispy.registry.serving import HISTORY, ServingPointers
from satispy.tracking.address import Address
from satispy.tracking.marker import Marker
from satispy.workflows.tracked_runs import tracked_run, tracked_versions

SETTING, LINEAGE = f"{PREFIX}MLFLOW_URI", f"{PREFIX}OPENLINEAGE_URL"
LIMIT_SECONDS = 30.0
"""How long a retraining waits for MLflow, at most."""

WILL_CATCH_UP = "nothing is lost: the next retraining, or `satispy mlflow sync`, catches up"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CaughtUp:
    """What a catch-up found: the server, and how many runs it was told anew."""

    url: str
    new_runs: int
    all_runs: int


def catch_up(
    settings: Settings, *, everything: bool = False, say: Callable[[str], None] = log.info
) -> CaughtUp:
    """Bring MLflow to where our runs and our history are.

    Parameters
    ----------
    settings
        Name the home and the server.
    everything
        Also look again at the runs that the server is known to have.
    say
        Receives a line for each run.

    Returns
    -------
    CaughtUp
        Where it stands now.

    Raises
    ------
    ConfigurationError
        If no server is set, or its address is none.
    NotReady
        If the server does not answer, or refuses.
    ArtifactDamaged
        If our history is not as it was written.
    """
    paths, address = settings.paths, _address(settings)
    paths.clean_model.mkdir(parents=True, exist_ok=True)
    with FileLock(paths.clean_model / ".tracking.lock", mode=0o600):
        # Looked at before the work: what is decided meanwhile is told the next time.
        history_bytes, names = _state(paths)
        decisions = ServingPointers(paths.serving).history()
        marker = Marker.read(paths.tracking)
        if not everything and marker.covers(address.mark, history_bytes, names):
            return CaughtUp(address.url, 0, len(names))
        from satispy.tracking.mlflow_server import MlflowServer

        server = MlflowServer(address)
        if everything or (marker.server, marker.experiment) != (address.mark, server.experiment):
            marker = Marker(address.mark, server.experiment)
        new = [name for name in names if name not in marker.runs]
        for name in new:
            try:
                server.record(tracked_run(paths, name))
                say(f"MLflow was told of {name}")
            except (NotFound, ArtifactDamaged, OSError, KeyError) as error:
                log.warning("MLflow is not told of %s, which cannot be read: %s", name, error)
            marker = marker.with_run(name)
            marker.write(paths.tracking)
        for family, versions in tracked_versions(decisions).items():
            server.register(f"satispy-{family}", versions)
        Marker(marker.server, marker.experiment, history_bytes, names).write(paths.tracking)
    return CaughtUp(address.url, len(new), len(names))


def follow(
    settings: Settings, limit: float = LIMIT_SECONDS, say: Callable[[str], None] = log.warning
) -> bool:
    """Let MLflow catch up, if one is set and it has to; never fails, and takes no longer.

    Parameters
    ----------
    settings
        Name the home and the server.
    limit
        Seconds.
    say
        Receives one line where it did not.

    Returns
    -------
    bool
        Whether it is in step now.
    """
    try:
        if settings.mlflow_uri is None or _in_step(settings):
            return True
        complaint = _in_a_process(settings, limit)
    except (SatispyError, OSError) as error:
        complaint = str(error)
    if complaint:
        say(f"MLflow is not in step: {complaint}; {WILL_CATCH_UP}")
    return not complaint


def follow_in_background(settings: Settings) -> None:
    """Do as `follow`, without waiting for it."""
    if settings.mlflow_uri is not None:
        threading.Thread(target=follow, args=(settings,), daemon=True).start()


def check_addresses(settings: Settings) -> None:
    """Read the addresses of the servers that are to be told.

    Raises
    ------
    ConfigurationError
        If one is none.
    """
    for given, name in ((settings.mlflow_uri, SETTING), (settings.openlineage_url, LINEAGE)):
        if given is not None:
            Address.parse(given.get_secret_value(), name)


def _in_a_process(settings: Settings, limit: float) -> str:
    """Return what went wrong; empty where nothing did."""
    uri = settings.mlflow_uri.get_secret_value() if settings.mlflow_uri else ""
    given = {SETTING: uri, f"{PREFIX}HOME": str(settings.paths.home)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            env={**os.environ, **given},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return f"{_address(settings).url} did not take all within {limit:g} s"
    told = done.stdout.strip().splitlines()
    for line in told[:-1]:
        log.info("%s", line)
    if done.returncode == 0:
        return ""
    if done.returncode == _REFUSED:
        return told[-1]
    last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
    password = _address(settings).password
    return last.replace(password, "***") if password else last


def _in_step(settings: Settings) -> bool:
    history_bytes, names = _state(settings.paths)
    marker = Marker.read(settings.paths.tracking)
    return marker.covers(_address(settings).mark, history_bytes, names)


def _state(paths: Paths) -> tuple[int, list[str]]:
    """Return how long the history is, and which runs there are."""
    history = paths.serving / HISTORY
    return history.stat().st_size if history.is_file() else 0, runs.names(paths.runs)


def _address(settings: Settings) -> Address:
    if settings.mlflow_uri is None:
        raise ConfigurationError(
            f"expected an MLflow server in {SETTING}, such as http://127.0.0.1:5000, but it is "
            "not set; `make up MLFLOW=1` starts one"
        )
    return Address.parse(settings.mlflow_uri.get_secret_value(), SETTING)


_REFUSED = 3


def main() -> int:
    """Catch up, with the settings of the environment; the last line says how it ended."""
    logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.WARNING)
    try:
        found = catch_up(load_settings(), say=_write)
    except SatispyError as error:
        _write(" ".join(str(error).split()))
        return _REFUSED
    _write(f"{found.url} is in step")
    return 0


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
