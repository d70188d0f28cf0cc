#!/usr/bin/env python3
"""Take out of a virtual environment what no image of ours runs: `slim_environment.py FOLDER`.

What goes was tried: the images start, train and answer without it. `test/` folders stay, for
TensorFlow imports its own; so does `libarrow_substrait`, which pyarrow links.
"""

import shutil
import subprocess
import sys
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
    "sqlalchemy/dialects/mssql",
    "sqlalchemy/dialects/mysql",
    "sqlalchemy/dialects/oracle",
    "sqlalchemy/testing",
    "numpy/f2py",  # compiles Fortran
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


def slim(environment: Path) -> int:
    """Delete what is unused; return how many bytes that saved."""
    (packages,) = environment.glob("lib/python3.*/site-packages")
    found = {path for pattern in (*EVERYWHERE, *UNUSED) for path in packages.glob(pattern)}
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
    if len(sys.argv) != 2 or not Path(sys.argv[1], "pyvenv.cfg").is_file():
        sys.exit("expected the folder of one virtual environment")
    print(f"{slim(Path(sys.argv[1])) / 1e6:.0f} MB less in {sys.argv[1]}")
