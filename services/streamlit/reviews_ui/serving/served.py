"""What answers, and going back to what answered before."""

import streamlit as st

from reviews_ui import session
from reviews_ui.api.errors import Missing
from reviews_ui.api.models import Models, models, roll_back
from reviews_ui.i18n import t
from reviews_ui.serving import markup
from reviews_ui.serving.outcome import said_before, say_next

LONGEST_COMMENT = 2000  # characters, as the API allows


def known_models() -> Models:
    """Return what serves and every run, asked for at most every few seconds."""
    return session.fresh("models", lambda: models(session.api()))


def show(*, admin: bool) -> None:
    """Show the models that answer; let an admin go back."""
    said_before("served")
    with st.spinner(t("models.loading")):
        found = known_models()
    for trouble in found.troubles:
        key = "models.trouble.former" if trouble.answers else "models.trouble.none"
        st.error(t(key, family=trouble.family.upper()), icon=":material/error:")
        session.explain_detail(trouble.detail)
    if not found.served:
        st.info(f"**{t('models.none')}**  \n{t('models.none.todo')}", icon=":material/info:")
        return
    st.html(markup.served_cards(found))
    if not admin:
        st.caption(t("models.reading"))
        return
    _go_back(found)


def _go_back(found: Models) -> None:
    st.subheader(t("rollback.title"), anchor=False)
    st.markdown(t("rollback.intro"))
    with st.form("rollback", border=True):
        families = [one.family for one in found.served]
        family = st.selectbox(t("rollback.family"), families, format_func=str.upper)
        comment = st.text_area(t("models.comment"), max_chars=LONGEST_COMMENT, height=80)
        sure = st.checkbox(t("rollback.sure"))
        asked = st.form_submit_button(t("rollback.submit"), icon=":material/undo:")
    if not asked:
        return
    if not sure:
        st.warning(t("models.confirm"), icon=":material/check_box:")
        return
    try:
        decision = roll_back(session.api(), family, comment.strip())
    except Missing as error:
        st.warning(t("rollback.nothing", family=family.upper()), icon=":material/undo:")
        session.explain_detail(error.detail)
        return
    run = decision.run if decision else ""
    say_next("served", t("rollback.done", family=family.upper(), run=run))
