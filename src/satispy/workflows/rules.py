"""What a review must be in this home, today."""

from datetime import timedelta

from satispy.core.clock import Clock
from satispy.core.settings import Settings
from satispy.data.masking import mask_personal_data
from satispy.data.rules import Rules

EARTH_AHEAD = timedelta(hours=14)
"""By how much the easternmost zone is ahead of UTC: a day begins there first."""


def rules_of(settings: Settings, clock: Clock) -> Rules:
    """Return the rules that the settings and the day make."""
    return Rules(
        longest_text=settings.max_text_length,
        latest_day=(clock() + EARTH_AHEAD).date(),
        mask=mask_personal_data if settings.mask_personal_data else None,
    )
