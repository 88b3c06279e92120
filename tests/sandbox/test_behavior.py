"""Each point of `Behavior` changes what the bot sees, and nothing else does."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import urllib.request
from typing import Any

import pytest
from msgspec.structs import replace
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.api import Sandbox
from bot.sandbox.payload_delivery.delivery_record import Delivery
from tests.sandbox.small_bot import HOUSE


def behave(workspace: Sandbox, **points: Any) -> None:
    """Let the workspace behave otherwise on some points."""
    workspace.workspace.behavior = replace(workspace.workspace.behavior, **points)


def pressed_in_a_thread(workspace: Sandbox, client: WebClient) -> tuple[str, Delivery]:
    """Press a button in a thread; return the thread and what was brought."""
    card = str(client.chat_postMessage(channel=HOUSE, text="card")["ts"])
    button = {"type": "button", "text": {"type": "plain_text", "text": "Press"}, "action_id": "press"}
    blocks = [{"type": "actions", "elements": [button]}]
    client.chat_postMessage(channel=HOUSE, text="reply", thread_ts=card, blocks=blocks)
    ana = workspace.person("ana")
    (reply,) = [one for one in ana.thread("#house", card) if one.text == "reply"]
    return card, ana.click(reply, "Press")


def answer(delivery: Delivery, text: str) -> None:
    """Send an answer to a press by its response URL."""
    body = json.dumps({"text": text}).encode()
    urllib.request.urlopen(urllib.request.Request(delivery.payload["response_url"], body), timeout=30).close()


@pytest.mark.parametrize("reaches", [False, True])
def test_a_response_url_posts_to_the_thread_only_if_the_workspace_does(
    workspace: Sandbox, client: WebClient, *, reaches: bool
) -> None:
    behave(workspace, response_url_reaches_thread=reaches)
    card, delivery = pressed_in_a_thread(workspace, client)
    answer(delivery, "Yes")
    ana = workspace.person("ana")
    assert ("Yes" in [one.text for one in ana.thread("#house", card)]) == reaches
    assert ("Yes" in [message.text for message in ana.sees("#house")]) != reaches


def upload(client: WebClient, name: str, alt_text: str | None) -> str:
    """Upload a file into the channel; return its id."""
    told: Any = client.files_upload_v2(filename=name, content="a,b", alt_txt=alt_text, channel=HOUSE).data
    return str(told["files"][0]["id"])


@pytest.mark.parametrize(
    ("hides", "name", "alt_text", "shared"),
    [
        (True, "doors.csv", "All doors", False),
        (True, "doors.csv", None, True),
        (True, "doors.png", "All doors", True),
        (False, "doors.csv", "All doors", True),
    ],
)
def test_a_file_with_alt_text_that_is_no_image_is_accepted_and_never_shared(
    workspace: Sandbox, client: WebClient, *, hides: bool, name: str, alt_text: str | None, shared: bool
) -> None:
    behave(workspace, alt_text_hides_files=hides)
    file = upload(client, name, alt_text)
    told: Any = client.files_info(file=file).data
    assert bool(told["file"]["shares"]["public"]) == shared
    assert bool(workspace.person("ana").sees("#house")) == shared


@pytest.mark.parametrize(
    ("hands_in", "block_id", "typed", "value"),
    [
        (False, "name", None, None),
        (False, "name2", None, "new"),
        (False, "name", "typed", "typed"),
        (True, "name", None, "new"),
    ],
)
def test_an_untouched_field_is_submitted_empty_after_an_update_under_the_same_block_id(
    workspace: Sandbox,
    client: WebClient,
    *,
    hands_in: bool,
    block_id: str,
    typed: str | None,
    value: str | None,
) -> None:
    behave(workspace, update_hands_in_initial_values=hands_in)
    _, delivery = pressed_in_a_thread(workspace, client)
    client.views_open(trigger_id=str(delivery.payload["trigger_id"]), view=form("name", "old"))
    ana = workspace.person("ana")
    shown = ana.modal
    assert shown is not None
    client.views_update(view_id=shown.id, view=form(block_id, "new"))
    if typed:
        ana.fill("Name", typed)
    updated = ana.modal
    assert updated is not None
    assert updated.values["Name"] == (typed or "new"), "what a person sees"
    submitted = ana.submit()
    assert submitted is not None
    assert submitted.payload["view"]["state"]["values"][block_id]["value"]["value"] == value


def form(block_id: str, initial: str) -> dict[str, Any]:
    """A modal with one required field that shows an initial value."""
    box = {"type": "plain_text_input", "action_id": "value", "initial_value": initial}
    label = {"type": "plain_text", "text": "Name"}
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [{"type": "input", "block_id": block_id, "label": label, "element": box}],
    }


@pytest.mark.parametrize("in_detail", [False, True])
def test_an_expired_trigger_has_its_own_code_or_a_detail(
    workspace: Sandbox, client: WebClient, *, in_detail: bool
) -> None:
    behave(workspace, expired_trigger_in_detail=in_detail)
    _, delivery = pressed_in_a_thread(workspace, client)
    workspace.clock.move(4)
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [{"type": "divider"}]}
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=str(delivery.payload["trigger_id"]), view=view)
    told: Any = refused.value.response
    assert told["error"] == ("invalid_arguments" if in_detail else "expired_trigger_id")
    assert ("expired" in told.get("detail", "")) == in_detail
