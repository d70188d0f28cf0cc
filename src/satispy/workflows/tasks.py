"""A step as a task of its own process: settings from the environment, log lines to the output."""

import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from satispy.core.settings import load_settings

R = TypeVar("R")


def run_step(step: Callable[..., R], *args: Any, **options: Any) -> R:
    """Run a step of a workflow on the home that the environment names."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(name)s: %(message)s")
    return step(load_settings(), *args, **options)
