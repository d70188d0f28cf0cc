"""What would become, or became, of a file: in figures, with warnings and bad rows."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from reviews_ui.api.uploads import BadRows, Upload
from reviews_ui.i18n import t, whole
from reviews_ui.listing import listing, written
from reviews_ui.told import told


def foretold(upload: Upload, lines: Mapping[int, int] | None = None) -> None:
    """Draw what a check said; `lines` says what to call a line instead."""
    st.markdown(f"**{t('receipt.foretold')}**")
    _figures(upload, lines)
    if upload.accepted == 0:
        st.warning(t("receipt.nothing"), icon=":material/content_copy:")


def added(upload: Upload) -> None:
    """Draw the receipt."""
    st.success(
        t(
            "receipt.added",
            rows=whole(upload.accepted),
            version=upload.version,
            total=whole(upload.total),
        ),
        icon=":material/check_circle:",
    )
    _figures(upload)
    detail(t("receipt.id", id=upload.upload_id or "", file=upload.filename))


def bad_rows(found: BadRows, lines: Mapping[int, int] | None = None) -> None:
    """Draw why rows are bad: by column, then the first of them."""
    names = lines or {}
    columns = ", ".join(
        f"{t('receipt.row') if name == 'row' else name} ({whole(rows)})"
        for name, rows in found.by_column.items()
    )
    st.markdown(f"**{t('receipt.bad', rows=whole(found.rows))}**")
    detail(t("receipt.columns", columns=columns))
    st.html(
        listing(
            t("receipt.bad.table"),
            [
                (t("receipt.line"), "sp-num"),
                (t("receipt.column"), ""),
                (t("receipt.reason"), "sp-text"),
            ],
            [
                (whole(names.get(one.line, one.line)), one.column, written(told(one.reason)))
                for one in found.first
            ],
        )
    )
    if found.rows > len(found.first):
        st.caption(t("receipt.bad.first", rows=len(found.first)))


def detail(text: str) -> None:
    """Write a small line, perhaps of the API's, that may hold what somebody typed."""
    if text:
        st.html(f'<p class="sp-detail" dir="auto">{escape(told(text))}</p>')


def _figures(upload: Upload, lines: Mapping[int, int] | None = None) -> None:
    figures = [
        ("", "received", upload.received),
        ("good", "accepted", upload.accepted),
        ("bad" if upload.quarantined else "", "quarantined", upload.quarantined),
        ("", "duplicate", upload.duplicate),
    ]
    cells = "".join(
        f'<div class="sp-figure sp-{kind or "plain"}"><b>{whole(number)}</b>'
        f"<span>{escape(t(f'receipt.{name}'))}</span></div>"
        for kind, name, number in figures
    )
    st.html(f'<div class="sp-figures">{cells}</div>')
    for warning in upload.warnings:
        detail(f"⚠ {warning}")
    if upload.bad_rows is not None:
        bad_rows(upload.bad_rows, lines)
