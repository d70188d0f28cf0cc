"""`satispy vectors`: train, import, list, show, use, remove."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from satispy.cli.output import console, say, spoken_errors
from satispy.core.errors import InvalidInput
from satispy.core.plan import load_plan
from satispy.core.settings import Settings, load_settings

vectors = typer.Typer(help="Word vectors: where from, how good, which ones.", no_args_is_help=True)

_UNKNOWN_SHOWN = 20

Version = Annotated[str, typer.Argument(help="Its name, as satispy vectors list shows it.")]
Use = Annotated[bool, typer.Option("--use", help="Let the next retrainings use them.")]


@vectors.command()
def train(
    *,
    dump: Annotated[
        Path | None,
        typer.Option(help="A Wikipedia dump, .xml.bz2 or .xml; the reviews if left out."),
    ] = None,
    pages: Annotated[
        int | None, typer.Option(min=1, help="Read so many pages of the dump at most.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes for a dump; with one, same bytes each time.")
    ] = 1,
    use: Use = False,
) -> None:
    """Learn vectors with wikipedia2vec: from the reviews of training, or from a Wikipedia dump."""
    from satispy.workflows import vector_versions  # brings what reads vectors

    with spoken_errors():
        settings = load_settings()
        plan = load_plan(settings.plan)
        if dump is not None:
            version = vector_versions.train_on_dump(
                settings, dump, plan, say, pages=pages, workers=workers
            )
        elif pages is not None or workers != 1:
            raise InvalidInput("expected --dump FILE beside --pages or --workers; nothing was done")
        else:
            version = vector_versions.train_on_reviews(settings, plan, say)
        _made(settings, version, use=use)


@vectors.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="word2vec text, plain or .bz2; or a model.")],
    *,
    trust_pickle: Annotated[
        bool, typer.Option("--trust-pickle", help="Let a model of wikipedia2vec run what it holds.")
    ] = False,
    use: Use = False,
) -> None:
    """Take in vectors that wikipedia2vec publishes: text, or (only if trusted) a model."""
    from satispy.workflows import vector_versions  # brings what reads vectors

    with spoken_errors():
        settings = load_settings()
        version = vector_versions.import_file(settings, file, say, trust_pickle=trust_pickle)
        _made(settings, version, use=use)


@vectors.command("list")
def list_all() -> None:
    """List all vectors, and how many of the words of the reviews they know."""
    from satispy.workflows import vector_versions  # brings what reads vectors

    with spoken_errors():
        settings = load_settings()
        found = vector_versions.list_versions(settings)
        headings = ("version", "source", "words", "dim", "known", "created (UTC)", "used by")
        table = Table(*headings, box=box.SIMPLE)
        for one in found:
            users = ["the next retraining"] if one.in_use else []
            source = one.card.get("source", "")
            table.add_row(
                escape(one.version),
                "[red]damaged[/]" if one.damage else escape(str(source)),
                str(one.card.get("words", "")),
                str(one.card.get("dimensions", "")),
                "" if one.coverage is None else f"{one.coverage:.1%}",
                str(one.card.get("created_at") or "")[:16].replace("T", " "),
                escape(", ".join([*users, *one.models])),
            )
        console.print(table if found else "no word vectors yet; the first retraining makes some")
        for one in found:
            if one.damage:
                _say(one.damage)
        _tell_of_setting(settings)


@vectors.command()
def show(version: Version) -> None:
    """Show the card of vectors, and the commonest words of the reviews that they do not know."""
    from satispy.workflows import vector_versions  # brings what reads vectors

    with spoken_errors():
        settings = load_settings()
        listed = {one.version: one for one in vector_versions.list_versions(settings)}
        unknown = vector_versions.unknown_words(settings, version, _UNKNOWN_SHOWN)
        for name, value in listed[version].card.items():
            _say(f"{name}: {_plain(value)}")
        if (known := listed[version].coverage) is not None:
            _say(f"known of the words of the base: {known:.2%}")
        if unknown:
            _say("not known: " + ", ".join(f"{word} ({count})" for word, count in unknown))


@vectors.command("use")
def choose(version: Version) -> None:
    """Let the next retrainings use these; models go on with theirs until then."""
    with spoken_errors():
        _use(load_settings(), version)


@vectors.command()
def remove(
    version: Version, *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove vectors that no pointer, run or job names."""
    from satispy.workflows import vector_versions  # brings what reads vectors

    with spoken_errors():
        if not yes:
            if not sys.stdin.isatty():
                raise InvalidInput("expected --yes, for there is no terminal to ask")
            typer.confirm(f"Remove {version} for good?", abort=True)
        vector_versions.remove(load_settings(), version)
        _say(f"removed {version}")


def _made(settings: Settings, version: str, *, use: bool) -> None:
    _say(f"made {version}")
    if use:
        _use(settings, version)
    else:
        _say(f"nothing uses them yet: satispy vectors use {version}")


def _use(settings: Settings, version: str) -> None:
    from satispy.workflows import vector_versions  # brings what reads vectors

    vector_versions.use(settings, version)
    _say(f"the next retraining uses {version}")
    for family, other in vector_versions.served_with(settings).items():
        if other != version:
            _say(f"{family} goes on serving with {other} until it is retrained")
    _tell_of_setting(settings)


def _tell_of_setting(settings: Settings) -> None:
    if settings.vectors is not None:
        _say(f"SATISPY_VECTORS is set, and wins: retrainings use {settings.vectors}")


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(inner)}" for name, inner in value.items()) or "none"
    return "none" if value is None else str(value)


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)
