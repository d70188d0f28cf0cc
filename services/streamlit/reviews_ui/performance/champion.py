"""Who answered for all, from when to when, and every decision of the gate and of people."""

import streamlit as st

from reviews_ui import session
from reviews_ui.api.decisions import Decisions, Reign, decisions, reigns
from reviews_ui.api.errors import ApiError
from reviews_ui.i18n import moment, t, whole
from reviews_ui.performance import figures, heat
from reviews_ui.performance.asking import tried

ROWS_SHOWN = 100


def champion(families: tuple[str, ...]) -> None:
    """Draw it; where the API cannot tell, say so and leave the rest of the page alone."""
    st.subheader(t("champion.title"), anchor=False)
    found = tried("decisions", lambda: decisions(session.api()))
    if isinstance(found, ApiError):
        session.explain(found)
        return
    reigned = reigns(found)
    if not found.items:
        st.caption(t("champion.none"))
        return
    st.markdown(_now(reigned))
    st.html(f'<p class="sp-note">{t("champion.legend")}</p>')
    rows = tuple(sorted({*families, *(one.family for one in found.items)}))
    st.plotly_chart(
        figures.champions(reigned, found.items, rows, session.theme()),
        key="champions",
        config={"displayModeBar": False},
        theme=None,
        alt=_told(found, reigned),
    )
    if len(found.items) < found.total:
        st.caption(t("champion.newest", shown=whole(len(found.items)), count=whole(found.total)))
    if st.toggle(t("champion.table.show"), key="champion-table"):
        st.html(_table(found))


def _now(reigned: tuple[Reign, ...]) -> str:
    if not reigned:
        return t("champion.unknown")
    last = reigned[-1]
    since = moment(last.since or "", seconds=False)
    return t("champion.now", family=last.family.upper(), since=since)


def _told(found: Decisions, reigned: tuple[Reign, ...]) -> str:
    counts = {
        event: sum(one.event == event for one in found.items)
        for event in ("promoted", "held", "rolled-back")
    }
    return t(
        "champion.alt",
        now=_now(reigned).replace("*", ""),
        promoted=whole(counts["promoted"]),
        held=whole(counts["held"]),
        back=whole(counts["rolled-back"]),
    )


def _table(found: Decisions) -> str:
    names = ("at", "event", "family", "run", "by", "reason")
    return heat.plain(
        t("champion.table"),
        [t(f"decision.{name}") for name in names],
        [
            (
                moment(one.at[:19]),
                t(f"champion.{one.event}") if one.event in EVENTS else one.event,
                one.family.upper(),
                one.run,
                one.by,
                one.reason,
            )
            for one in found.items[::-1][:ROWS_SHOWN]
        ],
    )


EVENTS = ("promoted", "held", "rolled-back", "champion")
