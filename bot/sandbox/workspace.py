"""What the workspace holds: people, conversations, messages."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.cast import CHANNELS, PEOPLE, SLACKBOT, Channel, Person
from bot.sandbox.clock import Clock
from bot.sandbox.installed_app import BOT_USER_ID, InstalledApp
from bot.sandbox.kit import Json


class Message(Struct, frozen=True, kw_only=True):
    """One message as it stands now."""

    channel: str
    ts: str
    author: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread: str | None = None
    broadcast: bool = False
    reader: str | None = None
    """The one person who sees it, for an ephemeral message."""
    edited: str | None = None
    metadata: Json | None = None
    subtype: str | None = None


class UnknownConversation(Exception):
    """No conversation goes by that name."""


class UnknownPerson(Exception):
    """Nobody goes by that name."""


class Workspace:
    """The state of one workspace, shared by the Web API, the people and the page.

    Every public method may be called from any thread.
    """

    def __init__(self, app: InstalledApp, clock: Clock | None = None) -> None:
        self.app = app
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.revision = 0
        """Counts changes, so that whoever draws the state knows when to draw again."""
        self._changed = threading.Condition(self.lock)
        self._listeners: list[Callable[[], None]] = []
        bot = Person(id=BOT_USER_ID, handle=app.name.lower(), name=app.name, colour="#3f0e40", is_bot=True)
        self._people = {person.id: person for person in (*PEOPLE, bot, SLACKBOT)}
        self._channels = {channel.id: channel for channel in CHANNELS}
        self._messages: dict[str, dict[str, Message]] = {channel.id: {} for channel in CHANNELS}
        self._last_ts = 0
        self._numbers = itertools.count(1)

    # People

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody with an account, the bot included."""
        return tuple(self._people.values())

    def person(self, who: str) -> Person:
        """Return the person with that id, handle or name, with or without an @; raises UnknownPerson."""
        wanted = who.removeprefix("@").casefold()
        for person in self.people:
            if wanted in (person.id.casefold(), person.handle.casefold(), person.name.casefold()):
                return person
        raise UnknownPerson(who)

    def change_person(self, person: Person) -> None:
        """Put a changed person in the place of the one with the same id."""
        with self.lock:
            self._people[person.id] = person
            self.touch()

    # Conversations

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel, without direct messages."""
        return tuple(channel for channel in self._everywhere() if not channel.is_im)

    def channel(self, where: str) -> Channel:
        """Return the conversation with that id or name, with or without a #; raises UnknownConversation."""
        if where in self._channels:
            return self._channels[where]
        name = where.removeprefix("#")
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise UnknownConversation(where)

    def change_channel(self, channel: Channel) -> None:
        """Put a changed conversation in the place of the one with the same id, or add a new one."""
        with self.lock:
            self._channels[channel.id] = channel
            self._messages.setdefault(channel.id, {})
            self.touch()

    def direct(self, person_id: str, other_id: str = BOT_USER_ID) -> Channel:
        """Return the direct messages of two people, opened if need be."""
        both = frozenset({person_id, other_id})
        with self.lock:
            for channel in self._everywhere():
                if channel.is_im and channel.members == both:
                    return channel
            opened = Channel(
                id=self.new_id("D"), name="", members=both, is_im=True, created=int(self.clock.now())
            )
            self.change_channel(opened)
            return opened

    def direct_of(self, person_id: str) -> tuple[Channel, ...]:
        """Return a person's direct messages."""
        return tuple(
            channel for channel in self._everywhere() if channel.is_im and person_id in channel.members
        )

    def _everywhere(self) -> tuple[Channel, ...]:
        # Copied in one step, because another thread may open direct messages meanwhile.
        return tuple(self._channels.values())

    def join(self, channel_id: str, person_id: str) -> bool:
        """Make somebody a member; say whether they were not one before."""
        with self.lock:
            channel = self._channels[channel_id]
            if person_id in channel.members:
                return False
            self.change_channel(replace(channel, members=channel.members | {person_id}))
            return True

    def leave(self, channel_id: str, person_id: str) -> bool:
        """Take somebody out of a channel; say whether they were in it."""
        with self.lock:
            channel = self._channels[channel_id]
            if person_id not in channel.members:
                return False
            self.change_channel(replace(channel, members=channel.members - {person_id}))
            return True

    # Messages

    def post(
        self,
        *,
        channel: str,
        author: str,
        text: str,
        blocks: Sequence[Json] = (),
        thread: str | None = None,
        broadcast: bool = False,
        reader: str | None = None,
        metadata: Json | None = None,
        subtype: str | None = None,
    ) -> Message:
        """Post a message into a conversation by its id; with a reader, only that person sees it."""
        with self.lock:
            message = Message(
                channel=channel,
                ts=self.new_ts(),
                author=author,
                text=text,
                blocks=tuple(blocks),
                thread=thread,
                broadcast=broadcast,
                reader=reader,
                metadata=metadata,
                subtype=subtype,
            )
            self._messages[channel][message.ts] = message
            self.touch()
            return message

    def message(self, channel: str, ts: str) -> Message | None:
        """Return a message as it stands now, or None if there is none."""
        return self._messages.get(channel, {}).get(ts)

    def edit(
        self,
        message: Message,
        *,
        text: str,
        blocks: Sequence[Json],
        metadata: Json | None = None,
    ) -> Message:
        """Replace what a message says."""
        with self.lock:
            changed = replace(
                message,
                text=text,
                blocks=tuple(blocks),
                edited=f"{self.clock.now():.6f}",
                metadata=metadata or message.metadata,
            )
            self._messages[message.channel][message.ts] = changed
            self.touch()
            return changed

    def delete(self, message: Message) -> None:
        """Take a message away."""
        with self.lock:
            self._messages[message.channel].pop(message.ts, None)
            self.touch()

    def messages(self, channel: str, reader: str | None) -> list[Message]:
        """Return a conversation's messages in order, as one person sees them; None sees no ephemeral ones."""
        with self.lock:
            everything = list(self._messages.get(channel, {}).values())
        return [one for one in everything if one.reader is None or one.reader == reader]

    def thread(self, channel: str, ts: str, reader: str | None) -> list[Message]:
        """Return a thread, its first message included, as one person sees it."""
        return [one for one in self.messages(channel, reader) if ts in (one.ts, one.thread)]

    # Numbers and news

    def new_ts(self) -> str:
        """Return a timestamp later than every one before it."""
        with self.lock:
            self._last_ts = max(self._last_ts + 1, int(self.clock.now() * 1_000_000))
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """Return a new id in Slack's shape, such as V0000000A7."""
        return f"{letter}0{''.join(_base36(next(self._numbers))):0>8}"

    def touch(self) -> None:
        """Tell whoever waits or draws that something changed."""
        with self.lock:
            self.revision += 1
            self._changed.notify_all()
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener after every change, from whatever thread made it; return how to stop that."""
        with self.lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def wait_until(self, predicate: Callable[[], bool], seconds: float) -> bool:
        """Wait for a predicate over the state to hold; say whether it did within so many seconds."""
        # Real time, because a moved clock must not change how long a test waits.
        ends = time.monotonic() + seconds
        while not predicate():
            left = ends - time.monotonic()
            if left <= 0:
                return False
            with self.lock:
                # Not everything a predicate looks at lies in the state, so look again now and then.
                self._changed.wait(min(left, 0.02))
        return True


def _base36(number: int) -> Iterator[str]:
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 36)
        digits.append("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit])
    yield from reversed(digits)
