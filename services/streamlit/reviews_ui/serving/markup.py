"""Models, checks, tasks, decisions and users as HTML; all that comes from outside is escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from reviews_ui.api.models import Check, KnownRun, Models, Served, Verdict, WholeRun
from reviews_ui.api.retraining import Retraining, Task
from reviews_ui.api.users import User
from reviews_ui.i18n import moment, percent, t, whole

EVENTS = {"promoted": "▲", "held": "■", "rolled-back": "↩", "champion": "★"}
STATES = {"serving": "good", "held": "plain", "earlier": "plain", "damaged": "bad"}
TASK_MARKS = {
    "success": ("good", "✓"),
    "running": ("busy", "↻"),
    "failed": ("bad", "⚠"),
    "upstream_failed": ("bad", "⚠"),
    "up_for_retry": ("busy", "↻"),
    "skipped": ("plain", "–"),
    "deferred": ("busy", "…"),
    "waiting": ("plain", "○"),
    "queued": ("plain", "○"),
    "scheduled": ("plain", "○"),
}
RETRAINING_MARKS = {
    "queued": ("plain", "○"),
    "running": ("busy", "↻"),
    "waiting-for-approval": ("busy", "◐"),
    "success": ("good", "✓"),
    "failed": ("bad", "⚠"),
}


def served_cards(found: Models) -> str:
    """Return one card per family that answers: its scores, since when, the champion marked."""
    return f'<div class="sp-grid">{"".join(_served(one, found) for one in found.served)}</div>'


def _served(one: Served, found: Models) -> str:
    champion = one.family == found.champion
    trouble = next((bad for bad in found.troubles if bad.family == one.family), None)
    tone = "bad" if trouble else "good" if champion else "plain"
    badge = f'<span class="sp-badge">★ {escape(t("models.champion"))}</span>' if champion else ""
    lines = "".join(
        f'<div class="sp-line"><span>{escape(metric)}</span><b>{percent(score)}</b></div>'
        for metric, score in one.scores.items()
    )
    notes = [t("models.erased")] if one.dataset_erased else []
    if trouble:
        notes.append(t("models.damaged", run=trouble.run))
    verdict = "".join(f"<p>{escape(note)}</p>" for note in notes)
    since = moment(one.published_at, seconds=False)
    facts = t("models.facts", moment=since, rows=whole(one.rows), version=one.dataset_version)
    return (
        f'<section class="sp-card sp-{tone}"><header><h3>{escape(one.family.upper())}</h3>{badge}'
        f"</header>{lines}"
        + (f'<div class="sp-verdict">{verdict}</div>' if verdict else "")
        + f"<footer>{escape(facts)}<br>{escape(one.run)}</footer></section>"
    )


def runs_table(runs: Iterable[KnownRun]) -> str:
    """Return the table of runs: state and reason, scores, reviews."""
    return table(
        [
            (t("models.col.run"), ""),
            (t("models.col.family"), ""),
            (t("models.col.state"), ""),
            ("accuracy", "sp-num"),
            ("f1_0", "sp-num"),
            ("f1_1", "sp-num"),
            (t("models.col.rows"), "sp-num"),
            (t("models.col.why"), "sp-wide"),
        ],
        (
            (
                escape(moment(run.trained_at, seconds=False)),
                escape(run.family.upper()),
                state(run),
                *(
                    percent(run.scores[name]) if name in run.scores else "–"
                    for name in ("accuracy", "f1_0", "f1_1")
                ),
                whole(run.rows) if run.rows >= 0 else "–",
                escape(run.decision.reason if run.decision else ""),
            )
            for run in runs
        ),
        t("models.candidates"),
    )


def state(run: KnownRun) -> str:
    """Return a run's state as a badge, in words."""
    return f'<span class="sp-state sp-{STATES[known(run.state)]}">{escape(state_word(run))}</span>'


def state_word(run: KnownRun) -> str:
    """Return a run's state in words, with a mark."""
    return t("models.state.champion") if run.champion else t(f"models.state.{known(run.state)}")


def known(word: str) -> str:
    """Return a state that this page knows; one of a later version counts as earlier."""
    return word if word in STATES else "earlier"


def checks_list(found: WholeRun) -> str:
    """Return the questions that the gate asked, each with its answer."""
    if not found.checks:
        return f'<p class="sp-detail">{escape(t("models.checks.none"))}</p>'
    return f'<ul class="sp-checks">{"".join(map(_check, found.checks))}</ul>'


def _check(check: Check) -> str:
    tone, mark, word = ("good", "✓", "passed") if check.passed else ("bad", "✗", "failed")
    if not check.passed and not check.gating:
        tone, mark, word = "plain", "○", "told"
    return (
        f'<li class="sp-{tone}"><i role="img" aria-label="{escape(t(f"models.check.{word}"))}">'
        f"{mark}</i><b>{escape(check.name)}</b><span>{escape(check.sentence)}</span></li>"
    )


