"""Build the application; `uvicorn reviews_api.app:create_app --factory` serves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from reviews_api.audit import Announced, Audited, flush_counts, new_counts
from reviews_api.defects import Defects
from reviews_api.errors import install_error_handlers
from reviews_api.limits import BodyGate
from reviews_api.openapi import describe
from reviews_api.request_id import RequestId
from reviews_api.routes import audit, auth, data, models, ops, predict, problems
from reviews_api.security import Credentials
from satispy import __version__
from satispy.core.settings import Settings, load_settings
from satispy.workflows.ingest import upload_limit
from satispy.workflows.opening import open_home
from satispy.workflows.predict import Predictor

ROOM_FOR_MULTIPART = 1_000_000
LONGEST_ESCAPE = 12  # bytes of JSON for one character: two surrogates as \\uXXXX
ROOM_FOR_THE_REST = 20_000
LARGEST_JSON = 8_000_000  # 100 texts of 10 000 characters, even where each is escaped
DESCRIPTION = """
Send customer reviews in, get predictions and scores out. Every route but `/health` and `/ready`
asks for a name and a password (HTTP Basic): press **Authorize** first.
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the API of the home that the settings name."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_home(chosen) as home:
            app.state.home = home
            app.state.predictor = Predictor(chosen)
            app.state.credentials = Credentials(home)
            app.state.refused_often = new_counts()
            yield
            flush_counts(home, app.state.refused_often)

    app = FastAPIOffline(
        redoc_url=None,
        title="Satispy",
        version=__version__,
        summary="Keeps customer-review sentiment models fresh.",
        description=DESCRIPTION,
        lifespan=lifespan,
        swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True},
    )
    largest_file = upload_limit(chosen) + ROOM_FOR_MULTIPART
    largest_comment = LONGEST_ESCAPE * chosen.max_text_length + ROOM_FOR_THE_REST
    limits = {"/uploadfile": largest_file, "/comment": largest_comment}
    app.add_middleware(Defects)  # the first added is the innermost
    app.add_middleware(Announced)
    app.add_middleware(BodyGate, limits=limits, otherwise=LARGEST_JSON)
    app.add_middleware(Audited)
    app.add_middleware(RequestId)  # the last added is the outermost
    install_error_handlers(app)
    app.add_api_route("/", lambda: RedirectResponse("docs"), include_in_schema=False)
    for part in (data, predict, models, auth, audit, ops, problems):
        app.include_router(part.router)
    describe(app)
    return app
