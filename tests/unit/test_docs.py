"""The documents say what the code does."""

import re
from pathlib import Path

import pytest
import typer

from reviews_api.app import create_app
from reviews_api.problems import PROBLEMS
from satispy.cli import app as command_line
from satispy.core import errors
from satispy.core.settings import PREFIX, Settings, load_settings
from satispy.models.catalog import family_names

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = README + "".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))
)


def kinds_of_error(kind: type = errors.SatispyError) -> list[type]:
    return [kind, *(below for child in kind.__subclasses__() for below in kinds_of_error(child))]


def test_every_setting_stands_in_the_table_of_settings():
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    assert [name for name in names if name not in table] == []


def test_every_route_stands_in_the_list_of_routes():
    table = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    paths = create_app(load_settings()).openapi()["paths"]
    assert paths
    assert [path for path in paths if f"{path}`" not in table] == []


def test_every_make_target_that_the_readme_names_exists():
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z]+)\b", README, re.MULTILINE))
    assert {"demo", "test", "up", "down", "status"} <= named
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_both_readmes_say_the_same():
    """The same headings, commands, figures, links and pictures: those of the other language."""
    french = (ROOT / "README.fr.md").read_text(encoding="utf-8")

    def parts(text):
        commands = re.findall(r"^make [^#\n]*", text, re.MULTILINE)
        inline = re.findall(r"`((?:make|satispy|POST) [^`]*)`", text.replace("=dossier", "=folder"))
        links = [link.replace(".fr.png", ".en.png") for link in re.findall(r"\]\(([^)]+)\)", text)]
        figures = re.findall(r"\d+(?:[.,]\d+)*", text)
        return {
            "headings": len(re.findall(r"^#+ ", text, re.MULTILINE)),
            "commands": [command.strip() for command in commands],
            "inline": inline,
            "links": [link for link in links if not link.startswith("README")],
            "figures": figures,
        }

    assert parts(french) == parts(README)


def test_every_command_of_the_command_line_is_documented():
    click_group = typer.main.get_command(command_line)
    for name, command in click_group.commands.items():
        words = [f"{name} {sub}" for sub in getattr(command, "commands", [])] or [name]
        for word in words:
            spoken = f"satispy {word}" in DOCUMENTS or f"make {word}" in DOCUMENTS
            assert spoken, f"satispy {word} stands in no document"


def test_every_error_stands_in_the_tree_and_has_a_code_of_its_own():
    ours = [kind for kind in kinds_of_error() if kind.__module__ == errors.__name__]
    tree = errors.__doc__
    for kind in ours[1:]:
        assert re.search(rf"{kind.__name__}\b.*\b{kind.code}\b", tree), kind
    codes = [kind.code for kind in ours]
    assert len(set(codes)) == len(codes)


def test_every_error_stands_in_the_table_of_the_api():
    ours = [kind for kind in kinds_of_error() if kind.__module__ == errors.__name__]
    assert [kind.code for kind in ours if kind.code not in PROBLEMS] == []


def test_every_refusal_is_documented_as_the_table_has_it():
    """The rows of `docs/errors.md` are the table's, which this test prints where they differ."""
    document = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = [
        f"| `{kind.code}` | {kind.status} | {kind.title} | {kind.titre} | {kind.remedy} |"
        for kind in PROBLEMS.values()
    ]
    assert re.findall(r"^\| `.+$", document, re.MULTILINE) == rows


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")))
def test_every_link_leads_somewhere(path):
    targets = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


NAMED_TESTS = sorted(set(re.findall(r"`(?:tests/)?([\w/]+\.py)::(\w+)`", DOCUMENTS)))


@pytest.mark.parametrize(("file", "name"), NAMED_TESTS, ids="::".join)
def test_every_test_that_proves_a_promise_exists(file, name):
    path = ROOT / "tests" / file
    assert path.is_file()
    assert re.search(rf"^\s*(?:async )?(?:def|class) {name}\b", path.read_text(), re.MULTILINE)


def test_every_promise_of_the_data_contract_names_a_test():
    contract = (ROOT / "docs" / "data-contract.md").read_text(encoding="utf-8")
    promises = re.findall(r"^\| \*\*.+$", contract, re.MULTILINE)
    assert len(promises) > 10
    assert [promise for promise in promises if ".py::" not in promise] == []


def test_every_family_is_named_in_the_readme():
    assert [family for family in family_names() if family.upper() not in README] == []
