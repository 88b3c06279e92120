"""Several workspaces in one sandbox share the app, and nothing else, also where their IDs are equal."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import http.client
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.sandbox.api import SECOND_TEAM, TEAM_ID, Delivery, Json, Sandbox, SandboxWorkspace, Transport
from tests.sandbox.consent import asked, client_of, code_of, granted, refused, told, visited
from tests.sandbox.small_bot import SmallBot, button, form, small_bot
from tests.waiting import patient_sandbox

HOUSE = "C0HOUSE01"
ANA = "U0ANA0001"
CARD = [{"type": "actions", "elements": [button("Press", "press", value="1")]}]


@pytest.fixture
def both() -> Iterator[Sandbox]:
    """Two workspaces with the same channels and people; the app is installed in the first."""
    with patient_sandbox(further=[SECOND_TEAM], event_retries=()) as started:
        yield started


@pytest.fixture
def annexe(both: Sandbox) -> SandboxWorkspace:
    """The second workspace, with the app and the bot in one channel."""
    second = both.at(SECOND_TEAM.id)
    second.install("#house")
    return second


def events(there: SandboxWorkspace, *names: str) -> list[Delivery]:
    return [delivery for delivery in there.deliveries if delivery.title in names]


# Installation


def test_the_app_is_installed_in_the_first_workspace_alone(both: Sandbox) -> None:
    second = both.at(SECOND_TEAM.id)
    assert (both.workspace.app.installed, second.workspace.app.installed) == (True, False)
    assert not [channel for channel in second.workspace.channels if "U0THREATM" in channel.members]
    assert second.person("ana").command("#house", "/threatmodel").failure == "dispatch_failed"


def test_the_consent_page_asks_which_workspace_is_meant(both: Sandbox) -> None:
    status, page = visited(asked(both), cookie=f"sandbox_here={SECOND_TEAM.id}/{ANA}")
    assert (status, "requests access to a workspace" in page) == (http.client.OK, True)
    assert f'<option value="{SECOND_TEAM.id}" selected>The Annexe</option>' in page


def test_a_link_opens_the_app_as_the_person_of_the_page(both: Sandbox, annexe: SandboxWorkspace) -> None:
    link = both.url.replace("/api/", f"/app_redirect?app=A0THREATM&team={SECOND_TEAM.id}")
    direct = annexe.workspace.direct("U0BEN0002").id
    there = visited(link, cookie=f"sandbox_here={TEAM_ID}/U0BEN0002")
    assert there == (http.client.FOUND, f"/?at={SECOND_TEAM.id}&as=ben&in={direct}")
    assert visited(link) == (http.client.FOUND, f"/?at={SECOND_TEAM.id}")
    assert visited(link.replace("A0THREATM", "A0OTHER")) == (404, "There is no such app here.\n")
    annexe.uninstall()
    assert visited(link) == (http.client.FOUND, f"/?at={TEAM_ID}")


def test_a_person_chooses_the_workspace_and_the_token_is_that_workspaces(both: Sandbox) -> None:
    grant = granted(both, place=SECOND_TEAM.id, person="U0BEN0002")
    assert grant["team"] == {"id": SECOND_TEAM.id, "name": "The Annexe"}
    assert (grant["enterprise"], grant["is_enterprise_install"]) == (None, False)
    assert grant["authed_user"] == {"id": "U0BEN0002"}
    identity = told(client_of(both, grant["access_token"]).auth_test())
    assert (identity["team_id"], identity["team"]) == (SECOND_TEAM.id, "The Annexe")
    assert identity["url"] == "https://the-annexe.slack.com/"
    assert told(client_of(both, both.bot_token).auth_test())["team_id"] == TEAM_ID


def test_the_page_suggests_where_the_app_is_missing_or_where_the_person_comes_from(both: Sandbox) -> None:
    def suggested(address: str, cookie: str = "") -> str:
        status, page = visited(address, cookie=cookie)
        assert status == http.client.OK
        return page.partition(" selected>")[0].rpartition('"')[0].rpartition('"')[2]

    assert suggested(asked(both)) == SECOND_TEAM.id
    assert suggested(asked(both, team=TEAM_ID)) == TEAM_ID
    assert suggested(asked(both), f"sandbox_here={TEAM_ID}/U0BEN0002") == TEAM_ID
    assert visited(asked(both, team="T0UNKNOWN"))[0] == http.client.BAD_REQUEST


@pytest.mark.parametrize("person", ["U0GIL", "U0THREATM", "U0NOBODY"])
def test_only_members_may_install(both: Sandbox, person: str) -> None:
    both.at(SECOND_TEAM.id).workspace.change_person(
        both.workspace.person("ben").__class__(
            id="U0GIL", handle="gil", name="Gil", colour="#000", is_restricted=True
        )
    )
    status, page = visited(asked(both), "allow", place=SECOND_TEAM.id, person=person)
    assert (status, "Only members" in page) == (http.client.FORBIDDEN, True)


def test_a_code_alone_installs_nothing(both: Sandbox) -> None:
    code_of(both, place=SECOND_TEAM.id)
    assert not both.at(SECOND_TEAM.id).workspace.app.installed


# The Web API


def test_the_token_decides_which_workspace_a_call_concerns(both: Sandbox, annexe: SandboxWorkspace) -> None:
    ours, theirs = client_of(both, both.bot_token), client_of(both, annexe.bot_token)
    ours.chat_postMessage(channel=HOUSE, text="ours")
    ts = str(theirs.chat_postMessage(channel=HOUSE, text="theirs")["ts"])
    assert [message.text for message in both.person("ana").sees("#house")] == ["ours"]
    assert [message.text for message in annexe.person("ana").sees("#house")] == ["theirs"]
    assert refused(lambda: ours.chat_update(channel=HOUSE, ts=ts, text="mixed up")) == "message_not_found"
    theirs.views_publish(user_id=ANA, view={"type": "home", "blocks": CARD})
    assert both.person("ana").home() is None
    assert annexe.person("ana").home() is not None
    link = str(theirs.chat_getPermalink(channel=HOUSE, message_ts=ts)["permalink"])
    assert link.startswith("https://the-annexe.slack.com/")


def test_people_and_channels_of_a_workspace_name_it(both: Sandbox, annexe: SandboxWorkspace) -> None:
    theirs = client_of(both, annexe.bot_token)
    people = told(theirs.users_list())["members"]
    assert {person["team_id"] for person in people} == {SECOND_TEAM.id}
    channel = told(theirs.conversations_info(channel=HOUSE))["channel"]
    assert (channel["context_team_id"], channel["shared_team_ids"]) == (SECOND_TEAM.id, [SECOND_TEAM.id])
    assert told(theirs.team_info())["team"]["name"] == "The Annexe"
    annexe.change_person("ben", name="Benedict")
    assert both.workspace.person("ben").name == "Ben"


def test_a_file_is_read_only_with_the_token_of_its_workspace(both: Sandbox, annexe: SandboxWorkspace) -> None:
    theirs = client_of(both, annexe.bot_token)
    uploaded = theirs.files_upload_v2(filename="plan.txt", content="theirs", channel=HOUSE)
    address = str(told(theirs.files_info(file=told(uploaded)["file"]["id"]))["file"]["url_private"])
    assert f"/files-pri/{SECOND_TEAM.id}-" in address

    def fetched(token: str) -> str:
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    assert fetched(annexe.bot_token) == "theirs"
    assert "Sign in" in fetched(both.bot_token)


def test_calls_are_limited_for_each_workspace_alone() -> None:
    with patient_sandbox(further=[SECOND_TEAM], rate_limits=True) as both:
        second = both.at(SECOND_TEAM.id)
        ours, theirs = client_of(both, both.bot_token), client_of(both, second.install("#house"))
        for _ in range(20):
            ours.users_list()
        assert refused(ours.users_list) == "ratelimited"
        assert theirs.users_list()["ok"]


# What the bot is sent


@pytest.fixture
def heard_by(transport: Transport) -> Iterator[tuple[Sandbox, SandboxWorkspace, SmallBot]]:
    """Two workspaces with one small bot, which has the token of the first only."""
    with patient_sandbox(delivery=transport, further=[SECOND_TEAM], event_retries=()) as both:
        second = both.at(SECOND_TEAM.id)
        second.install("#house")
        with small_bot(both) as bot:
            yield both, second, bot


def test_what_people_do_arrives_with_their_workspace(
    heard_by: tuple[Sandbox, SandboxWorkspace, SmallBot],
) -> None:
    both, annexe, _ = heard_by
    theirs = client_of(both, annexe.bot_token)
    ana = annexe.person("ana")
    command = ana.command("#house", "/small hello")
    assert (command.acked, command.payload["team_id"]) == (True, SECOND_TEAM.id)
    assert command.payload["team_domain"] == "the-annexe"
    assert [message.text for message in ana.sees("#house")] == ["you said hello"]
    theirs.chat_postMessage(channel=HOUSE, text="card", blocks=CARD)
    press = ana.click(ana.sees("#house")[-1], "Press").payload
    assert (press["team"]["id"], press["user"]["team_id"]) == (SECOND_TEAM.id, SECOND_TEAM.id)
    theirs.views_open(trigger_id=press["trigger_id"], view=form())
    ana.fill("Name", "Lamp")
    submitted = ana.submit()
    assert submitted is not None
    assert submitted.payload["view"]["app_installed_team_id"] == SECOND_TEAM.id
    assert both.person("ana").modal is None
    ana.say("#house", "@bot hello")
    both.wait_until(lambda: events(annexe, "app_mention"))
    mention = events(annexe, "app_mention")[0].payload
    assert (mention["team_id"], mention["context_team_id"]) == (SECOND_TEAM.id, SECOND_TEAM.id)
    assert mention["authorizations"][0]["team_id"] == SECOND_TEAM.id
    assert {delivery.kind for delivery in both.deliveries} <= {"events_api"}
    assert not events(both, "app_mention")


def test_a_trigger_of_one_workspace_opens_nothing_in_another(both: Sandbox, annexe: SandboxWorkspace) -> None:
    trigger = annexe.client.parts.triggers.issue(ANA)
    ours = client_of(both, both.bot_token)
    assert refused(lambda: ours.views_open(trigger_id=trigger, view=form())) == "invalid_trigger_id"


def test_ids_of_events_views_and_files_differ_between_workspaces(
    both: Sandbox, annexe: SandboxWorkspace
) -> None:
    for there in (both, annexe):
        there.invite("eve", "#house")
        both.wait_until(lambda there=there: events(there, "member_joined_channel"))
    ids = [delivery.payload["event_id"] for there in (both, annexe) for delivery in there.deliveries]
    assert len(set(ids)) == len(ids)


# The end of an installation


def test_uninstalling_from_one_workspace_leaves_the_other(both: Sandbox, annexe: SandboxWorkspace) -> None:
    token = annexe.bot_token
    annexe.uninstall()
    farewells = events(annexe, "tokens_revoked", "app_uninstalled")
    assert [farewell.title for farewell in farewells] == ["tokens_revoked", "app_uninstalled"]
    assert {farewell.payload["team_id"] for farewell in farewells} == {SECOND_TEAM.id}
    assert refused(client_of(both, token).auth_test) == "account_inactive"
    assert client_of(both, both.bot_token).auth_test()["ok"]
    assert "U0THREATM" in both.workspace.channel("#house").members
    assert both.workspace.app.installed


def test_the_end_of_an_installation_is_told_again_after_the_next_one(
    both: Sandbox, annexe: SandboxWorkspace
) -> None:
    annexe.uninstall()
    before = [event.payload for event in events(annexe, "tokens_revoked", "app_uninstalled")]
    new = granted(both, place=SECOND_TEAM.id)["access_token"]
    both.wait_until(lambda: len(events(annexe, "app_uninstalled")) == 2)
    after = [event.payload for event in events(annexe, "tokens_revoked", "app_uninstalled")][2:]
    assert after == before
    assert client_of(both, new).auth_test()["ok"]
    granted(both, place=SECOND_TEAM.id)
    assert len(events(annexe, "app_uninstalled")) == 2


def test_the_end_is_told_until_the_bot_acknowledges_it() -> None:
    with patient_sandbox(event_retries=(0.0, 0.0)) as alone:
        alone.uninstall()
        # A delivery is listed before its outcome is known.
        reasons = ["connection_failed"] * 3
        alone.wait_until(lambda: [event.reason for event in events(alone, "app_uninstalled")] == reasons)


def test_a_revoked_token_ends_its_installation(both: Sandbox, annexe: SandboxWorkspace) -> None:
    theirs = client_of(both, annexe.bot_token)
    assert theirs.auth_revoke(test=True)["revoked"] is False
    assert theirs.auth_revoke()["revoked"] is True
    both.wait_until(lambda: events(annexe, "app_uninstalled"))
    assert refused(theirs.auth_test) == "account_inactive"
    assert both.workspace.app.installed


def test_an_app_can_uninstall_itself(both: Sandbox, annexe: SandboxWorkspace) -> None:
    theirs, tokens = client_of(both, annexe.bot_token), both.tokens
    secrets = {"client_id": tokens.client_id, "client_secret": tokens.client_secret}
    assert refused(lambda: theirs.apps_uninstall(client_id="1.2", client_secret="x")) == "invalid_client_id"
    theirs.apps_uninstall(**secrets)
    assert not annexe.workspace.app.installed


def test_every_workspace_survives_a_restart(tmp_path: Path) -> None:
    def opened() -> Sandbox:
        return patient_sandbox(further=[SECOND_TEAM], data=tmp_path, event_retries=())

    with opened() as first:
        second = first.at(SECOND_TEAM.id)
        token = second.install("#house")
        client_of(first, token).chat_postMessage(channel=HOUSE, text="theirs")
    with opened() as again:
        second = again.at(SECOND_TEAM.id)
        assert second.bot_token == token != again.bot_token
        assert [message.text for message in second.person("ana").sees("#house")] == ["theirs"]
        assert again.person("ana").sees("#house") == []
        client_of(again, token).chat_postMessage(channel=HOUSE, text="again")
    with patient_sandbox(data=tmp_path) as alone:
        assert [workspace.workspace.team.id for workspace in alone.workspaces] == [TEAM_ID]
        assert refused(client_of(alone, token).auth_test) == "account_inactive"


def test_a_response_url_answers_in_the_workspace_that_issued_it(
    both: Sandbox, annexe: SandboxWorkspace
) -> None:
    payload: Json = annexe.person("ana").command("#house", "/small").payload
    address = urlsplit(str(payload["response_url"]))
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    connection.request("POST", address.path, body='{"text": "theirs"}')
    assert connection.getresponse().status == http.client.OK
    connection.close()
    assert annexe.person("ana").sees("#house")[-1].text == "theirs"
    assert both.person("ana").sees("#house") == []
