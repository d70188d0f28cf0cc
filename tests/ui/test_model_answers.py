"""What the small API answers is what the real one would: its own schemas say so."""

import subprocess
import sys
from pathlib import Path

import pytest

import reviews_ui
from reviews_api import account_schemas, figures_schemas, schemas
from ui.figure_answers import EMPTY, figures
from ui.model_answers import all_serve, decision, none_yet, one_held, whole
from ui.test_users_part import account


@pytest.mark.parametrize("answer", [all_serve(), one_held(), none_yet()])
def test_models_are_as_the_api_gives_them(answer):
    schemas.ServedModels.model_validate(answer)
    for run in answer["runs"]:
        schemas.WholeRun.model_validate(whole(run))


def test_decisions_are_as_the_api_gives_them():
    schemas.Decisions.model_validate({"items": [decision("svm")], "total": 1})
    schemas.Decided.model_validate({"changed": False, "decision": None})


@pytest.mark.parametrize("answer", [figures(), figures(**EMPTY), {**figures(), "recorded": None}])
def test_figures_are_as_the_api_gives_them(answer):
    figures_schemas.Figures.model_validate(answer)


def test_accounts_are_as_the_api_gives_them():
    account_schemas.Accounts.model_validate({"items": [account("alice", "admin")]})


def test_the_parts_of_these_pages_load_neither_pandas_nor_anything_of_ours():
    heavy = "{'pandas', 'numpy', 'pyarrow', 'satispy', 'reviews_api'}"
    code = (
        "import sys; from reviews_ui.home import loop, next_steps; "
        "from reviews_ui.serving import accounts, candidates, history, retrainings, served; "
        f"from reviews_ui.limits import tables; print(sorted({heavy} & set(sys.modules)))"
    )
    home = Path(reviews_ui.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
