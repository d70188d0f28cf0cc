"""The figures as tables; all that comes from outside is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from reviews_ui.api.figures import Answered, Fact, Figure, Figures, Now, OfLength
from reviews_ui.i18n import moment, percent, t, whole
from reviews_ui.limits.amounts import amount

TOPICS = (
    "size",
    "memory",
    "retraining",
    "quality",
    "data",
    "predictions",
    "security",
    "tests",
)
KINDS = ("negation", "irony", "contrast", "short", "spelling", "emoji", "other languages")
"""Kinds of questions that have a name in both languages; others keep the API's."""

GATES = ("functionality", "punctuation", "case", "negation")


def known_problems(figures: Iterable[Figure]) -> str:
    """Return the table of recorded figures, by topic, each with its command and its day."""
    place = {topic: number for number, topic in enumerate(TOPICS)}
    ordered = sorted(figures, key=lambda one: place.get(one.topic, len(place)))
    body = ""
    for topic, group in groupby(ordered, key=lambda one: one.topic):
        name = t(f"limits.topic.{topic}") if topic in place else topic
        body += f'<tr class="sp-topic"><th scope="rowgroup" colspan="5">{escape(name)}</th></tr>'
        body += "".join(map(_figure, group))
    columns = ("subject", "published", "here", "aim", "verdict")
    return _table([t(f"limits.col.{name}") for name in columns], body, t("limits.known"))


def _figure(one: Figure) -> str:
    note = f"<small>{escape(one.note)}</small>" if one.note else ""
    published = amount(*one.published) if one.published else "–"
    here = amount(one.value, one.unit) if one.value is not None else t("limits.unmeasured")
    aim = amount(one.aim, one.unit) if one.aim is not None else "–"
    return (
        f'<tr><th scope="row">{escape(one.title)}{note}{_origin(one)}</th>'
        f"<td>{escape(published)}</td><td><b>{escape(here)}</b></td><td>{escape(aim)}</td>"
        f"<td>{verdict(one)}</td></tr>"
    )


def _origin(one: Figure) -> str:
    if one.date is None:
        return f"<small>{escape(t('limits.by', command=one.command))}</small>"
    told = t("limits.origin", date=moment(one.date).partition(" ")[0], command=one.command)
    return f'<small title="{escape(one.machine or "")}">{escape(told)}</small>'


def verdict(one: Figure) -> str:
    """Return, in words with marks, how a figure stands to its aim and to the published system."""
    if one.value is None:
        return f'<span class="sp-told">○ {escape(t("limits.verdict.unmeasured"))}</span>'
    words = []
    if one.met is not None:
        words.append(("good", "✓", "met") if one.met else ("bad", "▼", "missed"))
    if one.beats_published is not None:
        words.append(("good", "✓", "better") if one.beats_published else ("bad", "▼", "worse"))
    return "<br>".join(
        f'<span class="sp-told sp-{tone}">{mark} {escape(t(f"limits.verdict.{word}"))}</span>'
        for tone, mark, word in words
    )


def facts(found: Iterable[Fact]) -> str:
    """Return the mistakes that are no numbers, and the test that holds each off."""
    body = ""
    for fact in found:
        title, published, here = map(escape, fact.told)
        proof = escape(t("limits.proof", test=fact.proof))
        body += (
            f'<tr><th scope="row">{title}</th><td>{published}</td>'
            f"<td>{here}<small>{proof}</small></td></tr>"
        )
    columns = ("subject", "published", "here")
    return _table([t(f"limits.col.{name}") for name in columns], body, t("limits.facts"))


