#!/usr/bin/env python3
"""Take out of a virtual environment what no image of ours runs: `slim_environment.py FOLDER MORE…`.

What goes was tried: the images start, train and answer without it. `test/` folders stay, for
TensorFlow imports its own; so do `libarrow_substrait`, which pyarrow links, `numpy/f2py`, which
scipy imports, and SQLAlchemy's dialects, which Airflow does. MORE names what one image alone does
without, as patterns below site-packages.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

EVERYWHERE = ("**/tests", "**/*.a", "**/*.pyi", "**/*.pxd", "**/*.pyx")
"""Below site-packages: tests, static libraries, and what only compilers and editors read."""

UNUSED = (
    "tensorflow/include",  # C++ headers
    "clang",  # reads C headers for TensorFlow's builders
    "libclang*",
    "jieba",  # wikipedia2vec's Chinese tokenizer, imported only for Chinese
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "onnxruntime/capi/libonnxruntime.so.*",  # the Python module holds the library itself
    "numpy/_core/_simd.*.so",  # numpy's own tests
    "numpy/_core/*_tests.*.so",
    "onnx/backend/test",  # models to test other runtimes with
    "sqlalchemy/testing",
    "onnxruntime/quantization",
    "onnxruntime/datasets",
    "pygments/lexers/[!_p]*.py",  # colours for languages that nobody shows here
    "pygments/lexers/__pycache__/[!_p]*.pyc",
    "mlflow/assistant",
    "keras/src/backend/torch",
    "keras/src/backend/jax",
    "keras/src/backend/openvino",
    "sklearn/datasets/images",
    "pyarrow/libarrow_python*.so",  # the same library lies there under three names
    "pyarrow/libarrow_python*.so.*.*.*",
    "databricks/sdk",  # MLflow's way to its maker's cloud
    "grpc",  # traces go over HTTP
    "babel/locale-data/[!efr]*.dat",  # languages but English, French and what all build on
    "babel/locale-data/e[!n]*.dat",
    "babel/locale-data/f[!r]*.dat",
    "babel/locale-data/r[!o]*.dat",
    "babel/locale-data/ro.dat",
    "babel/locale-data/ro_*.dat",
    "babel/locale-data/rof*.dat",
    "pyarrow/include",
    "pyarrow/libarrow_flight.so*",
    "pyarrow/libarrow_python_flight.so*",
    "pydeck/nbextension",
    "plotly/labextension",
    "plotly/package_data/widgetbundle.js",
    "pip",
    "setuptools",
)
STRIPPED = "**/*.so*"
"""Libraries lose the symbols that nobody looks up, but for those in `*.libs`, which would break."""
BESIDE = ("share/jupyter", "etc/jupyter")


def slim(environment: Path, more: Sequence[str] = ()) -> int:
    """Delete what is unused; return how many bytes that saved."""
    (packages,) = environment.glob("lib/python3.*/site-packages")
    for pattern in more:  # a name that fits nothing is a mistake, or out of date
        if not any(packages.glob(pattern)):
            sys.exit(f"expected something called {pattern} in {packages}, but there is nothing")
    found = {path for pattern in (*EVERYWHERE, *UNUSED, *more) for path in packages.glob(pattern)}
    found |= {environment / name for name in BESIDE if (environment / name).exists()}
    saved = 0
    for path in sorted(found, key=lambda one: len(one.parts)):
        if not path.exists() and not path.is_symlink():
            continue  # it lay in a folder that is gone already
        if path.is_dir() and not path.is_symlink():
            saved += sum(one.lstat().st_size for one in path.rglob("*") if one.is_file())
            shutil.rmtree(path)
        else:
            saved += path.lstat().st_size
            path.unlink()
    for library in packages.glob(STRIPPED):
        if library.is_symlink() or not library.is_file() or ".libs/" in library.as_posix():
            continue
        before = library.stat().st_size
        subprocess.run(["strip", "--strip-unneeded", library], check=True)
        saved += before - library.stat().st_size
    return saved


if __name__ == "__main__":
    if len(sys.argv) < 2 or not Path(sys.argv[1], "pyvenv.cfg").is_file():
        sys.exit("expected the folder of a virtual environment, and patterns of what else may go")
    print(f"{slim(Path(sys.argv[1]), sys.argv[2:]) / 1e6:.0f} MB less in {sys.argv[1]}")
