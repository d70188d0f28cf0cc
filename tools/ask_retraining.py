#!/usr/bin/env python3
"""Ask a running platform for a retraining and wait for its end: `.github/workflows/retrain.yml`.

SATISPY_API_URL says where it answers, SATISPY_API_KEY is the API key of an admin. Exit 0: it ended
well; 1: it failed, was refused or took too long; 2: it waits for a person.

Only the standard library is used.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SUCCESS, FAILED, WAITS = range(3)
SECONDS_TO_ANSWER = 30


def main(arguments: list[str]) -> int:
    """Ask, and wait; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renew-vectors", action="store_true", help="learn new word vectors")
    parser.add_argument("--minutes", type=float, default=180, help="how long to wait")
    parser.add_argument("--every", type=float, default=15, help="seconds between two questions")
    options = parser.parse_args(arguments)
    missing = [name for name in ("SATISPY_API_URL", "SATISPY_API_KEY") if not os.environ.get(name)]
    if missing:
        print(f"expected {' and '.join(missing)} to be set", file=sys.stderr)
        return FAILED
    base, key = os.environ["SATISPY_API_URL"].rstrip("/"), os.environ["SATISPY_API_KEY"]
    local = urllib.parse.urlsplit(base).hostname in {"127.0.0.1", "localhost", "::1"}
    if not base.startswith("https://") and not (local and base.startswith("http://")):
        print("expected SATISPY_API_URL to begin with https://, for the key travels with each call")
        return FAILED
    try:
        asked = ask(f"{base}/retrain", key, {"renew_vectors": options.renew_vectors})
    except urllib.error.HTTPError as error:
        print(f"refused: {error.code} {error.read().decode(errors='replace')}", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"{base} cannot be reached: {error}", file=sys.stderr)
        return FAILED
    print(f"asked for {asked['id']}", flush=True)
    return wait(f"{base}/retrain/{urllib.parse.quote(asked['id'], safe='')}", key, options)


def wait(url: str, key: str, options: argparse.Namespace) -> int:
    """Ask how far it is until it has ended; a call that fails is made again in time."""
    until, known = time.monotonic() + options.minutes * 60, ""
    while time.monotonic() < until:
        try:
            found = ask(url, key)
        except OSError as error:  # an HTTP error is one of them; the deadline bounds how often
            print(f"no answer this time: {error}", flush=True)
        else:
            tasks = ", ".join(f"{task['task']} {task['state']}" for task in found["tasks"])
            if (said := f"{found['state']}: {tasks}") != known:
                print(said, flush=True)
                known = said
            if found["state"] == "waiting-for-approval":
                print(f"a person is asked: {found['airflow_url']}")
                return WAITS
            if found["state"] in ("success", "failed"):
                print(f"models: {', '.join(found['runs']) or 'none'}")
                return SUCCESS if found["state"] == "success" else FAILED
        time.sleep(options.every)
    print(f"it has not ended after {options.minutes:g} minutes", file=sys.stderr)
    return FAILED


def ask(url: str, key: str, body: dict | None = None) -> dict:
    """Make one call; return its JSON."""
    request = urllib.request.Request(  # noqa: S310  main() looked at the scheme
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER) as answer:  # noqa: S310
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
