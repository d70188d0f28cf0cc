"""Every write, refusal and sign-in goes into the audit trail, whichever route there is.

`Audited` stands outside of whatever may refuse, and records how a request ended. `Announced` stands
where the sender is known and nothing has been done yet: it records that a write begins, durably,
and lets nothing happen where that cannot be recorded. `POST /comment` alone goes unannounced: the
ledger, which commits with the comment, names who sent it and when.
"""

import asyncio
import time
from dataclasses import replace
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviews_api.client_address import client_address
from reviews_api.errors import refusal
from reviews_api.refused_often import RefusedOften
from satispy.core.errors import SatispyError
from satispy.workflows.audit import Act
from satispy.workflows.opening import Home

CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
READS = {"/predict", "/predict/batch", "/neighbours"}
"""Paths that take a POST and change nothing."""

LEDGERED = {"/comment"}
REFUSALS = {401, 403, 409, 413, 415, 422, 429}
FLOODS = {401, 429}
"""Refusals that anyone can cause as often as he likes; a stranger can so cause all others too."""


class Audited:
    """Middleware: how each write, each refusal and each sign-in ended.

    Parameters
    ----------
    app
        The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and record how it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def recording(message: Message) -> None:
            if message["type"] == "http.response.start":
                _record(scope, int(message["status"]))
            await send(message)

        await self._app(scope, receive, recording)


class Announced:
    """Middleware: a write of somebody who is signed in is recorded before it begins.

    Parameters
    ----------
    app
        The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record, then pass on; answer in its place where that fails."""
        changing = scope["type"] == "http" and _changes(scope) and scope["path"] not in LEDGERED
        if changing and "user" in scope:
            act = f"{scope['method']} {scope['path']}"
            try:
                await asyncio.wrap_future(_home(scope).audit.record(_act(scope, act)))
            except SatispyError as error:
                await refusal(error, signed_in=True)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def flush_counts(home: Home, counts: RefusedOften) -> None:
    """Record the refusals that are still being counted, before the home closes."""
    for act in counts.ended(all_of_them=True):
        home.audit.record(act)


def new_counts() -> RefusedOften:
    """Return the counts of one process."""
    return RefusedOften(time.monotonic)


def _record(scope: Scope, status: int) -> None:
    counts = cast(RefusedOften, scope["app"].state.refused_often)
    outcome = f"{status} {scope['problem']}" if "problem" in scope else str(status)
    acts = []
    if scope.get("signed_in"):
        acts.append(replace(_act(scope, "sign-in"), outcome="done"))
    if _changes(scope) or status in REFUSALS:
        template = getattr(scope.get("route"), "path", scope["path"])
        act = replace(_act(scope, f"{scope['method']} {template}"), outcome=outcome)
        flood = status in FLOODS or (status >= 400 and "user" not in scope)
        acts += counts.passed(act) if flood else [act]
    if acts:
        for act in [*counts.ended(), *acts]:
            _home(scope).audit.record(act)


def _act(scope: Scope, act: str) -> Act:
    user = scope.get("user")
    return Act(
        who=user.name if user else "",
        role=user.role if user else "",
        source=client_address(scope),
        request_id=scope["request_id"],
        act=act,
        object=", ".join(f"{k}={str(v)[:200]}" for k, v in scope.get("path_params", {}).items()),
        detail=str(scope.get("audit_detail", "")),
    )


def _changes(scope: Scope) -> bool:
    return scope["method"] in CHANGES and scope["path"] not in READS


def _home(scope: Scope) -> Home:
    return cast(Home, scope["app"].state.home)
