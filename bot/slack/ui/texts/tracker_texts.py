"""Texts about the kinds of trackers: what the form that connects one asks for."""

import re
from typing import Final

import msgspec

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import BUTTON_URL
from bot.slack.screens.tracker_screen import ShownTracker
from bot.slack.ui.texts.common_texts import person_name
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import Naming
from domain.kernel.tracked_issue import IssueReference, TrackedIssue, TrackerKind
from domain.remediation.issue_proposals import IssueProposal
from domain.remediation.status import TrackedMitigation
from domain.tracker_accounts import TrackerAccount
from domain.wording.trackers import issue_state_phrase, proposal_phrase, question_after_key


def own_account_text(shown: ShownTracker) -> str:
    """Return the reader's account in a tracker in mrkdwn, and what confirms it."""
    account = shown.account
    if account is None:
        return "none, as you said" if shown.has_none else "not chosen"
    if account.found:
        confirmed = "found by your email address"
    elif account.corrected:
        confirmed = "confirmed by an administrator"
    else:
        confirmed = "confirmed by your email address" if account.confirmed else "not confirmed"
    return f"*{escape_name(account.name or account.account)}* ({confirmed})"


def account_text(account: TrackerAccount, naming: Naming) -> str:
    """Return an account, its person, and what confirms that it is theirs, in two lines of mrkdwn."""
    person = person_name(naming, account.person)
    if account.found:
        said = "✓ Found by the email address"
    elif account.corrected:
        said = f"✓ Confirmed by {person_name(naming, account.by)}"
    elif account.confirmed:
        said = "✓ Confirmed by the email address"
    else:
        said = f"⚠ Stated by {person}, not confirmed"
    return f"*{escape_name(account.name or account.account)}* · {person}\n{said}"


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


class TrackerKindText(msgspec.Struct, frozen=True, kw_only=True):
    """What the form says about a kind of tracker: its project, and the token with its permissions.

    `webhook` says as mrkdwn where a webhook is entered. The form asks for no address with `only_address`. It
    asks for the email address of the account with `with_login`, and for the secret of a webhook with
    `makes_secret`: the tracker makes it. With `secret_in_address`, webhooks have the secret in their address,
    because not every version signs them.
    """

    usual_address: str = ""
    only_address: str = ""
    address_hint: str = ""
    project: str
    project_hint: str
    access: str
    access_hint: str
    with_login: bool = False
    webhook: str
    makes_secret: bool = False
    secret_in_address: bool = False


TRACKER_TEXTS: Final = {
    TrackerKind.GITHUB: TrackerKindText(
        usual_address="https://github.com",
        address_hint="Change it only for a GitHub Enterprise Server.",
        project="Repository",
        project_hint="A private repository with its owner: acme/web-shop",
        access="Personal access token",
        access_hint=(
            "A fine-grained token for this repository alone, with the permission “Issues: read and write”, "
            "of an account with the role Write."
        ),
        webhook=(
            "In the repository: *Settings*, *Webhooks*, *Add webhook*. Content type `application/json`, "
            "event "
            "*Issues*."
        ),
    ),
    TrackerKind.GITLAB: TrackerKindText(
        usual_address="https://gitlab.com",
        address_hint="Change it only for your own GitLab.",
        project="Project",
        project_hint="A private project with its group: acme/web-shop",
        access="Project access token",
        access_hint="A token of this project alone, with the role Planner or Reporter and the scope “api”.",
        webhook=(
            "In the project: *Settings*, *Webhooks*. Trigger *Issues events*; enter the secret as "
            "*Secret token*."
        ),
    ),
    TrackerKind.JIRA_CLOUD: TrackerKindText(
        address_hint="For example https://acme.atlassian.net",
        project="Project key",
        project_hint="The letters before the number of an issue: SHOP",
        access="API token",
        access_hint=(
            "A token without scopes, created at id.atlassian.com by an account that can browse the project, "
            "and create, edit, assign, schedule, transition and comment its issues."
        ),
        webhook=(
            "*Settings*, *System*, *WebHooks*. Events *Issue created*, *updated* and *deleted*; limit "
            "them to "
            "the project by JQL."
        ),
        with_login=True,
    ),
    TrackerKind.JIRA_DATA_CENTER: TrackerKindText(
        address_hint="For example https://jira.example.org",
        project="Project key",
        project_hint="The letters before the number of an issue: SHOP",
        access="Personal access token",
        access_hint=(
            "Created under “Profile”, “Personal Access Tokens” by an account that can browse the project, "
            "and create, edit, assign, schedule, transition and comment its issues."
        ),
        webhook=(
            "*Administration*, *System*, *WebHooks*. Events *Issue created*, *updated* and *deleted*; "
            "limit them "
            "to the project by JQL."
        ),
        secret_in_address=True,
    ),
    TrackerKind.REDMINE: TrackerKindText(
        address_hint="For example https://redmine.example.org",
        project="Project identifier",
        project_hint="The last part of the project's address: web-shop",
        access="API access key",
        access_hint=(
            "Shown under “My account” of an account whose role can view, add and edit issues. The REST API "
            "must be enabled."
        ),
        webhook="Redmine sends webhooks only with a plugin, such as *redmine_webhook*.",
        secret_in_address=True,
    ),
    TrackerKind.LINEAR: TrackerKindText(
        only_address="https://linear.app",
        project="Team",
        project_hint="The key of the team, the letters before the number of an issue: ENG",
        access="API key",
        access_hint="A personal key of a member of the team, with the permissions to read and write.",
        webhook=(
            "*Settings*, *API*, *Webhooks*. Data change events *Issues*. Linear makes a secret of its "
            "own: enter "
            "it with *Replace token*."
        ),
        makes_secret=True,
    ),
}
