"""Words about a reminder."""

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.screens.reminder import Reminder
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import count_phrase
from domain.reminders import Occasion


def reminder_headline(one: Reminder) -> str:
    """Return the subject of a reminder in one line of mrkdwn."""
    what = _what(one)
    match one.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY if one.is_over and is_open(one):
            # It was put off until then, or comes late.
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
            return f"*Your vote is wanted:* {_left(one, 'threat')}"
        case Occasion.VOTE_ENDS:
            return f"*The vote ends soon:* {_left(one, 'threat')}"
        case Occasion.ASKED:
            return f"*Questions for you:* {count_phrase(one.count, 'question')} wait for your answer"
        case Occasion.ANSWERS_DUE:
            return f"*Answers were wanted by today:* {count_phrase(one.count, 'question')} still open"
        case Occasion.ACCEPTANCE_ENDS:
            return f"*The acceptance of a risk ends soon:* {what}"
        case Occasion.ACCEPTANCE_OVER:
            return f"*The acceptance of a risk is over, so the threat is open again:* {what}"
        case Occasion.DIGEST:
            return _of_all(one)
        case Occasion.UNTOUCHED:
            return f"*Nobody has touched it for long:* {model_name(one)}"
        case Occasion.REVIEW:
            return f"*Time to look at it again:* {model_name(one)}"
        case Occasion.NOT_REACHED if one.refused:
            owner = escape_name(one.owner)
            return f"*I could not remind {owner}:* Slack did not take it ({escape(one.refused)})"
        case Occasion.APPROVAL_WAITS:
            return f"*Waits for your approval:* {_risk(one)}"
        case Occasion.APPROVAL_ESCALATED if one.is_over:
            return f"*Nobody answered in time, so it has to be proposed anew:* {_risk(one)}"
        case Occasion.APPROVAL_ESCALATED:
            return f"*Has waited for approval for long:* {_risk(one)}"
        case Occasion.APPROVER_GONE:
            return f"*Whoever was to approve it is not here any more:* {_risk(one)}"
        case Occasion.VERIFICATION_WAITS:
            return f"*To be verified:* {what}"
        case Occasion.NOT_REACHED:
            return f"*I cannot write to {escape_name(one.owner)}:* Slack does not take reminders to them"


def is_open(one: Reminder) -> bool:
    """Return whether a reminder still needs something to be done, and is not snoozed."""
    return not one.over and one.snoozed is None


def _what(one: Reminder) -> str:
    if one.mitigation is not None:
        return f"{escape_name(one.mitigation.title)} ({one.mitigation.id})"
    if one.threat is not None:
        return f"{escape_name(one.threat.title)} ({one.threat.id})"
    return escape(one.about.subject, empty=escape_name(one.model))


def _risk(one: Reminder) -> str:
    until = f" until {short_day(one.proposal.expires)}" if one.proposal and one.proposal.expires else ""
    return f"accept the risk of {_what(one)}{until}"


def _of_all(one: Reminder) -> str:
    """Return the number of overdue items and of items that wait for a second person."""
    waiting = (
        f"*Waiting for a second person:* {count_phrase(len(one.waiting), 'thing')}" if one.waiting else ""
    )
    if not one.lines:
        return f"{waiting} in {model_name(one)}" if waiting else f"*Overdue:* {model_name(one)}"
    overdue = f"*Overdue:* {count_phrase(len(one.lines), 'mitigation')} of {model_name(one)}"
    return f"{overdue} · {waiting}" if waiting else overdue


def model_name(one: Reminder) -> str:
    """Return the name and key of its model, in mrkdwn."""
    return f"{escape_name(one.model)} ({one.about.model})"


def _left(one: Reminder, what: str) -> str:
    left = count_phrase(one.of, what)
    return f"{one.count} of {left} still wait for your ballot" if one.count < one.of else f"{left} to vote on"


ABOUT_THE_MODEL = (Occasion.DIGEST, Occasion.UNTOUCHED, Occasion.REVIEW)
"""Occasions about a whole model, whose first line names the model."""
