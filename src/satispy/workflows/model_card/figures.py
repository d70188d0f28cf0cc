"""The figures of a card, as small inline SVG made by hand.

A plotting library would cost the step seconds and tens of megabytes, for three plain drawings; and
its files bring fonts and colours of their own, where these take those of the page, light or dark.
Colours are Okabe and Ito's, which the colour-blind tell apart; marks and dashes differ as well.
"""

from collections.abc import Iterable, Sequence
from html import escape

from satispy.models.curve import PlainCurve
from satispy.workflows.model_card.scale import Scale, number, ticks
from satispy.workflows.model_card.schema import Bin
from satispy.workflows.model_card.words import Words

_DARK = 0.5  # from this opacity on, text inside a cell takes the other colour


def confusion(table: Sequence[Sequence[int]], words: Words) -> str:
    """Draw the confusion matrix: the deeper a cell, the larger its share of the row."""
    parts, told = [], []
    left, top, width, height = 104, 30, 128, 82
    labels = [words("label.0"), words("label.1")]
    for column, label in enumerate(labels):
        called = words("confusion.column", label=label)
        parts.append(_text(left + (column + 0.5) * width, top - 10, called, "middle"))
    for row, counts in enumerate(table):
        middle = top + (row + 0.5) * height
        parts.append(_text(left - 10, middle - 2, words("confusion.truly"), "end"))
        parts.append(_text(left - 10, middle + 14, labels[row], "end"))
        for column, count in enumerate(counts):
            share = count / sum(counts) if sum(counts) else 0.0
            opacity = 0.06 + 0.94 * share
            x, on = left + column * width, " on" if opacity > _DARK else ""
            parts.append(
                f'<rect class="area" x="{x}" y="{top + row * height}" width="{width - 3}" '
                f'height="{height - 3}" rx="4" fill-opacity="{opacity:.2f}"/>'
            )
            centre = x + (width - 3) / 2
            parts.append(_text(centre, middle, words.whole(count), "middle", f"strong{on}"))
            parts.append(_text(centre, middle + 20, words.percent(share), "middle", f"soft{on}"))
        told.append(
            words(
                f"confusion.told.{row}",
                rows=words.whole(sum(counts)),
                negative=words.whole(counts[0]),
                positive=words.whole(counts[1]),
            )
        )
    return _svg("confusion", words("confusion.title"), " ".join(told), (368, 200), parts)


def calibration(bins: Sequence[Bin], words: Words) -> str:
    """Draw what came true over what was said, and how many reviews stand behind each dot."""
    across, up = Scale((0, 1), (48, 356)), Scale((0, 1), (262, 14))
    marks = (0, 0.2, 0.4, 0.6, 0.8, 1)
    parts = _grid(across, up, marks, marks, 1, words)
    parts.append(_line("ideal", (across(0), up(0)), (across(1), up(1))))
    known = [
        (one["mean_probability"], one["share_positive"], one["n"])
        for one in bins
        if one["mean_probability"] is not None and one["share_positive"] is not None
    ]
    dots = [(across(given), up(true)) for given, true, _ in known]
    parts.append(_polyline("line", dots))
    parts += [f'<circle class="mark" cx="{number(x)}" cy="{number(y)}" r="5"/>' for x, y in dots]
    parts.append(_text(202, 298, words("calibration.axis"), "middle", "soft"))
    parts.append(_turned(14, 138, words("calibration.share")))
    most = max((one["n"] for one in bins), default=0) or 1
    for one in bins:
        tall = 44 * one["n"] / most
        x, width = across(one["low"]) + 1, across(one["high"]) - across(one["low"]) - 2
        parts.append(
            f'<rect class="area" x="{number(x)}" y="{number(366 - tall)}" width="{number(width)}" '
            f'height="{number(tall)}" fill-opacity=".55"/>'
        )
        parts.append(_text(x + width / 2, 379, words.rough(one["n"]), "middle", "small"))
    parts.append(_text(202, 398, words("calibration.bins"), "middle", "soft"))
    told = [
        words(
            "calibration.dot",
            given=words.short(given, 2),
            true=words.short(true, 2),
            rows=words.whole(rows),
        )
        for given, true, rows in known
    ]
    description = words("calibration.told", dots=words("joint").join(told))
    return _svg("calibration", words("calibration.title"), description, (372, 404), parts)


