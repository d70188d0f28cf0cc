"""What a visitor does and reads, in Streamlit's own test harness."""

from streamlit.testing.v1 import AppTest

from ui.reviews_server import PASSWORD, USER

APP = "services/streamlit/streamlit_app.py"


def sign_in(page: AppTest, username: str = USER, password: str = PASSWORD) -> AppTest:
    """Fill in the form and send it."""
    page.text_input[0].input(username)
    page.text_input[1].input(password)
    return page.button[0].click().run()


def visit(page: AppTest, name: str) -> AppTest:
    """Sign in and open one of the pages, by the name of its file."""
    return sign_in(page).switch_page(f"app_pages/{name}.py").run()


def press(page: AppTest, label: str) -> AppTest:
    """Press the button of this label."""
    return next(button for button in page.button if button.label == label).click().run()


def said(page: AppTest) -> str:
    """Return all text of the page, errors and warnings included; none may be an exception."""
    assert not page.exception
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.error, page.warning)
    texts = [element.value for kind in (*kinds, page.info, page.success) for element in kind]
    return "\n".join(texts + [element.body for element in page.get("html")])


def open_tab(page: AppTest, name: str, title: str) -> AppTest:
    """Open a tab by its title; `name` is that of the tabs in the session."""
    language = "en" if page.session_state["language-switch"] == "en" else "fr"
    page.session_state[f"{name}-{language}"] = title
    return page.run()
