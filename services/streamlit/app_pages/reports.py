"""Reporting et alertes: the scores of each family over the runs, the states the API gives."""

from html import escape

import streamlit as st

from reviews_ui import charts, markup, session, table
from reviews_ui.api import reports as api
from reviews_ui.api.errors import Missing
from reviews_ui.i18n import moment, percent, t

PER_ROW = 3
CARD_HEIGHT = 760  # pixels; the card scrolls by itself

st.title(t("reports.title"), anchor=False)
st.markdown(t("reports.intro"))
left, _, right = st.columns([3, 2, 1], vertical_alignment="bottom")
with left:
    threshold = st.slider(
        t("reports.threshold"),
        min_value=50,
        max_value=100,
        value=st.session_state.get("threshold", 80),
        format="%d %%",
        help=t("reports.threshold.help"),
    )
with right:
    st.button(
        t("reports.refresh"),
        icon=":material/refresh:",
        width="stretch",
        on_click=session.forget_answers,
    )
st.session_state["threshold"] = threshold
reports = session.fresh(f"reports {threshold}", lambda: api.reports(session.api(), threshold / 100))

if not reports.items:
    st.info(f"**{t('reports.empty')}**  \n{t('reports.empty.todo')}", icon=":material/info:")
    st.stop()

st.subheader(t("reports.status"), anchor=False)
st.html(markup.status_cards(reports))

st.subheader(t("reports.history"), anchor=False)
st.html(markup.legend(reports.metrics, reports.threshold))
y_range = charts.score_range(reports.items, reports.threshold)
families = reports.families
for start in range(0, len(families), PER_ROW):
    for family, column in zip(
        families[start : start + PER_ROW], st.columns(PER_ROW, border=True), strict=False
    ):
        with column:
            st.markdown(f"**{family.upper()}**")
            st.plotly_chart(
                charts.history(
                    reports.of(family), reports.metrics, reports.threshold, y_range, session.theme()
                ),
                key=f"history-{family}",
                config={"displayModeBar": False},
                theme=None,
                alt=t(
                    "chart.alt",
                    metrics=", ".join(reports.metrics),
                    family=family.upper(),
                    threshold=percent(reports.threshold, 0),
                ),
            )

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.subheader(t("reports.table"), anchor=False, width="content")
    st.download_button(
        t("reports.download"),
        data=table.to_csv(reports),
        file_name=t("reports.filename"),
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
st.html(markup.reports_table(reports))

st.subheader(t("card.title"), anchor=False)
st.markdown(t("card.intro"))
chosen = st.selectbox(
    t("card.choose"),
    table.newest_first(reports),
    index=None,
    key="card",
    placeholder=t("card.placeholder"),
    format_func=lambda item: t(
        "card.option",
        family=item.family.upper(),
        moment=moment(item.date_heure),
        metric=reports.metrics[0],
        score=percent(item.scores[reports.metrics[0]]),
    ),
)
if chosen is not None:
    try:
        card = session.fresh(f"card {chosen.run}", lambda: api.card(session.api(), chosen.run))
    except Missing as error:
        st.info(f"**{t('card.missing')}**", icon=":material/info:")
        st.html(f'<p class="sp-detail">{escape(t("error.detail", detail=error.detail))}</p>')
    else:
        st.download_button(
            t("card.download"),
            data=card,
            file_name=f"{chosen.run}.html",
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.container(border=True):
            st.iframe(
                markup.apart(card, session.theme()),
                height=CARD_HEIGHT,
                alt=t("card.alt", run=chosen.run),
            )
