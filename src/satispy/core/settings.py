"""Settings enter here, once, and nowhere else.

They come from ``SATISPY_*`` environment variables. In a container, what is secret may lie in files
instead, ``/run/secrets/satispy_*``: variables are shown to whoever may inspect the container.
"""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from satispy.core.errors import ConfigurationError
from satispy.core.validation import explain
from satispy.core.webhook_address import require_webhook

PREFIX = "SATISPY_"
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
PUBLIC = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(?:/[A-Za-z0-9._~/\-]*)?")
LONGEST_TOKEN_MINUTES = 60
SECRETS = Path("/run/secrets")
"""Where Docker and its kin mount secrets, a file each."""
READ_ELSEWHERE = {
    "SATISPY_API_URL",  # the page: where the API answers
    "SATISPY_UI_URL",  # the Airflow plugin: where the page answers
    "SATISPY_PYTHON",  # the DAG: the interpreter of .venv
    "SATISPY_GPU_FAMILIES",  # the DAG: families that train on workers with a card
    "SATISPY_STACK",  # the supervisor's mark on its processes
    "SATISPY_COMPONENT",  # the supervisor's: which component a process belongs to
    "SATISPY_REVIEWS",  # tests and benchmarks: folder of the real reviews
    "SATISPY_TEST_REQUIRE",  # tests: `all` turns every skip into a failure
}


