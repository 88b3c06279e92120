"""Directory of installed workspaces: the one that is configured."""

from bot.settings import Settings, read_settings
from bot.slack.protocol.installation import ConfiguredInstallation, Installation
from domain.kernel.elements import PersonId


def configured(**about: str) -> ConfiguredInstallation:
    settings: Settings = read_settings({"SLACK_BOT_TOKEN": "xoxb-1"})
    installation = Installation(
        team="T1", url="https://acme.slack.com/", bot_user=PersonId("U1"), bot_name="threatmodel", **about
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


def test_a_request_that_names_no_workspace_is_for_the_only_one() -> None:
    directory = configured(enterprise="E1")
    assert directory.find("E1", "") == directory.find("", "") == directory.find("", "T1") is not None
    assert directory.find("E2", "") is None
