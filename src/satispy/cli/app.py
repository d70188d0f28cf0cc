"""The command `satispy` and its groups."""

import typer

from satispy.cli import stack

app = typer.Typer(
    name="satispy",
    help="Keep customer-review sentiment models fresh.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
stack.register(app)


def main() -> None:
    """Run the command line."""
    app()
