"""The loop as a picture: a list of five steps, drawn by style sheet, read by screen readers."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from reviews_ui.home.state import State
from reviews_ui.i18n import moment, percent, t, whole

GOOD, BAD, BUSY, PLAIN = "good", "bad", "busy", "plain"
MARKS = {GOOD: "✓", BAD: "⚠", BUSY: "↻", PLAIN: ""}


@dataclass(frozen=True)
class Step:
    """One step: what it is called, its one figure, what else there is to say, how it is."""

    name: str
    figure: str
    lines: tuple[str, ...]
    tone: str = PLAIN


def loop(state: State) -> str:
    """Return the picture as HTML."""
    return (
        f'<ol class="sp-loop" aria-label="{escape(t("home.loop"))}">'
        f"{''.join(map(_drawn, steps(state)))}</ol>"
        f'<p class="sp-loop-back"><span>{escape(t("home.loop.back"))}</span></p>'
    )


def steps(state: State) -> Iterable[Step]:
    """Return the five steps, in the order in which they follow each other."""
    return (_reviews(state), _training(state), _exam(state), _champion(state), _answers(state))


def _reviews(state: State) -> Step:
    if not state.status.rows:
        return Step("reviews", "0", (t("home.reviews.none"),))
    version = t("home.reviews.version", version=state.status.dataset_version)
    lines = [version]
    if state.unlearnt:
        lines.append(t("home.reviews.new", rows=whole(state.unlearnt)))
    return Step("reviews", whole(state.status.rows), tuple(lines), GOOD)


def _training(state: State) -> Step:
    last = max(state.newest, key=lambda run: run.trained_at, default=None)
    lines = [t("home.training.never")] if last is None and state.models is not None else []
    running = state.going_on
    if last is not None:
        when = moment(last.trained_at, seconds=False)
        lines = [
            t("home.training.last" if running is None else "home.training.before", moment=when),
            t("home.training.rows", rows=whole(last.rows)),
        ]
    if running is not None:
        figure = t(f"home.training.{running.state}")
        return Step("training", figure, tuple(lines), BUSY)
    if state.models is None:
        return _unknown("training")
    if state.airflow_away:
        return Step("training", t("home.training.away"), tuple(lines), BAD)
    if last is None:
        return Step("training", "–", tuple(lines))
    return Step(
        "training", t("home.training.families", count=len(state.newest)), tuple(lines), GOOD
    )


def _exam(state: State) -> Step:
    if state.models is None:
        return _unknown("exam")
    if not state.newest:
        return Step("exam", "–", (t("home.exam.none"),))
    figure = t("home.exam.passed", passed=len(state.passed), all=len(state.newest))
    if not state.held:
        return Step("exam", figure, (t("home.exam.all"),), GOOD)
    held = ", ".join(run.family.upper() for run in state.held)
    return Step("exam", figure, (t("home.exam.held", families=held), t("home.exam.former")), PLAIN)


def _champion(state: State) -> Step:
    if state.models is None:
        return _unknown("champion")
    served = state.models.served_by(state.models.champion)
    if served is None:
        return Step("champion", "–", (t("home.champion.none"),))
    lines = [t("home.champion.since", moment=moment(served.published_at, seconds=False))]
    if "accuracy" in served.scores:
        lines.insert(0, t("home.champion.accuracy", score=percent(served.scores["accuracy"])))
    return Step("champion", served.family.upper(), tuple(lines), GOOD)


def _answers(state: State) -> Step:
    count = len(state.models.served) if state.models else len(state.status.serving)
    figure = t("home.answers.families" if count > 1 else "home.answers.family", count=count)
    if not count:
        figure = "–"
    if state.alerts is None:
        return Step("answers", figure, (t("home.alerts.unknown"),))
    if state.alerts.open:
        key = "home.alerts.several" if state.alerts.open > 1 else "home.alerts.one"
        return Step("answers", figure, (t(key, count=state.alerts.open),), BAD)
    return Step("answers", figure, (t("home.alerts.none"),), GOOD if count else PLAIN)


def _unknown(name: str) -> Step:
    return Step(name, "?", (t("home.unknown"),))


def _drawn(step: Step) -> str:
    lines = "".join(f"<span>{escape(line)}</span>" for line in step.lines)
    mark = MARKS[step.tone]
    state = escape(t(f"home.tone.{step.tone}")) if mark else ""
    badge = f'<i class="sp-tone" title="{state}" role="img" aria-label="{state}">{mark}</i>'
    return (
        f'<li class="sp-step sp-{step.tone}">'
        f'<i class="sp-drawing sp-{step.name}" aria-hidden="true"></i>'
        f"<h3>{escape(t(f'home.step.{step.name}'))}{badge if mark else ''}</h3>"
        f"<b>{escape(step.figure)}</b>{lines}</li>"
    )
