"""A database with something of everything, and what could be changed in it behind the bot's back."""

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, Store, StreamId
from bot.store.records import summary_of
from domain.commands import AddAsset, StartThreatModel
from domain.events import Erased
from domain.kernel.elements import ChannelId
from domain.replay import replay
from tests.domain.voting_story import OPENED
from tests.examples import ANA, at
from tests.store.saying import HOUSE, say

VOTED, OTHER = StreamId("T1/TM-2"), StreamId("T2/TM-1")

VOTE = [event for event in OPENED if not isinstance(event, Erased)]

Forgery = tuple[str, ...]


def fill(store: Store) -> None:
    """Two workspaces; one model with an erased entry, one with an open round."""
    command_handler = CommandHandler(store)
    start = StartThreatModel(by=ANA, at=at(0), name="House", channel=ChannelId("C1"))
    command_handler.start(start, tenant="T1", key=CommandKey("1"))
    for number in range(2, 6):
        add_asset(command_handler, number)
    store.erase(HOUSE, [3])
    for number in range(6, 10):
        add_asset(command_handler, number)
    say(
        store,
        stream=HOUSE,
        expected=9,
        key="changed nothing",
        summary=summary_of(command_handler.model(HOUSE)),
    )
    command_handler.start(start, tenant="T2", key=CommandKey("2"))
    say(store, *VOTE, stream=VOTED, summary=summary_of(replay(VOTE)))


def add_asset(command_handler: CommandHandler, number: int) -> None:
    command = AddAsset(by=ANA, at=at(number), name=f"Asset {number}")
    command_handler.execute(command, stream=HOUSE, key=CommandKey(f"asset {number}"))


def without(tenant: str, *tables: str) -> Forgery:
    """Every trace of a workspace is deleted from these tables."""
    column = {"erasures": "substr(stream, 1, 2)"}
    return tuple(f"DELETE FROM {table} WHERE {column.get(table, 'tenant')} = '{tenant}'" for table in tables)


EVERYWHERE = ("events", "streams", "commands", "counters", "erasures")

FORGERIES: dict[str, tuple[Forgery, str]] = {
    "a blanked event": (
        ("UPDATE events SET salt = NULL, data = NULL WHERE stream = 'T1/TM-1' AND version = 4",),
        "event 4 of workspace T1 (T1/TM-1, version 4): its text is missing, and no erasure is recorded",
    ),
    "an erasure that never was": (
        ("INSERT INTO erasures VALUES ('T1', 'T1/TM-1', 4, '')",),
        "workspace T1 (T1/TM-1, version 4): its erasure is recorded, but its text is still there",
    ),
    "a record of an erasure that is gone": (
        ("DELETE FROM erasures",),
        "event 3 of workspace T1 (T1/TM-1, version 3): its text is missing, and no erasure is recorded",
    ),
    "an uncounted erasure": (
        ("UPDATE streams SET erasures = 0",),
        "workspace T1 (T1/TM-1, version 9): `streams` does not record that some of its text was erased",
    ),
    "a workspace that is gone": (
        without("T2", *EVERYWHERE),
        "event 1 of workspace T2: the workspace is missing without a record of its removal; its last event",
    ),
    "a workspace that is gone with its note": (
        without("T2", *EVERYWHERE, "heads"),
        "the database: events are missing at positions 10; 1 are missing, and 0 belong to workspaces",
    ),
    "the last workspace gone with its note": (
        (
            *without("T1", *EVERYWHERE, "heads"),
            *without("T2", *EVERYWHERE, "heads"),
        ),
        "the database: events are missing at positions 1 to 16; 16 are missing",
    ),
    "a workspace that only the counters know": (
        without("T2", *(one for one in EVERYWHERE if one != "counters"), "heads"),
        (
            "workspace T2: `counters` has the workspace, but there are no events of it and no record of its "
            "removal"
        ),
    ),
    "a workspace that only the commands know": (
        without("T2", *(one for one in EVERYWHERE if one != "commands"), "heads"),
        "workspace T2: `commands` has the workspace,",
    ),
    "a cut tail": (
        (
            "DELETE FROM events WHERE stream = 'T1/TM-2' AND version > 3",
            "UPDATE streams SET version = 3 WHERE stream = 'T1/TM-2'",
        ),
        "of workspace T1: the end of the chain is missing; its last event was 15, with ",
    ),
    "another end of the chain": (
        ("UPDATE heads SET hash = zeroblob(32) WHERE tenant = 'T2'",),
        "event 1 of workspace T2: the end of the chain differs from the recorded one (event 1)",
    ),
    "no end of the chain": (
        without("T2", "heads"),
        "workspace T2: the record of the end of its chain is missing",
    ),
    "a lowered counter": (
        ("UPDATE counters SET number = 1 WHERE tenant = 'T1'",),
        "workspace T1: `counters` has 1 models, but TM-2",
    ),
    "no counter": (
        without("T2", "counters"),
        "workspace T2: `counters` has 0 models, but TM-1",
    ),
    "emptied commands": (
        ("DELETE FROM commands",),
        "workspace T1 (T1/TM-1, version 1): `commands` lacks the command that caused it",
    ),
    "a command that is gone": (
        ("DELETE FROM commands WHERE key = 'asset 5'",),
        "workspace T1 (T1/TM-1, version 5): `commands` lacks the command that caused it",
    ),
    "a command that changed nothing and is gone": (
        ("DELETE FROM commands WHERE version < first",),
        "workspace T1: `commands` has 10 of 11 commands",
    ),
    "a command of no event": (
        ("INSERT INTO commands VALUES ('T1', 'new', x'00', 'T1/TM-7', 1, 1)",),
        "workspace T1 (T1/TM-7, version 1): `commands` has a command of it, but there are no events",
    ),
    "another name": (
        ("UPDATE streams SET name = 'Castle' WHERE stream = 'T1/TM-1'",),
        "workspace T1 (T1/TM-1, version 9): `streams` has a name that does not match its events",
    ),
    "another channel": (
        ("UPDATE streams SET channel = 'C9' WHERE stream = 'T1/TM-1'",),
        "workspace T1 (T1/TM-1, version 9): `streams` has a channel that does not match its events",
    ),
    "another phase": (
        ("UPDATE streams SET phase = 'remediation' WHERE stream = 'T1/TM-1'",),
        "workspace T1 (T1/TM-1, version 9): `streams` has a phase that does not match its events",
    ),
    "a shorter stream": (
        ("UPDATE streams SET version = 8 WHERE stream = 'T1/TM-1'",),
        "workspace T1 (T1/TM-1, version 9): `streams` counts 8 events, but it has 9",
    ),
    "a stream that is not listed": (
        without("T2", "streams"),
        "workspace T2 (T2/TM-1, version 1): `streams` lacks it",
    ),
    "a stream of another workspace": (
        ("UPDATE streams SET tenant = 'T1' WHERE stream = 'T2/TM-1'",),
        "workspace T2 (T2/TM-1, version 1): `streams` assigns it to workspace T1",
    ),
}
