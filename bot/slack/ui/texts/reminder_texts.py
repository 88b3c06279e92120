"""Words about a reminder."""

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.screens.reminder import ReminderDetails
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import count_phrase
from domain.reminders import Occasion


def reminder_headline(reminder: ReminderDetails) -> str:
    """Return the subject of a reminder in one line of mrkdwn."""
    what = _subject_text(reminder)
    match reminder.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY if reminder.is_over and is_open(reminder):
            # It was snoozed until then, or is sent late.
            return f"*Overdue:* {what}"
        case Occasion.DUE_SOON:
            return f"*Due soon:* {what}"
        case Occasion.DUE_TODAY:
            return f"*Due today:* {what}"
        case Occasion.OVERDUE:
            return f"*Overdue:* {what}"
        case Occasion.ESCALATED:
            return f"*Overdue for long:* {what}"
        case Occasion.OWNER_GONE:
            return f"*Its owner is not here any more:* {what}"
        case Occasion.VOTE_OWED:
            return f"*Your vote is wanted:* {_left(reminder, 'threat')}"
        case Occasion.VOTE_ENDS:
            return f"*The vote ends soon:* {_left(reminder, 'threat')}"
        case Occasion.ASKED:
            return f"*Questions for you:* {count_phrase(reminder.count, 'question')} wait for your answer"
        case Occasion.ANSWERS_DUE:
            return f"*Answers were wanted by today:* {count_phrase(reminder.count, 'question')} still open"
        case Occasion.ACCEPTANCE_ENDS:
            return f"*The acceptance of a risk ends soon:* {what}"
        case Occasion.ACCEPTANCE_OVER:
            return f"*The acceptance of a risk is over, so the threat is open again:* {what}"
        case Occasion.DIGEST:
            return _model_counts(reminder)
        case Occasion.UNTOUCHED:
            return f"*Nobody has touched it for long:* {model_name(reminder)}"
        case Occasion.REVIEW:
            return f"*Time to look at it again:* {model_name(reminder)}"
        case Occasion.NOT_REACHED if reminder.refused:
            owner = escape_name(reminder.owner)
            return f"*I could not remind {owner}:* Slack did not take it ({escape(reminder.refused)})"
        case Occasion.APPROVAL_WAITS:
            return f"*Waits for your approval:* {_risk(reminder)}"
        case Occasion.APPROVAL_ESCALATED if reminder.is_over:
            return f"*Nobody answered in time, so it has to be proposed anew:* {_risk(reminder)}"
        case Occasion.APPROVAL_ESCALATED:
            return f"*Has waited for approval for long:* {_risk(reminder)}"
        case Occasion.APPROVER_GONE:
            return f"*Whoever was to approve it is not here any more:* {_risk(reminder)}"
        case Occasion.VERIFICATION_WAITS:
            return f"*To be verified:* {what}"
        case Occasion.NOT_REACHED:
            return f"*I cannot write to {escape_name(reminder.owner)}:* Slack does not take reminders to them"


def is_open(reminder: ReminderDetails) -> bool:
    """Return whether a reminder still needs something to be done, and is not snoozed."""
    return not reminder.outcome and reminder.snoozed is None


def _subject_text(reminder: ReminderDetails) -> str:
    if reminder.mitigation is not None:
        return f"{escape_name(reminder.mitigation.title)} ({reminder.mitigation.id})"
    if reminder.threat is not None:
        return f"{escape_name(reminder.threat.title)} ({reminder.threat.id})"
    return escape(reminder.about.subject, empty=escape_name(reminder.model))


def _risk(reminder: ReminderDetails) -> str:
    until = (
        f" until {short_day(reminder.proposal.expires)}"
        if reminder.proposal and reminder.proposal.expires
        else ""
    )
    return f"accept the risk of {_subject_text(reminder)}{until}"


def _model_counts(reminder: ReminderDetails) -> str:
    """Return the number of overdue items and of items that wait for a second person."""
    waiting = (
        f"*Waiting for a second person:* {count_phrase(len(reminder.waiting), 'thing')}"
        if reminder.waiting
        else ""
    )
    if not reminder.lines:
        return f"{waiting} in {model_name(reminder)}" if waiting else f"*Overdue:* {model_name(reminder)}"
    overdue = f"*Overdue:* {count_phrase(len(reminder.lines), 'mitigation')} of {model_name(reminder)}"
    return f"{overdue} · {waiting}" if waiting else overdue


def model_name(reminder: ReminderDetails) -> str:
    """Return the name and key of its model, in mrkdwn."""
    return f"{escape_name(reminder.model)} ({reminder.about.model})"


def _left(reminder: ReminderDetails, what: str) -> str:
    left = count_phrase(reminder.total, what)
    return (
        f"{reminder.count} of {left} still wait for your ballot"
        if reminder.count < reminder.total
        else f"{left} to vote on"
    )


ABOUT_THE_MODEL = (Occasion.DIGEST, Occasion.UNTOUCHED, Occasion.REVIEW)
"""Occasions about a whole model, whose first line names the model."""
