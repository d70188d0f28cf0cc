"""The model card of a run, in a frame of its own."""

import streamlit as st

from reviews_ui import markup, session
from reviews_ui.api.errors import ApiError, Missing
from reviews_ui.api.reports import Reports
from reviews_ui.api.reports import card as ask
from reviews_ui.i18n import language, t
from reviews_ui.performance.asking import choose_run, tried

HEIGHT = 760  # pixels; the card scrolls by itself


def file_name(run: str, written_in: str) -> str:
    """Return what the file of a card is called where a visitor keeps it."""
    return f"{run}.html" if written_in == "en" else f"{run}.{written_in}.html"


def card(reports: Reports) -> None:
    """Draw the view."""
    st.markdown(t("card.intro"))
    run = choose_run(reports, "card-choice", t("card.choose"))
    wanted = language()
    found = tried(f"card {run} {wanted}", lambda: ask(session.api(), run, wanted))
    if isinstance(found, Missing):
        st.info(f"**{t('card.missing')}**", icon=":material/info:")
        session.explain_detail(found.detail)
    elif isinstance(found, ApiError):
        session.explain(found)
    else:
        if found.language != wanted:
            st.caption(t("card.elsewhere", language=t(f"card.language.{found.language}")))
        st.download_button(
            t("card.download"),
            data=found.page,
            file_name=file_name(run, found.language),
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.container(border=True):
            st.iframe(
                markup.apart(found.page, session.theme()),
                height=HEIGHT,
                alt=t("card.alt", run=run),
            )
