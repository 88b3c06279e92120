"""Pages of trackers, their accounts and webhooks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    confirm,
    context,
    divider,
    modal,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, local_time, one_line
from bot.slack.protocol.targets import AccountTarget, ButtonKind, SelectionTarget, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.screens.tracker_screen import ShownTracker, TrackerScreen, account_digest
from bot.slack.ui.forms.form import Form, FormContext, FormData, FormSubmission, WriteEffect
from bot.slack.ui.forms.form_fields import FormPart, PersonField
from bot.slack.ui.modals.page_declaration import Page, PageSource, list_page, page_buttons
from bot.slack.ui.modals.steering.tracker_forms import about_tracker, tracker_of
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.tracker_texts import TRACKER_TEXTS, account_text, own_account_text
from domain.commands import ChooseTracker
from domain.kernel.text_formatting import count_phrase
from domain.kernel.tracked_issue import ModelTracker, TrackerId, TrackerKind
from domain.tracker_accounts import TrackerAccount


def tracker_accounts_page(showing: PageData) -> View:
    """Return whose the accounts in a tracker are, those that are not confirmed first."""
    screen, shown = _screen_and_tracker(showing)
    if screen.accounts is None:
        raise StaleButton("Guests do not see the accounts of other people.")
    accounts = sorted(screen.accounts_in(shown.id), key=lambda one: (one.confirmed, one.name.casefold()))
    listed = list_page(accounts, showing.target, _PER_PAGE)
    blocks = [
        *_noted(screen),
        section(f"*{shown.id}* · {escape(shown.name)}\n{_ABOUT}"),
        *(_row(showing, screen, account, number) for number, account in enumerate(listed.items)),
        *([] if accounts else [divider(), section("No account is known yet.")]),
        *page_buttons(listed, showing.target),
        *([] if screen.administers else [context(_OTHERS)]),
    ]
    return modal("Accounts", blocks, target=showing.target)


def _noted(screen: TrackerScreen) -> list[Block]:
    return [section(escape(screen.note))] if screen.note else []


def _screen_and_tracker(showing: PageData) -> tuple[TrackerScreen, ShownTracker]:
    screen = _screen(showing)
    shown = screen.find(showing.target.element)
    if shown is None:
        raise StaleButton
    return screen, shown


TRACKER_ACCOUNTS = Page(name="tracker_accounts", show=tracker_accounts_page, source=PageSource.TRACKERS)


def _row(showing: PageData, screen: TrackerScreen, one: TrackerAccount, number: int) -> Block:
    text = account_text(one, showing.naming)
    if not screen.administers:
        return section(text)
    target = AccountTarget(
        name="account_owner",
        stream=showing.target.stream,
        element=one.tracker,
        back="tracker_accounts",
        account=account_digest(one.person, one.account),
    )
    label = "Change" if one.confirmed else "Confirm or correct"
    spoken = f"{label} whose account number {number + 1} is"
    return section(text, accessory=button(label, ButtonKind.OPEN, target, suffix=f"{number}", spoken=spoken))


_ABOUT = (
    "An issue that is assigned to one of these accounts counts as assigned to its person. An account that is "
    "not confirmed was stated by the person alone."
)
_OTHERS = "If one is wrong, ask the person, or an administrator of the workspace settings."
_PER_PAGE = 30


RENEW: Final = "new_webhook_secret"
"""Name of the button that replaces the secret."""


def webhook_page(showing: PageData) -> View:
    """Return the address and the secret of the webhook of a tracker."""
    screen, shown = _screen_and_tracker(showing)
    webhook, about = screen.webhook, TRACKER_TEXTS[shown.tracker.kind]
    if webhook is None:
        raise StaleButton
    blocks: list[Block] = [  # both texts of the webhook are our own, and are copied as they are
        *_noted(screen),
        section(f"*{shown.id}* · {escape(shown.name)}\n{_TRACKER_WEBHOOK_ABOUT}"),
        section(f"*Address*\n```{webhook.url}```"),
        *([section(_IN_ADDRESS)] if about.secret_in_address else []),
        *([section(f"*Secret*\n```{webhook.secret}```")] if webhook.secret else []),
        section(f"*Where to enter it*\n{about.webhook}"),
    ]
    if about.secret_in_address or webhook.secret:
        asked = confirm(
            "Replace the secret?",
            "The present one will no longer be accepted. Enter the new one in the tracker. Until then, "
            "changes are read every five minutes.",
            yes="Replace",
        )
        target = Target(name=RENEW, stream=showing.target.stream, element=shown.id)
        blocks.append(actions(button("New secret", ButtonKind.TRACKER, target, suffix=RENEW, confirm=asked)))
    return modal("Webhook", blocks, target=showing.target)


WEBHOOK = Page(name="tracker_webhook", show=webhook_page, source=PageSource.TRACKER_WEBHOOK)

_TRACKER_WEBHOOK_ABOUT = (
    "With a webhook, changes of issues are read within seconds instead of five minutes. Treat the secret "
    "like a password."
)

_IN_ADDRESS = (
    "⚠ This address ends with the secret, because not every version of this tracker signs requests. Access "
    "logs of proxies between the tracker and the bot contain addresses: leave this one out of them, or "
    "restrict who reads them. Press *New secret* if others may have read it."
)


def account_of(accounts: Iterable[TrackerAccount], target: Target) -> TrackerAccount:
    """Return the account that a form is about; raises StaleButton if it has changed."""
    about = AccountTarget.of(target)
    for one in accounts:
        if one.tracker == about.element and account_digest(one.person, one.account) == about.account:
            return one
    raise StaleButton("This account has changed meanwhile. Open the list again.")


def _parts(opening: FormContext) -> Sequence[FormPart]:
    shown = tracker_of(opening)
    screen = opening.find(TrackerScreen)
    account = account_of(screen.accounts_in(shown.id) if screen is not None else (), opening.target)
    return [
        about_tracker(shown, f"Account: *{escape_name(account.name or account.account)}*"),
        PersonField(
            key="person",
            label="Person",
            hint=(
                "You confirm that the account is that of this person. Leave it empty if it is not: another "
                "person can state it then."
            ),
            initial=account.person,
        ),
    ]


ACCOUNT_OWNER = Form(
    name="account_owner",
    target=AccountTarget,
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.ONCE,
    needs=FormData.TRACKER_CONNECTION,
    title="Whose account is it?",
    parts=_parts,
)


DISCONNECT, MAKE_DEFAULT, NO_DEFAULT = "disconnect", "make_default", "no_default"
"""Names of the buttons that act on a tracker."""


def trackers_page(showing: PageData) -> View:
    """Return the trackers that the reader may see, with what the reader may do."""
    screen = _screen(showing)
    blocks: list[Block] = [*_noted(screen), section(_TRACKERS_ABOUT)]
    if showing.model is not None and screen.chosen is not None:
        blocks += [divider(), _this_model(showing, screen, screen.chosen)]
    for shown in screen.trackers:
        blocks += [divider(), *_tracker(showing, screen, shown)]
    if not screen.trackers:
        blocks += [divider(), section(_NONE if screen.administers else f"{_NONE} {_ASK}")]
    if screen.checked:
        named = "\n".join(f"{escape(check)} is being checked …" for check in screen.checked)
        refresh = ModelButtons(showing.target.stream).turns("Refresh", "trackers", suffix="refresh")
        blocks += [divider(), section(named, accessory=refresh)]
    if screen.administers:
        blocks += [divider(), *_connecting(showing, screen)]
    return modal("Trackers", blocks, target=showing.target)


TRACKERS = Page(name="trackers", show=trackers_page, source=PageSource.TRACKERS)


def model_tracker_text(chosen: ModelTracker, default: TrackerId | None) -> str:
    """Return where the mitigations of a model get issues, in words."""
    tracker = chosen.tracker if chosen.own else default
    inherited = "" if chosen.own else " (workspace default)"
    if not tracker:
        return f"Mitigations do not get issues{inherited}."
    shares = "Issues describe the threats" if chosen.shares_threats else "Issues do not describe the threats"
    return f"Mitigations get issues in *{tracker}*{inherited}. {shares}."


def _screen(showing: PageData) -> TrackerScreen:
    if showing.trackers is None:
        raise StaleButton
    return showing.trackers


def _this_model(showing: PageData, screen: TrackerScreen, chosen: ModelTracker) -> Block:
    register = showing.register
    text = f"*{escape_name(register.name)}* · {register.key}\n{model_tracker_text(chosen, screen.default)}"
    if not register.allows(ChooseTracker) or showing.reader != register.facilitator:
        return section(text)
    make = ModelButtons(showing.target.stream, back="trackers")
    return section(
        text,
        accessory=make.opens("Change", "model_tracker", spoken="Change the tracker of this model"),
    )


def _tracker(showing: PageData, screen: TrackerScreen, one: ShownTracker) -> Iterator[Block]:
    tracker = one.tracker
    default = " · default" if one.id == screen.default else ""
    lines = [
        f"*{one.id}* · {tracker.kind.label} · {escape_name(tracker.project)}{default}",
        escape(tracker.url),
    ]
    if tracker.labels:
        lines.append(f"Labels of new issues: {', '.join(map(escape_name, tracker.labels))}")
    lines += [_state(one), f"Your account: {own_account_text(one)}"]
    if screen.administers and one.unconfirmed:
        lines.append(f"⚠ {count_phrase(one.unconfirmed, 'account')} not confirmed: see *Accounts*")
    yield section("\n".join(lines))
    make, id = ModelButtons(showing.target.stream, back="trackers"), one.id
    undecided = one.account is None and not one.has_none
    buttons = [make.opens("My account", "tracker_account", id, suffix=f"account-{id}", primary=undecided)]
    if screen.accounts is not None:
        spoken = f"Accounts in {id}"
        buttons.append(make.shows("Accounts", "tracker_accounts", id, suffix=f"accounts-{id}", spoken=spoken))
    yield actions(*buttons, *(_administering(screen, one, make) if screen.administers else ()))


def _administering(screen: TrackerScreen, one: ShownTracker, make: ModelButtons) -> Iterator[Block]:
    for name, label in (("tracker_token", "Replace token"), ("tracker_labels", "Labels")):
        yield make.opens(label, name, one.id, suffix=f"{name}-{one.id}", spoken=f"{label} of {one.id}")
    if screen.webhooks:
        spoken = f"Webhook of {one.id}"
        yield make.shows("Webhook", "tracker_webhook", one.id, suffix=f"webhook-{one.id}", spoken=spoken)
    is_default = one.id == screen.default
    name, label = (NO_DEFAULT, "No default") if is_default else (MAKE_DEFAULT, "Make default")
    yield button(
        label,
        ButtonKind.TRACKER,
        Target(name=name, stream=make.stream, element=one.id),
        suffix=f"{name}-{one.id}",
        confirm=confirm(
            "Turn off the default tracker?" if is_default else f"Make {one.id} the default tracker?",
            "Models without a choice of their own get no new issues. Those that they have get a last update "
            "that says that they are no longer kept up to date."
            if is_default
            else "Each open mitigation of all models without a choice of their own gets an issue there.",
            yes=label,
        ),
    )
    yield button(
        "Disconnect",
        ButtonKind.TRACKER,
        Target(name=DISCONNECT, stream=make.stream, element=one.id),
        suffix=f"{DISCONNECT}-{one.id}",
        style="danger",
        confirm=confirm(
            f"Disconnect {one.id}?",
            f"{clip(one_line(one.name), _NAME)}: its token is deleted. Its issues keep the text of the bot, "
            "but are no longer kept up to date. For a last update that says so, turn off this default and "
            "the choices of models first. Connect the project again to continue.",
            yes="Disconnect",
            danger=True,
        ),
    )


def _state(one: ShownTracker) -> str:
    if one.stopped:
        return f"⚠ Stopped: {escape(one.problem)}"
    if one.problem:
        return f"⚠ The last call failed: {escape(one.problem)}"
    return f"Last read {local_time(one.polled_at)}" if one.polled_at else "Not read yet"


def _connecting(showing: PageData, screen: TrackerScreen) -> Iterator[Block]:
    if screen.refused:
        yield section(f"⚠ {screen.refused}")
        return
    make = ModelButtons(showing.target.stream, back="trackers")
    yield section("*Connect a tracker*")
    yield actions(
        *(
            make.opens(
                kind.label,
                SelectionTarget(name="connect_tracker", selection=kind.value),
                suffix=f"connect-{kind.value}",
                spoken=f"Connect {kind.label}",
            )
            for kind in sorted(TrackerKind, key=lambda kind: kind.label.casefold())
        )
    )
    yield context("You need a token of an account that can read and write the issues of one project.")


_TRACKERS_ABOUT = (
    "Each open mitigation gets an issue in a tracker. Its state comes back: when the issue is closed, the "
    "owner is asked whether the mitigation is implemented."
)
_NONE = "No tracker is connected."
_ASK = "An administrator of the workspace settings can connect one."
_NAME = 60
