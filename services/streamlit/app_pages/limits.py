"""Limites: measured figures against the known problems of such stacks; what models cannot do."""

from html import escape
from pathlib import Path

import streamlit as st

from reviews_ui import session
from reviews_ui.api.figures import figures
from reviews_ui.i18n import t
from reviews_ui.limits import tables

ROADMAP = ("channels", "drift", "languages")


def sentences(texts: list[str]) -> None:
    st.html(f'<ul class="sp-list">{"".join(f"<li>{escape(text)}</li>" for text in texts)}</ul>')


st.html(Path(__file__).parents[1] / "assets" / "limits.css")
st.title(t("nav.limits"), anchor=False)
st.markdown(t("limits.intro"))
with st.spinner(t("limits.loading")):
    found = session.fresh("figures", lambda: figures(session.api()))
now = found.now

st.subheader(t("limits.known"), anchor=False)
st.markdown(t("limits.known.intro"))
if found.figures is None:
    st.info(t("limits.known.none"), icon=":material/info:")
else:
    st.html(tables.known_problems(found.figures))
    st.html(tables.facts(found.facts))

st.subheader(t("limits.now"), anchor=False)
st.html(tables.present(now))

st.subheader(t("limits.cannot"), anchor=False)
st.markdown(t("limits.cannot.intro"))
if not now.answers:
    st.info(t("limits.cannot.none"), icon=":material/info:")
else:
    st.html(tables.answers(now.answers, held=False))
    with st.expander(t("limits.examples")):
        for one in now.answers:
            if one.wrong:
                kind = tables.kind_name(one.kind, held=one.held)
                st.html(
                    f'<p class="sp-detail"><b>{escape(one.family.upper())} · {escape(kind)}</b></p>'
                )
                sentences([*one.wrong])
    if any(one.held for one in now.answers):
        st.markdown(t("limits.held.intro"))
        st.html(tables.answers(now.answers, held=True))
if now.lengths:
    st.markdown(t("limits.lengths.intro"))
    st.html(tables.lengths(now.lengths))
sentences([t(f"limits.never.{name}") for name in ("mixed", "topic", "person", "learnt")])

st.subheader(t("limits.roadmap"), anchor=False)
missed, unmeasured = tables.missed(found), tables.unmeasured(found)
if missed:
    st.markdown(t("limits.roadmap.missed"))
    sentences(missed)
if unmeasured:
    st.markdown(t("limits.roadmap.unmeasured"))
    sentences(unmeasured)
st.markdown(t("limits.roadmap.open"))
sentences([t(f"limits.roadmap.{name}") for name in ROADMAP])
