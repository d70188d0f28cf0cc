"""Menu entries in Airflow: the web page and the API's documentation."""

import os
from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin

UI = os.environ.get("SATISPY_UI_URL", "http://127.0.0.1:8501")
API = os.environ.get("SATISPY_API_URL", "http://127.0.0.1:8000")


class SatispyPlugin(AirflowPlugin):
    """Links from Airflow to the other two addresses of the product."""

    name = "satispy"
    external_views: ClassVar = [
        {"name": "Satispy: page", "href": UI, "destination": "nav", "category": "browse"},
        {"name": "Satispy: API", "href": f"{API}/docs", "destination": "nav", "category": "browse"},
    ]
