"""The reviews of the base, searched and filtered, a page at a time."""

from datetime import date

import streamlit as st

from reviews_ui import session
from reviews_ui.api import reviews
from reviews_ui.api.reviews import Question
from reviews_ui.i18n import french, t, whole
from reviews_ui.listing import day, listing, stars, written
from reviews_ui.views.frame import page_chooser, page_number

PER_PAGE = 25
LONGEST = 200  # characters, as the API allows
FIRST_DAY = date(1990, 1, 1)


def show() -> None:
    """Draw the filters and what they leave."""
    spread = session.fresh("statistics", lambda: reviews.statistics(session.api()))
    if spread.rows == 0:
        st.info(f"**{t('data.empty')}**  \n{t('data.empty.todo')}", icon=":material/info:")
        return
    question = _filters(
        [one.name for one in spread.sources if one.name],
        [one.name for one in spread.companies if one.name],
    )
    if question.since and question.until and question.since > question.until:
        st.warning(t("search.backwards"), icon=":material/edit_calendar:")
        return
    key = f"search-page-{hash(question)}"
    number = page_number(key)
    with st.spinner(t("search.asking")):
        page = session.fresh(
            f"search {number} {question}",
            lambda: reviews.found(session.api(), question, number, PER_PAGE),
        )
    st.markdown(t("search.found", rows=whole(page.total)))
    if not page.items:
        st.info(t("search.none"), icon=":material/search_off:")
        return
    st.html(
        listing(
            t("data.tab.search"),
            [
                (t("search.number"), "sp-num"),
                (t("review.star"), ""),
                (t("review.text"), "sp-text"),
                (t("review.source"), "sp-name"),
                (t("search.company"), "sp-name"),
                (t("search.date"), ""),
            ],
            [
                (
                    one.number,
                    stars(one.star),
                    written(one.text),
                    one.source,
                    one.company,
                    day(one.date),
                )
                for one in page.items
            ],
        )
    )
    page_chooser(key, page.pages)


def _filters(sources: list[str], companies: list[str]) -> Question:
    with st.form("search"):
        text = st.text_input(
            t("search.text"), max_chars=LONGEST, help=t("search.text.help"), key="search-text"
        )
        chosen = st.pills(
            t("review.star"),
            range(1, 6),
            selection_mode="multi",
            format_func=lambda number: f"{number} ★",
            key="search-stars",
        )
        left, right = st.columns(2)
        with left:
            of_sources = st.multiselect(
                t("review.source"), sources, placeholder=t("search.any"), key="search-sources"
            )
            since = _day("since")
        with right:
            of_companies = st.multiselect(
                t("search.company"), companies, placeholder=t("search.any"), key="search-companies"
            )
            until = _day("until")
        st.form_submit_button(t("search.submit"), icon=":material/search:", type="primary")
    return Question(
        text, tuple(sorted(chosen)), tuple(of_sources), tuple(of_companies), since, until
    )


def _day(name: str) -> date | None:
    return st.date_input(
        t(f"search.{name}"),
        value=None,
        min_value=FIRST_DAY,
        format="DD/MM/YYYY" if french() else "YYYY-MM-DD",
        key=f"search-{name}",
    )
