"""The bot as one process beside others on one file: at work until SIGTERM, then tells its metrics."""

import signal
import sys
import threading
from datetime import UTC, datetime

from bot.commands.command_handler import CommandHandler
from bot.settings import DatabaseUrl, Secret, Settings
from bot.slack.slack_bot import SlackBot
from bot.store import open_database
from tests.emptied_database import KEY
from tests.slack.slack_team import QUICK


def main(database: str, api_url: str, bot_token: str, app_token: str) -> None:
    """Do what `threatmodel serve` does, without asking whether somebody else serves the file."""
    ended = threading.Event()

    def end(*_: object) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    settings = Settings(
        bot_token=Secret(bot_token),
        app_token=Secret(app_token),
        signing_secret=Secret(""),
        api_url=api_url,
        database_url=DatabaseUrl(database),
        host="127.0.0.1",
        port=None,
        log_level="info",
        log_format="text",
    )
    store = open_database(settings.database_url, key=KEY if database.startswith("postgres") else "")
    command_handler = CommandHandler(store)
    bot = SlackBot(settings, command_handler, store, lambda: datetime.now(UTC), pace=QUICK)
    bot.start()
    while not ended.wait(0.5):
        pass
    bot.stop()
    print(bot.metrics.text().decode(), flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
