"""Charts of this page that are no history of scores: calibration, and who was champion when."""

from collections.abc import Sequence

import plotly.graph_objects as go

from reviews_ui.api.decisions import Decision, Reign
from reviews_ui.api.run_report import Bin
from reviews_ui.charts import dress
from reviews_ui.i18n import french, moment, percent, t
from reviews_ui.palette import INKS, STYLES, Theme

ROW = 44  # pixels of a family in the champion's chart
MARKS = {
    "promoted": ("triangle-up", 9),
    "held": ("triangle-down-open", 9),
    "rolled-back": ("triangle-left", 11),
}


def calibration(bins: Sequence[Bin], theme: Theme = "light") -> go.Figure:
    """Draw which share was positive over which probability was said; the diagonal is the ideal."""
    figure, ink = go.Figure(), INKS[theme]
    most = max((one.rows for one in bins), default=1)
    color = STYLES["accuracy"].in_theme(theme)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": ink.threshold, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        name=t("run.calibration"),
        x=[one.said for one in bins],
        y=[one.was for one in bins],
        mode="lines+markers",
        cliponaxis=False,
        line={"color": color, "width": 2},
        # The area of a mark says how many reviews stand behind it.
        marker={"color": color, "size": [6 + 18 * (one.rows / most) ** 0.5 for one in bins]},
        customdata=[[percent(one.said), percent(one.was), one.rows] for one in bins],
        hovertemplate=t(
            "run.calibration.hover",
            said="%{customdata[0]}",
            was="%{customdata[1]}",
            rows="%{customdata[2]}",
        )
        + "<extra></extra>",
    )
    dress(figure, theme, 320)
    ticks = [tenth / 5 for tenth in range(6)]
    texts = [percent(tick, 0) for tick in ticks]
    for update, title in (
        (figure.update_xaxes, t("run.calibration.x")),
        (figure.update_yaxes, t("run.calibration.y")),
    ):
        update(range=[-0.02, 1.02], tickvals=ticks, ticktext=texts, title=title)
    return figure


def champions(
    reigns: Sequence[Reign],
    decisions: Sequence[Decision],
    families: Sequence[str],
    theme: Theme = "light",
) -> go.Figure:
    """Draw who was champion from when to when, and each decision, one row per family."""
    figure, ink = go.Figure(), INKS[theme]
    moments = [_plain(one.at) for one in decisions]
    start, end = (min(moments), max(moments)) if moments else ("", "")
    for reign in reigns:
        since, until = _plain(reign.since or start), _plain(reign.until or end)
        figure.add_scatter(
            x=[since, until],
            y=[reign.family.upper()] * 2,
            mode="lines",
            line={"color": STYLES["accuracy"].in_theme(theme), "width": 14},
            opacity=0.45,
            hovertemplate=f"{t('champion.is')}<br>{moment(since)}<extra></extra>",
        )
    for event, (symbol, size) in MARKS.items():
        found = [one for one in decisions if one.event == event]
        figure.add_scatter(
            name=event,
            x=[_plain(one.at) for one in found],
            y=[one.family.upper() for one in found],
            mode="markers",
            cliponaxis=False,
            marker={"symbol": symbol, "size": size, "color": ink.text},
            customdata=[[t(f"champion.{event}"), moment(_plain(one.at))] for one in found],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} UTC<extra></extra>",
        )
    dress(figure, theme, 70 + ROW * len(families))
    tickformat = "%d/%m/%y<br>%H:%M" if french() else "%Y-%m-%d<br>%H:%M"
    figure.update_xaxes(type="date", tickformat=tickformat, nticks=8)
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=[family.upper() for family in reversed(families)],
        range=[-0.5, len(families) - 0.5],
    )
    return figure


def _plain(stamp: str) -> str:
    """Return a moment without its zone, which a chart would not understand the same way."""
    return stamp.replace("T", " ")[:19]
