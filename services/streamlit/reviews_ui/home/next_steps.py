"""What to do next, by what is so and who asks."""

from dataclasses import dataclass, field

from reviews_ui.api.accounts import Account
from reviews_ui.api.alerts import KeptAlert
from reviews_ui.api.retraining import WAITING
from reviews_ui.home.state import State
from reviews_ui.i18n import percent_beside, t, whole

ALERTS_SHOWN = 3
DATA, PREDICTION, REPORTS, MODELS = ("data", "prediction", "reports", "models")


@dataclass(frozen=True)
class Next:
    """One thing to do.

    Attributes
    ----------
    title, why
        In the visitor's language.
    page
        The page where it is done; empty where nobody can do it there.
    label
        Of the link to it.
    part
        Of that page.
    url
        Leads out of the page, instead.
    tone
        ``bad`` for what is wrong, ``todo`` for what is due, ``busy`` for what goes on, ``good`` for
        what is only offered.
    """

    title: str
    why: str
    page: str = ""
    label: str = ""
    query: dict[str, str] = field(default_factory=dict)
    url: str = ""
    tone: str = "todo"


def what_next(state: State, visitor: Account) -> list[Next]:
    """Return what is to be done, the most pressing first; never nothing."""
    admin = visitor.may("admin")
    if not state.status.rows:
        return [_first("upload", DATA, admin=admin)]
    if state.models is not None and not state.models.served and state.going_on is None:
        return [*_alerts(state), _first("train", MODELS, admin=admin)]
    found = [
        *_alerts(state),
        *_training(state),
        *_corrections(state),
        *_new_reviews(state, admin=admin),
    ]
    return found or _all_well(state, visitor)


def _first(name: str, page: str, *, admin: bool) -> Next:
    """Return the step without which there is nothing to see."""
    title = t(f"home.next.{name}")
    if not admin:
        return Next(title, t(f"home.next.{name}.ask"))
    query = {"part": "retraining"} if page == MODELS else {}
    return Next(title, t(f"home.next.{name}.why"), page, t(f"home.next.{name}.go"), query)


def _alerts(state: State) -> list[Next]:
    if state.alerts is None:
        return []
    still_open = state.alerts.still_open()
    found = [_alert(alert) for alert in still_open[:ALERTS_SHOWN]]
    if (more := state.alerts.open - len(found)) > 0:
        key = "home.next.alerts.more" if more > 1 else "home.next.alerts.one_more"
        go = t("home.next.alert.go")
        found.append(Next(t(key, count=more), "", REPORTS, go, tone="bad"))
    return found


def _alert(alert: KeptAlert) -> Next:
    page = MODELS if alert.kind in ("model-damaged", "retraining-failed") else REPORTS
    family = (alert.family or "").upper()
    query = {"part": "retraining"} if alert.kind == "retraining-failed" else {}
    if page == REPORTS and alert.run:
        query = {"run": alert.run}
    why = alert.detail
    if alert.metric and alert.value is not None and alert.threshold is not None:
        value = percent_beside(alert.value, alert.threshold)
        threshold = percent_beside(alert.threshold, alert.value)
        why = t("home.alert.why", metric=alert.metric, value=value, threshold=threshold)
        if alert.slice:
            why = f"{alert.slice} · {why}"
    known = alert.kind in ("performance", "slice", "retraining-failed", "model-damaged")
    title = t(f"home.alert.{alert.kind if known else 'other'}", family=family)
    label = t("home.next.alert.go" if page == REPORTS else "home.next.alert.models")
    return Next(title, why, page, label, query, tone="bad")


def _training(state: State) -> list[Next]:
    running = state.going_on
    if running is None:
        return []
    query = {"part": "retraining"}
    if running.state != WAITING:
        go = t("home.next.follow.go")
        return [
            Next(t("home.next.follow"), t("home.next.follow.why"), MODELS, go, query, tone="busy")
        ]
    title, why = t("home.next.approve"), t("home.next.approve.why")
    if running.airflow_url:
        return [Next(title, why, label=t("home.next.approve.go"), url=running.airflow_url)]
    return [Next(title, why, MODELS, t("home.next.follow.go"), query)]


def _corrections(state: State) -> list[Next]:
    if not state.corrections:
        return []
    key = "home.next.corrections" if state.corrections > 1 else "home.next.correction"
    title, go = t(key, count=whole(state.corrections)), t("home.next.correction.go")
    query = {"tab": "corrections"}
    return [Next(title, t("home.next.correction.why"), PREDICTION, go, query)]


def _new_reviews(state: State, *, admin: bool) -> list[Next]:
    if not admin or not state.unlearnt or state.going_on is not None:
        return []
    title = t("home.next.retrain", rows=whole(state.unlearnt))
    go = t("home.next.train.go")
    return [Next(title, t("home.next.retrain.why"), MODELS, go, {"part": "retraining"})]


def _all_well(state: State, visitor: Account) -> list[Next]:
    unsure = state.models is None or state.alerts is None or state.airflow_away
    title = t("home.next.unsure" if unsure else "home.next.well")
    why = t("home.next.unsure.why" if unsure else "home.next.well.why")
    found = [Next(title, why, REPORTS, t("home.next.well.go"), tone="good")]
    if visitor.may("user"):
        ask, go = t("home.next.predict"), t("home.next.predict.go")
        found.append(Next(ask, t("home.next.predict.why"), PREDICTION, go, tone="good"))
    return found
