"""Submissions of forms and presses of buttons about trackers of the workspace."""

from msgspec.structs import replace

from bot.settings import Secret
from bot.slack.directory.member_directory import Membership, check_administers
from bot.slack.handlers.handler_responses import (
    NO_RESPONSE,
    HandlerResponse,
    PublishHome,
    UpdateView,
    replace_view,
    show_view,
)
from bot.slack.handlers.modal_loading import load_page
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import Request, ViewSubmission, command_key
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import SubmittedValues
from bot.slack.ui.modals.modal_registry import find_form
from bot.slack.ui.modals.steering.tracker_forms import (
    CONNECT_TRACKER,
    TRACKER_ACCOUNT,
    TRACKER_LABELS,
    TRACKER_TOKEN,
    kind_of,
    labels_of,
    split_labels,
)
from bot.slack.ui.modals.steering.trackers_page import (
    ACCOUNT_OWNER,
    DISCONNECT,
    MAKE_DEFAULT,
    NO_DEFAULT,
    RENEW,
    TRACKER_ACCOUNTS,
    TRACKERS,
    WEBHOOK,
    account_of,
)
from bot.slack.ui.texts.tracker_texts import TRACKER_TEXTS
from bot.store import workspace_stream
from bot.store.repositories.tracker_connections import TrackerCheck
from bot.token_cipher import TokenUnreadable
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId
from domain.rejections import Rejected
from domain.tracker_accounts import ChooseTrackerAccount, ReleaseTrackerAccount, TrackerAccount
from domain.workspace_trackers import (
    ChooseDefaultTracker,
    DisconnectTracker,
    ReviseTracker,
)


def choose_owner(services: Services, request: ViewSubmission, target: Target, values: SubmittedValues) -> str:
    """Confirm, correct or release an account, and return what was done; raises StaleButton and Rejected."""
    account = account_of(services.settings.trackers.accounts.known, target)
    name, person = account.name or account.account, values.person("person")
    if person is None:
        command = ReleaseTrackerAccount(
            by=request.person,
            at=services.now(),
            tracker=account.tracker,
            person=account.person,
            account=account.account,
        )
        services.tracker_requests.change(command, command_key(request))
        return f"✓ “{name}” is no longer the account of {services.naming(account.person)}."
    _check(services, account, person, by=request.person)
    command = ChooseTrackerAccount(
        by=request.person,
        at=services.now(),
        tracker=account.tracker,
        person=person,
        account=account.account,
        name=account.name,
    )
    services.tracker_requests.change(command, command_key(request))
    return f"✓ “{name}” is the account of {services.naming(person)}."


def _check(services: Services, account: TrackerAccount, person: PersonId, *, by: PersonId) -> None:
    """Raise Rejected if the person cannot have an account, or if it would be the author's own."""
    if person == by and not (account.person == by and account.confirmed):
        raise Rejected("Ask another administrator to confirm your own account.", field="person")
    if services.directory.account(person) in (Membership.BOT, Membership.DEACTIVATED, Membership.FOREIGNER):
        raise Rejected(
            f"@{person} is a bot, is deactivated, or belongs to another organization. Choose someone else.",
            field="person",
            people=(person,),
        )


