"""Satispy keeps customer-review sentiment models fresh."""

__version__ = "0.1.0"
