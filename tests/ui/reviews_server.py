"""A small real HTTP server that speaks the API's contract, so that the page is tested over HTTP."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "alice", "un mot de passe"
METRICS = ("accuracy", "f1_0", "f1_1")
FAMILIES = ("ann", "gbc", "svm")


def report(family: str, run: int, scores: tuple[float, float, float]) -> dict[str, Any]:
    stamp = f"20261121T02{run:02d}10.000000Z"
    return {
        "family": family,
        "run": f"{stamp}-{family}",
        "dag_run": f"manual__2026-11-21T02:{run:02d}:00+00:00",
        "trained_at": f"2026-11-21T02:{run:02d}:10.000000Z",
        "date_heure": f"2026-11-21 02:{run:02d}:10",
        "rows": 7_900 + 1_000 * run,
        "dataset_version": run,
        "accuracy": scores[0],
        "f1_0": scores[1],
        "f1_1": scores[2],
        "train_seconds": 12.34,
        **{f"{metric}_low": score - 0.012 for metric, score in zip(METRICS, scores, strict=True)},
        **{f"{metric}_high": score + 0.01 for metric, score in zip(METRICS, scores, strict=True)},
    }


def good_reports(runs: int = 3) -> list[dict[str, Any]]:
    return [
        report(family, run, (0.86 + run / 100, 0.81 + run / 100, 0.88 + run / 100))
        for run in range(1, runs + 1)
        for family in FAMILIES
    ]


@dataclass(frozen=True)
class Asked:
    """A request, as an answer may need it; `match` holds what the path's pattern found."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    match: re.Match[str]


Answer = tuple[int, Any]
"""Status, and JSON; or bytes, which are sent as they are with the type that `kinds` names."""


