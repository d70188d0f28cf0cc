import pytest

from certificates import write_certificate
from satispy.core.errors import ConfigurationError
from satispy.core.settings import Settings
from satispy.stack.addresses import api_url
from satispy.stack.components import api_command
from satispy.stack.tls import check_tls, trust


def test_without_a_certificate_the_api_speaks_http_and_believes_no_proxy(own_settings):
    settings = Settings(home=own_settings)
    check_tls(settings)
    assert api_url(settings).startswith("http://")
    assert trust(settings) is True
    assert "--no-proxy-headers" in api_command(settings)
    assert "--ssl-certfile" not in api_command(settings)


def test_with_one_it_speaks_https(own_settings, tmp_path):
    certificate, key = write_certificate(tmp_path)
    settings = Settings(home=own_settings, tls_cert=certificate, tls_key=key)
    check_tls(settings)
    assert api_url(settings).startswith("https://")
    assert api_command(settings)[-4:] == (
        *("--ssl-certfile", str(certificate)),
        *("--ssl-keyfile", str(key)),
    )


def test_what_the_api_could_not_show_is_refused_before_a_start(own_settings, tmp_path):
    certificate, key = write_certificate(tmp_path)
    _, other = write_certificate(tmp_path, "other.example")
    with pytest.raises(ConfigurationError, match="SATISPY_TLS_KEY"):
        check_tls(Settings(home=own_settings, tls_cert=certificate))
    for wrong in (other, tmp_path / "missing.pem", certificate):
        with pytest.raises(ConfigurationError, match=r"reviews\.example\.cert\.pem"):
            check_tls(Settings(home=own_settings, tls_cert=certificate, tls_key=wrong))
    assert key.is_file()


def test_only_addresses_of_proxies_that_are_named_are_believed(own_settings):
    settings = Settings(home=own_settings, trusted_proxies="10.0.0.0/8, 192.0.2.1, ::1")
    command = api_command(settings)
    named = command[command.index("--forwarded-allow-ips") + 1]
    assert named == "10.0.0.0/8,192.0.2.1,::1"
