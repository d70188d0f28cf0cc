"""Run the command line as `python -m satispy.cli`."""

from satispy.cli import main

main()