@dataclass
class ApiState:
    """What the server answers; tests change it.

    A page that needs more than its frame adds routes: a method and a pattern of paths lead to a
    function from `Asked` to `Answer`.
    """

    items: list[dict[str, Any]] = field(default_factory=good_reports)
    probabilities: dict[str, float] = field(
        default_factory=lambda: {"ann": 0.884, "gbc": 0.12, "svm": 0.75}
    )
    champion: str | None = "svm"
    words: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"word": "livraison", "weight": 0.021},
            {"word": "rapide", "weight": 0.31},
            {"word": "jamais", "weight": -0.27},
        ]
    )
    dataset: dict[str, int] = field(default_factory=lambda: {"version": 3, "rows": 15_703})
    cards: dict[str, str] = field(default_factory=dict)
    french_cards: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    password: str = PASSWORD
    role: str = "user"
    tokens: list[str] = field(default_factory=list)
    token_seconds: int = 900
    routes: list[tuple[str, str, Callable[[Asked], Answer]]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    failure: tuple[int, Any, dict[str, str]] | None = None
    failing_paths: tuple[str, ...] = ()
    asked: list[tuple[str, Any]] = field(default_factory=list)
    url: str = ""

    def fail(
        self, status: int, body: Any, *paths: str, headers: dict[str, str] | None = None
    ) -> None:
        self.failure, self.failing_paths = (status, body, headers or {}), paths

    def route(self, method: str, pattern: str, answer: Callable[[Asked], Answer]) -> None:
        """Answer what matches; the route that was added last is asked first."""
        self.routes.insert(0, (method, pattern, answer))

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Answer:
        for wanted, pattern, respond in self.routes:
            if wanted == method and (match := re.fullmatch(pattern, path)):
                return respond(Asked(method, path, query, body, match))
        if path == "/token" and method == "DELETE":
            return 204, b""
        if path == "/authentification":
            return 200, {"username": USER, "role": self.role}
        if path == "/status":
            body = {"service": "satispy", "version": "0", "serving": {}}
            return 200, {**body, "dataset": self.dataset}
        if path == "/predict":
            return self._predict(body["texts"], explain=bool(body.get("explain")))
        if path == "/reports":
            return 200, self.reports(float(query.get("threshold", ["0.8"])[0]))
        run = path.removeprefix("/models/").removesuffix("/card.html")
        if run in self.cards:
            wanted = query.get("language", ["en"])[0]
            cards = self.french_cards if wanted == "fr" else self.cards
            language = wanted if run in cards else "en"
            self.headers[path] = {"Content-Language": language}
            return 200, cards.get(run, self.cards[run]).encode()
        if path == f"/models/{run}/card.html":
            return 404, {"code": "not-found", "detail": f"the run '{run}' is <of before>"}
        return 404, {"code": "not-found", "detail": f"no route {path}"}

    def grant(self, form: dict[str, list[str]]) -> Answer:
        """Answer ``POST /token`` as OAuth does."""
        known = form.get("username") == [USER] and form.get("password") == [self.password]
        if not known and form.get("refresh_token", [""])[0] not in self.tokens:
            return 400, {"error": "invalid_grant", "code": "invalid-grant", "detail": "wrong"}
        self.tokens.append(f"token-{len(self.tokens)}")
        return 200, {
            "access_token": self.tokens[-1],
            "token_type": "bearer",
            "expires_in": self.token_seconds,
            "scope": "read",
        }

    def _predict(self, texts: list[str], *, explain: bool) -> tuple[int, Any]:
        if not self.probabilities:
            return 503, {"code": "not-ready", "detail": "no model is served yet"}
        if any(not text.strip() for text in texts):
            return 422, {"code": "invalid-input", "detail": "expected text, received a blank"}
        words = {"words": self.words} if explain else {}
        predictions = {
            family: {
                **words,
                "label": int(share >= 0.5),
                "label_name": "positif" if share >= 0.5 else "négatif",
                "probability": share,
                "model_version": f"20261121T024400.123456Z-{family}",
            }
            for family, share in self.probabilities.items()
        }
        results = [{"predictions": predictions, "prediction_id": "p-1"} for _ in texts]
        return 200, {"results": results, "champion": self.champion}

    def reports(self, threshold: float) -> dict[str, Any]:
        newest = {item["family"]: item for item in self.items}
        alerts = [
            {
                "family": family,
                "metric": metric,
                "value": item[metric],
                "threshold": threshold,
                "state": "ok" if item[metric] > threshold else "alert",
            }
            for family, item in newest.items()
            for metric in METRICS
        ]
        return {
            "threshold": threshold,
            "metrics": list(METRICS),
            "items": self.items,
            "alerts": alerts,
            "unreadable": self.unreadable,
        }


def _handler(state: ApiState) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(None)

        def do_DELETE(self) -> None:
            self._serve(None)

        def do_POST(self) -> None:
            self._serve(self._body())

        def do_PATCH(self) -> None:
            self._serve(self._body())

        def _body(self) -> Any:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kind = self.headers.get("Content-Type", "")
            if kind.startswith("application/x-www-form-urlencoded"):
                return parse_qs(content.decode())
            return json.loads(content or b"null") if "json" in kind else content

        def _serve(self, body: Any) -> None:
            parts = urlsplit(self.path)
            state.asked.append((parts.path, body))
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            headers: dict[str, str] = {}
            if state.failure and parts.path in state.failing_paths:
                status, answer, headers = state.failure
            elif (self.command, parts.path) == ("POST", "/token"):
                status, answer = state.grant(body)
            elif bearer not in state.tokens:
                status, answer = 401, {"code": "unauthenticated", "detail": "wrong credentials"}
            else:
                query = parse_qs(parts.query)
                status, answer = state.answer(self.command, parts.path, query, body)
                headers = state.headers.get(parts.path, {})
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            kind = "text/html; charset=utf-8" if isinstance(answer, bytes) else "application/json"
            self.send_response(status)
            self.send_header("Content-Type", state.kinds.get(parts.path, kind))
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def running(state: ApiState) -> Iterator[ApiState]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(state)) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
