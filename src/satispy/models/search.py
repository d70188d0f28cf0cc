"""Where a family's better hyper-parameters are looked for, as plain values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Between:
    """A number from `low` to `high`, both included; `log` where its order of magnitude counts."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class WholeBetween:
    """A whole number from `low` to `high`, both included."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True)
class OneOf:
    """One of these values."""

    values: tuple[str | int | float | bool, ...]


Range = Between | WholeBetween | OneOf