def submit_tracker_form(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Store a request to a tracker, or carry out what needs no answer of one; show the page of trackers."""
    form = find_form(request.callback_id)
    if form is not TRACKER_ACCOUNT:
        # Before the fields are read: others learn nothing, not even which of them are wrong.
        check_administers(services.directory, services.settings, request.person)
    values = form.parse(request.view)
    note = _SUBMISSIONS[form.name](services, request, target, values)
    page = Target(name="trackers", stream=target.stream)
    if target.back == TRACKER_ACCOUNTS.name:
        page = replace(page, name=target.back, element=target.element)
    view = load_page(services, page, request.person, note=note)
    behind = _page_behind(request, target)
    update = UpdateView(view_id=behind, view=view)
    shown = NO_RESPONSE.then(update) if behind else show_view(request, view)
    return shown.then(PublishHome(person=request.person)) if form is TRACKER_ACCOUNT else shown


def press_tracker_button(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Disconnect a tracker, change the default one or the secret of webhooks, and show the page again."""
    check_administers(services.directory, services.settings, request.person)
    tracker, by, at = TrackerId(target.element), request.person, services.now()
    if target.name == RENEW:
        return replace_view(request, _with_new_secret(services, request, target, tracker))
    if target.name == DISCONNECT:
        command = DisconnectTracker(by=by, at=at, tracker=tracker)
        note = f"✓ {tracker} is disconnected. Its issues keep the bot's text as it is."
    elif target.name == MAKE_DEFAULT:
        command = ChooseDefaultTracker(by=by, at=at, tracker=tracker)
        note = f"✓ {tracker} is the default."
    elif target.name == NO_DEFAULT:
        command, note = ChooseDefaultTracker(by=by, at=at), "✓ There is no default tracker."
    else:
        raise StaleButton
    services.tracker_requests.change(command, command_key(request))
    page = Target(name="trackers", stream=target.stream)
    return replace_view(request, load_page(services, page, request.person, note=note))


def _with_new_secret(services: Services, request: Request, target: Target, tracker: TrackerId) -> View:
    """Replace the secret of a tracker's webhooks, and return the page that shows it."""
    try:
        services.tracker_requests.renew_webhook_secret(tracker, command_key(request))
    except TokenUnreadable as fault:
        raise Rejected(str(fault)) from fault
    page = Target(name=WEBHOOK.name, stream=target.stream, element=tracker)
    return load_page(services, page, request.person, note=_RENEWED)


def _connect(services: Services, request: ViewSubmission, target: Target, values: SubmittedValues) -> str:
    kind = kind_of(target)
    url = TRACKER_TEXTS[kind].only_address or values.text("url").strip().rstrip("/")
    project = values.text("project").strip().removeprefix(f"{url}/").strip("/")
    if not project:
        raise Rejected("Enter the project as the tracker names it.", field="project")
    check = TrackerCheck(
        id=command_key(request),
        person=request.person,
        at=services.now(),
        kind=kind,
        url=url,
        project=project,
        labels=labels_of(values),
        shown_in=_shown_in(request, target),
    )
    _request(services, check, values)
    return f"{kind.label}, {project} is being checked. You get the result here and as a direct message."


def _replace_token(
    services: Services, request: ViewSubmission, target: Target, values: SubmittedValues
) -> str:
    check = _about(services, request, target)
    _request(services, check, values)
    return f"The token of {check.tracker} is being checked. You get the result here and as a direct message."


def _choose_labels(
    services: Services, request: ViewSubmission, target: Target, values: SubmittedValues
) -> str:
    tracker = _tracker(services, target)
    opened = services.form_snapshots.find(target.opened, workspace_stream(services.installation.team))
    command = ReviseTracker(
        by=request.person,
        at=services.now(),
        tracker=tracker.id,
        labels=labels_of(values),
        shown=split_labels(str(opened.shown["labels"].stored)) if opened else None,
    )
    services.tracker_requests.change(command, command_key(request))
    return f"✓ The labels of {tracker.id} are saved."


def _choose_account(
    services: Services, request: ViewSubmission, target: Target, values: SubmittedValues
) -> str:
    check, account = _about(services, request, target), values.text("account").strip()
    if not account:
        command = ChooseTrackerAccount(
            by=request.person, at=services.now(), tracker=check.tracker, person=request.person
        )
        services.tracker_requests.change(command, command_key(request))
        return f"✓ You have no account in {check.tracker}."
    services.tracker_requests.choose_account(check, account)
    return f"Your account in {check.tracker} is being looked up. You get the result as a direct message."


def _about(services: Services, request: ViewSubmission, target: Target) -> TrackerCheck:
    """Return a request about a connected tracker."""
    tracker = _tracker(services, target)
    return TrackerCheck(
        id=command_key(request),
        person=request.person,
        at=services.now(),
        kind=tracker.kind,
        url=tracker.url,
        project=tracker.project,
        tracker=tracker.id,
        shown_in=_shown_in(request, target),
    )


def _tracker(services: Services, target: Target) -> ConnectedTracker:
    found = services.settings.trackers.find(TrackerId(target.element))
    if found is None:
        raise Rejected("This tracker is not connected. It may have been disconnected.")
    return found


def _request(services: Services, check: TrackerCheck, values: SubmittedValues) -> None:
    """Store a request with its token; raises Rejected."""
    token, webhook = values.text("token").strip(), values.text("webhook").strip()
    if not token.isascii() or not token.isprintable() or any(map(str.isspace, token)):
        raise Rejected("A token has neither spaces nor special characters. Copy it again.", field="token")
    login = values.text("login").strip()
    services.tracker_requests.connect(check, Secret(token), login, webhook_secret=webhook)


def _shown_in(request: ViewSubmission, target: Target) -> str:
    """Return the modal that shows the progress, and the model whose choice it shows as well."""
    return f"{_page_behind(request, target) or request.view_id} {target.stream}".strip()


def _page_behind(request: ViewSubmission, target: Target) -> str:
    """Return the page of trackers from which the form was opened; empty if it was opened elsewhere."""
    from_page = target.back in (TRACKERS.name, TRACKER_ACCOUNTS.name)
    return str(request.view.get("previous_view_id") or "") if from_page else ""


_SUBMISSIONS = {
    CONNECT_TRACKER.name: _connect,
    TRACKER_TOKEN.name: _replace_token,
    TRACKER_LABELS.name: _choose_labels,
    TRACKER_ACCOUNT.name: _choose_account,
    ACCOUNT_OWNER.name: choose_owner,
}
"""What each form of trackers does; it returns a note about it."""
_RENEWED = "✓ The secret is replaced. Enter it in the tracker: the earlier one is no longer accepted."
