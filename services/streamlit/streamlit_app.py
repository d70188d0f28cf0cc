"""The page's frame: sign-in, navigation, sidebar, and the one place where API errors are told."""

from pathlib import Path

import streamlit as st

from reviews_ui import logs, markup, session
from reviews_ui.api.accounts import Account
from reviews_ui.api.errors import ApiError, Refused
from reviews_ui.api.status import status
from reviews_ui.i18n import CHOSEN, LANGUAGES, language, t, whole

HERE = Path(__file__).parent
PAGES = {
    # file: (address, icon, the lowest role that is offered it)
    "home": ("home", ":material/home:", "viewer"),
    "prediction": ("prediction", ":material/forum:", "user"),
    "reports": ("reporting", ":material/monitoring:", "viewer"),
    "data": ("data", ":material/table_rows:", "viewer"),
    "models": ("models", ":material/deployed_code:", "viewer"),
    "limits": ("limits", ":material/straighten:", "viewer"),
}


def logo() -> Path:
    return HERE / "assets" / f"logo-{session.theme()}.svg"


def sign_in_form() -> None:
    st.html(HERE / "assets" / "sign_in.css")
    _, middle, _ = st.columns([1, 1.3, 1])
    with middle:
        st.space("large")
        st.image(logo(), width=210, alt=t("app.title"))
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
        language_switch()
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


def language_switch() -> None:
    def choose() -> None:
        st.session_state[CHOSEN] = st.session_state["language-switch"]

    st.session_state["language-switch"] = language()
    st.segmented_control(
        t("side.language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="language-switch",
        required=True,
        on_change=choose,
        label_visibility="collapsed",
    )


def sidebar(visitor: Account) -> None:
    with st.sidebar:
        role = t("side.role", role=visitor.role)
        st.html(markup.side_note(t("side.account"), visitor.username, role))
        st.html(markup.side_note(t("side.data"), *dataset()))
        language_switch()
        st.button(
            t("side.logout"),
            icon=":material/logout:",
            width="stretch",
            on_click=session.sign_out,
        )


def dataset() -> tuple[str, ...]:
    try:
        found = session.fresh("status", lambda: status(session.api()))
    except Refused:
        raise
    except ApiError:
        return (t("side.unknown"),)  # the page itself will say why
    if found.rows == 0:
        return (t("side.empty"),)
    version = t("side.dataset", version=found.dataset_version)
    return version, t("side.rows", rows=whole(found.rows))


logs.install()
st.set_page_config(
    page_title=t("app.title"),
    page_icon=str(HERE / "assets" / "icon.svg"),
    layout="wide",
    initial_sidebar_state=260,
)
st.html(HERE / "assets" / "page.css")
visitor = session.account()
# All pages are declared to a stranger too, so that a link to one of them survives the sign-in; and
# to every role, so that who may not use one reads why.
page = st.navigation(
    [
        st.Page(
            f"app_pages/{name}.py",
            title=t(f"nav.{name}"),
            icon=icon,
            url_path=address,
            default=name == "home",
            visibility="visible" if visitor is None or visitor.may(role) else "hidden",
        )
        for name, (address, icon, role) in PAGES.items()
    ],
    position="hidden" if visitor is None else "sidebar",
)
if visitor is None:
    sign_in_form()
else:
    st.logo(logo(), size="large", icon_image=HERE / "assets" / "icon.svg")
    try:
        sidebar(visitor)
        page.run()
    except Refused:
        session.sign_out(expired=True)
        st.rerun()
    except ApiError as error:
        session.explain(error)
