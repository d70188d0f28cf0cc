"""Where Airflow answers, and who the API is there."""

from satispy.core.addresses import local_url
from satispy.core.errors import AirflowAway
from satispy.core.settings import PREFIX, Paths, Settings
from satispy.tracking.address import Address

SETTING = f"{PREFIX}AIRFLOW_URL"
ACCOUNT = "satispy-api"
"""Whom Airflow knows us as; `make up` makes the account and its password."""


def airflow_address(settings: Settings) -> Address:
    """Return where Airflow answers; that of `make up` where the settings name none."""
    if settings.airflow_url is None:
        return Address(local_url(settings, settings.airflow_port))
    return Address.parse(settings.airflow_url.get_secret_value(), SETTING)


def airflow_account(address: Address, paths: Paths) -> tuple[str, str]:
    """Return who we are at Airflow: as the setting says, or by the password of `make up`."""
    if address.user:
        return address.user, address.password
    try:
        return ACCOUNT, paths.airflow_password.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise AirflowAway(
            f"expected the password of our account at Airflow in {paths.airflow_password}, but "
            f"there is none; `make up` makes one, or {SETTING} names an account"
        ) from error
