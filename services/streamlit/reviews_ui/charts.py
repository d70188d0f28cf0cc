"""Charts of the scores over the runs: values in, plotly figures out."""

import math
from collections.abc import Callable, Sequence
from typing import Literal

import plotly.graph_objects as go

from reviews_ui.api.reports import Training
from reviews_ui.i18n import french, moment, percent, short_moment
from reviews_ui.metrics import interval, written
from reviews_ui.palette import INKS, Theme, style_of

Axis = Literal["runs", "time", "version"]

FONT = '"Source Sans", "DejaVu Sans", sans-serif'
DATES_SHOWN = 4
CROWDED = 20  # runs; beyond it markers shrink, and intervals are bands instead of bars
BAND_OPACITY = 0.13
HEIGHT = 260  # pixels


def score_range(
    items: Sequence[Training], threshold: float, metrics: Sequence[str]
) -> tuple[float, float]:
    """Return the y range in which the scores and the threshold are visible, as fractions of 1.

    From the tenth below the lowest of them (with some room) up to just above 1, at least .3 high,
    so that noise in the third digit does not look like a landslide. Intervals are inside as well.
    """
    low = math.floor((min(threshold, *_reach(items, metrics)) - 0.03) * 10) / 10
    return max(0.0, min(low, 0.7)), 1.01


def loss_range(items: Sequence[Training], metrics: Sequence[str]) -> tuple[float, float]:
    """Return the y range of losses, which have no upper bound: from 0 to above the highest."""
    return 0.0, 1.1 * max(0.1, *_reach(items, metrics))


def _reach(items: Sequence[Training], metrics: Sequence[str]) -> list[float]:
    known = [(item, metric) for item in items for metric in metrics if metric in item.scores]
    ends = [end for item, metric in known for end in item.ends.get(metric, ())]
    return [item.scores[metric] for item, metric in known] + ends or [1.0]


def dates_shown(count: int, at_most: int = DATES_SHOWN) -> list[int]:
    """Return which of `count` runs get their date on the axis: evenly spread, the last included."""
    if count <= at_most:
        return list(range(count))
    step = (count - 1) / (at_most - 1)
    return sorted({round(step * index) for index in range(at_most)})


def history(
    items: Sequence[Training],
    metrics: Sequence[str],
    threshold: float | None,
    y_range: tuple[float, float],
    theme: Theme = "light",
    axis: Axis = "runs",
) -> go.Figure:
    """Draw one family's scores over its runs, with the threshold.

    Parameters
    ----------
    items : sequence of Training
        The runs of one family, oldest first; one run shows as markers.
    metrics : sequence of str
        The scores to draw, each with its own colour, marker and dash; a run that lacks one leaves
        a gap.
    threshold : float or None
        Drawn as a dotted line; a fraction of 1, like the scores. None with losses, which have none.
    y_range : (float, float)
        The same for all families, so that their charts compare.
    theme : {"light", "dark"}
        What the chart stands on.
    axis : {"runs", "time", "version"}
        Runs at even distances (retraining comes in bursts, and dates would pile up), at their
        time, or at the version of the data that they learnt from.

    Returns
    -------
    plotly.graph_objects.Figure
        Intervals are bars with few runs, bands with many.
    """
    figure, ink = go.Figure(), INKS[theme]
    places = _PLACES[axis](items)
    crowded = len(items) > CROWDED
    dates = [moment(item.date_heure) for item in items]
    for metric in metrics:
        style = style_of(metric)
        color = style.in_theme(theme)
        if crowded:
            _band(figure, items, metric, places, color)
        figure.add_scatter(
            name=metric,
            x=places,
            y=[item.scores.get(metric) for item in items],
            mode="lines+markers",
            cliponaxis=False,
            line={"color": color, "width": 1.8 if crowded else 2.5, "dash": style.dash},
            marker={"color": color, "symbol": style.symbol, "size": 4 if crowded else 9},
            error_y=None if crowded else _error_bars(items, metric, color),
            customdata=[
                [date, _told(item, metric), item.dataset_version]
                for date, item in zip(dates, items, strict=True)
            ],
            hovertemplate="%{customdata[0]} UTC · v%{customdata[2]}<br>%{customdata[1]}"
            f"<extra>{metric}</extra>",
        )
    if threshold is not None:
        figure.add_hline(y=threshold, line={"color": ink.threshold, "width": 1.5, "dash": "dot"})
    dress(figure, theme, HEIGHT)
    figure.update_xaxes(**_AXES[axis](items))
    figure.update_yaxes(range=list(y_range))
    if threshold is not None:
        ticks = [tenth / 10 for tenth in range(11)]
        figure.update_yaxes(tickvals=ticks, ticktext=[percent(tick, 0) for tick in ticks])
    return figure