def present(now: Now) -> str:
    """Return what this installation measures of itself, as a list of terms."""
    unknown = t("home.unknown")
    terms = [
        ("rows", whole(now.rows) if now.rows is not None else unknown),
        ("version", str(now.dataset_version) if now.dataset_version is not None else unknown),
        ("uploads", whole(now.uploads) if now.uploads is not None else unknown),
        ("runs", whole(now.runs)),
        *(
            (
                "training",
                t(
                    "limits.now.trained",
                    family=one.family.upper(),
                    seconds=amount(one.seconds, "s"),
                    rows=whole(one.rows),
                    moment=moment(one.trained_at, seconds=False),
                ),
            )
            for one in now.trainings
        ),
        ("api", amount(now.api_mib, "MiB")),
        ("disk", amount(now.home_mb, "MB")),
        ("machine", now.machine),
        ("versions", ", ".join(f"{name} {text}" for name, text in now.versions.items())),
    ]
    items = "".join(
        f"<div><dt>{escape(t(f'limits.now.{name}'))}</dt><dd>{escape(text)}</dd></div>"
        for name, text in terms
    )
    return f'<dl class="sp-terms">{items}</dl>'


def answers(found: Sequence[Answered], *, held: bool) -> str:
    """Return how each family answered each kind of questions."""
    asked = [one for one in found if one.held == held]
    families = sorted({one.family for one in asked})
    body = ""
    for kind in dict.fromkeys(one.kind for one in asked):
        of_kind = {one.family: one for one in asked if one.kind == kind}
        cells = "".join(_answered(of_kind.get(family), held=held) for family in families)
        body += f'<tr><th scope="row">{escape(kind_name(kind, held=held))}</th>{cells}</tr>'
    columns = [t("limits.col.kind"), *(family.upper() for family in families)]
    return _table(columns, body, t("limits.held" if held else "limits.cannot"))


def kind_name(kind: str, *, held: bool) -> str:
    """Return what a kind of questions is called."""
    if kind not in (GATES if held else KINDS):
        return kind
    return t(f"limits.{'gate' if held else 'kind'}.{kind.replace(' ', '_')}")


def _answered(one: Answered | None, *, held: bool) -> str:
    if one is None:
        return "<td>–</td>"
    share = one.passed / one.asked
    # Half of them right is what always saying the same reaches.
    tone, mark = ("good", "✓") if share >= 0.9 else ("bad", "▼") if share <= 0.6 else ("plain", "■")
    if held:
        tone, mark = ("good", "✓") if share == 1 else ("plain", "■")
    told = t("limits.of", passed=one.passed, asked=one.asked)
    return f'<td><span class="sp-told sp-{tone}">{mark} {escape(told)}</span></td>'


def lengths(found: Sequence[OfLength]) -> str:
    """Return the accuracy of each family on short and long reviews of the exam."""
    families = sorted({one.family for one in found})
    body = ""
    for words in dict.fromkeys(one.words for one in found):
        of_length = {one.family: one for one in found if one.words == words}
        cells = "".join(_length(of_length.get(family)) for family in families)
        low, _, high = words.partition(" to ")
        name = (
            t("limits.words", low=low, high=high)
            if high
            else t("limits.words.more", low=words.partition(" ")[0])
        )
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    columns = [t("limits.col.words"), *(family.upper() for family in families)]
    return _table(columns, body, t("limits.lengths"))


def _length(one: OfLength | None) -> str:
    if one is None:
        return "<td>–</td>"
    sure = ""
    if one.low is not None and one.high is not None:
        sure = t("limits.sure", low=percent(one.low), high=percent(one.high))
    few = " · " + t("limits.few", rows=whole(one.rows)) if one.few else ""
    return f"<td><b>{percent(one.accuracy)}</b><small>{escape(sure + few)}</small></td>"


def missed(found: Figures) -> list[str]:
    """Return the aims that were missed, as sentences."""
    return [
        t(
            "limits.missed",
            title=one.title,
            value=amount(one.value, one.unit),
            aim=amount(one.aim, one.unit),
        )
        for one in found.figures or ()
        if one.met is False and one.value is not None and one.aim is not None
    ]


def unmeasured(found: Figures) -> list[str]:
    """Return what was not measured, and why, as sentences."""
    return [
        t("limits.unmeasured.why", title=one.title, why=one.note)
        for one in found.figures or ()
        if one.value is None
    ]


def _table(columns: Sequence[str], body: str, name: str) -> str:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in columns)
    return (
        f'<div class="sp-table sp-figures" tabindex="0" role="region" aria-label="{escape(name)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
