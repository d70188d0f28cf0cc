"""What the parts of a page have in common: tabs, page numbers, errors told where they happen."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from reviews_ui import session
from reviews_ui.api.errors import ApiError, Refused
from reviews_ui.i18n import language

View = Callable[[], None]


@contextmanager
def told_here() -> Iterator[None]:
    """Tell an error of the API in this place, so that the rest of the page stays.

    A session that is over is for the frame, which asks to sign in again.
    """
    try:
        yield
    except Refused:
        raise
    except ApiError as error:
        session.explain(error)


def show_tabs(name: str, views: Mapping[str, tuple[str, View]]) -> None:
    """Draw tabs, of which only the open one does anything; ``?tab=`` opens one.

    Parameters
    ----------
    name
        Of the tabs, in the session.
    views
        Title and content, by a name that no language changes.
    """
    titles = {key: title for key, (title, _) in views.items()}
    key = f"{name}-{language()}"
    kept = st.session_state.get(f"{name}-open")
    asked = st.query_params.get("tab")
    if asked in titles:  # by a link, once
        del st.query_params["tab"]
        st.session_state[key] = titles[asked]
    # Not as `default`: where that changes, the tabs are new ones, and the next click is lost.
    if st.session_state.get(key) not in titles.values():
        st.session_state[key] = titles.get(str(kept), next(iter(titles.values())))
    tabs = st.tabs(list(titles.values()), key=key, on_change="rerun")
    for view, tab in zip(views, tabs, strict=True):
        if tab.open:
            st.session_state[f"{name}-open"] = view
            with tab:
                views[view][1]()


def open_tab(name: str, key: str, title: str) -> None:
    """Have another tab open in the next run; for callbacks."""
    st.session_state[f"{name}-open"] = key
    st.session_state[f"{name}-{language()}"] = title


def page_number(key: str) -> int:
    """Return which page of a list was chosen."""
    return int(st.session_state.get(key, 1))


def page_chooser(key: str, pages: int) -> None:
    """Draw the numbers of the pages, where there are several."""
    if pages < 2:
        return
    if page_number(key) > pages:
        st.session_state[key] = pages
    st.pagination(pages, key=key)
