"""The runs there are: why one is held, what the gate asked; an admin may promote."""

from html import escape

import streamlit as st

from reviews_ui import session
from reviews_ui.api.errors import Invalid
from reviews_ui.api.models import DAMAGED, HELD, SERVING, KnownRun, WholeRun, promote, whole_run
from reviews_ui.i18n import moment, percent, t
from reviews_ui.serving import markup
from reviews_ui.serving.outcome import said_before, say_next
from reviews_ui.serving.served import LONGEST_COMMENT, known_models

SHOWN = 30
"""Rows of the table at first; 500 runs are many."""


def show(*, admin: bool) -> None:
    """Show all runs, one in detail, and let an admin promote it."""
    said_before("candidates")
    with st.spinner(t("models.loading")):
        runs = known_models().runs
    if not runs:
        st.info(f"**{t('models.none')}**  \n{t('models.none.todo')}", icon=":material/info:")
        return
    st.markdown(t("candidates.intro"))
    shown = runs
    if len(runs) > SHOWN and not st.toggle(t("candidates.all", count=len(runs))):
        shown = runs[:SHOWN]
    st.html(markup.runs_table(shown))
    chosen = st.selectbox(
        t("candidates.choose"),
        runs,
        index=_most_telling(runs),
        key="candidate",
        placeholder=t("candidates.placeholder"),
        format_func=_option,
    )
    if chosen is None:
        return
    found = session.fresh(f"run {chosen.run}", lambda: whole_run(session.api(), chosen.run))
    _verdict(found)
    if admin:
        _promote(found)
    else:
        st.caption(t("models.reading"))


def _most_telling(runs: tuple[KnownRun, ...]) -> int | None:
    """Return the place of the newest run that is held: the one people ask about."""
    return next((place for place, run in enumerate(runs) if run.state == HELD), None)


def _option(run: KnownRun) -> str:
    state = markup.state_word(run)
    when = f"{moment(run.trained_at, seconds=False)} UTC"
    scores = [
        f"{name} {percent(score)}" for name, score in run.scores.items() if name == "accuracy"
    ]
    return " · ".join([run.family.upper(), when, state, *scores])


def _verdict(found: WholeRun) -> None:
    st.subheader(t("candidates.checks"), anchor=False)
    if found.blessed is not None:
        word = t("candidates.blessed" if found.blessed else "candidates.held")
        tone = "good" if found.blessed else "bad"
        mark = "✓" if found.blessed else "■"
        compared = t("candidates.compared", run=found.compared_with) if found.compared_with else ""
        st.html(
            f'<div class="sp-card sp-{tone}"><div class="sp-verdict"><p>{mark} {escape(word)} '
            f"{escape(found.reason)}</p></div><footer>{escape(compared)}</footer></div>"
        )
    st.html(markup.checks_list(found))
    if found.decisions:
        with st.expander(t("candidates.decisions", count=len(found.decisions))):
            st.html(markup.decisions_table(reversed(found.decisions)))


def _promote(found: WholeRun) -> None:
    run = found.run
    if run.state == SERVING:
        st.caption(t("promote.serves"))
        return
    if run.state == DAMAGED:
        st.caption(t("promote.damaged"))
        return
    against = not found.blessed
    st.subheader(t("promote.title"), anchor=False)
    st.markdown(t("promote.against" if against else "promote.intro"))
    with st.form("promote", border=True):
        label = t("promote.why" if against else "models.comment")
        comment = st.text_area(label, max_chars=LONGEST_COMMENT, height=80)
        champion = st.checkbox(t("promote.champion", family=run.family.upper()))
        sure = st.checkbox(t("promote.sure"))
        asked = st.form_submit_button(t("promote.submit"), icon=":material/publish:")
    if not asked:
        return
    if against and not comment.strip():
        st.warning(t("promote.needed"), icon=":material/edit:")
        return
    if not sure:
        st.warning(t("models.confirm"), icon=":material/check_box:")
        return
    try:
        decision = promote(session.api(), run.run, comment.strip(), champion=champion)
    except Invalid as error:
        session.explain(error)
        return
    key = "promote.done" if decision else "promote.same"
    say_next("candidates", t(key, family=run.family.upper(), run=run.run))
