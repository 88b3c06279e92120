"""Channels, direct messages and apps at the left."""

from collections.abc import Callable
from html import escape

from msgspec import Struct
from nicegui.element import Element

from bot.sandbox.installed_app import BOT_USER_ID
from bot.sandbox.page.html import element, html
from bot.sandbox.page.message_line import avatar_html
from bot.sandbox.people import SandboxPerson
from bot.sandbox.workspace import Workspace


class Place(Struct, frozen=True, kw_only=True):
    """Something to go to."""

    id: str
    name: str
    group: str
    mark: str
    """HTML in front of the name."""
    unread: int
    member: bool = True


class ReadMarks:
    """Up to where each person has read each conversation."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], str] = {}

    def read(self, person: str, channel: str, ts: str) -> None:
        """Remember that a person has seen a conversation up to a message."""
        self._read[(person, channel)] = max(ts, self._read.get((person, channel), ""))

    def unread(self, workspace: Workspace, person: str, channel: str) -> int:
        """Count what a person has not seen."""
        mark = self._read.get((person, channel), "")
        return sum(
            one.ts > mark and one.author != person and (one.thread is None or one.broadcast)
            for one in workspace.messages(channel, person)
        )


class Sidebar:
    """Draws the places a person can go to."""

    def __init__(self, frame: Element, marks: ReadMarks, *, go: Callable[[str], None]) -> None:
        self._frame, self._marks, self._go = frame, marks, go
        self._drawn: object = None

    def show(self, workspace: Workspace, person: SandboxPerson, here: str) -> None:
        """Draw the places, if anything about them changed."""
        places = self._places(workspace, person)
        if self._drawn == (places, here, person.id):
            return
        self._drawn = (places, here, person.id)
        self._frame.clear()
        with self._frame:
            for group in ("Channels", "Direct messages", "Apps"):
                html(group, css="group-title")
                for place in places:
                    if place.group == group:
                        self._entry(place, here=place.id == here)

    def _places(self, workspace: Workspace, person: SandboxPerson) -> list[Place]:
        def unread(channel: str) -> int:
            return self._marks.unread(workspace, person.id, channel)

        channels = [
            Place(
                id=one.id,
                name=one.name,
                group="Channels",
                mark='<span class="hash">🔒</span>' if one.is_private else '<span class="hash">#</span>',
                unread=unread(one.id) if person.id in one.members else 0,
                member=person.id in one.members,
            )
            for one in workspace.channels
            if not one.is_private or person.id in one.members
        ]
        direct: list[Place] = []
        for one in workspace.direct_of(person.id):
            other = workspace.person(next(iter(one.members - {person.id}), person.id))
            if other.id != BOT_USER_ID:
                mark = avatar_html(other, size="tiny")
                direct.append(
                    Place(
                        id=one.id, name=other.name, group="Direct messages", mark=mark, unread=unread(one.id)
                    )
                )
        with_bot = workspace.direct(person.id)
        bot = workspace.person(BOT_USER_ID)
        app = Place(
            id=with_bot.id,
            name=bot.name,
            group="Apps",
            mark=avatar_html(bot, size="tiny"),
            unread=unread(with_bot.id),
        )
        people = [
            Place(
                id=f"@{one.id}",
                name=one.name,
                group="Direct messages",
                mark=avatar_html(one, size="tiny"),
                unread=0,
            )
            for one in workspace.people
            if not one.is_bot and one.id != person.id and all(one.name != known.name for known in direct)
        ]
        return [*channels, *direct, *people, app]

    def _entry(self, place: Place, *, here: bool) -> None:
        css = "place" + (" here" if here else "") + (" unread" if place.unread and not here else "")
        css += "" if place.member else " not-member"
        with element("button", css=css, testid=f"place-{place.name}") as entry:
            badge = f'<span class="badge">{place.unread}</span>' if place.unread and not here else ""
            html(f'{place.mark}<span class="place-name">{escape(place.name)}</span>{badge}', tag="span")
        entry.props["type"] = "button"
        if here:
            entry.props["aria-current"] = "page"
        entry.on("click", lambda: self._go(place.id))
