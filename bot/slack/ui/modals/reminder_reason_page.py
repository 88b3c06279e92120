"""Page of the reason of a reminder, and the form that snoozes it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from bot.slack.protocol.block_builders import View, context, modal, section
from bot.slack.protocol.escaping import escape, escape_name, local_time
from bot.slack.protocol.targets import ReminderTarget, StaleButton
from bot.slack.screens.page_data import PageData
from bot.slack.screens.reminder import ReminderDetails
from bot.slack.ui.forms.form import Form, FormContext, FormData, FormEnding, SnoozeChoice, WriteEffect
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Paragraph
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.texts.reminder_texts import ABOUT_THE_MODEL, reminder_headline
from bot.slack.ui.texts.tracker_texts import issue_line
from domain.commands import SnoozeReminder
from domain.kernel.text_formatting import count_phrase
from domain.reminder_deliveries import Delivery, DeliveryState, SkipReason
from domain.reminders import Occasion
from domain.reminders.reminder import POLICIES, ReminderPolicy
from domain.wording.voting import attribution_notice


def _snooze(opening: FormContext) -> Sequence[FormPart]:
    choice = opening.find(SnoozeChoice) or SnoozeChoice()
    return [
        Paragraph(
            text=(
                f"{choice.about}\n"
                "This reminder returns then, in your working hours. Due dates and other reminders do not "
                "change."
            )
        ),
        ChoiceField(
            key="until",
            label="Remind me",
            options=choice.moments,
            initial=choice.moments[0].value if choice.moments else None,
            radio=True,
            required=True,
        ),
    ]


_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


SNOOZE = Form(
    name="snooze",
    target=ReminderTarget,
    writes=WriteEffect.OWN,
    needs=FormData.REMINDER,
    ending=FormEnding.SNOOZED,
    title="Snooze reminder",
    submit="Snooze",
    parts=_snooze,
    build_command=lambda entry: entry.command(
        SnoozeReminder,
        key=ReminderTarget.of(entry.target).reminder,
        until=msgspec.convert(entry.text("until"), _Moment),
    ),
)


def reminder_reason_page(showing: PageData) -> View:
    """Return the reasons for a reminder; raises StaleButton without one."""
    one = showing.reminder
    if one is None:
        raise StaleButton
    hours = f"Reminders are sent in your working hours: {showing.hours.text}"
    zone = f" in {escape(showing.zone)}." if showing.zone else " (UTC)."
    model = f"{escape_name(one.model)} ({one.about.model})"
    blocks = [
        section(
            reminder_headline(one)
            if one.occasion in ABOUT_THE_MODEL
            else f"{reminder_headline(one)}\nin {model}"
        ),
        section("*Facts*\n" + "\n".join(f"• {fact}" for fact in reminder_facts(one))),
        section(f"*Rule*\n{reminder_rule(one.occasion, POLICIES[showing.register.terms.reminders])}"),
    ]
    if showing.sent:
        blocks.append(section("*Earlier reminders to you*\n" + "\n".join(_history(showing.sent))))
    blocks.append(context(f"{hours}{zone} Change them with /threatmodel settings."))
    return modal("Why this reminder?", blocks, target=showing.target)


REMINDER_REASON = Page(
    name="why", target=ReminderTarget, show=reminder_reason_page, source=PageSource.REMINDER
)


def reminder_facts(one: ReminderDetails) -> list[str]:
    """Return the facts that a reminder is based on, in mrkdwn."""
    return list(_facts(one)) or [f"{one.occasion.reason.capitalize()}."]


def _facts(one: ReminderDetails) -> Iterator[str]:
    if one.mitigation is not None:
        yield f"The mitigation is {one.mitigation.state.value}."
        yield f"{escape_name(one.owner)} is the owner." if one.owner else "It has no owner."
    if one.threat is not None:
        yield f"It is about {one.threat.id}, {escape_name(one.threat.title)}."
    if one.occasion in (Occasion.VOTE_OWED, Occasion.VOTE_ENDS) and one.total:
        yield f"You have not voted on {one.count} of {one.total} threats."
        if one.panel and attribution_notice(one.panel):
            yield attribution_notice(one.panel)
    elif one.pending_screening:
        yield f"{one.pending_screening.text}."
    elif one.count:
        yield f"{one.count} questions are unanswered."
    if one.proposal is not None:
        yield f"{escape_name(one.by)} proposes to accept it."
        asked = f"{escape_name(one.asked)} is the requested approver."
        yield asked if one.asked else "No approver was requested."
    if one.issue is not None:
        yield f"Its issue is {issue_line(one.issue)}."
    if one.since is not None:
        yield f"{_since(one)} {local_time(one.since)}."
    if one.until is not None:
        yield f"It {'was' if one.is_over else 'is'} due {local_time(one.until)}."
    if one.snoozed is not None:
        yield f"It was snoozed until {local_time(one.snoozed)}."
    if one.outcome:
        yield escape(one.outcome)


def _since(one: ReminderDetails) -> str:
    if one.occasion is Occasion.ISSUE_CHANGED:
        return "The issue changed"
    if one.occasion.of_proposal or one.occasion is Occasion.VERIFICATION_WAITS:
        return "Waiting since"
    return "Owner and due date last changed" if one.mitigation is not None else "Since"


def reminder_rule(occasion: Occasion, policy: ReminderPolicy) -> str:
    """Return when such reminders are sent."""
    *early, last = (count_phrase(days, "day") for days in policy.before)
    return _RULES[occasion].format(
        before=f"{', '.join(early)} and {last}" if early else last,
        every="every day" if policy.every == 1 else f"every {policy.every} days",
        hours=int(policy.last_hours.total_seconds()) // 3600,
        policy=policy,
    )


_DUE = (
    "The owner of a mitigation is reminded {before} before the due date, on that day, and then {every}, at "
    "most {policy.most} times. After that, the facilitator is notified, then the model's thread each week."
)
_VOTE = (
    "Voters with missing ballots are reminded halfway through the round and {hours} hours before its end. "
    "The bot records who has voted; numbers are sealed until the round ends."
)
_ACCEPTANCE = (
    "The acceptance of a risk expires. The facilitator is notified before that day and when the threat is "
    "open again."
)
_IDLE = (
    "The facilitator is notified {policy.untouched.days} days after the last change of a model or after its "
    "closing."
)
_APPROVAL = (
    "The approver of a risk is reminded {every} after it was proposed, changed or reassigned, at most "
    "{policy.most} times. After that, or after the proposal expired, the facilitator is notified, then the "
    "model's thread each week. If the approver is no longer available, the facilitator is notified "
    "immediately."
)
_OVERRIDE = (
    "While an overridden condition is not met, the facilitator is reminded every "
    "{policy.override_every.days} days, and when the override ends."
)
_RULES: dict[Occasion, str] = {
    Occasion.DIGEST: (
        "Each week, the model's thread lists mitigations that are long overdue and approvals and "
        "verifications that have waited long, after the people concerned and the facilitator were notified. "
        "Items without an assignee are listed from the first Monday."
    ),
    Occasion.DUE_SOON: _DUE,
    Occasion.DUE_TODAY: _DUE,
    Occasion.OVERDUE: _DUE,
    Occasion.ESCALATED: _DUE,
    Occasion.OWNER_GONE: (
        "If an owner left the channel or their account was deactivated, the facilitator is notified once."
    ),
    Occasion.VOTE_OWED: _VOTE,
    Occasion.VOTE_ENDS: _VOTE,
    Occasion.ASKED: (
        "The owner of open questions is reminded {before} before the day on which they are due, on that day, "
        "and then {every}, at most {policy.most} times. A question that was answered with *don't know* "
        "belongs to the owner of its component, else to the person who said so. If the owner is no longer "
        "available, the facilitator is reminded."
    ),
    Occasion.SPOT_CHECK: (
        "Before a model is closed, three answers are checked by people who did not give them. They are "
        "reminded in their next working hour, and then {every}, at most {policy.most} times."
    ),
    Occasion.ANSWERS_DUE: (
        "On the due date of the answers, the facilitator is notified about open questions."
    ),
    Occasion.ACCEPTANCE_ENDS: _ACCEPTANCE,
    Occasion.ACCEPTANCE_OVER: _ACCEPTANCE,
    Occasion.UNTOUCHED: _IDLE,
    Occasion.REVIEW: _IDLE,
    Occasion.APPROVAL_WAITS: _APPROVAL,
    Occasion.APPROVAL_ESCALATED: _APPROVAL,
    Occasion.APPROVER_GONE: _APPROVAL,
    Occasion.VERIFICATION_WAITS: (
        "An implemented mitigation must be verified by someone other than its owner. No verifier is "
        "assigned, so the facilitator gets one combined reminder {every}. Each verification is included at "
        "most {policy.most} times. After that, the model's thread is notified each week."
    ),
    Occasion.ISSUE_CHANGED: (
        "When the issue of a mitigation changes in the tracker and a decision is needed, the owner is "
        "notified in their next working hour, and then {every}, at most {policy.most} times. Without an "
        "owner, the facilitator is notified."
    ),
    Occasion.OVERRIDE_OPEN: _OVERRIDE,
    Occasion.OVERRIDE_OVER: _OVERRIDE,
    Occasion.NOT_REACHED: ("If reminders to a person cannot be delivered, the facilitator is notified once."),
}


def _history(sent: Sequence[Delivery]) -> list[str]:
    more = [f"• {len(sent) - _MAX_LINES} more before that"] if len(sent) > _MAX_LINES else []
    return [*more, *(f"• {local_time(one.at)}: {_became(one)}" for one in sent[-_MAX_LINES:])]


def _became(one: Delivery) -> str:
    match one.state:
        case DeliveryState.CLAIMED:
            return "being sent"
        case DeliveryState.SENT:
            return "sent"
        case DeliveryState.FAILED:
            return f"not delivered ({escape(one.reason)})"
        case DeliveryState.HELD_BACK | DeliveryState.SKIPPED:
            until = f", until {local_time(one.until)}" if one.until else ""
            return f"not sent, because {SkipReason(one.reason).label}{until}"


_MAX_LINES = 8
