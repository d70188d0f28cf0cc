"""All alerts that the installation keeps, open ones first."""

import streamlit as st

from reviews_ui import session
from reviews_ui.api.alerts import KeptAlert, KeptAlerts
from reviews_ui.api.errors import ApiError
from reviews_ui.i18n import moment, percent, percent_beside, t
from reviews_ui.performance import heat
from reviews_ui.performance.names import kind_named, slice_named


def alert_list(kept: KeptAlerts | ApiError) -> None:
    """Draw the view."""
    st.markdown(t("alerts.intro"))
    if isinstance(kept, ApiError):
        session.explain(kept)
        return
    if not kept.items:
        st.success(t("alerts.none"), icon=":material/check:")
        return
    names = ("state", "kind", "family", "metric", "slice", "value", "since", "ended", "run", "said")
    st.html(
        heat.plain(
            t("alerts.title"), [t(f"alerts.{name}") for name in names], map(_row, kept.items)
        )
    )


def _row(alert: KeptAlert) -> tuple[str, ...]:
    value = "–"
    if alert.value is not None and alert.threshold is not None:
        score, limit = percent_beside(alert.value, alert.threshold), percent(alert.threshold, 0)
        value = t("alerts.against", value=score, threshold=limit)
    return (
        f"⚠ {t('alerts.open')}" if alert.ended_at is None else f"✓ {t('alerts.closed')}",
        kind_named(alert.kind),
        (alert.family or "–").upper(),
        alert.metric or "–",
        slice_named(alert.slice) if alert.slice else "–",
        value,
        moment(alert.since[:19], seconds=False),
        moment(alert.ended_at[:19], seconds=False) if alert.ended_at else "–",
        alert.run or "–",
        alert.detail,
    )