def decisions_table(decisions: Iterable[Verdict]) -> str:
    """Return the history of what serves."""
    return table(
        [
            (t("models.col.when"), ""),
            (t("models.col.event"), ""),
            (t("models.col.family"), ""),
            (t("models.col.by"), ""),
            (t("models.col.why"), "sp-wide"),
            (t("models.col.comment"), "sp-wide"),
            (t("models.col.model"), "sp-name"),
        ],
        (
            (
                escape(moment(one.at)),
                event(one),
                escape(one.family.upper()),
                escape(one.by),
                escape(one.reason),
                escape(one.comment),
                escape(one.run),
            )
            for one in decisions
        ),
        t("models.decisions"),
    )


def event(one: Verdict) -> str:
    """Return what happened, in words, with a mark; against the gate is said."""
    word = t(f"models.event.{one.event}") if one.event in EVENTS else one.event
    against = f" <small>{escape(t('models.overrides'))}</small>" if one.overrides else ""
    return f"{EVENTS.get(one.event, '')} {escape(word)}{against}"


def tasks_list(one: Retraining) -> str:
    """Return the tasks of a retraining in their order, each with its state and its seconds."""
    return f'<ol class="sp-tasks">{"".join(map(_task, one.tasks))}</ol>'


def _task(task: Task) -> str:
    tone, mark = TASK_MARKS.get(task.state, ("plain", "?"))
    word = t(f"retrain.task.{task.state}") if task.state in TASK_MARKS else task.state
    took = seconds_between(task.started_at, task.ended_at)
    facts = [word, *([t("retrain.seconds", seconds=took)] if took is not None else [])]
    if task.tries > 1:
        facts.append(t("retrain.tries", tries=task.tries))
    return (
        f'<li class="sp-{tone}"><i aria-hidden="true">{mark}</i><b>{escape(task.name)}</b>'
        f"<span>{escape(' · '.join(facts))}</span></li>"
    )


def retrainings_table(found: Iterable[Retraining]) -> str:
    """Return the past retrainings, each leading to its run in Airflow."""
    return table(
        [
            (t("models.col.when"), ""),
            (t("models.col.state"), ""),
            (t("models.col.by"), ""),
            (t("retrain.col.seconds"), "sp-num"),
            (t("retrain.col.published"), "sp-name"),
            (t("retrain.col.airflow"), ""),
        ],
        (
            (
                escape(moment(one.started_at or "–")),
                retraining_state(one),
                escape(one.by),
                str(seconds_between(one.started_at, one.ended_at) or "–"),
                escape(", ".join(one.runs) or "–"),
                _out(one),
            )
            for one in found
        ),
        t("retrain.past"),
    )


def retraining_state(one: Retraining) -> str:
    """Return the state of a retraining as a badge, in words."""
    tone, mark = RETRAINING_MARKS.get(one.state, ("plain", "?"))
    word = t(f"retrain.state.{one.state}") if one.state in RETRAINING_MARKS else one.state
    return f'<span class="sp-state sp-{tone}">{mark} {escape(word)}</span>'


def _out(one: Retraining) -> str:
    if not one.airflow_url:
        return escape(one.id)
    return (
        f'<a href="{escape(one.airflow_url)}" target="_blank" rel="noopener noreferrer" '
        f'title="{escape(one.id)}">{escape(t("retrain.open"))}</a>'
    )


def seconds_between(start: str | None, end: str | None) -> int | None:
    """Return whole seconds between two moments; None where one is missing or is none."""
    try:
        took = datetime.fromisoformat(end or "") - datetime.fromisoformat(start or "")
    except (ValueError, TypeError):  # none, or one of them without a zone
        return None
    return round(took.total_seconds())


def users_table(found: Iterable[User]) -> str:
    """Return the accounts."""
    return table(
        [
            (t("users.col.name"), "sp-name"),
            (t("users.col.role"), ""),
            (t("users.col.state"), ""),
            (t("users.col.since"), ""),
        ],
        (
            (
                escape(user.name),
                escape(t(f"users.role.{user.role}")),
                escape(("○ " if user.disabled else "● ") + t(f"users.{_active(user)}")),
                escape(moment(user.created_at, seconds=False)),
            )
            for user in found
        ),
        t("users.title"),
    )


def _active(user: User) -> str:
    return "disabled" if user.disabled else "enabled"


def table(columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], name: str) -> str:
    """Return a table; column titles are text, the cells are HTML already."""
    head = "".join(
        f'<th scope="col" class="{kind}">{escape(title)}</th>' for title, kind in columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}">{cell}</td>' for (_, kind), cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="sp-table" tabindex="0" role="region" aria-label="{escape(name)}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
