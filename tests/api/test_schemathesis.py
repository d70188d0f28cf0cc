"""What the OpenAPI document promises is kept, for whatever schemathesis makes up.

As an admin, as a user and without credentials: no server error, no status that the document does
not name, content types and bodies as it says.
"""

import shutil
from base64 import b64encode
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import schemathesis
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from sqlalchemy import update

from fake_airflow import PASSWORD as AIRFLOW_PASSWORD
from fake_airflow import fake_airflow
from reviews_api.app import create_app
from satispy.accounts.users import USERS
from satispy.core.settings import Settings
from satispy.workflows.feedback import NewFeedback, add_feedback
from satispy.workflows.opening import open_home
from several_runs import OLD, copy_run

EXAMPLES = 30
"""Right ones, and as many wrong ones, for each operation and role; fewer where none differ."""

LEAST = 2000
"""In all."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
PASSWORD = "a long password"
CONFIG = {
    "generation": {
        "allow-extra-parameters": False,  # reading lets parameters pass that it does not know
        "with-security-parameters": False,  # each of them would be verified, slow by design
    }
}
PATHS = create_app(Settings(home=Path("never opened"))).openapi()["paths"]
OPERATIONS = [f"{method.upper()} {path}" for path in PATHS for method in PATHS[path]]
THERE = {
    "run": OLD,
    "family": "svm",
    "code": "busy",
    "feedback_id": 1,
    "retraining_id": "manual__1",
}
"""What path parameters are made to name now and then, for else they would name nothing."""

tried = Counter()
deterministic = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document(trained_home, tmp_path_factory):
    """The document, with the application behind it, on a home where every family serves."""
    home = tmp_path_factory.mktemp("schemathesis") / "home"
    shutil.copytree(trained_home, home)
    with fake_airflow() as airflow:
        airflow.add_run(THERE["retraining_id"], "success")
        yield from documented(Settings(home=home, airflow_url=airflow.url))


def documented(chosen):
    chosen.paths.secrets.mkdir(parents=True, exist_ok=True)
    chosen.paths.airflow_password.write_text(AIRFLOW_PASSWORD)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with open_home(chosen) as opened:
        for role in ("admin", "user"):
            opened.users.add(role, PASSWORD, role)
        with opened.database.writing() as connection:
            connection.execute(update(USERS).values(password_hash=cheap.hash(PASSWORD)))
        add_feedback(opened, NewFeedback("pas mal", 4, "user"))
    copy_run(chosen, OLD)
    config = SchemathesisConfig.from_dict(CONFIG)
    yield schemathesis.openapi.from_asgi("/openapi.json", create_app(chosen), config=config)
    shutdown_lifespans()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("role", ["admin", "user", None])
def test_the_document_is_true(document, role, operation):
    headers = {}
    if role:
        headers["Authorization"] = "Basic " + b64encode(f"{role}:{PASSWORD}".encode()).decode()
    method, path = operation.split()
    chosen = document[path][method]

    def check(case):
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        tried[answer.status_code] += 1

    def check_what_is_there(case):
        for name, value in case.path_parameters.items():
            if len(str(value)) % 2:
                case.path_parameters[name] = THERE.get(name, value)
        check(case)

    right, wrong = (chosen.as_strategy(generation_mode=mode) for mode in GenerationMode)
    deterministic(given(right)(check_what_is_there))()
    with suppress(Unsatisfiable):  # where nothing can be wrong
        deterministic(given(wrong)(check))()


def test_enough_was_tried():
    """Runs last; alone, it has nothing to count."""
    if not tried:
        pytest.skip("the tests before it did not run")
    assert sum(tried.values()) >= LEAST, tried
    assert min(tried[status] for status in (200, 201, 401, 403, 404, 422)) > 10
