"""What a visitor does on the page of the models, and how the page is made to speak English."""

from typing import Any

from streamlit.testing.v1 import AppTest

from reviews_ui.i18n import speaking
from ui.reviews_server import ApiState
from ui.visitor import visit


def open_part(page: AppTest, part: str) -> AppTest:
    """Sign in and open a part of the page."""
    visit(page, "models")
    return choose_part(page, part)


def choose_part(page: AppTest, part: str) -> AppTest:
    """Change to another part."""
    return _control(page, "models-part", part)


def english(page: AppTest) -> AppTest:
    """Choose English."""
    return _control(page, "language-switch", "en")


def tick(page: AppTest, label: str) -> None:
    """Tick the box whose label begins so."""
    next(box for box in page.checkbox if box.label.startswith(label)).check()


def posts(api_server: ApiState) -> list[tuple[str, Any]]:
    """Return what was sent to change something, the sign-in aside."""
    sent = [(path, body) for path, body in api_server.asked if isinstance(body, dict)]
    return [one for one in sent if one[0] != "/token"]


def _control(page: AppTest, key: str, value: str) -> AppTest:
    control = next(one for one in page.segmented_control if one.key == key)
    now = page.session_state["language"] if "language" in page.session_state else "fr"  # noqa: SIM401 - it has no get
    with speaking(now):  # the harness asks for labels outside of any session
        return control.set_value(value).run()
