"""Directory of installed workspaces: the one that is configured."""

from contextlib import suppress

from bot.settings import Settings, read_settings
from bot.slack.protocol.installation import ConfiguredInstallation, Installation
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from domain.kernel.elements import PersonId
from tests.slack.oauth_stand_in import slack_of_oauth


def configured(enterprise: str = "") -> ConfiguredInstallation:
    settings: Settings = read_settings({"SLACK_BOT_TOKEN": "xoxb-1"})
    installation = Installation(
        team="T1",
        url="https://acme.slack.com/",
        bot_user=PersonId("U1"),
        bot_name="threatmodel",
        enterprise=enterprise,
    )
    return ConfiguredInstallation(settings, installation)


def test_a_configured_token_is_for_its_workspace_alone() -> None:
    directory = configured(enterprise="E1")
    found = directory.find("E1", "T1")
    assert found is not None
    assert (found.tenant, found.bot_user, found.token.reveal(), found.state) == (
        "T1",
        "U1",
        "xoxb-1",
        "installed",
    )
    assert directory.find("E1", "T2") is None
    assert directory.tenants() == ["T1"]


def test_each_call_uses_the_present_token_and_names_the_workspace_where_slack_asks_for_it() -> None:
    tokens = iter(["xoxb-1", "xoxb-2", "xoxb-3"])
    with slack_of_oauth() as slack:
        api = SlackApi(token=lambda: next(tokens), base_url=slack.url, team="T1", patient=False)
        for method in ("users.list", "users.info", "users.list"):
            with suppress(ApiRefused):
                api.call(method, limit=3)
        assert slack.sent == [
            ("xoxb-1", {"limit": "3", "team_id": "T1"}),
            ("xoxb-2", {"limit": "3"}),
            ("xoxb-3", {"limit": "3", "team_id": "T1"}),
        ]


def test_a_request_that_names_no_workspace_is_for_the_only_one() -> None:
    directory = configured(enterprise="E1")
    assert directory.find("E1", "") == directory.find("", "") == directory.find("", "T1") is not None
    assert directory.find("E2", "") is None
