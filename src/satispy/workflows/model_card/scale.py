"""Where numbers stand in a drawing, and which of them its axes name."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Maps a range of numbers to a range of places in the drawing, from the first to the last."""

    numbers: tuple[float, float]
    room: tuple[float, float]

    def __call__(self, value: float) -> float:
        """Return the place of a number."""
        first, last = self.numbers
        start, end = self.room
        return start + (end - start) * (value - first) / (last - first)


def ticks(low: float, high: float, *, whole_numbers: bool = False) -> list[float]:
    """Return some four to seven round numbers from `low`, the last at `high` or just above.

    Steps are 1, 2 or 5 times a power of ten; with `whole_numbers`, 1 at least.
    """
    span = high - low or 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= span / 6)
    step = max(step, 1.0) if whole_numbers else step
    count = math.ceil((span - step * 1e-9) / step)
    return [low + place * step for place in range(count + 1)]


def number(value: float) -> str:
    """Write a place in a drawing, to a tenth: the same bytes for the same drawing."""
    return f"{value:.1f}".removesuffix(".0")
