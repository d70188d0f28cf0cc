"""Every refusal of the API, in one table: its code, status, titles and remedy (RFC 9457).

A code is kept for ever: clients act on it. `errors` turns our exceptions into these, `openapi`
writes down which of them each route gives, ``GET /problems`` shows the table.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

PROBLEM_JSON = "application/problem+json"
HERE = "/problems/"
"""What a `type` begins with: the address, on this very API, where the code is explained."""

MARK = "__refuses__"
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class ProblemType:
    """One kind of refusal.

    Attributes
    ----------
    code
        For programs; it never changes.
    status
        Of HTTP.
    title, titre
        What it is, in English and in French.
    remedy
        What whoever meets it can do.
    """

    code: str
    status: int
    title: str
    titre: str
    remedy: str

    @property
    def type(self) -> str:
        """The URI reference of RFC 9457."""
        return HERE + self.code


PROBLEMS = {
    kind.code: kind
    for kind in (
        ProblemType(
            "bad-request", 400, "The request cannot be read",
            "La requête est illisible",
            "Send what the documentation of the route shows.",
        ),
        ProblemType(
            "unauthenticated", 401, "Credentials are missing or wrong",
            "Identifiants absents ou incorrects",
            "Sign in, then send the request again.",
        ),
        ProblemType(
            "not-signed-in", 401, "The provider signed nobody in",
            "Connexion refusée par le fournisseur d'identité",
            "Begin again: GET /oidc/login.",
        ),
        ProblemType(
            "forbidden", 403, "The role does not suffice",
            "Droits insuffisants",
            "Ask an administrator to do it, or for the role.",
        ),
        ProblemType(
            "not-found", 404, "There is no such thing",
            "Introuvable",
            "Look at the list: the detail says which route gives it.",
        ),
        ProblemType(
            "method-not-allowed", 405, "The address does not take this method",
            "Méthode non autorisée",
            "Use a method that the header Allow names.",
        ),
        ProblemType(
            "request-timeout", 408, "The request took too long to arrive",
            "La requête a mis trop de temps à arriver",
            "Send it again over a faster connection, or less of it.",
        ),
        ProblemType(
            "duplicate-upload", 409, "The same file was accepted before",
            "Fichier déjà reçu",
            "Nothing: its reviews are in the base.",
        ),
        ProblemType(
            "key-reused", 409, "The Idempotency-Key came with another request before",
            "Clé d'idempotence déjà utilisée pour une autre requête",
            "Make up a new key for each new request.",
        ),
        ProblemType(
            "already-decided", 409, "The other decision was made before",
            "L'autre décision a déjà été prise",
            "Nothing: look at what was decided, GET /feedback.",
        ),
        ProblemType(
            "already-queued", 409, "A retraining waits to begin already",
            "Un réentraînement attend déjà de commencer",
            "Nothing: it will read whatever is in the base when it begins.",
        ),
        ProblemType(
            "no-webhook", 409, "No webhook is set",
            "Aucun webhook n'est configuré",
            "Tell the operator to set SATISPY_WEBHOOK_URL.",
        ),
        ProblemType(
            "version-erased", 410, "This version of the data was erased",
            "Cette version des données a été effacée",
            "Use a newer version.",
        ),
        ProblemType(
            "too-large", 413, "The request is too large",
            "Requête trop volumineuse",
            "Split it, or ask the operator for a higher limit.",
        ),
        ProblemType(
            "unsupported-file", 415, "The content is not of a kind that is read here",
            "Type de contenu non pris en charge",
            "Send a CSV file of text, or JSON, uncompressed.",
        ),
        ProblemType(
            "invalid-input", 422, "The input is not as expected",
            "Données non valides",
            "Correct what the detail names.",
        ),
        ProblemType(
            "not-a-review-file", 422, "The file is no CSV of reviews",
            "Ce fichier n'est pas un CSV d'avis",
            "Send a CSV with the columns Commentaire and star.",
        ),
        ProblemType(
            "too-many-bad-rows", 422, "Too many rows of the file are bad",
            "Trop de lignes incorrectes dans le fichier",
            "Correct the rows that the summary shows, then send the file again.",
        ),
        ProblemType(
            "weak-password", 422, "The password is too weak",
            "Mot de passe trop faible",
            "Choose a longer one that nobody would guess.",
        ),
        ProblemType(
            "too-many-attempts", 429, "Too many sign-ins failed, or wait",
            "Trop de tentatives de connexion",
            "Wait as many seconds as Retry-After says.",
        ),
        ProblemType(
            "internal", 500, "A defect of the service",
            "Erreur interne du service",
            "Tell the operator the request_id; the log says more.",
        ),
        ProblemType(
            "satispy", 500, "The service failed",
            "Défaillance du service",
            "Tell the operator the request_id; the log says more.",
        ),
        ProblemType(
            "configuration", 500, "The service is not set up as it must be",
            "Service mal configuré",
            "Tell the operator what the detail says.",
        ),
        ProblemType(
            "training-impossible", 500, "There is not enough to learn from",
            "Données insuffisantes pour l'apprentissage",
            "Add reviews of both kinds.",
        ),
        ProblemType(
            "stack", 500, "A component did not start",
            "Un composant n'a pas démarré",
            "Tell the operator what the detail says.",
        ),
        ProblemType(
            "airflow-refused", 502, "Airflow will not do it",
            "Airflow a refusé la demande",
            "Do what the detail says, or tell the operator.",
        ),
        ProblemType(
            "airflow-away", 503, "Airflow does not answer",
            "Airflow ne répond pas",
            "Try again; if it stays away, tell the operator: make status.",
        ),
        ProblemType(
            "artifact-damaged", 503, "A model or its files are damaged",
            "Modèle endommagé",
            "Tell the operator; docs/runbooks/bad-model-live.md helps.",
        ),
        ProblemType(
            "base-damaged", 503, "The base of reviews is not as it was written",
            "Base d'avis endommagée",
            "Tell the operator: satispy data verify.",
        ),
        ProblemType(
            "busy", 503, "Others hold the lock",
            "Ressource occupée",
            "Send it again after as many seconds as Retry-After says.",
        ),
        ProblemType(
            "database-lost", 503, "The database does not answer",
            "Base de données injoignable",
            "Send it again, with the same Idempotency-Key where there was one.",
        ),
        ProblemType(
            "store-lost", 503, "The object store does not answer",
            "Stockage objet injoignable",
            "Send it again; where it stays so, tell the operator what the detail says.",
        ),
        ProblemType(
            "not-ready", 503, "The service is not ready",
            "Service non prêt",
            "Wait for the first retraining, or tell the operator what the detail says.",
        ),
        ProblemType(
            "storage-full", 507, "A disk is full",
            "Espace disque insuffisant",
            "Tell the operator; nothing was written.",
        ),
    )
}  # fmt: skip

BY_STATUS = {
    status: code
    for status, code in (
        (PROBLEMS[code].status, code)
        for code in (
            "bad-request", "unauthenticated", "forbidden", "not-found", "method-not-allowed",
            "request-timeout", "too-large", "unsupported-file", "invalid-input",
            "too-many-attempts", "internal",
        )
    )
}  # fmt: skip
"""The code of what HTTP itself, the router or a middleware refuses."""

EVERYWHERE = ("internal",)
OF_A_BODY = (
    "bad-request", "unauthenticated", "too-large", "unsupported-file", "invalid-input",
    "request-timeout", "database-lost", "storage-full", "busy", "not-ready",
)  # fmt: skip
"""What a request that brings a body meets before its route does."""


def refuses(*codes: str) -> Callable[[F], F]:
    """Mark what routes depend on with its refusals: the document lists them for each route."""

    def marked(function: F) -> F:
        setattr(function, MARK, codes)
        return function

    return marked


def refusals(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return `responses` of a route that gives these refusals; `KeyError` for an unknown code.

    What every route, every body and every dependency refuses is added by `openapi`.
    """
    found = sorted({PROBLEMS[code] for code in codes}, key=lambda one: (one.status, one.code))
    grouped = groupby(found, key=lambda one: one.status)
    return {status: _response(list(kinds)) for status, kinds in grouped}


def codes_of(response: dict[str, Any]) -> Iterable[str]:
    """Return the codes in what `refusals` made for one status; none for another response."""
    content = response.get("content", {}).get(PROBLEM_JSON, {})
    codes: Iterable[str] = content.get("examples", {}).keys()
    return codes


def _response(kinds: list[ProblemType]) -> dict[str, Any]:
    (status,) = {kind.status for kind in kinds}
    known = {
        "status": {"const": status},
        "code": {"enum": [kind.code for kind in kinds]},
        "type": {"enum": [kind.type for kind in kinds]},
    }
    return {
        "description": "; or: ".join(kind.title for kind in kinds),
        "content": {
            PROBLEM_JSON: {
                "schema": {
                    "allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": known}]
                },
                "examples": {kind.code: {"value": _example(kind)} for kind in kinds},
            }
        },
    }


def _example(kind: ProblemType) -> dict[str, Any]:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": f"a sentence on this one case. {kind.remedy}",
        "instance": "/the/path/that/was/asked",
        "code": kind.code,
        "request_id": "0f8e2c1d6b7a4f5e9d3c2b1a0f8e7d6c",
    }
