"""Canvases are created, replaced as a whole, and previewed below messages that link to them."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.api import Sandbox
from bot.sandbox.page.attachments import canvases_of
from tests.sandbox.small_bot import HOUSE, MANIFEST


def created(client: WebClient, markdown: str, channel: str = HOUSE) -> str:
    content = {"type": "markdown", "markdown": markdown}
    return str(
        client.canvases_create(title="Plan", document_content=content, channel_id=channel)["canvas_id"]
    )


def edited(client: WebClient, canvas: str, markdown: str) -> None:
    content = {"type": "markdown", "markdown": markdown}
    client.canvases_edit(canvas_id=canvas, changes=[{"operation": "replace", "document_content": content}])


def test_a_canvas_preview_shows_the_current_content(workspace: Sandbox, client: WebClient) -> None:
    canvas = created(client, "# Doors")
    (written,) = workspace.workspace.canvases.all()
    assert (written.id, written.title, written.channel) == (canvas, "Plan", HOUSE)
    words = {"type": "plain_text", "text": "Read it"}
    pressed = {"type": "button", "action_id": "read", "text": words, "url": written.permalink}
    blocks = [{"type": "actions", "elements": [pressed]}]
    linked = client.chat_postMessage(channel=HOUSE, text=f"See <{written.permalink}|the plan>")
    buttoned = client.chat_postMessage(channel=HOUSE, text="See", blocks=blocks)
    edited(client, canvas, "# Windows")
    for posted in (linked, buttoned):
        message = workspace.workspace.message(HOUSE, str(posted["ts"]))
        assert message is not None
        assert [one.markdown for one in canvases_of(workspace.workspace, message)] == ["# Windows"]
    client.canvases_delete(canvas_id=canvas)
    assert workspace.workspace.canvases.all() == ()


@pytest.mark.parametrize(
    ("markdown", "channel", "code"),
    [
        ("x" * 1_048_577, HOUSE, "canvas_creation_failed"),
        ("> - a list in a quote", HOUSE, "canvas_creation_failed"),
        ("# Doors", "C0NOWHERE", "channel_not_found"),
    ],
)
def test_content_that_is_invalid_for_a_canvas_is_refused(
    workspace: Sandbox, client: WebClient, markdown: str, channel: str, code: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        created(client, markdown, channel)
    assert refused.value.response["error"] == code
    assert workspace.workspace.canvases.all() == ()


def test_without_scope_or_canvas_nothing_is_written(workspace: Sandbox) -> None:
    with Sandbox(manifest=MANIFEST).start() as narrow, pytest.raises(SlackApiError, match="missing_scope"):
        created(WebClient(token=narrow.bot_token, base_url=narrow.url), "# Doors")
    with pytest.raises(SlackApiError, match="canvas_not_found"):
        edited(WebClient(token=workspace.bot_token, base_url=workspace.url), "F0NOTHING", "# Doors")
