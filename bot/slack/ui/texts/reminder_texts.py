"""Words about a reminder."""

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.screens.reminder import ReminderDetails
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import count_phrase
from domain.phase_conditions import TITLES
from domain.remediation.issue_proposals import IssueProposal
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
            return f"*Long overdue:* {what}"
        case Occasion.OWNER_GONE:
            return f"*Owner no longer available:* {what}"
        case Occasion.VOTE_OWED:
            return f"*Vote requested:* {_left(reminder, 'threat')}"
        case Occasion.VOTE_ENDS:
            return f"*Vote ends soon:* {_left(reminder, 'threat')}"
        case Occasion.ASKED:
            overdue = "Overdue questions" if reminder.is_over and is_open(reminder) else "Open questions"
            return f"*{overdue} for you:* {_to_do(reminder, 'question')} to answer"
        case Occasion.SPOT_CHECK:
            return f"*How do we know?* {_to_do(reminder, 'answer')} to spot-check"
        case Occasion.ANSWERS_DUE if reminder.pending_screening:
            return f"*Answers due today:* {reminder.pending_screening.text}"
        case Occasion.ANSWERS_DUE:
            return f"*Answers due today:* {_to_do(reminder, 'question')} still open"
        case Occasion.ACCEPTANCE_ENDS:
            return f"*Risk acceptance expires soon:* {what}"
        case Occasion.ACCEPTANCE_OVER:
            return f"*Risk acceptance expired, threat open again:* {what}"
        case Occasion.DIGEST:
            return _model_counts(reminder)
        case Occasion.UNTOUCHED:
            return f"*No recent activity:* {model_name(reminder)}"
        case Occasion.REVIEW:
            return f"*Review due:* {model_name(reminder)}"
        case Occasion.NOT_REACHED if reminder.refused:
            owner = escape_name(reminder.owner)
            return f"*Reminder to {owner} not delivered* ({escape(reminder.refused)})"
        case Occasion.APPROVAL_WAITS:
            return f"*Approval requested:* {_risk(reminder)}"
        case Occasion.APPROVAL_ESCALATED if reminder.is_over:
            return f"*Acceptance proposal expired without an answer:* {_risk(reminder)}"
        case Occasion.APPROVAL_ESCALATED:
            return f"*Approval long pending:* {_risk(reminder)}"
        case Occasion.APPROVER_GONE:
            return f"*Approver no longer available:* {_risk(reminder)}"
        case Occasion.VERIFICATION_WAITS:
            return f"*To be verified:* {what}"
        case Occasion.ISSUE_CHANGED:
            return f"*{_ISSUE[reminder.asks] if reminder.asks else 'Issue changed'}:* {what}"
        case Occasion.OVERRIDE_OPEN:
            return f"*Overridden and still not met:* {_condition(reminder)}"
        case Occasion.OVERRIDE_OVER:
            return f"*The override has ended and the condition is not met:* {_condition(reminder)}"
        case Occasion.NOT_REACHED:
            return (
                f"*Reminders to {escape_name(reminder.owner)} cannot be delivered:* Slack refuses direct "
                "messages to this person"
            )


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


def _condition(reminder: ReminderDetails) -> str:
    """Return the condition that a reminder is about; its details where they are known."""
    passed = reminder.override
    text = passed.override.text if passed else TITLES.get(reminder.about.subject, "")
    return escape(text, _GATE, empty=reminder.about.subject)


def _model_counts(reminder: ReminderDetails) -> str:
    """Return the number of overdue items and of items that wait for a second person."""
    waiting = (
        f"*Waiting for approval or verification:* {count_phrase(len(reminder.waiting), 'item')}"
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


def _to_do(reminder: ReminderDetails, what: str) -> str:
    """Return how many there are to do; without the number once all are done."""
    return count_phrase(reminder.count, what) if reminder.count else f"{what}s"


def _left(reminder: ReminderDetails, what: str) -> str:
    left = count_phrase(reminder.total, what)
    return (
        f"{reminder.count} of {left} still need your ballot"
        if reminder.count < reminder.total
        else f"{left} to vote on"
    )


ABOUT_THE_MODEL = (Occasion.DIGEST, Occasion.UNTOUCHED, Occasion.REVIEW)
"""Occasions about a whole model, whose first line names the model."""
_GATE = 300

_ISSUE = {
    IssueProposal.IMPLEMENTED: "Issue completed",
    IssueProposal.CLOSED: "Issue closed",
    IssueProposal.REOPENED: "Issue reopened",
    IssueProposal.DELETED: "Issue deleted",
    IssueProposal.DUE: "Different due date in the issue",
}
