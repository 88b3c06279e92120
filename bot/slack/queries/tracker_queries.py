"""Trackers of the workspace, as a person may see them."""

from msgspec.structs import replace

from bot.slack.directory.member_directory import Membership, administers, check_administers
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.services import Services
from bot.slack.screens.tracker_screen import RefusedConnection, ShownTracker, ShownWebhook, TrackerScreen
from bot.slack.ui.texts.tracker_texts import TRACKER_TEXTS
from bot.token_cipher import TokenUnreadable
from bot.trackers.tracker_requests import NO_KEYS
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.rejections import Rejected


def load_tracker_screen(
    services: Services, target: Target, reader: PersonId, *, note: str = ""
) -> TrackerScreen:
    """Return the trackers that a person may see.

    Guests see the tracker of the model alone from which they opened the page, and others all of them.
    """
    settings = services.settings
    chosen = None
    in_force = settings.trackers.default
    if target.stream:
        chosen = services.command_handler.model(services.stream(target)).tracker
        in_force = chosen.tracker if chosen.own else in_force
    inside = _is_inside(services, reader)
    shown = shown_trackers(services, reader)
    return TrackerScreen(
        trackers=shown if inside else tuple(one for one in shown if target.stream and one.id == in_force),
        default=settings.trackers.default,
        administers=administers(services.directory, settings, reader),
        refused="" if services.tracker_requests.enabled else NO_KEYS,
        checked=services.tracker_requests.checked_for(reader),
        chosen=chosen,
        webhooks=bool(services.operator_settings.public_url),
        note=note,
        earlier=tuple(
            RefusedConnection(kind=one.kind, url=one.url, project=one.project, labels=one.labels)
            for one in services.tracker_requests.refused_for(reader)
        ),
        accounts=settings.trackers.accounts.known if inside else None,
    )


def shown_trackers(services: Services, reader: PersonId) -> tuple[ShownTracker, ...]:
    """Return all connected trackers, with the account of a person in each."""
    known = services.settings.trackers
    states = services.tracker_requests.states()

    def shown(id: TrackerId) -> ShownTracker | None:
        tracker, state, account = known.find(id), states.get(id), known.accounts.of(id, reader)
        if tracker is None:
            return None
        return ShownTracker(
            tracker=tracker,
            account=account,
            has_none=known.accounts.has_none(id, reader),
            unconfirmed=sum(one.tracker == id and not one.confirmed for one in known.accounts.known),
            polled_at=state.polled_at if state else None,
            problem=state.error if state else _TOKENLESS,
            stopped=state.stopped if state else True,
        )

    found = (shown(one.id) for one in known.trackers)
    return tuple(one for one in found if one is not None)


def visible_trackers(services: Services, reader: PersonId) -> tuple[ShownTracker, ...]:
    """Return the connected trackers that a person may see without a model: none for guests."""
    if not services.settings.trackers.trackers or not _is_inside(services, reader):
        return ()
    return shown_trackers(services, reader)


def load_webhook_screen(services: Services, target: Target, reader: PersonId) -> TrackerScreen:
    """Return a tracker with the address and the secret of its webhook.

    Raises StaleButton for another tracker, and Rejected for other people and without an address.
    """
    check_administers(services.directory, services.settings, reader)
    tracker = TrackerId(target.element)
    screen = load_tracker_screen(services, target, reader)
    shown = screen.find(tracker)
    if shown is None:
        raise StaleButton(f"{tracker} is not connected. It may have been disconnected.")
    try:
        secret = services.tracker_requests.webhook_secret(tracker)
    except TokenUnreadable as fault:
        raise Rejected(str(fault)) from fault
    if not services.operator_settings.public_url or secret is None:
        raise Rejected(_NO_ADDRESS)
    url = f"{services.operator_settings.public_url}/trackers/{services.installation.team}/{tracker}"
    about = TRACKER_TEXTS[shown.tracker.kind]
    if about.secret_in_address:
        webhook = ShownWebhook(url=f"{url}/{secret.reveal()}")
    else:
        webhook = ShownWebhook(url=url, secret="" if about.makes_secret else secret.reveal())
    return replace(screen, webhook=webhook)


def _is_inside(services: Services, person: PersonId) -> bool:
    known = services.directory.person(person)
    account = services.directory.account(person)
    return known is not None and not known.guest and account is Membership.MEMBER


_TOKENLESS = "There is no token. Replace the token."
_NO_ADDRESS = (
    "Webhooks need an address: an operator sets PUBLIC_URL. Without webhooks, changes are read every five "
    "minutes."
)
