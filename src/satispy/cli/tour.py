"""`satispy tour`: the tour of the demo, on a platform that runs."""

import os
import ssl
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from satispy.cli.output import console, spoken_errors
from satispy.core.errors import ConfigurationError
from satispy.core.settings import load_settings, repository
from satispy.demo.clients import Page, ReviewsApi
from satispy.demo.home import review_files
from satispy.demo.reviews import write_reviews
from satispy.demo.screen import Screen
from satispy.demo.visit import Visit

PASSWORD = Path("secrets") / "production" / "satispy_admin_password"
BaseUrl = Annotated[str, typer.Option("--base-url", help="Where the API answers.")]
Username = Annotated[str, typer.Option("--user", help="An admin.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        help="File that holds the password; by default SATISPY_ADMIN_PASSWORD, or what "
        "`make init` wrote."
    ),
]
Authority = Annotated[
    Path | None,
    typer.Option("--ca", help="Certificate (PEM) to believe, as that of the profile `tls`."),
]


def tour(
    base_url: BaseUrl = "http://127.0.0.1:8000",
    page_url: Annotated[str | None, typer.Option(help="Where the page answers.")] = None,
    user: Username = "admin",
    password_file: PasswordFile = None,
    ca: Authority = None,
    reviews: Annotated[
        Path | None,
        typer.Option(help="Folder with data_MAJ.csv and more CSV files; else synthetic ones."),
    ] = None,
) -> None:
    """Play the tour on a platform that runs: upload, retrain, predict, look at the page."""
    with (
        spoken_errors(),
        tempfile.TemporaryDirectory() as own,
        closing(ReviewsApi(base_url, user, password(password_file), believed(ca))) as api,
    ):
        files = review_files(reviews, Path(own)) if reviews else write_reviews(Path(own))
        page = Page(page_url, believed(ca)) if page_url else None
        Visit(api, page, Screen(console)).play(files)


def believed(ca: Path | None) -> ssl.SSLContext | bool:
    """Return which certificates are believed: those of an authority of one's own, or the usual.

    Raises
    ------
    ConfigurationError
        If the file is not there, or holds no certificate.
    """
    if ca is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ConfigurationError(f"expected a certificate (PEM) in {ca}, but {error}") from error


def password(file: Path | None) -> str:
    """Return the admin's password; it is never an argument, which everybody on a machine can see.

    Raises
    ------
    ConfigurationError
        If nobody says it.
    """
    given = load_settings().admin_password
    if file is None and given is not None:
        return given.get_secret_value()
    place = file or repository() / PASSWORD
    try:
        return place.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(
            f"expected the admin's password in {place}, but {os.strerror(error.errno or 0)}; name "
            "a file with --password-file, or set SATISPY_ADMIN_PASSWORD"
        ) from error
