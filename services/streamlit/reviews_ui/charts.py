"""Charts of the scores: values in, plotly figures out."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from reviews_ui.api.reports import Training
from reviews_ui.i18n import decimal, moment, percent, short_moment, t
from reviews_ui.palette import INKS, Theme, style_of

FONT = '"Source Sans", "DejaVu Sans", sans-serif'
DATES_SHOWN = 4
CROWDED = 20  # runs; beyond it markers shrink so that the lines stay visible
HEIGHT = 260  # pixels


def score_range(items: Sequence[Training], threshold: float) -> tuple[float, float]:
    """Return the y range in which all scores and the threshold are visible, as fractions of 1.

    From the tenth below the lowest of them (with some room) up to just above 1, at least .3 high,
    so that noise in the third digit does not look like a landslide. Intervals are inside as well.
    """
    values = [threshold, *(score for item in items for score in item.scores.values())]
    values += [low for item in items for low, _ in item.ends.values()]
    low = math.floor((min(values) - 0.03) * 10) / 10
    return max(0.0, min(low, 0.7)), 1.01


def dates_shown(count: int, at_most: int = DATES_SHOWN) -> list[int]:
    """Return which of `count` runs get their date on the axis: evenly spread, the last included."""
    if count <= at_most:
        return list(range(count))
    step = (count - 1) / (at_most - 1)
    return sorted({round(step * index) for index in range(at_most)})


def history(
    items: Sequence[Training],
    metrics: Sequence[str],
    threshold: float,
    y_range: tuple[float, float],
    theme: Theme = "light",
) -> go.Figure:
    """Draw one family's scores over its runs, with the threshold.

    Parameters
    ----------
    items : sequence of Training
        The runs of one family, oldest first; one run shows as markers.
    metrics : sequence of str
        The scores to draw, each with its own colour, marker and dash.
    threshold : float
        Drawn as a dotted line; a fraction of 1, like the scores.
    y_range : (float, float)
        The same for all families, so that their charts compare.
    theme : {"light", "dark"}
        What the chart stands on.

    Returns
    -------
    plotly.graph_objects.Figure
        Runs stand at even distances: retraining comes in bursts, and dates on a true time axis
        would pile up.
    """
    figure, ink = go.Figure(), INKS[theme]
    order = list(range(len(items)))
    dates = [moment(item.date_heure) for item in items]
    for metric in metrics:
        style = style_of(metric)
        color = style.in_theme(theme)
        figure.add_scatter(
            name=metric,
            x=order,
            y=[item.scores[metric] for item in items],
            mode="lines+markers",
            cliponaxis=False,
            line={"color": color, "width": 2.5, "dash": style.dash},
            marker={
                "color": color,
                "symbol": style.symbol,
                "size": 9 if len(items) <= CROWDED else 4,
            },
            error_y=_error_bars(items, metric, color),
            customdata=[
                [date, percent(item.scores[metric], 2) + _interval(item, metric)]
                for date, item in zip(dates, items, strict=True)
            ],
            hovertemplate="%{customdata[0]} UTC<br>%{customdata[1]}<extra>" + metric + "</extra>",
        )
    figure.add_hline(y=threshold, line={"color": ink.threshold, "width": 1.5, "dash": "dot"})
    shown = dates_shown(len(items))
    margin = max(0.4, 0.05 * len(items))  # runs left and right of the outermost ones
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 24, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 13, "color": ink.text, "family": FONT},
        showlegend=False,  # one legend for all families stands above the charts
        hovermode="closest",
    )
    figure.update_xaxes(
        range=[-margin, len(items) - 1 + margin],
        tickvals=shown,
        ticktext=[short_moment(items[index].date_heure) for index in shown],
        gridcolor=ink.grid,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    figure.update_yaxes(
        range=list(y_range),
        tickvals=(ticks := [tenth / 10 for tenth in range(11)]),
        ticktext=[percent(tick, 0) for tick in ticks],
        gridcolor=ink.grid,
        zeroline=False,
        fixedrange=True,
        automargin=True,
    )
    return figure


def _error_bars(items: Sequence[Training], metric: str, color: str) -> dict[str, object]:
    """Return how far each score's interval reaches up and down; 0 where the report has none."""
    found = [item.ends.get(metric, (item.scores[metric],) * 2) for item in items]
    scores = [item.scores[metric] for item in items]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - score for (_, high), score in zip(found, scores, strict=True)],
        "arrayminus": [score - low for (low, _), score in zip(found, scores, strict=True)],
        "visible": len(items) <= CROWDED,  # beyond it they would hide the lines
        "color": color,
        "thickness": 1,
        "width": 3,
    }


def _interval(item: Training, metric: str) -> str:
    if metric not in item.ends:
        return ""
    low, high = item.ends[metric]
    return f" ({t('reports.interval', low=decimal(100 * low), high=percent(high))})"