def dress(figure: go.Figure, theme: Theme, height: int) -> None:
    """Give a figure the look that all of this page have."""
    ink = INKS[theme]
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 24, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"size": 13, "color": ink.text, "family": FONT},
        showlegend=False,  # the legend stands above the charts, as text
        hovermode="closest",
        separators=", " if french() else ".,",
    )
    figure.update_xaxes(gridcolor=ink.grid, zeroline=False, fixedrange=True, automargin=True)
    figure.update_yaxes(gridcolor=ink.grid, zeroline=False, fixedrange=True, automargin=True)


def _by_run(items: Sequence[Training]) -> dict[str, object]:
    shown = dates_shown(len(items))
    margin = max(0.4, 0.05 * len(items))  # runs left and right of the outermost ones
    return {
        "range": [-margin, len(items) - 1 + margin],
        "tickvals": shown,
        "ticktext": [short_moment(items[index].date_heure) for index in shown],
    }


def _by_time(items: Sequence[Training]) -> dict[str, object]:
    tickformat = "%d/%m/%y<br>%H:%M" if french() else "%Y-%m-%d<br>%H:%M"
    return {"type": "date", "tickformat": tickformat, "nticks": DATES_SHOWN + 1}


def _by_version(items: Sequence[Training]) -> dict[str, object]:
    versions = sorted({item.dataset_version for item in items})
    shown = [versions[place] for place in dates_shown(len(versions), 6)]
    return {"tickvals": shown, "ticktext": [f"v{version}" for version in shown]}


_PLACES: dict[Axis, Callable[[Sequence[Training]], list[object]]] = {
    "runs": lambda items: list(range(len(items))),
    "time": lambda items: [item.date_heure for item in items],
    "version": lambda items: [item.dataset_version for item in items],
}
_AXES = {"runs": _by_run, "time": _by_time, "version": _by_version}


def _band(
    figure: go.Figure,
    items: Sequence[Training],
    metric: str,
    places: Sequence[object],
    color: str,
) -> None:
    """Draw the intervals as one closed band; runs without one are left out of it."""
    sure = [
        (place, *item.ends[metric])
        for place, item in zip(places, items, strict=True)
        if metric in item.ends
    ]
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    figure.add_scatter(
        name=f"{metric} 95 %",
        x=[place for place, *_ in sure] + [place for place, *_ in sure[::-1]],
        y=[low for _, low, _ in sure] + [high for _, _, high in sure[::-1]],
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},{BAND_OPACITY})",
        line={"width": 0},
        hoverinfo="skip",
    )


def _error_bars(items: Sequence[Training], metric: str, color: str) -> dict[str, object]:
    """Return how far each score's interval reaches up and down; 0 where the report has none."""
    scores = [item.scores.get(metric, 0.0) for item in items]
    found = [
        item.ends.get(metric, (score, score)) for item, score in zip(items, scores, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - score for (_, high), score in zip(found, scores, strict=True)],
        "arrayminus": [score - low for (low, _), score in zip(found, scores, strict=True)],
        "color": color,
        "thickness": 1,
        "width": 3,
    }


def _told(item: Training, metric: str) -> str:
    if metric not in item.scores:
        return ""
    sure = interval(metric, item.ends.get(metric))
    return written(metric, item.scores[metric], 2) + (f" ({sure})" if sure else "")
