"""Texts about the kinds of trackers: what the form that connects one asks for."""

from typing import Final

import msgspec

from domain.kernel.tracked_issue import TrackerKind


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
