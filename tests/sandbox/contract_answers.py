"""Answers and events of the sandbox, one of each, and the keys of such JSON."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import struct
from collections.abc import Iterator
from typing import cast

from msgspec.structs import replace
from slack_sdk import WebClient

from bot.sandbox.api import Sandbox
from tests.sandbox.small_bot import Json, form, small_bot
from tests.waiting import patient_sandbox

HOUSE = "C0HOUSE01"
ANA = "U0ANA0001"
DEEPEST = 2
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 40, 30)


def keys(value: object, depth: int = DEEPEST, path: str = "") -> Iterator[str]:
    """Yield the paths of an answer's keys to some depth; a list is one step, written `[]`."""
    if isinstance(value, dict) and depth:
        for name, inner in cast("Json", value).items():
            yield f"{path}{name}"
            yield from keys(inner, depth - 1, f"{path}{name}.")
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from keys(inner, depth, f"{path.removesuffix('.')}[].")


def answers() -> dict[str, Json]:
    """Return one good answer of each method, by the method's name."""
    with patient_sandbox() as sandbox, small_bot(sandbox) as bot:
        ana = sandbox.person("ana")
        ana.command("#house", "/small form")
        sandbox.wait_until(lambda: ana.modal is not None)
        modal = ana.modal
        assert modal is not None
        trigger = str(ana.click(modal, "Retitle").payload["trigger_id"])
        sandbox.wait_until(lambda: sandbox.calls_of("views.update"))
        bot.client.views_push(trigger_id=trigger, view=form())
        bot.client.views_publish(user_id=ANA, view={"type": "home", "blocks": [{"type": "divider"}]})
        _ask(bot.client)
        bot.client.oauth_v2_access(
            client_id=sandbox.tokens.client_id,
            client_secret=sandbox.tokens.client_secret,
            code=sandbox.client.parts.grants.issue("T0SANDBOX", ANA, "http://127.0.0.1/back"),
        )
        _end(bot.client, sandbox)
        return {call.method: call.answer for call in sandbox.api_calls if call.answer["ok"]}


def events() -> dict[str, Json]:
    """Return one of each event the sandbox sends, by its type."""
    with patient_sandbox() as sandbox, small_bot(sandbox):
        ana, eve = sandbox.person("ana"), sandbox.person("eve")
        sandbox.invite("eve", "#house")
        eve.leave("#house")
        ana.say("#house", f"hello <@U0THREATM> @{sandbox.workspace.person('U0THREATM').name}")
        ana.upload("#house", "plan.txt", "a plan")
        ana.say("#house", "see https://plans.example/7")
        ana.open_home()
        for shared in (True, False):
            sandbox.change_channel("C0HOUSE01", is_ext_shared=shared)
        for private in (False, True):
            sandbox.change_channel("C0HOUSE01", is_private=private, name=f"house-{private}", is_archived=True)
            sandbox.change_channel("C0HOUSE01", is_archived=False)
            sandbox.remove_bot("C0HOUSE01")
            sandbox.invite_bot("C0HOUSE01")
        sandbox.delete_channel("C0HOUSE01")
        sandbox.delete_channel("#general")
        sandbox.add_person("fay")
        sandbox.change_person("ben", name="Benedict")
        sandbox.uninstall()

        def sent() -> dict[str, Json]:
            told = [one.payload["event"] for one in list(sandbox.deliveries) if one.kind == "events_api"]
            return {str(event["type"]): event for event in reversed(told)}

        sandbox.wait_until(lambda: set(sent()) >= set(EVENTS))
        return sent()


EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_deleted", "channel_left",
    "channel_rename", "channel_shared", "channel_unarchive", "channel_unshared", "file_shared",
    "group_archive", "group_deleted", "group_left", "group_rename", "group_unarchive", "link_shared",
    "member_joined_channel", "member_left_channel", "message", "team_join", "tokens_revoked", "user_change",
)  # fmt: skip


def _ask(client: WebClient) -> None:
    url = "https://plans.example/7"
    linked = str(client.chat_postMessage(channel=HOUSE, text=f"see {url}")["ts"])
    client.chat_unfurl(channel=HOUSE, ts=linked, unfurls={url: {"blocks": [{"type": "divider"}]}})
    ts = str(client.chat_postMessage(channel=HOUSE, text="one")["ts"])
    client.chat_postMessage(channel=HOUSE, text="two", thread_ts=ts)
    client.chat_postEphemeral(channel=HOUSE, user=ANA, text="three")
    client.chat_update(channel=HOUSE, ts=ts, text="four")
    client.chat_getPermalink(channel=HOUSE, message_ts=ts)
    client.conversations_info(channel=HOUSE, include_num_members=True)
    client.conversations_list()
    client.conversations_members(channel=HOUSE)
    client.conversations_open(users=ANA, return_im=True)
    client.conversations_history(channel=HOUSE, limit=1)
    client.conversations_replies(channel=HOUSE, ts=ts)
    client.chat_delete(channel=HOUSE, ts=ts)
    uploaded = client.files_upload_v2(filename="plan.png", content=PNG, alt_txt="the plan", channel=HOUSE)
    file = str(cast("Json", uploaded.data)["file"]["id"])
    client.files_info(file=file)
    client.files_delete(file=file)
    content = {"type": "markdown", "markdown": "# The plan"}
    canvas = str(
        client.canvases_create(title="The plan", document_content=content, channel_id=HOUSE)["canvas_id"]
    )
    client.canvases_edit(canvas_id=canvas, changes=[{"operation": "replace", "document_content": content}])
    client.canvases_delete(canvas_id=canvas)
    client.auth_test()
    client.auth_teams_list()
    client.team_info()
    client.bots_info()
    client.users_info(user=ANA)
    client.users_list()


def _end(client: WebClient, sandbox: Sandbox) -> None:
    secrets = {"client_id": sandbox.tokens.client_id, "client_secret": sandbox.tokens.client_secret}
    sandbox.workspace.app = replace(sandbox.workspace.app, is_rotating=True)
    client.oauth_v2_exchange(token=sandbox.bot_token, **secrets)
    client.auth_revoke(token=sandbox.bot_token)
    client.apps_uninstall(token=sandbox.install(), **secrets)
