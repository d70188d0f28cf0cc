"""Reading the base over HTTP: search, statistics, neighbours; latency and memory as it grows.

Usage: ``python benchmarks/bench_reading.py --reviews FOLDER [--json PATH] [--rows N ...] [--folder
PATH]``. The real reviews, with synthetic ones (see `synthetic_reviews.py`) up to 17 000, then to
1 500 000 rows. The API serves the three families, trained on the smallest base, so that its memory
is that of an API at work. One client asks on a kept connection, each question another one; words
are drawn from the vocabulary of the reviews. `--folder` keeps the homes, which take about 15
minutes to make, for another measurement. Ends with 1 where an aim is missed.
"""

import argparse
import base64
import http.client
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import psutil
from common import heading
from served_homes import PASSWORD, USER, Figures, apart, peak_mib, running_api
from synthetic_reviews import write_reviews

from satispy.core.settings import Settings
from satispy.stack.memory import pss_mib
from satispy.stack.ports import free_port

ROWS = (17_000, 1_500_000)
FILE_ROWS = 400_000
MANY, FEW = 100, 20
P95_MS, MIB = 150.0, 300.0
SMALL = 100_000
"""Rows up to which the aim of time holds."""


def main() -> None:
    """Make the homes, measure, print, judge."""
    options = read_options()
    found: Figures = {**heading(), "load_before": os.getloadavg()}
    with tempfile.TemporaryDirectory(prefix="satispy-bench-") as name:
        folder = options.folder or Path(name)
        homes = made(folder, options.reviews, options.rows)
        if options.only_make:
            return
        found["sizes"] = [measured(rows, home) for rows, home in homes.items()]
    found["load_after"] = os.getloadavg()
    print(f"load average: {found['load_before']} before, {found['load_after']} after")
    met = verdicts(found["sizes"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if met else 1)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=Path, default=os.environ.get("SATISPY_REVIEWS"))
    parser.add_argument("--json", type=Path, help="also write the results here")
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--folder", type=Path, help="keep the homes here, or use those of before")
    parser.add_argument("--only-make", action="store_true", help="make the homes, measure nothing")
    options = parser.parse_args()
    if options.reviews is None:
        parser.error("expected --reviews FOLDER or SATISPY_REVIEWS, but received neither")
    options.reviews = Path(options.reviews)
    return options


def made(folder: Path, reviews: Path, sizes: list[int]) -> dict[int, Path]:
    """Make the homes that are not there yet; the models of the smallest serve in all."""
    homes = {rows: folder / f"home-{rows}" for rows in sorted(sizes)}
    first = next(iter(homes.values()))
    for rows, home in homes.items():
        if home.exists():
            continue
        aside = home.with_name(f".{home.name}")
        shutil.rmtree(aside, ignore_errors=True)
        apart(fill, aside, reviews, rows)
        if home is first:
            apart(train, aside)
        else:
            for name in ("vectors", "runs", "serving"):
                source = first / "clean_model" / name
                shutil.copytree(source, aside / "clean_model" / name, dirs_exist_ok=True)
        index_s = apart(index, aside)
        (aside / "index.json").write_text(json.dumps(index_s), encoding="utf-8")
        aside.rename(home)
        print(f"{rows} rows are ready in {home}", flush=True)
    return homes


def fill(home: Path, reviews: Path, rows: int) -> None:
    """Upload the real reviews, and synthetic ones behind them."""
    from satispy.demo.home import review_files
    from satispy.workflows.accounts import add_user
    from satispy.workflows.ingest import Delivery, ingest_file
    from satispy.workflows.opening import open_home

    home.mkdir(parents=True)
    files = review_files(reviews, home)
    with open_home(Settings(home=home)) as opened:
        add_user(opened, USER, PASSWORD, "user")

        def upload(path: Path) -> int:
            with path.open("rb") as file:
                return ingest_file(opened, Delivery(file, path.name, USER)).rows_total

        total = max(upload(path) for path in files)
        made, more = 0, home / "more.csv"
        while total < rows:
            count = min(FILE_ROWS, rows - total)
            write_reviews(files, count, more, first=made)
            if made:  # only the first part of the sequence has a header
                head = b"Commentaire,star,source,company,index_org,star_org,date\n"
                more.write_bytes(head + more.read_bytes())
            total, made = upload(more), made + count
            more.unlink()


def train(home: Path) -> None:
    """Train every family and let it serve."""
    from satispy.models.catalog import family_names
    from satispy.workflows.retraining.evaluate import evaluate
    from satispy.workflows.retraining.gate import gate
    from satispy.workflows.retraining.preprocess import preprocess
    from satispy.workflows.retraining.promote import promote
    from satispy.workflows.retraining.snapshot import snapshot
    from satispy.workflows.retraining.train import train as step

    settings = Settings(home=home)
    job = snapshot(settings, "manual__bench")
    preprocess(settings, job)
    for family in family_names():
        step(settings, job, family)
    evaluate(settings, job)
    gate(settings, job)
    promote(settings, job)


