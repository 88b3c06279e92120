"""Execution of ordinary commands for an import, with notes on refused and shortened data."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from domain.commands import Command, CreatingCommand
from domain.decide import decide
from domain.events import Event
from domain.kernel.elements import SINGULAR, ElementId, PersonId
from domain.kernel.length_limits import NAME, TEXT
from domain.kernel.name_choice import NameChoice
from domain.rejections import LikelyDuplicates, Rejected
from domain.replay import EMPTY, replay


class ImportSession:
    """Commands of one person at one time, and the resulting model.

    `ids` maps the file's element IDs to the new ones; `similar` are names that probably mean the same.
    """

    def __init__(self, *, by: PersonId, at: datetime) -> None:
        self.author_fields: dict[str, Any] = {"by": by, "at": at}
        self.model = EMPTY
        self.events: list[Event] = []
        self.notes: list[str] = []
        self.similar: list[str] = []
        self.ids: dict[str, ElementId] = {}
        self._today: date = at.date()

    def execute(self, command: Command) -> Sequence[Event]:
        """Execute a command, and return its events; raises Rejected.

        What is named like something else is kept as another thing: a file tells the two apart by their IDs.
        """
        try:
            events = decide(command, self.model)
        except LikelyDuplicates as asked:
            return self.execute(self._as_others(command, asked))
        self.model = replay(events, self.model)
        self.events += events
        return events

    def _as_others(self, command: Command, asked: LikelyDuplicates) -> Command:
        """Return the command with names stated to mean other things, and note them."""
        if not isinstance(command, CreatingCommand):
            raise asked
        choices = [
            NameChoice(kind=one.kind, name=one.name, others=tuple(other.name for other in one.others))
            for one in asked.found
        ]
        for one in asked.found:
            closest = one.others[0].name
            self.similar.append(f"{SINGULAR[one.kind]} “{one.name[:60]}” and “{closest[:60]}”")
        return replace(command, choices=(*command.choices, *choices))

    def attempt(self, command: Command, what: str) -> bool:
        """Execute a command, or note that `what` is not imported; return whether it succeeded."""
        try:
            self.execute(command)
        except Rejected as refused:
            self.note(f"{what}: {refused}")
            return False
        return True

    def note(self, text: str) -> None:
        """Note a difference from the file."""
        self.notes.append(text)

    def name(self, text: str, what: str) -> str:
        """Return a name on one line, without invisible characters, within the limit."""
        name = " ".join(text.split())
        if not any(one.isprintable() and not one.isspace() for one in name):
            self.note(f"{what}: no readable name")
            return f"Unnamed {what.partition(' “')[0].removeprefix('the ')}"
        return self.cut(name, NAME, f"the name of {what}")

    def text(self, text: str, what: str) -> str:
        """Return a text within the limit."""
        return self.cut(text, TEXT, f"the text of {what}")

    def cut(self, text: str, limit: int, what: str) -> str:
        """Return the part of a text within the limit."""
        if len(text.strip()) <= limit:
            return text
        self.note(f"{what}: shortened from {len(text):,} to {limit:,} characters")
        return text.strip()[: limit - 1] + "…"

    def person(self, id: str) -> PersonId | None:
        """Return a Slack user ID, or None with a note."""
        if _PERSON.fullmatch(id):
            return PersonId(id)
        if id:
            self.note(f"the person “{id[:60]}”: not a Slack member ID")
        return None

    def future_day(self, day: date | None, what: str) -> date | None:
        """Return a day unless it is over."""
        if day is not None and day < self._today:
            self.note(f"the date of {what}: {day.isoformat()} is in the past")
            return None
        return day


_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")
