"""Each page in a real Chromium: until its first content, until it is whole; the page's memory.

Usage: ``python benchmarks/bench_page.py [--rows 17000] [--runs 100] [--json PATH]``

Real API and real page on a home of synthetic reviews (see `page_home.py`), nothing else running. An
admin signs in and visits each page of the navigation once, which warms server and browser; then
each is opened again by its link, from another one. The browser measures: first content is what
stands below the title of the new page, drawn (a page that has nothing but a title: its end); whole
is when the script has ended and every chart is drawn. Then more sessions sign in and visit every
page, and the process is weighed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from common import heading
from page_home import fill
from playwright.sync_api import Browser, Page, sync_playwright
from served_homes import PASSWORD, USER, new_home, running_api

from satispy.core.settings import Settings, repository
from satispy.stack.addresses import api_url
from satispy.stack.memory import pss_mib
from satispy.stack.ports import free_port

AIMS = {"first_s": 1.5, "pss_mib": 250.0}
ROUNDS, SESSIONS = 5, 10
TIMED = """async place => {
  const main = () => document.querySelector("[data-testid=stMain]");
  const title = () => main()?.querySelector("h1")?.textContent ?? "";
  const frame = () => new Promise(requestAnimationFrame);
  const before = title(), began = performance.now();
  const until = async done => {
    while (!done()) {
      if (performance.now() - began > 30000) throw new Error("not drawn in 30 s");
      await frame();
    }
    await frame();
    return performance.now() - began;
  };
  const content = "[data-testid=stElementContainer]:not([data-stale=true])";
  document.querySelectorAll("[data-testid=stSidebarNavLink]")[place].click();
  const state = () => document.querySelector("[data-testid=stApp]").dataset.testScriptState;
  const drawn = () => [...main().querySelectorAll(content)].filter(one => one.offsetHeight > 0);
  const first = await until(() => title() && title() !== before
    && (drawn().length > 1 || state() === "notRunning"));
  const whole = await until(() => state() === "notRunning"
    && !main().querySelector("[data-stale=true], [data-testid=stSkeleton]")
    && [...main().querySelectorAll(".stPlotlyChart")].every(one => one.querySelector("svg")));
  return {title: title(), first: first / 1000, whole: whole / 1000};
}"""


def main() -> None:
    """Measure, print, compare with the aims; exit 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=17_000)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    found: dict[str, Any] = heading()
    with (
        tempfile.TemporaryDirectory(prefix="satispy-bench-") as folder,
        new_home(Path(folder)) as settings,
    ):
        found["home"] = fill(settings, options.rows, options.runs)
        print(f"home: {found['home']}", flush=True)
        with (
            running_api(settings, "admin"),
            running_page(settings) as (url, process),
            chromium() as browser,
        ):
            found["empty_pss_mib"] = round(pss_mib([process]))
            tab = signed_in(browser, url)
            found["pages"] = pages(tab)
            tabs = [tab, *(signed_in(browser, url) for _ in range(SESSIONS - 1))]
            for one in tabs[1:]:
                tour(one)
            found["sessions"], found["pss_mib"] = len(tabs), round(pss_mib([process]))
    for title, figures in found["pages"].items():
        print("{}: first content {first_s:.2f} s, whole {whole_s:.2f} s".format(title, **figures))
    print(f"page process: {found['empty_pss_mib']} MiB before any session (PSS), ", end="")
    print(f"{found['pss_mib']} MiB with {found['sessions']}, every page visited in each")
    slowest = max(figures["first_s"] for figures in found["pages"].values())
    met = slowest < AIMS["first_s"] and found["pss_mib"] < AIMS["pss_mib"]
    print(f"aims {AIMS}: {'met' if met else 'MISSED'}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if met else 1)


def pages(tab: Page) -> dict[str, dict[str, float]]:
    """Open each page several times; return the median seconds of each by its title."""
    tour(tab)
    count = tab.get_by_test_id("stSidebarNavLink").count()
    rounds: dict[str, list[dict[str, float]]] = {}
    for _ in range(ROUNDS):
        for place in range(count):
            figures = tab.evaluate(TIMED, place)
            rounds.setdefault(figures["title"], []).append(figures)
    return {
        title: {
            f"{name}_s": round(statistics.median(one[name] for one in figures), 3)
            for name in ("first", "whole")
        }
        for title, figures in rounds.items()
    }


def tour(tab: Page) -> None:
    """Visit every page once, and end on the last one, so that the first can be opened anew."""
    for place in range(1, tab.get_by_test_id("stSidebarNavLink").count()):
        tab.evaluate(TIMED, place)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def signed_in(browser: Browser, url: str) -> Page:
    """Return a tab of a new session, signed in."""
    tab = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR").new_page()
    tab.set_default_timeout(60_000)
    tab.goto(url)
    tab.get_by_label("Utilisateur").fill(USER)
    tab.locator("input[type=password]").fill(PASSWORD)
    tab.get_by_role("button", name="Se connecter").click()
    tab.get_by_role("heading", level=1).wait_for()
    return tab


@contextmanager
def running_page(settings: Settings) -> Iterator[tuple[str, psutil.Process]]:
    """Serve the page; yield its address and its process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    script = repository() / "services" / "streamlit" / "streamlit_app.py"
    process = psutil.Popen(
        [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)],
        env={**os.environ, "SATISPY_API_URL": api_url(settings), "SATISPY_LOG_LEVEL": "WARNING"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                with urlopen(f"{url}/_stcore/health", timeout=5):  # noqa: S310  our own
                    break
            except URLError:
                time.sleep(0.05)
        yield url, process
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
