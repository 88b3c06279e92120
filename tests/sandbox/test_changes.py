"""Every change of the workspace sends the bot the corresponding Slack event, unless events are suppressed."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable
from typing import cast

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.api import Sandbox
from bot.sandbox.workspace.seed_data import PARTNER_TEAM_ID
from tests.sandbox.small_bot import HOUSE, Json

Act = Callable[[Sandbox], object]


def heard(workspace: Sandbox, count: int = 1) -> list[Json]:
    """Return the events brought so far, of which there are at least so many."""
    workspace.wait_until(lambda: len(workspace.deliveries) >= count)
    return [delivery.payload["event"] for delivery in workspace.deliveries]


CHANGES: dict[str, Act] = {
    "channel_archive": lambda workspace: workspace.change_channel("#house", is_archived=True),
    "channel_shared": lambda workspace: workspace.change_channel("#house", is_ext_shared=True),
    "channel_deleted": lambda workspace: workspace.delete_channel("#house"),
    "channel_left": lambda workspace: workspace.remove_bot("#house"),
    "member_joined_channel": lambda workspace: workspace.invite_bot("#house-keys"),
    "member_left_channel": lambda workspace: workspace.remove("ben", "#house"),
}


@pytest.mark.parametrize("event", CHANGES)
def test_a_change_of_a_channel_names_it_by_its_id(workspace: Sandbox, event: str) -> None:
    CHANGES[event](workspace)
    told = heard(workspace)
    assert [one["type"] for one in told] == [event]
    assert told[0]["channel"] in (HOUSE, "C0KEYS001")
    assert told[0]["event_ts"]


def test_a_rename_event_has_the_new_name(workspace: Sandbox) -> None:
    workspace.change_channel("#house", name="home")
    told = heard(workspace)[0]
    assert (told["type"], told["channel"]["id"], told["channel"]["name"]) == ("channel_rename", HOUSE, "home")


def test_reverting_a_change_sends_an_event_and_no_change_sends_none(workspace: Sandbox) -> None:
    workspace.change_channel("#house", is_archived=True, is_ext_shared=True)
    workspace.change_channel("#house", is_archived=True)
    workspace.change_channel("#house", is_archived=False, is_ext_shared=False)
    told = [one["type"] for one in heard(workspace, 4)]
    assert told == ["channel_shared", "channel_archive", "channel_unshared", "channel_unarchive"]


def test_a_channel_made_private_keeps_its_id_and_has_a_groups_events_from_then_on(workspace: Sandbox) -> None:
    workspace.change_channel("#house", is_private=True)
    workspace.change_channel("#house", name="home", is_archived=True)
    told = heard(workspace, 3)
    assert [one.get("subtype") for one in told] == ["channel_convert_to_private", None, None]
    assert [one["type"] for one in told] == ["message", "group_rename", "group_archive"]
    assert (told[0]["channel"], told[0]["channel_type"]) == (HOUSE, "group")


def test_events_of_a_private_channel_are_sent_to_members_only(workspace: Sandbox) -> None:
    workspace.change_channel("#house-keys", name="keys")
    workspace.person("ana").command("#keys", f"/invite @{workspace.workspace.app.name}")
    workspace.change_channel("#keys", name="the-keys")
    told = heard(workspace, 2)
    assert [one["type"] for one in told] == ["member_joined_channel", "group_rename"]
    assert (told[0]["inviter"], told[0]["channel_type"]) == ("U0ANA0001", "G")


def test_only_members_may_invite(workspace: Sandbox) -> None:
    refused = workspace.person("eve").command("#house-keys", "/invite @ana")
    assert refused.error == "Join #house-keys first: only members may do that."
    assert workspace.deliveries == []


def test_a_user_change_event_has_the_complete_user(workspace: Sandbox) -> None:
    workspace.change_person("ben", name="Benedict", tz="Asia/Tokyo", is_restricted=True)
    workspace.deactivate("chi")
    workspace.reactivate("chi")
    told = heard(workspace, 3)
    assert [one["type"] for one in told] == ["user_change"] * 3
    ben = told[0]["user"]
    assert (ben["profile"]["display_name"], ben["tz_offset"], ben["is_restricted"]) == (
        "Benedict",
        32400,
        True,
    )
    assert [one["user"]["deleted"] for one in told] == [False, True, False]


def test_a_new_user_sends_an_event_and_is_in_the_given_channels(workspace: Sandbox) -> None:
    fay = workspace.add_person("fay", "#house")
    assert [one["type"] for one in heard(workspace, 2)] == ["team_join", "member_joined_channel"]
    assert fay.id in workspace.workspace.channel("#house").members


def test_a_bot_receives_its_own_messages(workspace: Sandbox, client: WebClient) -> None:
    ts = str(client.chat_postMessage(channel=HOUSE, text="card")["ts"])
    client.chat_update(channel=HOUSE, ts=ts, text="card, edited")
    client.chat_delete(channel=HOUSE, ts=ts)
    told = heard(workspace, 3)
    assert [one.get("subtype") for one in told] == [None, "message_changed", "message_deleted"]
    assert (told[0]["ts"], told[0]["bot_id"]) == (ts, "B0THREATM")
    changed = told[1]
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("card", "card, edited")
    assert told[2]["previous_message"]["text"] == "card, edited"


def test_someone_of_another_workspace_is_a_stranger_until_they_share_a_channel(
    workspace: Sandbox, client: WebClient
) -> None:
    zoe = workspace.add_person("zoe", team=PARTNER_TEAM_ID)

    def told() -> tuple[object, object]:
        user = cast("Json", client.users_info(user=zoe.id).data)["user"]
        return user["team_id"], user["is_stranger"]

    assert told() == (PARTNER_TEAM_ID, True)
    workspace.invite("zoe", "#house")
    assert told() == (PARTNER_TEAM_ID, False)
    workspace.person("zoe").say("#house", "hello from next door")
    events = heard(workspace, 2)
    assert [event["type"] for event in events] == ["member_joined_channel", "message"]
    assert (events[1]["team"], events[1]["user_team"]) == (PARTNER_TEAM_ID, PARTNER_TEAM_ID)


def test_a_deleted_message_sends_an_event_with_its_content(workspace: Sandbox) -> None:
    said = workspace.person("ana").say("#house", "the key is under the mat")
    workspace.delete_message("#house", said.ts)
    told = heard(workspace, 2)[1]
    assert (told["subtype"], told["deleted_ts"]) == ("message_deleted", said.ts)
    assert told["previous_message"]["text"] == "the key is under the mat"
    assert workspace.person("ana").sees("#house") == []


def test_a_deleted_message_with_replies_leaves_a_fixed_placeholder(
    workspace: Sandbox, client: WebClient
) -> None:
    ts = str(client.chat_postMessage(channel=HOUSE, text="card")["ts"])
    client.chat_postMessage(channel=HOUSE, text="detail", thread_ts=ts)
    workspace.delete_message("#house", ts)
    seen = workspace.person("ana").thread("#house", ts)
    assert [one.plain for one in seen] == ["This message was deleted.", "detail"]
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel=HOUSE, ts=ts, text="card again")


def test_silent_changes_send_no_events(workspace: Sandbox) -> None:
    with workspace.quietly():
        workspace.change_channel("#house", name="home", is_archived=True)
        workspace.deactivate("ben")
        workspace.change_person("chi", name="Chichi")
        with workspace.quietly(unless=True):
            workspace.revoke_token()
    with workspace.quietly(unless=True):
        workspace.change_channel("#general", name="all")
    assert [one["channel"]["name"] for one in heard(workspace)] == ["all"]
    assert workspace.workspace.channel("home").is_archived


def test_a_revoked_token_sends_an_event_and_is_refused_until_restored(
    workspace: Sandbox, client: WebClient
) -> None:
    workspace.revoke_token()
    told = heard(workspace)[0]
    assert (told["type"], told["tokens"]) == ("tokens_revoked", {"oauth": [], "bot": ["U0THREATM"]})
    with pytest.raises(SlackApiError, match="token_revoked"):
        client.auth_test()
    workspace.restore_token()
    assert client.auth_test()["ok"]


def test_an_uninstalled_app_is_notified_and_receives_nothing_more(workspace: Sandbox) -> None:
    old = WebClient(token=workspace.bot_token, base_url=workspace.url)
    workspace.uninstall()
    assert [one["type"] for one in heard(workspace, 2)] == ["tokens_revoked", "app_uninstalled"]
    with pytest.raises(SlackApiError, match="account_inactive"):
        old.auth_test()
    assert workspace.person("ana").command("#house", "/threatmodel").failure == "dispatch_failed"
    workspace.reinstall()
    with pytest.raises(SlackApiError, match="invalid_auth"):
        old.auth_test()
    assert WebClient(token=workspace.bot_token, base_url=workspace.url).auth_test()["ok"]
    assert "U0THREATM" not in workspace.workspace.channel("#house").members
