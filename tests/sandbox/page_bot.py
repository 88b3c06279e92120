"""Serves the sandbox's page with the small bot in it, until it is told to stop; prints the address."""

import sys
from collections.abc import Callable

from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.sandbox import SandboxConnection, serve
from tests.sandbox.small_bot import MANIFEST, SmallBot


def connect(connection: SandboxConnection) -> Callable[[], None]:
    """Connect the small bot, and return how to let it go."""
    bot = SmallBot(connection)
    bot.on_submit = bot.post_card
    handler = SocketModeHandler(bot.app, connection.app_token)
    handler.connect()
    print(connection.page_url, flush=True)
    return handler.close


if __name__ == "__main__":
    serve(MANIFEST, "socket", 0, on_ready=connect)
    print("stopped", flush=True)
    sys.exit(0)
