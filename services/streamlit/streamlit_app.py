"""The page's frame: sign-in, navigation, sidebar, and the one place where API errors are told."""

from pathlib import Path

import streamlit as st

from reviews_ui import logs, markup, session
from reviews_ui.answers import Account
from reviews_ui.client import ApiError, Refused
from reviews_ui.i18n import t, whole

HERE = Path(__file__).parent


def sign_in_form() -> None:
    st.html(HERE / "assets" / "sign_in.css")
    _, middle, _ = st.columns([1, 1.3, 1])
    with middle:
        st.space("large")
        st.image(HERE / "assets" / "logo.svg", width=210)
        st.markdown(t("app.subtitle"))
        if st.session_state.pop("expired", False):
            st.warning(t("login.expired"), icon=":material/logout:")
        with st.form("login", enter_to_submit=True):
            st.subheader(t("login.title"), anchor=False)
            username = st.text_input(t("login.username"), autocomplete="username")
            password = st.text_input(
                t("login.password"), type="password", autocomplete="current-password"
            )
            asked = st.form_submit_button(t("login.submit"), type="primary", width="stretch")
        outcome = st.container()
        st.caption(t("login.help"))
        if not asked:
            return
        if not username or not password:
            outcome.warning(t("login.missing"), icon=":material/edit:")
            return
        try:
            session.sign_in(username, password)
        except ApiError as error:
            with outcome:
                session.explain(error)
            return
    st.rerun()


def sidebar(visitor: Account) -> None:
    with st.sidebar:
        role = t("side.role", role=visitor.role)
        st.html(markup.side_note(t("side.account"), visitor.username, role))
        st.html(markup.side_note(t("side.data"), *dataset()))
        st.button(
            t("side.logout"),
            icon=":material/logout:",
            width="stretch",
            on_click=session.sign_out,
        )


def dataset() -> tuple[str, ...]:
    try:
        status = session.fresh("status", session.api().status)
    except Refused:
        raise
    except ApiError:
        return (t("side.unknown"),)  # the page itself will say why
    if status.rows == 0:
        return (t("side.empty"),)
    version = t("side.dataset", version=status.dataset_version)
    return version, t("side.rows", rows=whole(status.rows))


logs.install()
st.set_page_config(
    page_title=t("app.title"),
    page_icon=str(HERE / "assets" / "icon.svg"),
    layout="wide",
    initial_sidebar_state=260,
)
st.html(HERE / "assets" / "page.css")
visitor = session.account()
# All pages are declared to a stranger too, so that a link to one of them survives the sign-in.
page = st.navigation(
    [
        st.Page(
            "app_pages/prediction.py",
            title=t("nav.prediction"),
            icon=":material/forum:",
            url_path="prediction",
            default=True,
        ),
        st.Page(
            "app_pages/reports.py",
            title=t("nav.reports"),
            icon=":material/monitoring:",
            url_path="reporting",
        ),
    ],
    position="hidden" if visitor is None else "sidebar",
)
if visitor is None:
    sign_in_form()
else:
    st.logo(HERE / "assets" / "logo.svg", size="large", icon_image=HERE / "assets" / "icon.svg")
    try:
        sidebar(visitor)
        page.run()
    except Refused:
        session.sign_out(expired=True)
        st.rerun()
    except ApiError as error:
        session.explain(error)
