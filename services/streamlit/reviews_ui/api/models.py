"""Which model answers, which are held and why, who decided; and how an admin changes that."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from reviews_ui.api.connection import Connection, Json
from reviews_ui.api.reading import maybe

HELD, SERVING, EARLIER, DAMAGED = "held", "serving", "earlier", "damaged"


@dataclass(frozen=True)
class Verdict:
    """One line of the history of what serves."""

    number: int
    at: str
    event: str
    family: str
    run: str
    previous: str | None
    by: str
    reason: str
    comment: str
    overrides: bool

    @classmethod
    def parse(cls, body: Json) -> "Verdict":
        """Read a decision."""
        return cls(
            number=int(body["number"]),
            at=str(body["at"]),
            event=str(body["event"]),
            family=str(body["family"]),
            run=str(body["run"]),
            previous=maybe(str, body["previous"]),
            by=str(body["by"]),
            reason=str(body["reason"]),
            comment=str(body["comment"]),
            overrides=bool(body["overrides"]),
        )


@dataclass(frozen=True)
class Served:
    """The model of a family that answers; a score is None where its report has none."""

    family: str
    run: str
    published_at: str
    dataset_version: int
    rows: int
    dataset_erased: bool
    scores: Mapping[str, float]

    @classmethod
    def parse(cls, body: Json) -> "Served":
        """Read one entry of ``items`` of ``GET /models``."""
        scores = {name: body.get(name) for name in ("accuracy", "f1_0", "f1_1")}
        return cls(
            family=str(body["family"]),
            run=str(body["model_version"]),
            published_at=str(body["published_at"]),
            dataset_version=int(body["dataset_version"]),
            rows=int(body["rows"]),
            dataset_erased=bool(body["dataset_erased"]),
            scores={name: float(score) for name, score in scores.items() if score is not None},
        )


@dataclass(frozen=True)
class Trouble:
    """A run that should answer for its family and cannot; `answers` names the one that does."""

    family: str
    run: str
    detail: str
    answers: str | None

    @classmethod
    def parse(cls, body: Json) -> "Trouble":
        """Read one entry of ``alerts`` of ``GET /models``."""
        return cls(
            str(body["family"]), str(body["run"]), str(body["detail"]), maybe(str, body["answers"])
        )


@dataclass(frozen=True)
class KnownRun:
    """A run on disk, and what was decided about it last."""

    run: str
    family: str
    trained_at: str
    dataset_version: int
    rows: int
    state: str
    champion: bool
    decision: Verdict | None
    scores: Mapping[str, float]

    @classmethod
    def parse(cls, body: Json) -> "KnownRun":
        """Read one entry of ``runs`` of ``GET /models``."""
        return cls(
            run=str(body["run"]),
            family=str(body["family"]),
            trained_at=str(body["trained_at"]),
            dataset_version=int(body["dataset_version"]),
            rows=int(body["rows"]),
            state=str(body["state"]),
            champion=bool(body["champion"]),
            decision=maybe(Verdict.parse, body["decision"]),
            scores={str(name): float(score) for name, score in body["scores"].items()},
        )


@dataclass(frozen=True)
class Models:
    """The models that answer, one per family; what is wrong; every run, the newest first."""

    served: tuple[Served, ...]
    champion: str | None
    troubles: tuple[Trouble, ...]
    runs: tuple[KnownRun, ...]

    @classmethod
    def parse(cls, body: Json) -> "Models":
        """Read the answer of ``GET /models``."""
        return cls(
            served=tuple(Served.parse(item) for item in body["items"]),
            champion=maybe(str, body["champion"]),
            troubles=tuple(Trouble.parse(item) for item in body["alerts"]),
            runs=tuple(KnownRun.parse(item) for item in body["runs"]),
        )

    def served_by(self, family: str | None) -> Served | None:
        """Return the model that answers for a family; None where there is none."""
        return next((one for one in self.served if one.family == family), None)


@dataclass(frozen=True)
class Check:
    """One question that the gate asked; one that is not `gating` is only told."""

    name: str
    passed: bool
    sentence: str
    gating: bool

    @classmethod
    def parse(cls, body: Json) -> "Check":
        """Read one entry of ``gate.checks`` of ``GET /models/{run}``."""
        return cls(
            str(body["name"]), bool(body["passed"]), str(body["sentence"]), bool(body["gating"])
        )


@dataclass(frozen=True)
class WholeRun:
    """All that was decided about a run; no checks where it is from before there was a gate."""

    run: KnownRun
    decisions: tuple[Verdict, ...]
    blessed: bool | None
    reason: str
    compared_with: str | None
    checks: tuple[Check, ...]

    @classmethod
    def parse(cls, body: Json) -> "WholeRun":
        """Read the answer of ``GET /models/{run}``."""
        gate = body["gate"] or {}
        return cls(
            run=KnownRun.parse(body["run"]),
            decisions=tuple(Verdict.parse(item) for item in body["decisions"]),
            blessed=maybe(bool, gate.get("blessed")),
            reason=str(gate.get("reason", "")),
            compared_with=maybe(str, gate.get("serving")),
            checks=tuple(Check.parse(item) for item in gate.get("checks", ())),
        )


@dataclass(frozen=True)
class History:
    """Some of `total` decisions, newest first."""

    items: tuple[Verdict, ...]
    total: int

    @classmethod
    def parse(cls, body: Json) -> "History":
        """Read the answer of ``GET /promotions``."""
        return cls(tuple(Verdict.parse(item) for item in body["items"]), int(body["total"]))


def models(api: Connection) -> Models:
    """Return what serves, and every run there is."""
    return api.ask("GET", "/models", Models.parse)


def whole_run(api: Connection, run: str) -> WholeRun:
    """Return one run, the gate's checks, all decisions about it."""
    return api.ask("GET", f"/models/{quote(run, safe='')}", WholeRun.parse)


def history(api: Connection, offset: int, limit: int) -> History:
    """Return decisions on what serves, newest first."""
    params = {"offset": offset, "limit": limit}
    return api.ask("GET", "/promotions", History.parse, params=params)


def promote(api: Connection, run: str, comment: str, *, champion: bool) -> Verdict | None:
    """Let a run answer for its family; None where it did already.

    Raises
    ------
    reviews_ui.api.errors.Invalid
        Where the gate did not bless the run, and there is no comment.
    """
    path = f"/models/{quote(run, safe='')}/promote"
    return api.ask("POST", path, _decided, json={"comment": comment, "champion": champion})


def roll_back(api: Connection, family: str, comment: str) -> Verdict | None:
    """Let the run before answer for its family again.

    Raises
    ------
    reviews_ui.api.errors.Missing
        Where nothing served the family before.
    """
    path = f"/families/{quote(family, safe='')}/rollback"
    return api.ask("POST", path, _decided, json={"comment": comment})


def _decided(body: Json) -> Verdict | None:
    return maybe(Verdict.parse, body["decision"])
