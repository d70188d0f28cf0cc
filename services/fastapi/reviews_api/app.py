"""Build the application; `uvicorn reviews_api.app:create_app --factory` serves it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from reviews_api.audit import Announced, Audited, flush_counts, new_counts
from reviews_api.defects import Defects
from reviews_api.errors import install_error_handlers
from reviews_api.guard import SignInGuard
from reviews_api.limits import BodyGate
from reviews_api.observing import Observing
from reviews_api.openapi import describe
from reviews_api.request_id import RequestId
from reviews_api.routes import (
    alerts,
    audit,
    auth,
    batch,
    data,
    feedback,
    figures,
    keys,
    metrics,
    models,
    ops,
    predict,
    problems,
    reading,
    retraining,
    tokens,
    users,
)
from reviews_api.security import Credentials
from reviews_api.security_headers import SecurityHeaders
from satispy import __version__
from satispy.core.clock import system_clock
from satispy.core.settings import Settings, listed, load_settings
from satispy.workflows.dag_runs import Retrainings
from satispy.workflows.damaged_models import telling
from satispy.workflows.feedback import LONGEST_REMARK
from satispy.workflows.ingest import upload_limit
from satispy.workflows.neighbours import Neighbours
from satispy.workflows.opening import open_home
from satispy.workflows.predict import Predictor
from satispy.workflows.shared_store import StoreFollower
from satispy.workflows.sign_in_limits import SignInLimits
from satispy.workflows.webhook_delivery import Courier

ROOM_FOR_MULTIPART = 1_000_000
LONGEST_ESCAPE = 12  # bytes of JSON for one character: two surrogates as \\uXXXX
ROOM_FOR_THE_REST = 20_000
LARGEST_JSON = 8_000_000  # 100 texts of 10 000 characters, even where each is escaped
LARGEST_SIGN_IN = 20_000
DESCRIPTION = """
Send customer reviews in, get predictions and scores out. Every route but `/health`, `/ready` and
`/token` asks for a name and a password (HTTP Basic), a token or an API key: press **Authorize**
first.
"""


@contextmanager
def tracing(app: FastAPI, settings: Settings) -> Iterator[None]:
    """Send traces while the block runs, where the settings name a collector."""
    if settings.otel_endpoint is None:
        yield
        return
    from satispy.core.otel import Traces  # 30 MiB that nobody else shall pay

    app.state.traces = Traces(settings.otel_endpoint.get_secret_value(), "satispy-api")
    app.state.traces.install()
    try:
        yield
    finally:
        app.state.traces.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the API of the home that the settings name."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_home(chosen) as home, tracing(app, chosen), closing(StoreFollower(home)):
            app.state.home = home
            app.state.predictor = Predictor(chosen, told=telling(home))
            app.state.neighbours = Neighbours(home, app.state.predictor)
            app.state.retrainings = Retrainings(chosen, home.clock)
            courier = Courier(chosen, home.database, home.clock)
            guard = SignInGuard(SignInLimits(home.failures))
            app.state.guard = guard
            app.state.credentials = Credentials(home, guard)
            app.state.refused_often = new_counts()
            try:
                yield
            finally:
                try:
                    await guard.close()
                finally:
                    courier.close()
                    app.state.retrainings.close()
                    flush_counts(home, app.state.refused_often)

    app = FastAPIOffline(
        redoc_url=None,
        title="Satispy",
        version=__version__,
        summary="Keeps customer-review sentiment models fresh.",
        description=DESCRIPTION,
        lifespan=lifespan,
        # FastAPI's own would tell exceptions with their messages, where the environment asks.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True},
    )
    largest_file = upload_limit(chosen) + ROOM_FOR_MULTIPART
    largest_comment = LONGEST_ESCAPE * chosen.max_text_length + ROOM_FOR_THE_REST
    limits = {
        "/uploadfile": largest_file,
        "/predict/batch": largest_file,
        "/comment": largest_comment,
        "/feedback": largest_comment + LONGEST_ESCAPE * LONGEST_REMARK,
        "/token": LARGEST_SIGN_IN,
    }
    app.add_middleware(Announced)  # the first added is the innermost
    origins = listed(chosen.cors_origins)
    app.add_middleware(BodyGate, limits=limits, otherwise=LARGEST_JSON, origins=origins)
    app.add_middleware(Defects)  # around all that may fail, inside of all that looks on
    app.add_middleware(Audited)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            expose_headers=["Retry-After", "X-Request-ID", "X-Rows"],
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observing)
    app.add_middleware(RequestId)  # the last added is the outermost
    install_error_handlers(app)
    app.add_api_route("/", lambda: RedirectResponse("docs"), include_in_schema=False)
    of_reviews = (data, reading, predict, batch, feedback, models, retraining, alerts, figures)
    for part in (*of_reviews, auth, tokens, keys, users, audit, ops, metrics, problems):
        app.include_router(part.router)
    if chosen.oidc_issuer:
        from reviews_api.routes import oidc  # nothing of it is loaded where nobody set it
        from satispy.workflows.oidc import provider_of

        app.state.provider = provider_of(chosen, system_clock)
        app.include_router(oidc.router)
    describe(app)
    return app
