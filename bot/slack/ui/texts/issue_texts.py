"""Words about the issues of mitigations in a tracker, whose texts come from the tracker."""

import re

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import BUTTON_URL
from domain.kernel.due_dates import short_day
from domain.kernel.tracked_issue import IssueReference, TrackedIssue
from domain.remediation.issue_proposals import IssueProposal
from domain.remediation.status import TrackedMitigation
from domain.wording.trackers import issue_state_phrase, proposal_phrase, question_after_key


def issue_link(issue: IssueReference) -> str:
    """Return the key of an issue in mrkdwn, as a link to it where its address can be one."""
    key = escape_name(issue.key, _KEY)
    if len(issue.url) > BUTTON_URL or not (issue.url.isprintable() and _ADDRESS.fullmatch(issue.url)):
        return key
    return f"<{issue.url.replace('&', '&amp;')}|{key.replace('|', '¦')}>"  # it would end the address


def issue_line(tracked: TrackedIssue, *, proposal: IssueProposal | None = None) -> str:
    """Return an issue with its state, its due date and its assignee, in one line of mrkdwn.

    What the question about a `proposal` says is left out.
    """
    where = escape_name(tracked.issue.kind.label)
    parts = [f"{issue_link(tracked.issue)} in {where}"]
    if (seen := tracked.seen) is not None:
        parts += [] if proposal else [escape(issue_state_phrase(seen), _TEXT)]
        parts += [f"due {short_day(seen.due)}"] if seen.due else []
        outside = ", who is not in this channel" if seen.outside else ""
        parts += [f"assigned to {escape_name(seen.assignee)} there{outside}"] if seen.assignee else []
    return " · ".join(parts)


def issue_question(tracked: TrackedIssue, proposal: IssueProposal) -> str:
    """Return what an issue asks in mrkdwn, with its key as a link."""
    return f"{issue_link(tracked.issue)} *{escape(question_after_key(tracked, proposal), _TEXT)}*"


def issue_suffix(tracked: TrackedMitigation) -> str:
    """Return the issue of a mitigation to end its line, with what it asks; empty without one."""
    if tracked.issue is None:
        return ""
    if tracked.proposal is None:
        return f" · {issue_link(tracked.issue.issue)}"
    question = proposal_phrase(tracked.issue, tracked.proposal)
    return f" · {issue_link(tracked.issue.issue)} *{escape(question, _TEXT)}*"


def issue_lines(tracked: TrackedMitigation) -> list[str]:
    """Return the lines about the issue of a mitigation: its state, and what it asks."""
    if tracked.issue is None:
        return []
    lines = [f"Issue: {issue_line(tracked.issue, proposal=tracked.proposal)}"]
    if tracked.proposal is not None:
        lines.append(issue_question(tracked.issue, tracked.proposal))
    return lines


_ADDRESS = re.compile(r"https?://[^\s<>|\"\\\x00-\x1f\x7f-\x9f]+")
"""The address of a link in mrkdwn, without characters that end it."""
_KEY = 75
_TEXT = 300
