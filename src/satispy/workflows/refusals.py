"""How a step tells Airflow, across two processes, that trying again would not help.

The text of the error is what `@task.external_python` brings across; both ends stand here, and
need the standard library only, for Airflow's environment reads them too.
"""

import re

from satispy.core.errors import SatispyError

_REFUSAL = re.compile(r"^refused \([a-z-]+\): .*", re.MULTILINE | re.DOTALL)


class StepRefused(Exception):
    """A step failed for a reason that somebody has to mend: retrying is no remedy."""

    def __init__(self, error: SatispyError) -> None:
        super().__init__(f"refused ({error.code}): {error}")


def refusal_in(text: str) -> str | None:
    """Return what the step said in refusing, or None where a text holds no refusal."""
    found = _REFUSAL.search(text)
    return found[0].strip() if found else None
