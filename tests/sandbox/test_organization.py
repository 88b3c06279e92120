"""An organization of two workspaces, in which an app is installed once for all of them, or in one alone."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import http.client
from collections.abc import Iterator

import pytest
from slack_bolt.request.internals import (
    extract_enterprise_id,
    extract_is_enterprise_install,
    extract_team_id,
)
from slack_sdk import WebClient

from bot.sandbox.api import SECOND_TEAM, TEAM_ID, Behavior, Delivery, Json, Sandbox, SandboxWorkspace
from tests.sandbox.consent import asked, called, client_of, code_of, granted, refused, told, visited
from tests.sandbox.small_bot import MANIFEST, button, form
from tests.waiting import patient_sandbox

ESTATE = "E0ESTATE1"
ANA, BEN = "U0ANA0001", "U0BEN0002"
FIRST_HOUSE, SECOND_HOUSE = "C0HOUSE01", "C1HOUSE01"
CARD = [{"type": "actions", "elements": [button("Press", "press", value="1")]}]
_EVENTS = ["app_home_opened", "app_mention", "app_uninstalled", "member_joined_channel", "tokens_revoked"]
READY: Json = {
    **MANIFEST,
    "settings": {"event_subscriptions": {"bot_events": _EVENTS}, "org_deploy_enabled": True},
}


def organization(manifest: Json) -> Sandbox:
    return patient_sandbox(
        manifest=manifest,
        behavior=Behavior(enterprise=ESTATE),
        further=[SECOND_TEAM],
        installed=False,
        event_retries=(),
    )


@pytest.fixture
def estate() -> Iterator[Sandbox]:
    """An organization of two workspaces; the app is installed nowhere."""
    with organization(READY) as started:
        yield started


@pytest.fixture
def wide(estate: Sandbox) -> WebClient:
    """A client with the token of an installation for the whole organization, with the bot in two channels."""
    token = granted(estate, place=ESTATE, person=ANA)["access_token"]
    for there in estate.workspaces:
        there.invite_bot("#house")
    return client_of(estate, token)


def sent(there: SandboxWorkspace, title: str) -> list[Delivery]:
    return [delivery for delivery in there.deliveries if delivery.title == title]


# Installation


def test_the_installation_for_all_workspaces_names_the_organization_only(estate: Sandbox) -> None:
    grant = granted(estate, place=ESTATE, person=ANA)
    assert (grant["team"], grant["is_enterprise_install"]) == (None, True)
    assert grant["enterprise"] == {"id": ESTATE, "name": "The Estate"}
    client = client_of(estate, grant["access_token"])
    identity = told(client.auth_test())
    assert (identity["team_id"], identity["enterprise_id"]) == (ESTATE, ESTATE)
    assert identity["is_enterprise_install"] is True
    teams = told(client.auth_teams_list())["teams"]
    assert [team["id"] for team in teams] == [TEAM_ID, SECOND_TEAM.id]


def test_only_administrators_install_for_all_workspaces(estate: Sandbox) -> None:
    status, page = visited(asked(estate), "allow", place=ESTATE, person=BEN)
    assert (status, "Only administrators" in page) == (http.client.FORBIDDEN, True)


def test_an_app_that_is_not_made_for_organizations_is_not_offered_to_one() -> None:
    with organization(MANIFEST) as estate:
        assert ESTATE not in visited(asked(estate))[1]
        assert visited(asked(estate), "allow", place=ESTATE, person=ANA)[0] == http.client.FORBIDDEN


def test_an_installation_in_one_workspace_names_it_and_its_organization(estate: Sandbox) -> None:
    grant = granted(estate, place=SECOND_TEAM.id, person=BEN)
    assert (grant["team"]["id"], grant["enterprise"]["id"]) == (SECOND_TEAM.id, ESTATE)
    assert grant["is_enterprise_install"] is False
    assert told(client_of(estate, grant["access_token"]).auth_test())["team_id"] == SECOND_TEAM.id
    assert not estate.workspace.app.installed


def test_the_installation_for_all_replaces_that_in_one(estate: Sandbox) -> None:
    alone = granted(estate, place=TEAM_ID, person=ANA)["access_token"]
    code = code_of(estate, place=TEAM_ID, person=ANA)
    wide = granted(estate, place=ESTATE, person=ANA)["access_token"]
    assert refused(client_of(estate, alone).auth_test) == "invalid_auth"
    assert client_of(estate, wide).auth_test()["ok"]
    late = "cannot_install_an_org_installed_app"
    assert refused(lambda: called(estate, "oauth.v2.access", code=code)) == late
    assert visited(asked(estate), "allow", place=TEAM_ID, person=ANA)[0] == http.client.FORBIDDEN


# The Web API


@pytest.mark.parametrize("method", ["conversations.list", "users.list"])
def test_some_methods_need_the_workspace_with_a_token_for_all(
    estate: Sandbox, wide: WebClient, method: str
) -> None:
    def call(**arguments: str) -> Json:
        return told(wide.api_call(method, params=arguments))

    assert refused(call) == "missing_argument"
    assert refused(lambda: call(team_id="T0PARTNER")) == "team_access_not_granted"
    assert call(team_id=SECOND_TEAM.id)["ok"]
    alone = patient_sandbox()
    assert told(client_of(alone, alone.bot_token).api_call(method, params={"team_id": "T0OTHER"}))["ok"]
    alone.stop()


def test_channels_of_the_second_workspace_are_listed_and_written_to(estate: Sandbox, wide: WebClient) -> None:
    listed = told(wide.conversations_list(team_id=SECOND_TEAM.id))["channels"]
    assert SECOND_HOUSE in [one["id"] for one in listed]
    ts = str(wide.chat_postMessage(channel=SECOND_HOUSE, text="theirs", blocks=CARD)["ts"])
    wide.chat_update(channel=SECOND_HOUSE, ts=ts, text="theirs, edited", blocks=CARD)
    second = estate.at(SECOND_TEAM.id)
    assert [message.text for message in second.person("ana").sees("#house")] == ["theirs, edited"]
    assert estate.person("ana").sees("#house") == []
    press = second.person("ana")
    trigger = press.click(press.sees("#house")[0], "Press").payload["trigger_id"]
    view = str(told(wide.views_open(trigger_id=trigger, view=form()))["view"]["id"])
    wide.views_update(view_id=view, view=form("Another"))
    assert press.modal is not None
    assert press.modal.title == "Another"
    assert told(wide.users_info(user=BEN))["user"]["enterprise_user"]["enterprise_id"] == ESTATE


# What the bot is sent


def test_payloads_name_the_workspace_and_say_that_the_installation_is_for_all(
    estate: Sandbox, wide: WebClient
) -> None:
    second = estate.at(SECOND_TEAM.id)
    ana = second.person("ana")
    command = ana.command("#house", "/small").payload
    wide.chat_postMessage(channel=SECOND_HOUSE, text="card", blocks=CARD)
    press = ana.click(ana.sees("#house")[-1], "Press").payload
    wide.views_open(trigger_id=press["trigger_id"], view=form())
    ana.fill("Name", "Lamp")
    submitted = ana.submit()
    assert submitted is not None
    assert submitted.payload["team"] is None
    ana.say("#house", "@small hello")
    estate.wait_until(lambda: sent(second, "app_mention"))
    mention = sent(second, "app_mention")[0].payload
    assert mention["authorizations"][0]["team_id"] is None
    assert (mention["team_id"], mention["context_team_id"]) == (SECOND_TEAM.id, SECOND_TEAM.id)
    for payload in (command, press, submitted.payload, mention):
        assert extract_is_enterprise_install(payload)
        assert extract_enterprise_id(payload) == ESTATE
        assert extract_team_id(payload) == (None if payload is mention else SECOND_TEAM.id)


def test_uninstalling_ends_the_installation_in_all_workspaces_and_is_told_once(
    estate: Sandbox, wide: WebClient
) -> None:
    second = estate.at(SECOND_TEAM.id)
    second.uninstall()
    (farewell,) = sent(second, "app_uninstalled")
    assert not sent(estate, "app_uninstalled")
    assert (farewell.payload["enterprise_id"], farewell.payload.get("team_id")) == (ESTATE, None)
    (ended,) = farewell.payload["authorizations"]
    assert (ended["enterprise_id"], ended["team_id"]) == (ESTATE, None)
    assert ended["is_enterprise_install"] is True
    assert refused(wide.auth_test) == "account_inactive"
    assert [workspace.workspace.app.installed for workspace in estate.workspaces] == [False, False]
    assert granted(estate, place=TEAM_ID, person=ANA)["is_enterprise_install"] is False
    assert not second.workspace.app.installed


def test_a_token_for_all_expires_and_is_refreshed_like_any_other() -> None:
    rotating = {**READY["settings"], "token_rotation_enabled": True}
    with organization({**READY, "settings": rotating}) as estate:
        first = granted(estate, place=ESTATE, person=ANA)
        estate.clock.move(13 * 3_600)
        assert refused(client_of(estate, first["access_token"]).auth_test) == "token_expired"
        new = called(
            estate, "oauth.v2.access", grant_type="refresh_token", refresh_token=first["refresh_token"]
        )
        assert (new["team"], new["enterprise"]["id"], new["is_enterprise_install"]) == (None, ESTATE, True)
        for there in estate.workspaces:
            assert there.bot_token == new["access_token"]