def learning_curve(curve: PlainCurve, words: Words) -> str:
    """Draw the log loss by steps: held out (circles), and learnt from (squares, dashed)."""
    lines = [curve["held_out"], *([] if curve["learnt"] is None else [curve["learnt"]])]
    marks_x = ticks(0, curve["steps"][-1], whole_numbers=True)
    marks_y = ticks(0, max(loss for line in lines for loss in line))
    across = Scale((0, max(marks_x[-1], curve["steps"][-1])), (52, 400))
    up = Scale((0, marks_y[-1]), (262, 40))
    digits = 2 if marks_y[1] >= 0.01 else 3
    parts = _grid(across, up, marks_x, marks_y, digits, words)
    told = []
    names = words("learning.held_out"), words("learning.learnt")
    for line, kind, name in zip(lines, ("", " second"), names, strict=False):
        places = [(across(step), up(loss)) for step, loss in zip(curve["steps"], line, strict=True)]
        parts += [_polyline(f"line{kind}", places), *(_mark(x, y, kind) for x, y in places)]
        start = 52 if not kind else 104 + 8 * len(names[0])  # behind the first name
        parts += [
            _polyline(f"line{kind}", [(start, 16), (start + 28, 16)]),
            _mark(start + 14, 16, kind),
            _text(start + 36, 20, name, "start"),
        ]
        first, last = words.short(line[0]), words.short(line[-1])
        told.append(words("learning.line", name=name, first=first, last=last))
    axis = words.told("axis", curve["axis"])
    parts.append(_text(226, 300, axis, "middle", "soft"))
    parts.append(_turned(12, 151, words("learning.loss")))
    description = words(
        "learning.told",
        axis=axis,
        first=words.whole(curve["steps"][0]),
        last=words.whole(curve["steps"][-1]),
        lines=words("joint").join(told),
    )
    return _svg("learning", words("learning.title"), description, (416, 306), parts)


def _svg(
    name: str, title: str, description: str, size: tuple[int, int], parts: Iterable[str]
) -> str:
    drawn = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {size[0]} {size[1]}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">\n'
        f'<title id="{name}-title">{escape(title)}</title>\n'
        f'<desc id="{name}-desc">{escape(description)}</desc>\n{drawn}\n</svg>'
    )


def _grid(
    across: Scale,
    up: Scale,
    marks_x: Sequence[float],
    marks_y: Sequence[float],
    digits: int,
    words: Words,
) -> list[str]:
    left, right = across.room
    bottom, top = up.room
    parts = []
    for mark in marks_x:
        shown = words.whole(mark) if marks_x[-1] > 1 else words.short(mark, digits)
        parts.append(_line("grid", (across(mark), top), (across(mark), bottom)))
        parts.append(_text(across(mark), bottom + 18, shown, "middle", "soft"))
    for mark in marks_y:
        parts.append(_line("grid", (left, up(mark)), (right, up(mark))))
        parts.append(_text(left - 7, up(mark) + 4, words.short(mark, digits), "end", "soft"))
    return parts


def _mark(x: float, y: float, kind: str) -> str:
    if kind:
        place = f'x="{number(x - 4)}" y="{number(y - 4)}" width="8" height="8"'
        return f'<rect class="mark{kind}" {place}/>'
    return f'<circle class="mark" cx="{number(x)}" cy="{number(y)}" r="4.5"/>'


def _line(kind: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line class="{kind}" {ends}/>'


def _polyline(kind: str, places: Iterable[tuple[float, float]]) -> str:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in places)
    return f'<polyline class="{kind}" points="{points}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    place = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"'
    return f"<text{style} {place}>{escape(text)}</text>"


def _turned(x: float, y: float, text: str) -> str:
    turn = f'transform="rotate(-90 {x} {y})"'
    return f'<text class="soft" x="{x}" y="{y}" text-anchor="middle" {turn}>{escape(text)}</text>'
