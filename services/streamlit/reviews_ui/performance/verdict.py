"""All is well, or what is not: one glance, from the newest scores and the kept alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from reviews_ui import metrics
from reviews_ui.api.alerts import KeptAlert
from reviews_ui.api.reports import Reports
from reviews_ui.i18n import moment, percent, percent_beside, t, whole
from reviews_ui.performance.names import kind_named, slice_named

MOST = 6
"""Alerts that the verdict names; the view of alerts has all."""


@dataclass(frozen=True)
class Red:
    """One thing that is in alert: what, where, how far."""

    kind: str
    family: str | None = None
    metric: str | None = None
    slice: str | None = None
    run: str | None = None
    value: float | None = None
    threshold: float | None = None
    detail: str = ""


def reds(reports: Reports, kept: Sequence[KeptAlert] = ()) -> tuple[Red, ...]:
    """Return what is in alert: the newest scores at the reader's threshold, then what is kept open.

    A score that both know of is named once.
    """
    newest = {item.family: item.run for item in reports.items}
    found = [
        Red("performance", one.family, one.metric, None, newest.get(one.family), one.value,
            one.threshold)
        for one in reports.alerts
        if one.state == "alert"
    ]  # fmt: skip
    known = {(one.family, one.metric, one.run) for one in found}
    return (
        *found,
        *(
            Red(
                kind=one.kind,
                family=one.family,
                metric=one.metric,
                slice=one.slice,
                run=one.run,
                value=one.value,
                threshold=one.threshold,
                detail=one.detail,
            )
            for one in kept
            if one.kind != "performance" or (one.family, one.metric, one.run) not in known
        ),
    )


def judged(reports: Reports) -> bool:
    """Return whether the API gave a state to each family's newest run."""
    return all(reports.alerts_of(family) for family in reports.families)


def sentence(red: Red) -> str:
    """Return what is in alert in one line, without the run."""
    if red.kind in ("performance", "slice") and red.value is not None and red.metric is not None:
        threshold = red.threshold if red.threshold is not None else red.value
        text = t(
            "reports.alert.text",
            metric=red.metric,
            value=percent_beside(red.value, threshold),
            threshold=percent(threshold, 0),
        )
    else:
        text = kind_named(red.kind)
    family = f"{red.family.upper()} · " if red.family else ""
    within = " · " + t("verdict.slice", slice=slice_named(red.slice)) if red.slice else ""
    return f"{family}{text}{within}"


def banner(reports: Reports, red: Sequence[Red], silent: str = "") -> str:
    """Return the verdict as HTML.

    Parameters
    ----------
    reports : Reports
        The scores.
    red : sequence of Red
        What is in alert.
    silent : str
        Why the kept alerts could not be read, where they could not: then the verdict says that it
        stands on the scores alone.
    """
    notes = [t("verdict.silent", detail=silent)] if silent else []
    if reports.unreadable:
        runs = ", ".join(reports.unreadable[:5])
        notes.append(t("verdict.unreadable", count=whole(len(reports.unreadable)), runs=runs))
    if red:
        kind, head = "bad", f"⚠ {t('reports.alert')} · {whole(len(red))}"
        lines = [_line(one) for one in red[:MOST]]
        if len(red) > MOST:
            lines.append(f"<li>{escape(t('verdict.more', count=whole(len(red) - MOST)))}</li>")
        body = f"<ul>{''.join(lines)}</ul>"
    elif judged(reports):
        kind, head = "good", f"✓ {t('verdict.ok')}"
        text = t(
            "verdict.ok.text",
            families=", ".join(family.upper() for family in reports.families),
            threshold=percent(reports.threshold, 0),
            moment=moment(reports.items[-1].date_heure, seconds=False),
        )
        body = f"<p>{escape(text)}</p>"
    else:
        kind, head = "plain", f"? {t('reports.unknown')}"
        body = f"<p>{escape(t('reports.unknown.text'))}</p>"
    more = "".join(f'<p class="sp-note">{escape(note)}</p>' for note in notes)
    return (
        f'<section class="sp-banner sp-{kind}" aria-label="{escape(t("verdict.name"))}">'
        f"<p><strong>{escape(head)}</strong></p>{body}{more}</section>"
    )


def _line(red: Red) -> str:
    of_dag = red.kind == "retraining-failed"
    told = t("verdict.dag_run" if of_dag else "verdict.run", run=red.run)
    run = f" <small>{escape(told)}</small>" if red.run else ""
    detail = "" if red.value is not None else f" <small>{escape(red.detail)}</small>"
    title = escape(metrics.meaning(red.metric)) if red.metric else ""
    return f'<li title="{title}">{escape(sentence(red))}{run}{detail}</li>'
