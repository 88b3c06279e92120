"""A replica of the bot for many workspaces, as a process: `python -m tests.bench.scale_replica`.

It is configured by the environment, as `threatmodel serve` is, and listens for requests over HTTP.
"""

import gc
import os

from bot.commands.command_handler import CommandHandler
from bot.logs import set_up_logging
from bot.server_process import listening_socket, running_server, stop_requests, wait_for_stop
from bot.settings import read_settings
from bot.slack.directory.app_installations.stored_installations import StoredInstallations
from bot.slack.slack_bot import SlackBot
from bot.slack.transport.http_server import Door
from bot.store import open_database, utc_now
from bot.token_cipher import TokenCipher


def main() -> None:
    """Serve until SIGTERM."""
    settings = read_settings(os.environ, serving=True)
    set_up_logging(level=settings.log_level, format=settings.log_format)
    with stop_requests() as asked, listening_socket(settings.host, settings.port or 0) as place:
        store = open_database(settings.database_url, key=settings.key.reveal())
        command_handler = CommandHandler(store)
        directory = StoredInstallations(store.installations, TokenCipher(settings.token_keys), now=utc_now)
        bot = SlackBot(settings, command_handler, store, utc_now, installations=directory)
        bot.start()
        with running_server(Door(bot.public, place)) as server:
            print("listening at", server.address, flush=True)
            gc.collect()
            gc.freeze()
            wait_for_stop(asked, server)
        bot.stop()
        store.close()


if __name__ == "__main__":
    main()
