"""Cards and table as HTML: light (no pandas in the page), even in height, read by screen readers.

Everything that comes from outside passes through `escape`; the classes stand in assets/page.css.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from reviews_ui import table
from reviews_ui.api.predictions import Prediction
from reviews_ui.api.reports import Alert, Reports, Training
from reviews_ui.i18n import moment, percent, percent_beside, t, whole
from reviews_ui.metrics import interval, meaning
from reviews_ui.palette import style_of


def prediction_cards(predictions: Iterable[Prediction], champion: str | None = None) -> str:
    """Return one card per family: the label in words, P(positive) as a bar, the model's name.

    That of the champion, which answers for all, says so.
    """
    return _grid(_prediction(one, one.family == champion) for one in predictions)


def _prediction(prediction: Prediction, champion: bool) -> str:
    kind = "good" if prediction.label == 1 else "bad"
    mark = "▲" if prediction.label == 1 else "▼"
    share = percent(prediction.probability)
    width = 100 * min(max(prediction.probability, 0.0), 1.0)
    caption = t("predict.probability")
    return _card(
        kind,
        prediction.family,
        f"{mark} {t(f'label.{prediction.label}')}",
        f'<div class="sp-line sp-small"><span>{escape(caption)}</span><b>{share}</b></div>'
        f'<div class="sp-bar" role="img" aria-label="{escape(caption)} : {share}">'
        f'<div style="width:{width:.1f}%"></div></div>',
        t("predict.model", version=prediction.model_version),
        f"★ {t('predict.champion')}" if champion else "",
    )


def status_cards(reports: Reports) -> str:
    """Return one card per family: OK or ALERTE as the API judged it, its scores, its newest run."""
    return _grid(_status(reports, family) for family in reports.families)


def state_of(alerts: Sequence[Alert]) -> str:
    """Return ``alert`` where one score is in alert, ``ok`` where all are ok, else ``unknown``."""
    states = {alert.state for alert in alerts}
    if "alert" in states:
        return "alert"
    return "ok" if states == {"ok"} else "unknown"


def _status(reports: Reports, family: str) -> str:
    newest = reports.of(family)[-1]
    alerts = reports.alerts_of(family)
    below = {alert.metric: alert for alert in alerts if alert.state == "alert"}
    kind, badge, sentences = {
        "ok": (
            "good",
            f"✓ {t('reports.ok')}",
            [t("reports.ok.text", threshold=percent(reports.threshold, 0))],
        ),
        "alert": (
            "bad",
            f"⚠ {t('reports.alert')}",
            [
                t(
                    "reports.alert.text",
                    metric=alert.metric,
                    value=percent_beside(alert.value, alert.threshold),
                    threshold=percent(alert.threshold, 0),
                )
                for alert in below.values()
            ],
        ),
        "unknown": ("plain", f"? {t('reports.unknown')}", [t("reports.unknown.text")]),
    }[state_of(alerts)]
    lines = "".join(
        f'<div class="sp-line{" sp-below" if metric in below else ""}">'
        f"<span>{_mark(metric)}{escape(metric)}</span>{_sure(newest, metric)}"
        f"<b>{percent_beside(newest.scores[metric], reports.threshold)}</b></div>"
        for metric in reports.metrics
    )
    verdict = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return _card(
        kind,
        family,
        badge,
        f'{lines}<div class="sp-verdict">{verdict}</div>',
        t(
            "reports.run",
            moment=moment(newest.date_heure, seconds=False),
            rows=whole(newest.rows),
            version=newest.dataset_version,
        ),
    )


def _sure(item: Training, metric: str) -> str:
    """Return the interval of a score, or nothing where its report has none."""
    sure = interval(metric, item.ends.get(metric))
    return f'<small class="sp-sure">{escape(sure)}</small>' if sure else ""


def legend(metrics: Sequence[str], threshold: float | None) -> str:
    """Return the one legend of all charts: each score's mark and colour, and the threshold."""
    scores = "".join(
        f"<span>{_mark(metric)}{escape(metric)} <small>{escape(meaning(metric))}</small></span>"
        for metric in metrics
    )
    if threshold is None:
        return f'<div class="sp-legend">{scores}</div>'
    line = escape(t("chart.threshold", threshold=percent(threshold, 0)))
    return f'<div class="sp-legend">{scores}<span><i class="sp-dots"></i>{line}</span></div>'


def _mark(metric: str) -> str:
    style = style_of(metric)
    return f'<i style="color:{style.color}">{style.mark}</i>'


def reports_table(reports: Reports, most: int) -> str:
    """Return the table of the newest trainings."""
    kinds = table.kinds(reports.metrics)
    head = "".join(
        f'<th scope="col" class="{kind}">{escape(name)}</th>'
        for kind, name in zip(kinds, table.columns(reports.metrics), strict=True)
    )
    rows = "".join(
        f"<tr>{_cells(kinds, table.shown(item, reports.metrics))}</tr>"
        for item in reports.newest_first()[:most]
    )
    name = escape(t("reports.table"))
    return (
        f'<div class="sp-table" role="region" aria-label="{name}" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cells(kinds: Sequence[str], cells: Sequence[str]) -> str:
    return "".join(
        f'<td class="{kind}" title="{escape(cell)}">{escape(cell)}</td>'
        for kind, cell in zip(kinds, cells, strict=True)
    )


def side_note(title: str, strong: str, rest: str = "") -> str:
    """Return one block of the sidebar: a small title, a strong line, a plain one."""
    return (
        f'<div class="sp-side"><small>{escape(title)}</small><b>{escape(strong)}</b>'
        f"<span>{escape(rest)}</span></div>"
    )


def apart(page: str, theme: str) -> str:
    """Return the address of a whole page of HTML, for a frame.

    As a ``data:`` address it has an origin of its own: whatever stood in it, nothing there could
    reach this page or the session. (Handed over as text it would share this page's origin.) A
    model card that is addressed as ``#light`` or ``#dark`` takes that theme.
    """
    return f"data:text/html;charset=utf-8;base64,{b64encode(page.encode()).decode()}#{theme}"


def _grid(cards: Iterable[str]) -> str:
    return f'<div class="sp-grid">{"".join(cards)}</div>'


def _card(kind: str, family: str, badge: str, body: str, foot: str, tag: str = "") -> str:
    told = f' <small class="sp-tag">{escape(tag)}</small>' if tag else ""
    return (
        f'<section class="sp-card sp-{kind}"><header><h3>{escape(family.upper())}{told}</h3>'
        f'<span class="sp-badge">{escape(badge)}</span></header>{body}'
        f"<footer>{escape(foot)}</footer></section>"
    )
