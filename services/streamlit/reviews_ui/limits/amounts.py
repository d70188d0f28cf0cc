"""Values with their units, as the visitor's language writes them."""

from reviews_ui.i18n import NO_BREAK, decimal, french, whole

FRENCH = {"GB": "Go", "MB": "Mo", "GiB": "Gio", "MiB": "Mio"}
CLOSE = ("%",)  # stands without a space in English


def amount(value: float, unit: str) -> str:
    r"""Write a value with its unit: ``1032, "MiB"`` gives ``1 032 Mio``, or ``1,032 MiB``.

    >>> from reviews_ui.i18n import speaking
    >>> with speaking("en"):
    ...     amount(3.37, "GB"), amount(90.4, "%"), amount(99, "")
    ('3.37\xa0GB', '90.4%', '99')
    """
    number = whole(int(value)) if value == int(value) else _short(value)
    if not unit:
        return number
    if french():
        return f"{number}{NO_BREAK}{FRENCH.get(unit, unit)}"
    return f"{number}{unit}" if unit in CLOSE else f"{number}{NO_BREAK}{unit}"


def _short(value: float) -> str:
    """Return two decimals at most, none of them an idle zero."""
    written = decimal(value, 2)
    return written[:-1] if written.endswith("0") else written
