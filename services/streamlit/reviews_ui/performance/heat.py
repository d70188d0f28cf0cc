"""Tables of scores as HTML, shaded by how far each is from the whole: heat map and data in one."""

from collections.abc import Iterable, Sequence
from html import escape

from reviews_ui import metrics
from reviews_ui.api.run_report import Group, Scores
from reviews_ui.i18n import percent, t, whole

FULL = 0.20
"""A difference, as a fraction of 1, from which on a cell has its full shade."""


def shade(difference: float) -> str:
    """Return the attributes of a cell that is so much above or below."""
    if abs(difference) < 0.005:
        return ' class="sp-num"'
    side = "low" if difference < 0 else "high"
    strength = min(abs(difference) / FULL, 1.0)
    return f' class="sp-num sp-{side}" style="--heat:{100 * strength:.0f}%"'


def head(names: Iterable[str]) -> str:
    """Return the head of a table whose first column names the rows."""
    cells = "".join(
        f'<th scope="col"{_title(name)} class="sp-num">{escape(name)}</th>' for name in names
    )
    return f'<thead><tr><th scope="col">{escape(t("slice.name"))}</th>{cells}</tr></thead>'


def framed(caption: str, inside: str) -> str:
    """Return a table that scrolls by itself; for the keyboard it must take focus."""
    name = escape(caption)
    return (
        f'<div class="sp-table sp-tall" role="region" aria-label="{name}" tabindex="0"><table>'
        f'<caption class="sp-unseen">{name}</caption>{inside}</table></div>'
    )


def slices(kinds: Iterable[tuple[str, Sequence[Group]]], overall: Scores, shown: list[str]) -> str:
    """Return the heat map of all slices: a body of rows for each way of slicing.

    A cell is shaded by its distance from the score of the whole exam; a mark says where even the
    interval lies on one side of it.
    """
    bodies = []
    for title, groups in kinds:
        rows = "".join(
            f'<tr><th scope="row">{escape(group.name)}{_few(group)}</th>'
            f'<td class="sp-num">{whole(group.rows)}</td>'
            + "".join(_slice_cell(group, metric, overall.get(metric)) for metric in shown)
            + "</tr>"
            for group in groups
        )
        across = f'<th scope="rowgroup" colspan="{len(shown) + 2}">{escape(title)}</th>'
        bodies.append(f'<tbody><tr class="sp-part">{across}</tr>{rows}</tbody>')
    return framed(t("run.slices"), head([t("slice.rows"), *shown]) + "".join(bodies))


def fairness(title: str, groups: Sequence[Group], shown: Sequence[str]) -> str:
    """Return the groups beside the largest one: each score and by how much it differs."""
    rows = "".join(
        f'<tr><th scope="row">{escape(group.name)}{_few(group)}</th>'
        f'<td class="sp-num">{whole(group.rows)}</td>'
        + "".join(_fair_cell(group, metric) for metric in shown)
        + "</tr>"
        for group in groups
    )
    return framed(title, f"{head([t('slice.rows'), *shown])}<tbody>{rows}</tbody>")


def confusion(table: Sequence[Sequence[int]]) -> str:
    """Return the confusion matrix: rows are what was true, columns what was said."""
    names = [f"{label} ({t(f'label.{label}')})" for label in range(len(table))]
    top = "".join(
        f'<th scope="col" class="sp-num">{escape(t("run.said", label=name))}</th>' for name in names
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(t("run.true", label=name))}</th>'
        + "".join(
            _count(count, sum(row), right=place == column) for column, count in enumerate(row)
        )
        + "</tr>"
        for place, (name, row) in enumerate(zip(names, table, strict=True))
    )
    inside = f"<thead><tr><td></td>{top}</tr></thead><tbody>{rows}</tbody>"
    return framed(t("run.confusion"), inside)


def plain(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of text: the first cell names the row, the others are numbers or words."""
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return framed(caption, f"<thead><tr>{cells}</tr></thead><tbody>{body}</tbody>")


def _title(name: str) -> str:
    return f' title="{escape(metrics.meaning(name))}"'


def _few(group: Group) -> str:
    return f' <abbr title="{escape(t("slice.few"))}">†</abbr>' if group.few else ""


def _slice_cell(group: Group, metric: str, overall: float | None) -> str:
    value = group.scores.get(metric)
    if value is None:
        return f'<td class="sp-num sp-none" title="{escape(t("slice.one_class"))}">–</td>'
    ends = group.ends.get(metric)
    mark = ""
    if overall is not None and ends is not None and not ends[0] <= overall <= ends[1]:
        name, glyph = ("below", "▼") if ends[1] < overall else ("above", "▲")
        mark = f'<i role="img" aria-label="{escape(t(f"slice.{name}"))}">{glyph}</i> '
    sure = metrics.interval(metric, ends)
    less = f"<small>{escape(sure)}</small>" if sure else ""
    drawn = shade(0.0 if overall is None else value - overall)
    return f"<td{drawn}>{mark}<b>{metrics.written(metric, value)}</b>{less}</td>"


def _fair_cell(group: Group, metric: str) -> str:
    value = group.scores.get(metric)
    if value is None:
        return f'<td class="sp-num sp-none" title="{escape(t("slice.one_class"))}">–</td>'
    difference = group.differences.get(metric)
    less = "" if difference is None else f"<small>{metrics.points(metric, difference)}</small>"
    drawn = shade(difference or 0.0)
    return f"<td{drawn}><b>{metrics.written(metric, value)}</b>{less}</td>"


def _count(count: int, row: int, *, right: bool) -> str:
    share = count / row if row else 0.0
    mark = "✓" if right else "✗"
    side = "high" if right else "low"
    return (
        f'<td class="sp-num sp-{side}" style="--heat:{100 * share:.0f}%">'
        f"<b>{mark} {whole(count)}</b><small>{percent(share)}</small></td>"
    )
