"""What the command line loads before it knows what is asked."""

import subprocess
import sys


def test_no_command_loads_the_libraries_of_the_data_before_it_needs_them():
    """The supervisor would hold them as long as it runs, and `--help` would wait for them."""
    slow = {"dataframely", "numpy", "onnxruntime", "pandas", "polars", "sklearn"}
    code = "import sys, satispy.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert slow.intersection(done.stdout.split()) == set()
