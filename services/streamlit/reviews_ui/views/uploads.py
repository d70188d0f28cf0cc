"""Past uploads and dataset versions; the bad rows of an upload, to take and to mend."""

import streamlit as st

from reviews_ui import session
from reviews_ui.api import reviews, uploads
from reviews_ui.api.pages import Page
from reviews_ui.api.uploads import Upload
from reviews_ui.i18n import t, whole
from reviews_ui.listing import listing, when
from reviews_ui.views import mending
from reviews_ui.views.frame import page_chooser, page_number, told_here

PER_PAGE = 20


def show() -> None:
    """Draw the list of uploads, and for admins what became of their bad rows."""
    visitor = session.account()
    number = page_number("uploads-page")
    page = session.fresh(
        f"uploads {number}", lambda: uploads.listed(session.api(), number, PER_PAGE)
    )
    if not page.items:
        st.info(t("uploads.empty"), icon=":material/info:")
        return
    st.html(_table(page))
    page_chooser("uploads-page", page.pages)
    if visitor is not None and visitor.may("admin"):
        st.subheader(t("mend.title"), anchor=False)
        with told_here():
            mending.show(page.items)
    elif any(one.quarantined for one in page.items):
        st.caption(t("uploads.admins"))


def show_versions() -> None:
    """Draw the dataset versions, newest first."""
    st.markdown(t("versions.intro"))
    number = page_number("versions-page")
    page = session.fresh(
        f"versions {number}", lambda: reviews.versions(session.api(), number, PER_PAGE)
    )
    if not page.items:
        st.info(t("uploads.empty"), icon=":material/info:")
        return
    st.html(
        listing(
            t("data.tab.versions"),
            [
                (t("uploads.version"), "sp-num"),
                (t("versions.kind"), ""),
                (t("versions.added"), "sp-num"),
                (t("versions.total"), "sp-num"),
                (t("uploads.at"), ""),
                (t("uploads.by"), ""),
                (t("uploads.file"), "sp-name"),
                (t("versions.readable"), ""),
            ],
            [
                (
                    str(one.version),
                    _kind(one.kind),
                    whole(one.accepted),
                    whole(one.total),
                    when(one.received_at),
                    one.received_by,
                    one.filename,
                    f"✓ {t('versions.yes')}" if one.readable else f"✕ {t('versions.no')}",
                )
                for one in page.items
            ],
        )
    )
    page_chooser("versions-page", page.pages)


KINDS = ("genesis", "upload", "comment", "adopted", "erased", "masked")


def _kind(kind: str) -> str:
    return t(f"versions.kind.{kind}") if kind in KINDS else kind


def _table(page: Page[Upload]) -> str:
    return listing(
        t("data.tab.uploads"),
        [
            (t("uploads.at"), ""),
            (t("uploads.file"), "sp-name"),
            (t("uploads.by"), ""),
            (t("receipt.accepted"), "sp-num"),
            (t("receipt.quarantined"), "sp-num"),
            (t("receipt.duplicate"), "sp-num"),
            (t("uploads.version"), "sp-num"),
            (t("uploads.id"), "sp-name"),
        ],
        [
            (
                when(one.received_at),
                one.filename,
                one.received_by,
                whole(one.accepted),
                whole(one.quarantined),
                whole(one.duplicate),
                str(one.version),
                one.upload_id or "",
            )
            for one in page.items
        ],
    )
