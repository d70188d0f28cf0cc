"""The store against a real server, and in memory."""

import pytest

from object_server import KEY, options_of
from satispy.core.errors import ConfigurationError, NotFound, StoreLost
from satispy.core.object_store import ObjectStore


def test_what_is_put_is_found_and_fetched(store, tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    put = store.put(tmp_path / "a", "runs/x/model.onnx")
    store.write(b"two", "runs/y/model.onnx")
    store.write(b"three", "runsbeside/z")
    assert sorted(store.find("runs")) == ["runs/x/model.onnx", "runs/y/model.onnx"]
    assert store.find("runs")["runs/x/model.onnx"] == put
    assert sorted(store.find()) == ["runs/x/model.onnx", "runs/y/model.onnx", "runsbeside/z"]
    store.get("runs/y/model.onnx", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"two"


def test_a_mark_changes_with_the_content(store):
    store.write(b"one", "x/pointer.json")
    before = store.find("x")["x/pointer.json"].mark
    store.write(b"two", "x/pointer.json")
    assert store.find("x")["x/pointer.json"].mark != before


def test_a_large_object_comes_back_as_it_was(store, tmp_path):
    content = bytes(range(256)) * 50_000
    (tmp_path / "large").write_bytes(content)
    store.put(tmp_path / "large", "vectors/matrix.npy")
    store.get("vectors/matrix.npy", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content


def test_what_is_not_there_is_said(store, tmp_path):
    assert store.find("nothing") == {}
    with pytest.raises(NotFound):
        store.get("nothing", tmp_path / "x")
    store.delete("nothing")


def test_what_is_deleted_is_gone(store):
    store.write(b"one", "x/y")
    store.delete("x/y")
    assert store.find() == {}


@pytest.mark.parametrize(
    "address",
    ["reviews", "ftp://reviews", "s3://", "s3://id:key@bucket", "file:///srv/reviews", "s3://a b"],
)
def test_an_address_that_is_none_is_refused_and_not_shown(address):
    with pytest.raises(ConfigurationError, match="expected SATISPY_STORE") as refused:
        ObjectStore(address)
    assert "key@" not in str(refused.value)


def test_a_server_that_is_away_is_said_in_one_line_without_the_key(s3_server):
    retries = {"max_retries": 0}
    away = ObjectStore("s3://b/p", options_of("http://127.0.0.1:9", retry_config=retries))
    with pytest.raises(StoreLost, match="check SATISPY_STORE") as lost:
        away.find()
    assert "\n" not in str(lost.value)
    assert KEY not in str(lost.value)


def test_a_bucket_that_is_not_there_is_said(s3_server):
    with pytest.raises((StoreLost, NotFound)):
        ObjectStore("s3://never-made/p", options_of(s3_server)).write(b"x", "y")
