"""What the small API answers about models, alerts and retrainings: the contract, filled in."""

from typing import Any

FAMILIES = ("ann", "gbc", "svm")
CHECKS = [
    {"name": "floors", "passed": True, "sentence": "accuracy .91, above .70", "gating": True},
    {"name": "slice source: <b>x</b>", "passed": False, "sentence": "worse by .04", "gating": True},
    {"name": "behaviour: negation", "passed": False, "sentence": "7 of 10", "gating": False},
]


def run_name(family: str, day: int = 2) -> str:
    return f"202611{day:02d}T080000.000000Z-{family}"


def decision(family: str, event: str = "promoted", day: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "number": day,
        "at": f"2026-11-{day:02d}T08:05:00.000000Z",
        "event": event,
        "family": family,
        "run": run_name(family, day),
        "previous": None,
        "by": "gate",
        "reason": "all 8 checks passed",
        "comment": "",
        "overrides": False,
        **more,
    }


def known(family: str, state: str = "serving", day: int = 2, **more: Any) -> dict[str, Any]:
    event = "held" if state == "held" else "promoted"
    reason = "slice source: <b>x</b> is worse" if state == "held" else "all 8 checks passed"
    return {
        "run": run_name(family, day),
        "family": family,
        "trained_at": f"2026-11-{day:02d}T08:00:00.000000Z",
        "dataset_version": day,
        "rows": 15_703,
        "state": state,
        "champion": state == "serving" and family == "svm",
        "decision": decision(family, event, day, reason=reason),
        "scores": {} if state == "damaged" else {"accuracy": 0.912, "f1_0": 0.856, "f1_1": 0.934},
        **more,
    }


def served(family: str, day: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "family": family,
        "model_version": run_name(family, day),
        "published_at": f"2026-11-{day:02d}T08:05:00.000000Z",
        "dataset_version": day,
        "rows": 15_703,
        "dataset_erased": False,
        "vectors_version": "v1",
        "accuracy": 0.912,
        "f1_0": 0.856,
        "f1_1": 0.934,
        **more,
    }


def all_serve() -> dict[str, Any]:
    """Three families, all in service; SVM is the champion."""
    return {
        "items": [served(family) for family in FAMILIES],
        "champion": "svm",
        "alerts": [],
        "runs": [known(family) for family in reversed(FAMILIES)],
    }


def one_held() -> dict[str, Any]:
    """As above, but the newest GBC was held: the one before answers."""
    found = all_serve()
    found["items"][1] = served("gbc", 1)
    found["runs"] = [
        known("svm"),
        known("gbc", "held"),
        known("ann"),
        known("gbc", day=1),
        known("svm", "earlier", 1),
    ]
    return found


def none_yet() -> dict[str, Any]:
    return {"items": [], "champion": None, "alerts": [], "runs": []}


def whole(run: dict[str, Any]) -> dict[str, Any]:
    """Return what ``GET /models/{run}`` says of a run of one of these."""
    blessed = run["state"] != "held"
    gate = {
        "blessed": blessed,
        "reason": run["decision"]["reason"],
        "serving": run_name(run["family"], 1),
        "checks": [{**check, "figures": {}} for check in CHECKS],
    }
    return {"run": run, "decisions": [run["decision"]], "gate": gate}


def alert(kind: str = "performance", number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "kind": kind,
        "family": "gbc",
        "metric": "f1_0",
        "slice": None,
        "run": run_name("gbc"),
        "value": 0.701,
        "threshold": 0.8,
        "detail": "f1_0 of gbc is .701",
        "since": "2026-11-02T08:06:00Z",
        "ended_at": None,
        **more,
    }


def task(name: str, state: str, **more: Any) -> dict[str, Any]:
    started = None if state in ("waiting", "queued") else "2026-11-02T08:00:00Z"
    ended = "2026-11-02T08:00:41Z" if state in ("success", "failed") else None
    return {
        "task": name,
        "state": state,
        "started_at": started,
        "ended_at": ended,
        "tries": 1,
        **more,
    }


def retraining(state: str = "running", **more: Any) -> dict[str, Any]:
    done = state in ("success", "failed")
    last = {"success": "success", "failed": "failed", "queued": "waiting"}.get(state, "waiting")
    return {
        "id": "manual__2026-11-02T08:00:00+00:00",
        "state": state,
        "by": "alice",
        "started_at": None if state == "queued" else "2026-11-02T08:00:00Z",
        "ended_at": "2026-11-02T08:01:05Z" if done else None,
        "airflow_url": "http://127.0.0.1:8080/dags/retrain_reviews/runs/manual__1",
        "tasks": [
            task("snapshot", "waiting" if state == "queued" else "success"),
            task("train_svm", {"running": "running"}.get(state, last), tries=2),
            task("report", last),
        ],
        "runs": [run_name("svm")] if state == "success" else [],
        **more,
    }


def serve(
    state: Any,
    models: dict[str, Any] | None = None,
    alerts: list[dict[str, Any]] | None = None,
    retrainings: list[dict[str, Any]] | None = None,
) -> None:
    """Let the small API answer all of it."""
    found = all_serve() if models is None else models
    red = alerts or []
    runs = {run["run"]: run for run in found["runs"]}
    items = retrainings or []
    past = [run["decision"] for run in found["runs"] if run["decision"]]
    state.route("GET", "/models", lambda _asked: (200, found))
    state.route("GET", r"/models/([^/]+)", lambda asked: (200, whole(runs[asked.match[1]])))
    state.route("GET", "/promotions", lambda _asked: (200, {"items": past, "total": len(past)}))
    state.route("GET", "/alerts", lambda _asked: (200, {"items": red, "open": len(red)}))
    state.route("GET", "/retrain", lambda _asked: (200, {"items": items}))


AWAY = {"code": "airflow-away", "detail": "Airflow does not answer at http://127.0.0.1:8080"}


def fill(state: Any) -> None:
    """Have the small server answer what the pages Home and Models ask."""
    serve(state, all_serve())
