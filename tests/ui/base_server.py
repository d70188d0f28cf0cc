"""What the small API answers of the base: corrections, neighbours, uploads, search, figures."""

import re
from dataclasses import dataclass, field
from typing import Any

from ui.reviews_server import Answer, ApiState, Asked

BAD = {
    "rows_quarantined": 2,
    "by_column": {"star": 1, "row": 1},
    "first": [
        {"line": 3, "column": "star", "reason": "expected 1 to 5, but received '<9>'"},
        {"line": 4, "column": "", "reason": "expected 2 cells, but received 3"},
    ],
}
QUARANTINE = (
    "\ufeffline,column,reason,Commentaire,star\n"
    "3,star,\"expected 1 to 5, but received '<9>'\",Bof,9\n"
    "4,star,expected 1 to 5,'=2+2,0\n"
).encode()


def paged(items: list[dict[str, Any]], asked: Asked) -> Answer:
    page = int(asked.query["page"][0])
    size = int(asked.query["page_size"][0])
    some = items[(page - 1) * size : page * size]
    return 200, {"items": some, "page": page, "page_size": size, "total": len(items)}


def correction(number: int, state: str = "waiting", **more: Any) -> dict[str, Any]:
    decided = {"decided_by": "boss", "decided_at": "2026-11-22T10:00:00Z"}
    nobody = {"decided_by": None, "decided_at": None}
    return {
        "id": number,
        "text": f"Avis <{number}>",
        "star": 2,
        "prediction_id": None,
        "comment": "",
        "author": "alice",
        "at": "2026-11-21T10:00:00Z",
        "state": state,
        "reason": None,
        "review_id": 77 if state == "accepted" else None,
        **(nobody if state == "waiting" else decided),
        **more,
    }


def upload(number: int, quarantined: int = 0) -> dict[str, Any]:
    return {
        "upload_id": f"upload{number}",
        "filename": f"avis{number}.csv",
        "sha256": "0" * 64,
        "rows_received": 10,
        "rows_accepted": 10 - quarantined,
        "rows_quarantined": quarantined,
        "rows_duplicate": 0,
        "dataset_version": number,
        "rows_total": 100 * number,
        "resubmits": None,
        "warnings": [],
        "bad_rows": None,
        "received_by": "boss",
        "received_at": f"2026-11-2{number}T10:00:00Z",
    }


def review(number: int, text: str = "Livraison <rapide>") -> dict[str, Any]:
    return {
        "id": number,
        "Commentaire": text,
        "star": 4,
        "source": "site",
        "company": "DemoShop",
        "date": "2025-12-24",
        "upload_id": None,
    }


@dataclass
class Base:
    """The state behind the routes; tests change it."""

    corrections: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[dict[str, Any]] = field(default_factory=lambda: [upload(2, 2), upload(1)])
    reviews: list[dict[str, Any]] = field(default_factory=lambda: [review(n) for n in range(60)])
    neighbours: list[dict[str, Any]] = field(
        default_factory=lambda: [{**review(5), "similarity": 0.987}]
    )
    foretold: dict[str, Any] = field(
        default_factory=lambda: {**upload(3, 2), "upload_id": None, "bad_rows": BAD}
    )
    sent: list[tuple[dict[str, list[str]], bytes]] = field(default_factory=list)
    queries: list[dict[str, list[str]]] = field(default_factory=list)
    rows: int = 1000

    def serve(self, state: ApiState) -> None:
        state.route("POST", "/feedback", self.give)
        state.route("GET", "/feedback", self.list_feedback)
        state.route("POST", r"/feedback/(\d+)/(accept|reject)", self.decide)
        state.route("POST", "/neighbours", self.near)
        state.route("POST", "/uploadfile", self.receive)
        state.route("GET", "/uploads", lambda asked: paged(self.uploads, asked))
        state.route("GET", r"/uploads/(\w+)", lambda _: (200, {"resubmitted_by": []}))
        state.route("GET", r"/uploads/(\w+)/quarantine", lambda _: (200, QUARANTINE))
        state.route("GET", "/comments", self.search)
        state.route("GET", "/statistics", lambda _: (200, self.statistics()))
        state.route("GET", "/versions", lambda asked: paged(versions(), asked))

    def give(self, asked: Asked) -> Answer:
        known = correction(len(self.corrections) + 1, **asked.body)
        self.corrections.insert(0, known)
        return 201, known

    def list_feedback(self, asked: Asked) -> Answer:
        state = asked.query.get("state", [None])[0]
        return paged([one for one in self.corrections if state in (None, one["state"])], asked)

    def decide(self, asked: Asked) -> Answer:
        number, decision = int(asked.match[1]), asked.match[2]
        one = next(one for one in self.corrections if one["id"] == number)
        state = f"{decision}ed"
        if one["state"] not in ("waiting", state):
            return 409, {"code": "already-decided", "detail": f"it was {one['state']}"}
        one |= correction(number, state, reason=(asked.body or {}).get("reason"))
        return 200, one

    def receive(self, asked: Asked) -> Answer:
        self.sent.append((asked.query, asked.body))
        if asked.query.get("dry_run") == ["true"]:
            return 200, self.foretold
        return 201, {**self.foretold, "upload_id": "upload3"}

    def near(self, asked: Asked) -> Answer:
        return 200, {
            "vectors_version": "v1",
            "dataset_version": 3,
            "items": self.neighbours[: asked.body["k"]],
        }

    def search(self, asked: Asked) -> Answer:
        self.queries.append(asked.query)
        words = asked.query.get("text", [""])[0]
        return paged([one for one in self.reviews if words in one["Commentaire"]], asked)

    def statistics(self) -> dict[str, Any]:
        if not self.rows:
            names = ("stars", "sources", "companies", "lengths", "months")
            empty: dict[str, Any] = {name: [] for name in names}
            return {"version": 0, "rows": 0, "undated": 0, **empty}
        return {
            "version": 3,
            "rows": self.rows,
            "stars": [{"star": star, "rows": self.rows // 5} for star in range(1, 6)],
            "sources": [{"source": "site", "rows": 900}, {"source": "", "rows": 100}],
            "companies": [{"company": "DemoShop", "rows": 600}, {"company": None, "rows": 400}],
            "lengths": [
                {"from": 0, "to": 49, "rows": 400},
                {"from": 50, "to": None, "rows": 600},
            ],
            "months": [
                {"month": "2025-11", "rows": 400, "mean_star": 3.5},
                {"month": "2026-02", "rows": 550, "mean_star": 4.25},
            ],
            "undated": 50,
        }


def versions() -> list[dict[str, Any]]:
    return [
        {
            "version": number,
            "kind": kind,
            "rows_accepted": 10,
            "rows_total": 10 * number,
            "upload_id": None,
            "filename": None,
            "received_by": "boss",
            "received_at": "2026-11-21T10:00:00Z",
            "readable": kind != "upload",
        }
        for number, kind in ((2, "erased"), (1, "upload"))
    ]


def multipart_file(body: bytes) -> str:
    """Return the content of the one file in a multipart body."""
    found = re.search(rb"\r\n\r\n(.*)\r\n--", body, re.DOTALL)
    assert found is not None
    return found[1].decode()