def repository() -> Path:
    """Return the checkout that this package runs from, or the current folder if installed."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() else Path.cwd()


@dataclass(frozen=True)
class Paths:
    """Where everything of one home lies."""

    home: Path

    @property
    def clean_data(self) -> Path:
        """The base, its database, quarantine and reports."""
        return self.home / "clean_data"

    @property
    def base(self) -> Path:
        """The reference base of reviews."""
        return self.clean_data / "data_MAJ.csv"

    @property
    def database(self) -> Path:
        """The SQLite file with ledger, users and row identities."""
        return self.clean_data / "satispy.sqlite3"

    @property
    def audit_head(self) -> Path:
        """Where the audit trail ended last, noted outside the database."""
        return self.clean_data / "audit_head.json"

    @property
    def quarantine(self) -> Path:
        """Bad rows, one CSV per upload."""
        return self.clean_data / "quarantine"

    @property
    def reports(self) -> Path:
        """Scores: one JSON per run and family, one CSV per family."""
        return self.clean_data / "reports"

    @property
    def clean_model(self) -> Path:
        """Vectors, jobs, runs and serving pointers."""
        return self.home / "clean_model"

    @property
    def vectors(self) -> Path:
        """Word vectors, one folder per version."""
        return self.clean_model / "vectors"

    @property
    def jobs(self) -> Path:
        """What one DAG run passes from task to task."""
        return self.clean_model / "jobs"

    @property
    def prepared(self) -> Path:
        """Reviews as training reads them, kept from one retraining to the next."""
        return self.clean_model / "prepared"

    @property
    def neighbours(self) -> Path:
        """Which reviews are near one another: an index of vectors, and the pointer to it."""
        return self.clean_model / "neighbours"

    @property
    def runs(self) -> Path:
        """Trained models, one folder each, written once."""
        return self.clean_model / "runs"

    @property
    def serving(self) -> Path:
        """One pointer per family, and the history of promotions."""
        return self.clean_model / "serving"

    @property
    def tracking(self) -> Path:
        """How much of the runs and the history MLflow knows."""
        return self.clean_model / "tracking.json"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys, 0600."""
        return self.home / "secrets"

    @property
    def airflow_password(self) -> Path:
        """Password of the account that the API has at Airflow."""
        return self.secrets / "airflow_api_password"

    @property
    def logs(self) -> Path:
        """One log per component."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """State of the running stack; ``AIRFLOW_HOME`` is ``run/airflow``."""
        return self.home / "run"


class Settings(BaseSettings):
    """Everything that can be set from outside, each by ``SATISPY_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(
        default_factory=repository,
        description="Folder that holds clean_data/, clean_model/, secrets/, logs/ and run/.",
    )
    host: str = Field(
        default="127.0.0.1", description="Address that API, page and Airflow listen on."
    )
    api_port: int = Field(default=8000, ge=1, le=65535, description="Port of the API.")
    ui_port: int = Field(default=8501, ge=1, le=65535, description="Port of the page.")
    airflow_port: int = Field(default=8080, ge=1, le=65535, description="Port of Airflow.")
    tls_cert: Path | None = Field(
        default=None,
        description="Certificate chain (PEM) that the API shows; it then speaks HTTPS alone.",
    )
    tls_key: Path | None = Field(
        default=None, description="Private key (PEM) of that certificate, without a passphrase."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks, with commas between them, whose X-Forwarded-For and "
        "X-Forwarded-Proto the API believes.",
    )
    cors_origins: str = Field(
        default="",
        description="Origins, with commas between them, whose pages may ask the API from a "
        "browser, as https://example.org.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL of the ledger and the users, as "
        "postgresql://user:password@host/name; SQLite beside the data by default.",
    )
    store: str | None = Field(
        default=None,
        description="Object store in which machines without a common disk find the base and the "
        "models, as s3://bucket/prefix.",
    )
    store_endpoint: str | None = Field(
        default=None, description="Address of that store's server, where it is not Amazon's own."
    )
    store_key_id: SecretStr | None = Field(
        default=None, description="Who we are there; by default what the machine's role says."
    )
    store_key: SecretStr | None = Field(default=None, description="What we prove that with.")
    base_here: bool = Field(
        default=True,
        description="False where the base stands on another machine: it is read from the store.",
    )
    plan: Path | None = Field(
        default=None, description="The plan of training and gate; by default the packaged one."
    )
    vectors: Path | None = Field(
        default=None,
        description="Word vectors to use: a folder made by the platform, or a word2vec text file.",
    )
    admin_password: SecretStr | None = Field(
        default=None,
        description="Password of the first admin, used only while none exists; else generated.",
    )
    sign_in_failures: int = Field(
        default=10,
        ge=1,
        description="Failed sign-ins of one name from one address before the next is refused.",
    )
    sign_in_window_seconds: int = Field(
        default=300, ge=1, description="Seconds in which failed sign-ins are counted together."
    )
    token_minutes: int = Field(
        default=15,
        ge=1,
        le=LONGEST_TOKEN_MINUTES,
        description="Minutes that a token of POST /token is good for.",
    )
    oidc_issuer: str | None = Field(
        default=None, description="Provider of OpenID Connect, as https://login.example.org."
    )
    oidc_client_id: str | None = Field(default=None, description="What the provider calls us.")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="What we prove that with."
    )
    oidc_name_claim: str = Field(
        default="preferred_username", description="Claim that names the user; @oidc is added."
    )
    oidc_role_claim: str = Field(default="groups", description="Claim that lists the groups.")
    oidc_roles: str = Field(
        default="",
        description="Role of each group, as reviewers=user,chiefs=admin; *=viewer is everybody's.",
    )
    max_upload_mb: int = Field(
        default=200, ge=1, description="Largest file that POST /uploadfile takes, in MB (10^6)."
    )
    max_text_length: int = Field(
        default=10_000, ge=1, description="Characters that the text of a review may have."
    )
    max_bad_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Share of bad rows, 0 to 1, above which a whole file is refused.",
    )
    training_memory_mb: int | None = Field(
        default=None,
        ge=1,
        description="MiB that the trainings at once may need; else 60 % of the machine's.",
    )
    mask_personal_data: bool = Field(
        default=False,
        description="Mask e-mail addresses, phone and order numbers in what comes in.",
    )
    mlflow_uri: SecretStr | None = Field(
        default=None,
        description="MLflow server that is told of runs and decisions, as "
        "http://user:password@host:5000.",
    )
    mlflow_port: int = Field(
        default=5000, ge=1, le=65535, description="Port of the MLflow that `satispy up` starts."
    )
    openlineage_url: SecretStr | None = Field(
        default=None,
        description="Server that is told by OpenLineage of each retraining, as http://host:5000.",
    )

    airflow_url: SecretStr | None = Field(
        default=None,
        description="Airflow that the API asks for retrainings, as http://user:password@host:8080; "
        "by default the one that `make up` starts.",
    )
    airflow_public_url: str | None = Field(
        default=None, description="Where people open Airflow, if not at that address."
    )
    webhook_url: SecretStr | None = Field(
        default=None,
        description="Address that alerts and their ends are posted to: https, or http on this "
        "machine.",
    )
    alert_threshold: float = Field(
        default=0.80,
        ge=0,
        le=1,
        description="A score of a family's newest run that is not above it is an alert.",
    )
    figures: Path | None = Field(
        default=None,
        description="Figures of the benchmarks that GET /figures gives; by default "
        "benchmarks/figures.json of the checkout.",
    )

    prediction_days: int = Field(
        default=90, ge=0, description="Days that predictions are kept, for lineage; 0: not at all."
    )
    prediction_text: Literal["hashed", "kept"] = Field(
        default="hashed", description="Whether the text of a prediction is kept, or its mark alone."
    )

    log_format: Literal["json", "console"] | None = Field(
        default=None,
        description="How log lines are written; by default console on a terminal, else json.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="From which level on our own log lines are written."
    )
    otel_endpoint: SecretStr | None = Field(
        default=None,
        description="OpenTelemetry collector (OTLP over HTTP) that receives the API's traces, as "
        "http://host:4318.",
    )

    @field_validator(
        "store", "store_endpoint", "store_key_id", "store_key", "mlflow_uri", mode="before"
    )
    @classmethod
    def _unset(cls, value: object) -> object:
        """Take an empty one for none: a compose file passes on what nobody set."""
        said = value.get_secret_value() if isinstance(value, SecretStr) else value
        return None if isinstance(said, str) and not said.strip() else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        networks = [ip_network(one) for one in listed(value)]
        return ",".join(
            str(one if one.num_addresses > 1 else one.network_address) for one in networks
        )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for one in listed(value):
            if not ORIGIN.fullmatch(one):
                raise ValueError(
                    f"expected origins as https://example.org, without a path, but received {one!r}"
                )
        return ",".join(listed(value))

    @field_validator("airflow_public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value is not None and not PUBLIC.fullmatch(value):
            raise ValueError("expected an address as https://airflow.example.org")
        return None if value is None else value.rstrip("/")

    @property
    def database_place(self) -> Path | str:
        """The SQLite file, or the URL of the PostgreSQL database with its password."""
        url = self.database_url
        return self.paths.database if url is None else url.get_secret_value()

    @property
    def paths(self) -> Paths:
        """The folders of this home, absolute."""
        return Paths(self.home.expanduser().resolve())


def listed(value: str) -> list[str]:
    """Return what stands between commas."""
    return [part.strip() for part in value.split(",") if part.strip()]


def load_settings(secrets: Path = SECRETS) -> Settings:
    """Read the settings.

    Parameters
    ----------
    secrets
        Folder of files that are called as the variables are, in small letters; there may be none.
        A variable goes before a file.

    Raises
    ------
    ConfigurationError
        If a ``SATISPY_*`` variable or file is unknown, has an impossible value or may not be read.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | READ_ELSEWHERE
    given = {name for name in os.environ if name.startswith(PREFIX)}
    if unknown := sorted(given - known):
        raise ConfigurationError(
            f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    try:
        folder = _checked(secrets, known) if secrets.is_dir() else None
        # mypy sees the fields alone
        settings = Settings(_secrets_dir=folder)  # type: ignore[call-arg]
    except ValidationError as error:
        wrong = explain(error, lambda place: PREFIX + place.upper())
        raise ConfigurationError(wrong) from error
    except (OSError, SettingsError) as error:
        raise ConfigurationError(
            f"expected secrets in {secrets} that this user may read: {error.__cause__ or error}; "
            "compose mounts them with the owner that they have outside, so the container must "
            "run as that one (SATISPY_UID, which 'make init' writes)"
        ) from error
    if settings.webhook_url is not None:  # a validator's complaint would show the address
        require_webhook(settings.webhook_url.get_secret_value())
    return settings


def _checked(secrets: Path, known: set[str]) -> Path:
    """Refuse files that look like settings of ours and are none; those of others may lie there."""
    ours = [file for file in secrets.iterdir() if file.name.upper().startswith(PREFIX)]
    if unknown := sorted(file.name for file in ours if file.name.upper() not in known):
        raise ConfigurationError(
            f"unknown setting {', '.join(unknown)} in {secrets}; known are "
            f"{', '.join(sorted(name.lower() for name in known))}"
        )
    return secrets
