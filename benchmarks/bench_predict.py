"""Predictions over HTTP: latency, throughput, memory and start of the API, and MLflow beside it.

Usage: ``python benchmarks/bench_predict.py [--reviews FOLDER] [--json PATH] [--without-mlflow]``;
on the demo's synthetic reviews where no folder is named. MLflow lives in an environment of its own:
``python3 tools/bootstrap.py mlflow``. Trains the three families, starts the API as the stack starts
it, and asks it from clients in another process: HTTP Basic, kept connections, a warm-up first, each
text another. MLflow then serves the SVM's scikit-learn pipeline and is asked by the same clients.
Memory is that of the serving processes after all requests. Processor time per request is the figure
that a busy machine changes least.
"""

import argparse
import base64
import csv
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from common import heading

from satispy.core.settings import Settings, repository
from satispy.core.types import label_of_star
from satispy.stack.addresses import api_url
from satispy.stack.components import api_command, shared_environment
from satispy.stack.memory import MIB
from satispy.stack.ports import free_port

REQUESTS = 2_000
EXPLAINED = 500
CLIENTS = (1, 8)
BATCHES, BATCH = 100, 100
STARTS = 5
USER, PASSWORD = "bench", "bench-password"
HERE = Path(__file__).parent
MLFLOW = repository() / ".venv-mlflow" / "bin" / "mlflow"
AIMS = {"p50_ms": 5.0, "p99_ms": 25.0, "mib": 250.0}

Figures = dict[str, Any]


