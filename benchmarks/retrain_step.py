"""One step of a retraining, measured in this process: ``retrain_step.py STEP [FAMILY]``.

Works on the newest job of the home that ``SATISPY_HOME`` names, as a task of the DAG does; writes
its figures to the output, as JSON. Seconds are those of the step alone, without the imports.
"""

import importlib
import json
import logging
import os
import sys
import time

from served_homes import peak_mib


def main() -> None:
    """Run and tell."""
    name, *rest = sys.argv[1:]
    begun = time.perf_counter()
    from satispy.core.settings import load_settings

    module = importlib.import_module(f"satispy.workflows.retraining.{name}")
    if rest:
        from satispy.models.catalog import family_class

        family_class(rest[0])
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    settings = load_settings()
    job = max(settings.paths.jobs.iterdir()).name
    imported, processor = time.perf_counter(), time.process_time()
    getattr(module, name)(settings, job, *rest)
    figures = {
        "imports": imported - begun,
        "seconds": time.perf_counter() - imported,
        "processor": time.process_time() - processor,
        "peak_mib": peak_mib(os.getpid()),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
