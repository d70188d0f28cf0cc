"""TLS of the API: its certificate, checked before a start and trusted by what asks it from here."""

import ssl

from satispy.core.errors import ConfigurationError
from satispy.core.settings import Settings

END = "-----END CERTIFICATE-----"


def check_tls(settings: Settings) -> None:
    """Refuse a certificate that the API could not show.

    Raises
    ------
    ConfigurationError
        If one of the two settings is alone, or certificate and key cannot be read or do not belong
        together.
    """
    cert, key = settings.tls_cert, settings.tls_key
    if cert is None and key is None:
        return
    if cert is None or key is None:
        raise ConfigurationError(
            "expected both SATISPY_TLS_CERT and SATISPY_TLS_KEY, or neither, but only one is set"
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            cert.expanduser(), key.expanduser(), password=_no_passphrase
        )
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise ConfigurationError(
            f"expected a certificate in {cert} and its key, without a passphrase, in {key}, both "
            f"as PEM, but: {error}"
        ) from error


def trust(settings: Settings) -> ssl.SSLContext | bool:
    """Return what makes a client here believe our own API and nobody else.

    It asks 127.0.0.1, which stands in no certificate; so the certificate itself is compared: the
    first of the file alone, for whoever issued it has issued others.
    """
    if settings.tls_cert is None:
        return True
    text = settings.tls_cert.expanduser().read_text(encoding="ascii")
    context = ssl.create_default_context(cadata=text[: text.index(END) + len(END)])
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it need not be its own issuer
    return context


def _no_passphrase() -> str:
    raise ValueError("the key asks for a passphrase")
