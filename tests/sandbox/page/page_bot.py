"""Serves the sandbox's page with the small bot in it, until it is told to stop; prints the address."""

# slack_bolt leaves many of its types open.
# pyright: reportUnknownMemberType=false

import sys
from collections.abc import Callable
from functools import partial

from slack_bolt import Ack
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.sandbox.api import Sandbox, serve
from tests.sandbox.page.gallery import FIELDS, FILES, RARE, TEXTS
from tests.sandbox.small_bot import MANIFEST, Json, SmallBot, plain
from tests.waiting import make_sandboxes_patient

GALLERY: Json = {
    "command": "/gallery",
    "description": "Shows everything",
    "usage_hint": "[texts | rare | form | files | many]",
}


MANY = 70
"""More messages than the page draws at first."""


def connect(connection: Sandbox) -> Callable[[], None]:
    """Connect the small bot, and return how to let it go."""
    bot = SmallBot(connection)
    bot.on_submit = bot.post_card
    bot.app.command("/gallery")(partial(show_gallery, bot))
    bot.app.view("gallery")(push_another)
    handler = SocketModeHandler(bot.app, connection.app_token)
    handler.connect()
    print(connection.page_url, flush=True)
    return handler.close


def show_gallery(bot: SmallBot, ack: Ack, command: Json) -> None:
    """Post every block, or open a form with every field."""
    ack()
    if command["text"] == "form":
        bot.client.views_open(trigger_id=command["trigger_id"], view=gallery_form("Every field"))
        return
    if command["text"] == "many":
        for number in range(MANY):
            bot.client.chat_postMessage(channel=command["channel_id"], text=f"line {number}.")
        return
    if command["text"] == "files":
        files = [{"filename": name, "content": content} for name, content in FILES.items()]
        bot.client.files_upload_v2(
            channel=command["channel_id"], initial_comment="Here you are", file_uploads=files
        )
        return
    blocks = RARE if command["text"] == "rare" else TEXTS
    bot.client.chat_postMessage(channel=command["channel_id"], text="Everything", blocks=blocks)


def push_another(ack: Ack) -> None:
    """Answer a submission with one more form on top."""
    ack(response_action="push", view=gallery_form("One more"))


def gallery_form(title: str) -> Json:
    """Return a modal with a field of every kind."""
    return {
        "type": "modal",
        "callback_id": "gallery",
        "title": plain(title),
        "submit": plain("Save"),
        "blocks": FIELDS,
    }


def manifest() -> Json:
    """Return the small bot's manifest with one more command."""
    features = {**MANIFEST["features"], "slash_commands": [*MANIFEST["features"]["slash_commands"], GALLERY]}
    scopes = {"scopes": {"bot": [*MANIFEST["oauth_config"]["scopes"]["bot"], "files:write"]}}
    return {**MANIFEST, "features": features, "oauth_config": scopes}


if __name__ == "__main__":
    make_sandboxes_patient()
    serve(manifest(), "socket", 0, on_ready=connect)
    print("stopped", flush=True)
    sys.exit(0)
