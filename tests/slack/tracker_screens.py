"""Trackers as the pages and forms of tests show them."""

from bot.slack.screens.tracker_screen import ShownTracker, ShownWebhook, TrackerScreen
from domain.kernel.tracked_issue import ConnectedTracker, ModelTracker, TrackerId, TrackerKind
from domain.tracker_accounts import TrackerAccount
from tests.examples import ANA, MORNING

CONNECTED = ConnectedTracker(
    id=TrackerId("TR-1"),
    kind=TrackerKind.GITHUB,
    url="https://github.com",
    project="acme/<!channel> *shop*",
    labels=("<security>", "model"),
)
STOPPED = ConnectedTracker(
    id=TrackerId("TR-2"), kind=TrackerKind.JIRA_CLOUD, url="https://acme.example", project="SHOP"
)
ACCOUNT = TrackerAccount(tracker=CONNECTED.id, person=ANA, account="ana", name="ana & co", by=ANA)
SCREEN = TrackerScreen(
    trackers=(
        ShownTracker(tracker=CONNECTED, account=ACCOUNT, unconfirmed=1, polled_at=MORNING),
        ShownTracker(tracker=STOPPED, problem="The token is <not> accepted.", stopped=True),
    ),
    default=CONNECTED.id,
    administers=True,
    accounts=(ACCOUNT,),
    checked=("Redmine, web-shop",),
    webhooks=True,
    webhook=ShownWebhook(url="https://threats.example.org/trackers/T1/TR-1", secret="f00d"),
    chosen=ModelTracker(own=True, tracker=STOPPED.id, shares_threats=True),
)
"""A workspace with one tracker that works and one that does not, for an administrator."""

TRACKER_FORMS = ("account_owner", "connect_tracker", "tracker_account", "tracker_labels", "tracker_token")
"""The forms about the trackers of a workspace, which ask nothing of a model."""
