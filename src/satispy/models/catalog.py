"""Which families there are: the file names of `families/`, read without importing them.

Only the standard library is imported here, so that Airflow's environment, which has no numpy,
can fan its DAG out over the families.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from satispy.core.errors import ConfigurationError, NotFound

if TYPE_CHECKING:
    from types import ModuleType

    from satispy.models.base import Family

FOLDER = Path(__file__).parent / "families"
_PACKAGE = "satispy.models.families"


def family_names(folder: Path = FOLDER) -> list[str]:
    """List the families in alphabetical order; a file that starts with ``_`` is none."""
    return sorted(path.stem for path in folder.glob("*.py") if not path.name.startswith("_"))


def family_class(name: str, folder: Path = FOLDER) -> type[Family]:
    """Import one family.

    Parameters
    ----------
    name
        One of `family_names`.
    folder
        Where its file lies.

    Returns
    -------
    type
        The subclass of `satispy.models.base.Family` whose `name` is `name`.

    Raises
    ------
    NotFound
        If there is no such family; the message lists those that there are.
    ConfigurationError
        If the file does not define it.
    """
    available = family_names(folder)
    if name not in available:
        raise NotFound(
            f"expected a family among {', '.join(available) or '(none)'}, but received {name!r}; "
            f"a family is a file in {folder}"
        )
    module = _module(name, folder)
    for value in vars(module).values():
        if isinstance(value, type) and value.__dict__.get("name") == name:
            return value
    raise ConfigurationError(
        f"expected a class with name = {name!r} in {folder / name}.py, but there is none; "
        "derive it from satispy.models.base.Family"
    )


def _module(name: str, folder: Path) -> ModuleType:
    if folder == FOLDER:
        return importlib.import_module(f"{_PACKAGE}.{name}")
    spec = importlib.util.spec_from_file_location(f"{_PACKAGE}.{name}", folder / f"{name}.py")
    if spec is None or spec.loader is None:  # cannot be: the file ends in .py
        raise ConfigurationError(f"{folder / name}.py cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
