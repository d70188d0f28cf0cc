import importlib.util
from pathlib import Path

PLUGIN = Path(__file__).resolve().parents[2] / "airflow" / "plugins" / "satispy_airflow.py"


def test_the_menu_leads_to_the_page_and_to_the_documentation_of_the_api(monkeypatch):
    monkeypatch.setenv("SATISPY_UI_URL", "http://127.0.0.1:18501")
    monkeypatch.setenv("SATISPY_API_URL", "http://127.0.0.1:18000")
    spec = importlib.util.spec_from_file_location("satispy_airflow", PLUGIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    entries = {entry["href"]: entry for entry in module.SatispyPlugin.external_views}
    assert set(entries) == {"http://127.0.0.1:18501", "http://127.0.0.1:18000/docs"}
    assert all(entry["destination"] == "nav" for entry in entries.values())
