"""What listeners work with: the workshop, the store, the directory and the clock."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, Unpack

import msgspec

from bot.slack.directory import Directory
from bot.slack.forms import FORMS, Opening, Values
from bot.slack.identity import edited
from bot.slack.installation import Installation
from bot.slack.people_checks import check_people
from bot.slack.triggers import FormName, Page, StaleButton, Target
from bot.slack.views import PAGES, ModelLine, Showing, View
from bot.store import CommandKey, EventStore, KeyUsedForAnother, StreamId, StreamSummary
from bot.workshop import Done, Workshop
from domain.commands import Adding, Command, StartThreatModel
from domain.elements import ChannelId, PersonId
from domain.history import Entry, timeline
from domain.naming import Naming
from domain.register import ThreatRegister, register


class _Opened(TypedDict, total=False):
    note: str
    missing: tuple[str, ...]
    typed: Values | None


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a listener may use; there is no Slack client among it."""

    installation: Installation
    workshop: Workshop
    store: EventStore
    directory: Directory
    now: Callable[[], datetime]
    card_ts: Callable[[StreamId], str | None]

    @property
    def naming(self) -> Naming:
        """What people are called."""
        return self.directory.name_of

    def stream(self, target: Target) -> StreamId:
        """The stream that a button or form is about; raises StaleButton for none, or one of elsewhere."""
        if not target.stream.startswith(f"{self.installation.team}/"):
            raise StaleButton
        return StreamId(target.stream)

    def register(self, stream: StreamId) -> ThreatRegister:
        """Everything known of a model now; raises NoSuchModel."""
        return register(self.workshop.model(stream), (), self.now())

    def execute(self, command: Command, stream: StreamId, key: CommandKey) -> Done:
        """Carry a command out; raises as the workshop does.

        What somebody changed and sent again counts as one more answer, as long as that loses nothing and
        doubles nothing; an element that was added already is left to the caller.
        """
        check_people(self.directory, command, lambda: self.workshop.model(stream).channel)
        try:
            return self.workshop.execute(command, stream=stream, key=key)
        except KeyUsedForAnother:
            if isinstance(command, Adding):
                raise  # a second element would be one too many: see the listener
            return self.workshop.execute(command, stream=stream, key=edited(key, command))

    def start(self, command: StartThreatModel, key: CommandKey) -> Done:
        """Begin a model in this workspace; raises as the workshop does."""
        check_people(self.directory, command, lambda: command.channel)
        return self.workshop.start(command, tenant=self.installation.team, key=key)

    def models(self, channel: ChannelId) -> list[StreamSummary]:
        """The models of a channel, oldest first."""
        return self.store.streams(self.installation.team, channel=channel)

    def models_of(self, person: PersonId) -> list[StreamSummary]:
        """The models of the channels that somebody is in, the one changed last first."""
        channels = self.directory.channels(person)
        models = self.store.streams(self.installation.team)
        mine = [one for one in models if one.channel in channels]
        return sorted(mine, key=lambda one: one.updated_at, reverse=True)

    def lines(self, models: list[StreamSummary]) -> list[ModelLine]:
        """Models as a list shows them, each with the address of its card."""
        return [
            ModelLine(
                stream=one.stream,
                key=one.key,
                name=one.name,
                phase=one.phase,
                next=self.register(one.stream).next.text,
                permalink=self.permalink(one.stream, one.channel),
            )
            for one in models
        ]

    def permalink(self, stream: StreamId, channel: ChannelId) -> str:
        """The address of a model's card; empty while there is none."""
        ts = self.card_ts(stream)
        if not ts:
            return ""
        return f"{self.installation.url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"

    def history(self, stream: StreamId) -> tuple[Entry, ...]:
        """Who said what, the first thing first."""
        return timeline([one.event for one in self.workshop.events(stream)])

    def page(self, target: Target) -> View:
        """The page that a target names, as it is now; raises StaleButton and NoSuchModel."""
        try:
            page = PAGES[Page(target.what)]
        except (KeyError, ValueError) as unknown:
            raise StaleButton from unknown
        stream = self.stream(target)
        history = self.history(stream) if target.what == Page.HISTORY else ()
        return page(
            Showing(target=target, register=self.register(stream), naming=self.naming, history=history)
        )

    def form(self, target: Target, person: PersonId, **more: Unpack[_Opened]) -> View:
        """The form that a target names, filled with what is known; raises StaleButton and NoSuchModel."""
        try:
            form = FORMS[FormName(target.what)]
        except ValueError as unknown:
            raise StaleButton from unknown
        known = self.register(self.stream(target)) if target.stream else None
        return form.render(Opening(target=target, person=person, register=known, **more))

    def view(self, target: Target, person: PersonId, **more: Unpack[_Opened]) -> View:
        """The form or page that a target names."""
        if target.what in set(Page):
            return self.page(target)
        return self.form(target, person, **more)
