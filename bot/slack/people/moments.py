"""When things happened, as Slack says, in an order that survives restarts: events come late, and twice."""

import re
from datetime import datetime
from sqlite3 import Connection

import msgspec

from bot.slack.asking.requests import Json
from domain.elements import ChannelId, PersonId

MEMBERSHIP = "membership"
ACCOUNT = "account"
JOINED, LEFT = "joined", "left"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event about one thing; `moment` is empty where the event does not say when it was."""

    kind: str
    moment: str
    says: str = ""
    channel: ChannelId = ChannelId("")
    person: PersonId = PersonId("")


def moment_of_event(event: Json) -> str:
    """The moment of an event, as text that sorts by time; empty where it has none."""
    return _sortable(event.get("event_ts"))


def moment_of_account(told: Json, event: Json | None = None) -> str:
    """When an account last changed; of two changes within one second the later event comes last.

    What a look at an account sees comes before the events of the same second.
    """
    updated = _sortable(told.get("updated")) or _sortable((event or {}).get("event_ts"))
    return f"{updated}/{moment_of_event(event) if event else ''}" if updated else ""


def is_news(connection: Connection, tenant: str, told: Told, at: datetime) -> bool:
    """Note an event; False for one that is not newer than what was told of the same thing before."""
    if not told.moment:
        return True
    about = (tenant, told.kind, told.channel, told.person)
    noted = connection.execute(_NOTE, (*about, told.moment, told.says, at.isoformat()))
    return noted.rowcount > 0


def is_older(connection: Connection, tenant: str, told: Told) -> bool:
    """Whether something that was looked at is from before what an event has told of it."""
    row = connection.execute(_MOMENT, (tenant, told.kind, told.channel, told.person)).fetchone()
    return bool(told.moment) and row is not None and told.moment.partition("/")[0] < row[0].partition("/")[0]


def _sortable(moment: object) -> str:
    found = _MOMENT_OF_SLACK.fullmatch(str(moment or ""))
    return f"{int(found[1]):012d}.{(found[2] or '').ljust(6, '0')[:6]}" if found else ""


_MOMENT_OF_SLACK = re.compile(r"(\d{1,12})(?:\.(\d{1,12}))?")
_NOTE = """
    INSERT INTO slack_told (tenant, kind, channel, person, moment, says, noted_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, kind, channel, person) DO UPDATE
    SET moment = excluded.moment, says = excluded.says, noted_at = excluded.noted_at
    WHERE excluded.moment > slack_told.moment
"""
_MOMENT = "SELECT moment FROM slack_told WHERE tenant = ? AND kind = ? AND channel = ? AND person = ?"
