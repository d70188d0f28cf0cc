"""The command line: parses, makes one call, formats."""

from satispy.cli.app import app, main

__all__ = ["app", "main"]
