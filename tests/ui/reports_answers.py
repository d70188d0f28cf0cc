"""What the small server answers for Reporting et alertes: whole reports, alerts, decisions."""

from typing import Any

from ui.reviews_server import METRICS, ApiState, Asked

SLICES = {
    "source": ("TrustPilot", "TrustedShop"),
    "company": ("ShowRoom", "VeePee", "(none)"),
    "star": ("1", "2", "3", "4", "5"),
    "words": ("0 to 3", "4 to 10", "61 or more"),
    "year": ("2020", "2021", "(others)"),
}


def with_ends(scores: dict[str, float], width: float = 0.012) -> dict[str, float]:
    ends = {f"{name}_low": value - width for name, value in scores.items()}
    return {**scores, **ends, **{f"{name}_high": value + width for name, value in scores.items()}}


def scores_of(accuracy: float) -> dict[str, float]:
    return {
        **{"accuracy": accuracy, "f1_0": accuracy - 0.05, "f1_1": accuracy + 0.02},
        "macro_f1": accuracy - 0.015,
    }


def further_of(item: dict[str, Any]) -> dict[str, float]:
    names = ("precision_0", "recall_0", "precision_1", "recall_1", "roc_auc")
    losses = {"log_loss": 0.219, "brier": 0.067}
    scores = {name: item["accuracy"] - place / 100 for place, name in enumerate(names)}
    return with_ends({**scores, **losses}) | {"calibration_error": 0.011}


def a_slice(name: str, kind: str, accuracy: float) -> dict[str, Any]:
    about = {"name": name, "n": 245, "n_0": 5, "n_1": 240, "few": name in ("0 to 3", "VeePee")}
    if kind != "star":
        return about | with_ends(scores_of(accuracy))
    lacking = dict.fromkeys(("f1_0", "f1_1", "macro_f1"))
    return about | with_ends({"accuracy": accuracy}) | lacking


def difference(value: float) -> dict[str, dict[str, float]]:
    sure = {"value": value, "low": value - 0.006, "high": value + 0.006}
    return {name: sure for name in (*METRICS, "macro_f1")}


def group(name: str, size: int, away: float) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "n": size, "few": False}
    for score in ("accuracy", "recall_0", "recall_1", "f1_0", "f1_1", "selection_rate"):
        found |= {score: 0.9 + away, f"{score}_difference": away, f"{score}_ratio": 1 + away}
    return found


def whole(item: dict[str, Any], serving: str | None = None) -> dict[str, Any]:
    """Return what `GET /reports/{run}` says of a run of the history."""
    accuracy = item["accuracy"]
    rules = with_ends(scores_of(0.88)) | {"difference": difference(0.004), "within_source": []}
    found = {
        **item,
        "schema_version": 2,
        "exam_rows": 1_000 + item["dataset_version"],
        "exam_texts": 900,
        "interval": {"level": 0.95},
        "details": {
            **{"n": 1_000, "confusion": [[298, 52], [40, 610]]},
            **further_of(item),
            "calibration": [
                {
                    **{"low": place / 10, "high": (place + 1) / 10, "n": 40 * (place != 4)},
                    "mean_probability": None if place == 4 else place / 10 + 0.05,
                    "share_positive": None if place == 4 else place / 10 + (0.08 if place else 0.1),
                }
                for place in range(10)
            ],
        },
        "slices": {
            kind: [
                a_slice(name, kind, accuracy + 0.03 - place / 10)
                for place, name in enumerate(names)
            ]
            for kind, names in SLICES.items()
        },
        "fairness": {
            kind: {
                "largest": "TrustedShop",
                "groups": [group("TrustedShop", 700, 0.0), group("<b>Pilot", 300, -0.21)],
                "widest": {"recall_0_difference": 0.46, "recall_1_difference": None},
            }
            for kind in ("source", "company")
        },
        "yardsticks": {"majority": rules, "source_rule": rules},
        "serving": {"state": "none"},
        "held_out": {"mean": scores_of(0.9), "spread": dict.fromkeys(scores_of(0.9), 0.01)},
        "gate": {"blessed": True, "reason": "all 14 checks passed"},
    }
    if serving:
        examined = with_ends(scores_of(0.87)) | {"difference": difference(0.02)}
        found["serving"] = {"state": "examined", "run": serving, **examined}
    return found


def former(item: dict[str, Any]) -> dict[str, Any]:
    """Return the report of an earlier version: scores alone."""
    return {
        name: value
        for name, value in item.items()
        if not name.endswith(("_low", "_high", "macro_f1"))
    }


def alert(number: int, **about: Any) -> dict[str, Any]:
    """Return one entry of `GET /alerts`."""
    nothing = dict.fromkeys(("family", "metric", "slice", "run", "value", "threshold", "ended_at"))
    return {
        **nothing,
        **{"id": number, "detail": f"detail <{number}>", "since": "2026-11-21T03:00:00Z"},
        **about,
    }


def slice_alert(number: int = 1, **about: Any) -> dict[str, Any]:
    found = {"kind": "slice", "family": "svm", "metric": "accuracy", "slice": "source: TrustPilot"}
    run = {"run": "20260101T020310.000000Z-svm", "value": 0.712, "threshold": 0.8}
    return alert(number, **(found | run | about))


def decision(number: int, event: str, family: str, previous: str | None = None) -> dict[str, Any]:
    return {
        **{"number": number, "at": f"2026-11-21T02:{number:02d}:30.000000Z", "event": event},
        **{"family": family, "run": f"20261121T02{number:02d}10.000000Z-{family}"},
        **{"previous": previous, "by": "gate", "reason": "all <checks> passed", "comment": ""},
        "overrides": False,
    }


def decisions() -> list[dict[str, Any]]:
    """Return a history, newest first: the champion changes once, a run is held, one goes back."""
    return [
        decision(5, "rolled-back", "ann"),
        decision(4, "champion", "svm", "gbc"),
        decision(3, "promoted", "svm"),
        decision(2, "held", "ann"),
        decision(1, "champion", "gbc"),
        decision(1, "promoted", "gbc"),
    ]


def fill(state: ApiState) -> None:
    """Let the server answer all that the page may ask."""

    def one(asked: Asked) -> tuple[int, Any]:
        found = [item for item in state.items if item["run"] == asked.match[1]]
        if not found:
            return 404, {"code": "not-found", "detail": f"no report of a run '{asked.match[1]}'"}
        before = [item["run"] for item in state.items if item["family"] == found[0]["family"]]
        place = before.index(found[0]["run"])
        return 200, whole(found[0], before[place - 1] if place else None)

    def all_of_them(asked: Asked) -> tuple[int, Any]:
        body = state.reports(float(asked.query.get("threshold", ["0.8"])[0]))
        if asked.query.get("further") == ["true"]:
            items = [item | {"further": further_of(item)} for item in state.items]
            body |= {"items": items}
        return 200, body

    state.route("GET", r"/reports/([^/]+)", one)
    state.route("GET", r"/reports", all_of_them)
    state.route("GET", r"/alerts", lambda _: (200, {"items": [], "open": 0}))
    state.route(
        "GET",
        r"/promotions",
        lambda _: (200, {"items": decisions(), "total": len(decisions())}),
    )
