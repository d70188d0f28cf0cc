"""The offline Swagger page under its policy, in a real browser."""

import threading

import pytest
import uvicorn

from chromium import chromium
from reviews_api.app import create_app
from satispy.core.settings import load_settings

pytestmark = pytest.mark.browser


@pytest.fixture
def address():
    started = threading.Event()

    class Noticed(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            started.set()

    server = Noticed(
        uvicorn.Config(create_app(load_settings()), port=0, log_config=None, ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(60)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_documentation_is_drawn_and_the_browser_has_nothing_to_complain_about(address):
    said = []
    with chromium() as browser:
        tab = browser.new_page()
        # What a policy forbids is an error; Swagger's forms draw hints of other kinds.
        tab.on("console", lambda message: said.append((message.type, message.text)))
        tab.goto(f"{address}/docs")
        tab.wait_for_selector("text=/uploadfile")
        tab.click("button.authorize")
        tab.wait_for_selector(".modal-ux input[type=password]")
    assert [text for kind, text in said if kind == "error"] == []
