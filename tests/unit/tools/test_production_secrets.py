"""What `make init` makes: never a default, never over what is there, for the owner's eyes alone."""

import os
import stat
from pathlib import Path

import pytest
import yaml

from tool_module import load

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tool():
    return load("production_secrets")


@pytest.fixture
def made(tool, tmp_path):
    """Return a function that runs `make init` in a folder of the test's own."""
    folder = tmp_path / "secrets"

    def run():
        assert tool.make_all(folder, [tmp_path / ".env"], os.getuid(), os.getgid()) == 0
        return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}

    return run


@pytest.fixture
def chosen(tmp_path):
    """The folder and the environments of `made`."""
    return tmp_path / "secrets", [tmp_path / ".env"]


def test_a_second_call_leaves_everything_as_it_is(made, tmp_path):
    first = made()
    said = (tmp_path / ".env").read_text()
    assert made() == first
    assert (tmp_path / ".env").read_text() == said


def test_what_is_missing_is_made_and_nothing_else(made, tmp_path):
    first = made()
    (tmp_path / "secrets" / "redis_password").unlink()
    second = made()
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"redis_password", "airflow_broker_url"}


def test_two_servers_have_no_secret_in_common(tool, tmp_path):
    for name in ("a", "b"):
        tool.make_all(tmp_path / name, [], os.getuid(), os.getgid())
    one, other = (
        {path.read_text() for path in (tmp_path / name).iterdir() if path.is_file()}
        for name in ("a", "b")
    )
    assert one & other == {""}  # the MLflow that neither has


def test_only_the_owner_may_read_them(made, tmp_path):
    made()
    folder = tmp_path / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE((folder / "proxy").stat().st_mode) == 0o700


def test_rotation_changes_one_secret_and_the_addresses_that_hold_it(made, tool, chosen):
    first = made()
    assert tool.rotate(*chosen, "airflow_database_password", os.getuid(), os.getgid()) == 0
    second = made()
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {
        *("airflow_database_password", "airflow_database_url", "airflow_result_backend")
    }
    assert second["airflow_database_password"] in second["airflow_database_url"]


def test_a_new_fernet_key_still_reads_what_the_former_wrote(made, tool, chosen, tmp_path):
    former = made()["airflow_fernet_key"]
    tool.rotate(*chosen, "airflow_fernet_key", os.getuid(), os.getgid())
    fresh, kept = (tmp_path / "secrets" / "airflow_fernet_key").read_text().split(",")
    assert kept == former
    assert fresh != former


def test_what_a_person_wrote_into_the_environment_stays(made, tmp_path):
    (tmp_path / ".env").write_text("SATISPY_API_PORT=19000\nSATISPY_UID=4711\n")
    made()
    lines = (tmp_path / ".env").read_text().splitlines()
    assert lines[:2] == ["SATISPY_API_PORT=19000", "SATISPY_UID=4711"]
    assert f"SATISPY_SECRETS={tmp_path / 'secrets'}" in lines


def test_every_secret_that_compose_mounts_is_made_and_no_other(made):
    wanted = set()
    for name in ("docker-compose.yml", "airflow/docker-compose.yml"):
        wanted |= set(yaml.safe_load((ROOT / name).read_text("utf-8"))["secrets"])
    assert set(made()) == wanted


def test_the_own_mlflow_is_told_only_where_its_profile_runs(made, tool, chosen, tmp_path):
    assert made()["satispy_mlflow_uri"] == ""
    tool.choose(*chosen, "tls,mlflow", os.getuid(), os.getgid())
    told = made()
    assert told["satispy_mlflow_uri"] == f"http://satispy:{told['mlflow_password']}@mlflow:5000"
    assert "COMPOSE_PROFILES=tls,mlflow" in (tmp_path / ".env").read_text().splitlines()
    tool.choose(*chosen, "", os.getuid(), os.getgid())
    assert made()["satispy_mlflow_uri"] == ""


def test_the_mlflow_that_a_person_named_stays(made, tool, chosen, tmp_path):
    made()
    (tmp_path / "secrets" / "satispy_mlflow_uri").write_text("https://mlflow.example")
    tool.choose(*chosen, "tls", os.getuid(), os.getgid())
    tool.rotate(*chosen, "mlflow_password", os.getuid(), os.getgid())
    assert made()["satispy_mlflow_uri"] == "https://mlflow.example"


def test_each_secret_says_what_its_rotation_asks_for(tool):
    assert set(tool.AFTER) == set(tool.MADE)


def test_compose_is_told_of_every_change_and_of_nothing_else(made, tool, chosen, tmp_path):
    """So that containers that hold former secrets begin anew, and no others."""
    folder, environments = chosen
    by_hand, seen = folder / "satispy_store_key", []

    def step(change):
        before = tool.variables(environments[0])[tool.MARK]
        change()
        assert tool.mark(environments) == 0
        after = tool.variables(environments[0])[tool.MARK]
        seen.append(after)
        return after != before

    made()
    mlflow = [folder, environments, "tls,mlflow", os.getuid(), os.getgid()]
    assert not step(made)
    assert not step(lambda: os.utime(folder / "proxy", (1, 1)))
    assert step(lambda: tool.rotate(*chosen, "redis_password", os.getuid(), os.getgid()))
    assert step(lambda: tool.choose(*mlflow))
    assert not step(lambda: tool.choose(*mlflow))
    assert step(lambda: by_hand.write_text("a person's"))
    assert step(lambda: os.utime(by_hand, (1, 1)))  # an older file, put in its place
    assert step(by_hand.unlink)
    assert len(set(seen)) == 6


def test_without_secrets_compose_is_told_what_to_do(tool, tmp_path, capsys):
    environment = tmp_path / ".env"
    assert tool.mark([environment]) == 1
    environment.write_text("SATISPY_SECRETS=/nowhere\n")
    assert tool.mark([environment]) == 1
    assert capsys.readouterr().err.count("run make init") == 2


def test_of_a_variable_that_stands_twice_the_last_counts(tool, tmp_path):
    environment = tmp_path / ".env"
    environment.write_text("A=1\nB=2\nA=3\n")
    tool.set_variable(environment, "A", "1")
    assert environment.read_text() == "B=2\nA=1\n"
