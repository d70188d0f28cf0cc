"""Users: list, add, role, disable and enable, a new password. For admins."""

from typing import NoReturn

import streamlit as st

from reviews_ui import session
from reviews_ui.api import users as api
from reviews_ui.api.accounts import ROLES
from reviews_ui.api.errors import ApiError, Conflict, Invalid
from reviews_ui.api.users import User
from reviews_ui.i18n import t
from reviews_ui.serving import markup
from reviews_ui.serving.outcome import said_before, say_next

REFUSED = "users-refused"
"""Where the session keeps a refusal from one drawing to the next."""


def show(*, admin: bool) -> None:
    """Show the accounts to an admin; tell others that they are not theirs."""
    if not admin:
        st.info(f"**{t('error.Forbidden')}**  \n{t('users.forbidden')}", icon=":material/lock:")
        return
    said_before("users")
    if (refusal := st.session_state.pop(REFUSED, None)) is not None:
        session.explain(refusal)
    with st.spinner(t("users.loading")):
        found = session.fresh("users", lambda: api.users(session.api()))
    st.html(markup.users_table(found))
    left, right = st.columns(2)
    with left:
        _add()
    with right:
        _change(found)


def _add() -> None:
    st.subheader(t("users.add"), anchor=False)
    with st.form("user-add"):
        name = st.text_input(
            t("users.name"), key=_turn("user-name"), max_chars=64, autocomplete="off"
        )
        role = st.selectbox(t("users.role"), ROLES, index=1, format_func=_role)
        password = st.text_input(
            t("users.password"),
            key=_turn("user-password"),
            type="password",
            help=t("users.password.help"),
            autocomplete="new-password",
        )
        asked = st.form_submit_button(t("users.add.submit"), icon=":material/person_add:")
    if not asked:
        return
    if not name.strip() or not password:
        st.warning(t("users.missing"), icon=":material/edit:")
        return
    try:
        made = api.add(session.api(), name.strip(), password, role)
    except (Invalid, Conflict) as error:
        _refused(error, "user-password")
    _next_turn("user-name")
    _next_turn("user-password")
    say_next("users", t("users.added", name=made.name, role=_role(made.role)))


def _change(found: tuple[User, ...]) -> None:
    st.subheader(t("users.change"), anchor=False)
    user = st.selectbox(
        t("users.who"),
        found,
        index=None,
        key="user-chosen",
        format_func=lambda one: one.name,
        placeholder=t("users.who.placeholder"),
    )
    if user is None:
        return
    with st.form("user-role"):
        role = st.selectbox(t("users.role"), ROLES, index=ROLES.index(user.role), format_func=_role)
        if st.form_submit_button(t("users.role.submit"), icon=":material/badge:"):
            _ask(user, t("users.changed.role", name=user.name, role=_role(role)), role=role)
    with st.form("user-new-password"):
        password = st.text_input(
            t("users.password.new"),
            key=_turn("user-new-password-text"),
            type="password",
            help=t("users.password.help"),
            autocomplete="new-password",
        )
        if st.form_submit_button(t("users.password.submit"), icon=":material/key:"):
            if password:
                _ask(user, t("users.changed.password", name=user.name), password=password)
            else:
                st.warning(t("users.password.missing"), icon=":material/edit:")
    with st.form("user-state"):
        now, then = ("disabled", "enable") if user.disabled else ("enabled", "disable")
        st.markdown(t(f"users.is.{now}"))
        if st.form_submit_button(t(f"users.{then}"), icon=":material/power_settings_new:"):
            done = t(f"users.changed.{then}", name=user.name)
            _ask(user, done, disabled=not user.disabled)


def _ask(user: User, done: str, **changes: str | bool) -> None:
    try:
        api.change(session.api(), user.name, **changes)
    except (Invalid, Conflict) as error:  # the last admin stays one; a password too easily guessed
        _refused(error, "user-new-password-text")
    _next_turn("user-new-password-text")
    say_next("users", done)


def _refused(error: ApiError, password: str) -> NoReturn:
    """Draw the page anew without the password, and explain the refusal there."""
    st.session_state[REFUSED] = error
    _next_turn(password)
    st.rerun()


def _turn(name: str) -> str:
    """Return the key of a field; after `_next_turn` it is another, and what was typed is gone."""
    return f"{name}-{st.session_state.get(f'{name}-turn', 0)}"


def _next_turn(name: str) -> None:
    """Forget what was typed into a field, from the next drawing on: no password shall stay."""
    st.session_state[f"{name}-turn"] = st.session_state.get(f"{name}-turn", 0) + 1


def _role(role: str) -> str:
    return t(f"users.role.{role}")
