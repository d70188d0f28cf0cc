"""What is red, and whether the webhook hears of it."""

from functools import partial

from fastapi import APIRouter

from reviews_api.alert_schemas import KeptAlerts, WebhookTest
from reviews_api.deps import OpenHome
from reviews_api.outbound import Outbound
from reviews_api.problems import refusals
from reviews_api.security import AdminUser, ReaderUser
from satispy.core.errors import Busy
from satispy.workflows.alerts import list_alerts, try_webhook

router = APIRouter(tags=["alerts"])
_WEBHOOK = Outbound(2, 8, lambda: Busy("too many tests of the webhook wait; try again"))


@router.get("/alerts", summary="The open alerts, then those that have ended")
def alerts(_user: ReaderUser, home: OpenHome) -> KeptAlerts:
    """Each is opened once and ended once; 200 at most."""
    found, still_open = list_alerts(home.database)
    return KeptAlerts.model_validate({"items": found, "open": still_open}, from_attributes=True)


@router.post(
    "/alerts/test", summary="Post a test to the webhook", responses=refusals("no-webhook", "busy")
)
async def test(user: AdminUser, home: OpenHome) -> WebhookTest:
    """Sent once, now; an answer that is not 2xx is not delivered, and no redirect is followed."""
    work = partial(try_webhook, home.settings, home.clock, user.name)
    return WebhookTest.model_validate(await _WEBHOOK.run(work))
