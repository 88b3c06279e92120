"""Makes the parts and puts them together; nothing else in the project constructs them."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.settings import Settings, read_settings
from bot.slack.tables import SLACK
from bot.store import SqliteStore, open_store
from bot.terminal.faults import Unfit
from domain.elements import ChannelId, ModelKey


@contextmanager
def opened_store(environment: Mapping[str, str], *, create: bool = False) -> Generator[SqliteStore]:
    """The store of the settings for the length of a command; raises Unfit when it is not there to be read."""
    settings = read_settings(environment)
    if not create and not database_path(settings).exists():
        raise Unfit(
            f"DATABASE_URL: there is no database {database_path(settings)} yet: "
            "`threatmodel serve` or `threatmodel demo house` makes one, or name another file."
        )
    store = open_store(settings.database_url, tables=(SLACK,))
    try:
        yield store
    finally:
        store.close()


def database_path(settings: Settings) -> Path:
    """The file that DATABASE_URL names."""
    return Path(settings.database_url.removeprefix("sqlite:///"))


def load_demo(store: SqliteStore, *, workspace: str, channel: str) -> ModelKey:
    """Tell the House into a store; a second time changes nothing."""
    from bot.demo import tell_house
    from bot.workshop import Workshop

    workshop = Workshop(store)
    try:
        return tell_house(workshop, workspace=workspace, channel=ChannelId(channel))
    finally:
        workshop.close()