def index(home: Path) -> Figures:
    """Index the reviews as the last step of a retraining does; say what it took."""
    from satispy.core.clock import system_clock
    from satispy.workflows.retraining.index import index_reviews
    from satispy.workflows.retraining.jobs import Job
    from satispy.workflows.retraining.preprocess import preprocess
    from satispy.workflows.retraining.snapshot import snapshot

    settings = Settings(home=home)
    job = snapshot(settings, "manual__index")
    preprocess(settings, job)
    begun, processor = time.perf_counter(), time.process_time()
    index_reviews(settings, Job.find(settings.paths.jobs, job), system_clock)
    return {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - processor}


def measured(rows: int, home: Path) -> Figures:
    """Serve a home and ask it."""
    settings = Settings(home=home, api_port=free_port())
    shutil.rmtree(home / "clean_data" / "columns", ignore_errors=True)
    count = MANY if rows <= SMALL else FEW
    found: Figures = {"rows": rows, "routes": {}}
    kept = home / "index.json"
    found["index"] = apart(index, home) if rows <= SMALL else json.loads(kept.read_text())
    print(f"{rows} rows: the index took {found['index']['seconds']:.2f} s", flush=True)
    with running_api(settings, None) as number:
        process = psutil.Process(number)
        ask = client(settings.api_port)
        ask("POST", "/predict", {"texts": ["Colis jamais reçu."]})
        found["mib_at_rest"] = pss_mib([process])
        begun = time.perf_counter()
        ask("GET", "/statistics")
        found["first_s"] = time.perf_counter() - begun
        print(f"  first question, columns missing: {found['first_s']:.2f} s", flush=True)
        for name, questions in kinds(home, rows, count).items():
            found["routes"][name] = waits = timed(ask, questions)
            line = "  {name}: p50 {p50_ms:.1f} ms, p95 {p95_ms:.1f} ms"
            print(line.format(name=name, **waits), flush=True)
        found |= {"mib": pss_mib([process]), "peak_rss_mib": peak_mib(process.pid)}
    print(
        "  memory (PSS) {mib_at_rest:.0f} MiB at rest, {mib:.0f} MiB after all; at its peak (RSS) "
        "{peak_rss_mib:.0f} MiB".format(**found),
        flush=True,
    )
    return found


def kinds(home: Path, rows: int, count: int) -> dict[str, Iterator[tuple[str, str, object]]]:
    """Return the questions of each kind."""
    chance = Random(20)  # noqa: S311  not for secrets
    (vocabulary,) = sorted((home / "clean_model" / "vectors").glob("2*/vocabulary.json"))[-1:]
    known = [word for word in json.loads(vocabulary.read_text(encoding="utf-8")) if word.isalpha()]
    words = chance.sample(known, 3 * count)
    common = ("livraison", "commande", "très", "pas", "site")

    def comments(**asked: object) -> tuple[str, str, object]:
        return "GET", f"/comments?{urlencode(asked)}", None

    return {
        "GET /comments, first page": (comments() for _ in range(count)),
        "GET /comments, any page": (
            comments(page=chance.randint(1, rows // 50)) for _ in range(count)
        ),
        "GET /comments, star and source": (
            comments(star=1 + at % 5, source=("TrustPilot", "TrustedShop")[at % 2], page=1 + at)
            for at in range(count)
        ),
        "GET /comments, a word": (comments(text=words[at]) for at in range(count)),
        "GET /comments, three words": (
            comments(text=f"{words[count + at]} {words[2 * count + at]} {common[at % 5]}")
            for at in range(count)
        ),
        "GET /comments, a word, next page": (
            comments(text=words[count - 1], page=2 + at % 5) for at in range(count)
        ),
        "GET /statistics": (("GET", "/statistics", None) for _ in range(count)),
        "GET /uploads": (("GET", "/uploads", None) for _ in range(count)),
        "POST /neighbours": (
            ("POST", "/neighbours", {"text": " ".join(chance.sample(words, 15)), "k": 5})
            for _ in range(count)
        ),
    }


Ask = Callable[..., object]


def client(port: int) -> Ask:
    """Return a function that asks on one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: object = None) -> object:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    return ask


def timed(ask: Ask, questions: Iterator[tuple[str, str, object]]) -> Figures:
    """Ask one after the other; return milliseconds."""
    spent = []
    for question in questions:
        begun = time.perf_counter()
        ask(*question)
        spent.append(1000 * (time.perf_counter() - begun))
    spent.sort()
    return {
        "p50_ms": spent[len(spent) // 2],
        "p95_ms": spent[int(0.95 * (len(spent) - 1))],
        "questions": len(spent),
    }


def verdicts(sizes: list[Figures]) -> bool:
    """Print each aim beside what was measured; tell whether all are met."""
    met = True
    for size in sizes:
        slowest = max(size["routes"].values(), key=lambda one: one["p95_ms"])["p95_ms"]
        aims = [("API memory (PSS), MiB", size["mib"], MIB)]
        if size["rows"] <= SMALL:
            aims.append(("p95 of the slowest route, ms", slowest, P95_MS))
            aims.append(("index, s", size["index"]["seconds"], 1.0))
        for what, value, aim in aims:
            met &= value < aim
            word = "met" if value < aim else "MISSED"
            print(f"{size['rows']} rows: {what}: {value:.2f}, aim under {aim:g}: {word}")
    return met


if __name__ == "__main__":
    main()
