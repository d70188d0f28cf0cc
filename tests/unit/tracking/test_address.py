import pytest

from satispy.core.errors import ConfigurationError
from satispy.tracking.address import Address


def parse(given):
    return Address.parse(given, "SATISPY_MLFLOW_URI")


def test_name_and_password_stand_apart_and_are_not_shown():
    address = parse("https://anne%40firm:s%2Fcret@host:5000/path/")
    assert address.url == "https://host:5000/path"
    assert (address.user, address.password) == ("anne@firm", "s/cret")
    assert "cret" not in repr(address)


def test_an_address_without_them_is_itself_and_another_has_another_mark():
    address = parse("http://[::1]:5000")
    assert (address.url, address.user) == ("http://[::1]:5000", "")
    assert address.mark == parse("http://anne:x@[::1]:5000/").mark
    assert address.mark != parse("http://[::1]:5001").mark


@pytest.mark.parametrize(
    "given",
    [
        *("", "mlruns", "host:5000", "ftp://anne:hush@host", "http://", "http://anne:hush@:5000"),
        *("http://anne:hush@host:port", "http://anne:hush@host:0", "anne:hush@host:5000"),
        *("http://host:5000/?token=hush", "http://[anne:hush@host", "sqlite:///runs.db"),
    ],
)
def test_what_is_no_address_is_refused_without_telling_a_secret(given):
    with pytest.raises(ConfigurationError, match="in SATISPY_MLFLOW_URI") as refused:
        parse(given)
    assert "hush" not in str(refused.value)