def main() -> None:
    """Measure, print, compare with the aims; exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, default=os.environ.get("SATISPY_REVIEWS"))
    parser.add_argument("--json", type=Path, help="also write the results here")
    parser.add_argument("--without-mlflow", action="store_true", help="measure the API alone")
    options = parser.parse_args()
    if not options.without_mlflow and not MLFLOW.exists():
        parser.error("expected .venv-mlflow: run 'python3 tools/bootstrap.py mlflow' first")
    found: Figures = heading()
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder:
        settings = Settings(home=Path(folder) / "home", api_port=free_port())
        # In processes of their own: what a process has loaded already, others share with it.
        apart(make_home, settings, options.reviews)
        texts, labels = reviews_of(settings.paths.base)
        found |= {"reviews": len(texts), **of_api(settings, texts)}
        found["in_process"] = apart(in_process, settings, spread(texts, BATCHES * BATCH))
        print_rates("Predictor.predict in process", found["in_process"])
        if not options.without_mlflow:
            found["mlflow"] = of_mlflow(Path(folder), texts, labels)
    met = verdicts(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if met else 1)


def make_home(settings: Settings, reviews: Path | None) -> None:
    """Upload the reviews, train every family, publish; add the user."""
    from satispy.demo.home import review_files
    from satispy.demo.reviews import write_reviews
    from satispy.models.catalog import family_names
    from satispy.workflows.accounts import add_user
    from satispy.workflows.ingest import Delivery, ingest_file
    from satispy.workflows.opening import open_home
    from satispy.workflows.retraining.evaluate import evaluate
    from satispy.workflows.retraining.gate import gate
    from satispy.workflows.retraining.preprocess import preprocess
    from satispy.workflows.retraining.promote import promote
    from satispy.workflows.retraining.snapshot import snapshot
    from satispy.workflows.retraining.train import train

    synthetic = settings.home.with_name("reviews")
    files = review_files(reviews, settings.home) if reviews else write_reviews(synthetic)
    with open_home(settings) as home:
        add_user(home, USER, PASSWORD, "user")
        for path in files:
            with path.open("rb") as file:
                ingest_file(home, Delivery(file, path.name, USER))
    job = snapshot(settings, "manual__bench")
    preprocess(settings, job)
    for family in family_names():
        train(settings, job, family)
    evaluate(settings, job)
    gate(settings, job)
    promote(settings, job)


def reviews_of(base: Path) -> tuple[list[str], list[int]]:
    """Return texts and labels of a base."""
    with base.open(encoding="utf-8", newline="") as file:
        rows = [
            (row["Commentaire"], label_of_star(int(row["star"][0]))) for row in csv.DictReader(file)
        ]
    kept = [(text, label) for text, label in rows if text.strip()]
    return [text for text, _ in kept], [label for _, label in kept]


def of_api(settings: Settings, texts: Sequence[str]) -> Figures:
    """Measure the API over HTTP."""
    starts = []
    for _ in range(STARTS - 1):
        with running_api(settings) as (_, seconds):
            starts.append(seconds)
    with running_api(settings) as (process, seconds):
        found: Figures = {
            "start_s": statistics.median([*starts, seconds]),
            "one_text": {},
            "explain": {},
        }
        print(f"start until /ready: {found['start_s']:.2f} s (median of {STARTS})")
        found["mib_idle"] = memory(process)
        ask = ApiClients(settings, process)
        ones = [{"texts": [text]} for text in spread(texts, REQUESTS)]
        for clients in CLIENTS:
            one = found["one_text"][clients] = ask(ones, REQUESTS, clients)
            print_waits(f"one text, three families, {clients} client(s)", one)
        one = found["one_text_svm"] = ask(
            [{**body, "families": ["svm"]} for body in ones], REQUESTS, 1
        )
        print_waits("one text, the SVM alone, 1 client(s)", one)
        why = [{**body, "explain": True} for body in ones[:EXPLAINED]]
        for clients in CLIENTS:
            one = found["explain"][clients] = ask(why, EXPLAINED, clients)
            print_waits(f"one text explained, three families, {clients} client(s)", one)
        found["batch"] = ask(batches(texts), BATCHES, 1)
        found["batch"]["texts_per_second"] = BATCH * found["batch"]["per_second"]
        print_rates(f"{BATCHES} requests of {BATCH} texts, three families", found["batch"])
        found["batch_svm"] = ask(
            [{**body, "families": ["svm"]} for body in batches(texts)], BATCHES, 1
        )
        found["batch_svm"]["texts_per_second"] = BATCH * found["batch_svm"]["per_second"]
        print_rates(f"{BATCHES} requests of {BATCH} texts, the SVM alone", found["batch_svm"])
        found["mib"] = memory(process)
        print("API memory: PSS {pss:.0f}, RSS {rss:.0f} MiB".format(**found["mib"]))
    return found


def of_mlflow(folder: Path, texts: list[str], labels: list[int]) -> Figures:
    """Measure the same scikit-learn model behind ``mlflow models serve``."""
    reviews = folder / "reviews.json"
    reviews.write_text(json.dumps({"texts": texts, "labels": labels}), encoding="utf-8")
    model = folder / "mlflow"
    environment = {"MLFLOW_DISABLE_TELEMETRY": "true", **os.environ}
    environment["PATH"] = f"{MLFLOW.parent}{os.pathsep}{environment['PATH']}"
    maker = [MLFLOW.with_name("python"), HERE / "mlflow_model.py", reviews, model]
    subprocess.run(maker, env=environment, check=True, cwd=folder, capture_output=True)
    port = free_port()
    command = [MLFLOW, "models", "serve", "--model-uri", model, "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    start = time.perf_counter()
    with running([str(part) for part in command], environment, folder) as process:
        await_answer(process, f"http://127.0.0.1:{port}/ping")
        found: Figures = {"start_s": time.perf_counter() - start, "one_text": {}}

        def ask(bodies: Sequence[Figures], requests: int, clients: int) -> Figures:
            return clients_ask(process, (port, "/invocations", ""), bodies, requests, clients)

        for clients in CLIENTS:
            ones = [{"inputs": [text]} for text in spread(texts, REQUESTS)]
            one = found["one_text"][clients] = ask(ones, REQUESTS, clients)
            print_waits(f"MLflow, one text, the SVM alone, {clients} client(s)", one)
        found["batch"] = ask([{"inputs": body["texts"]} for body in batches(texts)], BATCHES, 1)
        found["batch"]["texts_per_second"] = BATCH * found["batch"]["per_second"]
        print_rates(f"MLflow, {BATCHES} requests of {BATCH} texts, the SVM alone", found["batch"])
        found["mib"] = memory(process)
        print(
            "MLflow: PSS {pss:.0f}, RSS {rss:.0f} MiB".format(**found["mib"])
            + f", start {found['start_s']:.1f} s"
        )
    return found


def in_process(settings: Settings, texts: Sequence[str]) -> Figures:
    """Ask the predictor for all texts at once, three times; return the best rate."""
    from satispy.workflows.predict import Predictor

    predictor = Predictor(settings)
    predictor.predict(texts[:BATCH])
    took = []
    for _ in range(3):
        start = time.perf_counter()
        predictor.predict(texts)
        took.append(time.perf_counter() - start)
    return {"texts_per_second": len(texts) / min(took)}


class ApiClients:
    """Clients of the API: called with bodies, a number of requests and one of clients."""

    def __init__(self, settings: Settings, process: psutil.Process) -> None:
        secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        self._header = f"Authorization: Basic {secret}"
        self._port = settings.api_port
        self._process = process

    def __call__(self, bodies: Sequence[Figures], requests: int, clients: int) -> Figures:
        """Ask; return what `predict_clients.py` prints."""
        place = (self._port, "/predict", self._header)
        return clients_ask(self._process, place, bodies, requests, clients)


def clients_ask(
    process: psutil.Process,
    place: tuple[int, str, str],
    bodies: Sequence[Figures],
    requests: int,
    clients: int,
) -> Figures:
    """Run `predict_clients.py`; add the server's processor time per request (ms)."""
    port, path, header = place
    order = {
        "port": port,
        "path": path,
        "header": header,
        "bodies": [json.dumps(body, ensure_ascii=False) for body in bodies],
        "requests": requests,
        "clients": clients,
    }
    command = [sys.executable, str(HERE / "predict_clients.py")]
    before = cpu_seconds(process)
    done = subprocess.run(
        command, input=json.dumps(order).encode(), stdout=subprocess.PIPE, check=True
    )
    took = cpu_seconds(process) - before
    found: Figures = json.loads(done.stdout)
    return {**found, "cpu_ms": 1000 * took / (requests + found.pop("warm_up"))}


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time of a server and its children so far."""
    times = [one.cpu_times() for one in [process, *process.children(recursive=True)]]
    return sum(one.user + one.system for one in times)


@contextmanager
def running_api(settings: Settings) -> Iterator[tuple[psutil.Process, float]]:
    """Serve the home as the stack does; yield the process and its seconds until ``/ready``."""
    start = time.perf_counter()
    environment = shared_environment(settings, os.environ)
    with running(api_command(settings), environment, repository()) as process:
        await_answer(process, f"{api_url(settings)}/ready")
        yield process, time.perf_counter() - start


@contextmanager
def running(
    command: Sequence[str], environment: dict[str, str], folder: Path
) -> Iterator[psutil.Process]:
    """Run a server; end it and its children afterwards."""
    process = psutil.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        family = [process, *process.children(recursive=True)]
        for one in reversed(family):
            one.terminate()
        for one in psutil.wait_procs(family, timeout=30)[1]:
            one.kill()


def await_answer(process: psutil.Process, url: str) -> None:
    """Return as soon as a server answers 200."""
    while True:
        try:
            with urlopen(url, timeout=30):  # noqa: S310  our own
                return
        except URLError as error:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                raise RuntimeError(f"expected {url} to answer, but the server ended") from error
            time.sleep(0.01)


def memory(process: psutil.Process) -> Figures:
    """Return PSS and RSS (MiB) of a server and its children."""
    all_of_it = [one.memory_full_info() for one in [process, *process.children(recursive=True)]]
    return {kind: sum(getattr(one, kind) for one in all_of_it) / MIB for kind in ("pss", "rss")}


def spread(texts: Sequence[str], count: int) -> list[str]:
    """Return so many texts from all over; again from the start where there are too few."""
    step = max(1, len(texts) // count)
    return [texts[number * step % len(texts)] for number in range(count)]


def batches(texts: Sequence[str]) -> list[Figures]:
    """Return the bodies of the requests of many texts."""
    chosen = spread(texts, BATCHES * BATCH)
    return [{"texts": chosen[start : start + BATCH]} for start in range(0, len(chosen), BATCH)]


def apart(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def print_waits(what: str, found: Figures) -> None:
    """Print latency and throughput."""
    print(
        f"{what}: "
        + "p50 {p50_ms:.2f} ms, p99 {p99_ms:.2f} ms, {per_second:,.0f} requests/s, "
        "{cpu_ms:.2f} ms of processor time each".format(**found),
        flush=True,
    )


def print_rates(what: str, found: Figures) -> None:
    """Print texts per second."""
    print(f"{what}: {found['texts_per_second']:,.0f} texts/s", flush=True)


def verdicts(found: Figures) -> bool:
    """Print each aim beside what was measured; tell whether all are met."""
    one = found["one_text"][1]
    measured = {**{name: one[name] for name in ("p50_ms", "p99_ms")}, "mib": found["mib"]["pss"]}
    names = {
        "p50_ms": "p50 of one text, ms",
        "p99_ms": "p99 of one text, ms",
        "mib": "API memory (PSS), MiB",
    }
    for name, aim in AIMS.items():
        word = "met" if measured[name] < aim else "MISSED"
        print(f"{names[name]}: {measured[name]:.2f}, aim under {aim:g}: {word}")
    return all(measured[name] < aim for name, aim in AIMS.items())


if __name__ == "__main__":
    main()
