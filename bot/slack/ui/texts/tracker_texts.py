"""Texts about the kinds of trackers: what the form that connects one asks for."""

from typing import Final

import msgspec

from domain.kernel.tracked_issue import TrackerKind


class TrackerKindText(msgspec.Struct, frozen=True, kw_only=True):
    """What the form says about a kind of tracker: its project, and the token with its permissions."""

    address_hint: str = ""
    project: str
    project_hint: str
    access: str
    access_hint: str


TRACKER_TEXTS: Final = {
    TrackerKind.GITHUB: TrackerKindText(
        address_hint="Change it only for a GitHub Enterprise Server.",
        project="Repository",
        project_hint="A private repository with its owner: acme/web-shop",
        access="Personal access token",
        access_hint=(
            "A fine-grained token for this repository alone, with the permission “Issues: read and write”, "
            "of an account with the role Write."
        ),
    ),
    TrackerKind.GITLAB: TrackerKindText(
        address_hint="Change it only for your own GitLab.",
        project="Project",
        project_hint="A private project with its group: acme/web-shop",
        access="Project access token",
        access_hint="A token of this project alone, with the role Planner or Reporter and the scope “api”.",
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
    ),
    TrackerKind.LINEAR: TrackerKindText(
        project="Team",
        project_hint="The key of the team, the letters before the number of an issue: ENG",
        access="API key",
        access_hint="A personal key of a member of the team, with the permissions to read and write.",
    ),
}

USUAL_ADDRESS: Final = {
    TrackerKind.GITHUB: "https://github.com",
    TrackerKind.GITLAB: "https://gitlab.com",
}
ONLY_ADDRESS: Final = {TrackerKind.LINEAR: "https://linear.app"}
"""Addresses of kinds that have only one."""

SECRET_IN_ADDRESS: Final = frozenset({TrackerKind.REDMINE, TrackerKind.JIRA_DATA_CENTER})
"""Kinds whose webhooks have the secret in their address, because not every version signs them."""

WEBHOOK_TEXTS: Final = {
    TrackerKind.GITHUB: (
        "In the repository: *Settings*, *Webhooks*, *Add webhook*. Content type `application/json`, event "
        "*Issues*."
    ),
    TrackerKind.GITLAB: (
        "In the project: *Settings*, *Webhooks*. Trigger *Issues events*; enter the secret as *Secret token*."
    ),
    TrackerKind.JIRA_CLOUD: (
        "*Settings*, *System*, *WebHooks*. Events *Issue created*, *updated* and *deleted*; limit them to "
        "the project by JQL."
    ),
    TrackerKind.JIRA_DATA_CENTER: (
        "*Administration*, *System*, *WebHooks*. Events *Issue created*, *updated* and *deleted*; limit them "
        "to the project by JQL."
    ),
    TrackerKind.REDMINE: "Redmine sends webhooks only with a plugin, such as *redmine_webhook*.",
    TrackerKind.LINEAR: (
        "*Settings*, *API*, *Webhooks*. Data change events *Issues*. Linear makes a secret of its own: enter "
        "it with *Replace token*."
    ),
}
"""Where the webhook of each kind is entered, as mrkdwn."""
