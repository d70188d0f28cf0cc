"""What pydantic found wrong, as a sentence for people."""

from collections.abc import Callable

from pydantic import ValidationError


def explain(error: ValidationError, spell: Callable[[str], str] = str) -> str:
    """Return what was expected and what came, field by field.

    Parameters
    ----------
    error
        From pydantic.
    spell
        Turns the dotted place of a field into the name that its reader knows.
    """
    return "; ".join(
        f"{spell('.'.join(str(part) for part in item['loc']))}: {item['msg']}, "
        f"but received {item['input']!r}"
        for item in error.errors()
    )
