"""`satispy tune`: better hyper-parameters of a family, with the evidence."""

import re
from typing import Annotated

import typer
import yaml
from rich.markup import escape

from satispy.cli.output import INTERRUPTED, console, say, spoken_errors
from satispy.core.errors import InvalidInput
from satispy.core.settings import load_settings

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def tune(
    family: Annotated[str, typer.Option(help="Which: gbc, svm, ann, or one of your own.")],
    budget: Annotated[str, typer.Option(help="How long to look: 90s, 10m, 2h.")] = "10m",
) -> None:
    """Look for better hyper-parameters on the training side; Ctrl-C keeps what was found."""
    with spoken_errors():
        seconds = _seconds(budget)
        from satispy.workflows import tune as workflow  # brings Optuna: nobody else waits for it

        found = workflow.tune(load_settings(), family, seconds, say)
        if not found.trials:
            console.print("no trial was finished; run it again with a longer budget")
        elif not found.proposal:
            console.print(
                f"the plan's own values are the best of {found.trials} trials "
                f"(log loss {found.score_of_plan:.4f}); evidence in {found.evidence}"
            )
        else:
            console.print(
                f"log loss {found.score_of_plan:.4f} with the plan, {found.score:.4f} with these "
                f"(best of {found.trials} trials; evidence in {found.evidence}):"
            )
            text = yaml.safe_dump({family: found.proposal}, sort_keys=False)
            console.print(escape(text), soft_wrap=True)
            console.print("take them over in src/satispy/core/plan.yaml, with the reason")
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)


def _seconds(budget: str) -> float:
    match = re.fullmatch(r"(\d+)([smh])", budget.strip())
    if not match or int(match[1]) == 0:
        raise InvalidInput(f"expected a budget such as 90s, 10m or 2h, but received {budget!r}")
    return float(int(match[1]) * _SECONDS[match[2]])
