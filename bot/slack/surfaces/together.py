"""All surfaces of a workspace together: told of what was said, started and stopped as one."""

from collections.abc import Callable

from bot.slack.connection.slack_api import SlackApi
from bot.slack.people.looking_up import Lookup
from bot.slack.reading.overview import home_of
from bot.slack.surfaces.agenda import Pace
from bot.slack.surfaces.direct_surface import DirectSurface
from bot.slack.surfaces.handing import Handing
from bot.slack.surfaces.homes import Homes
from bot.slack.surfaces.inviting import Inviting
from bot.slack.surfaces.keeper import Keeper
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.nudge_messages import NudgeMessages
from bot.slack.surfaces.telling import Telling
from bot.slack.tools import Tools
from bot.slack.upkeep.metrics import Metrics
from bot.store import CommandKey, StreamId, UnitOfWork
from bot.store.records import StreamState
from bot.store.repositories.cards import Card
from bot.store.repositories.exports import Order
from domain.elements import ChannelId, PersonId
from domain.reminders.working_moments import next_at_work


class Surfaces:
    """What people see of the models without asking, kept true by a thread for each kind.

    `connect` makes a way to Slack for one thread, which puts off what has to wait; `later` takes work that
    calls Slack by `api`; `silence` is told when Slack lets the bot do nothing any more.
    """

    def __init__(
        self,
        tools: Tools,
        unit: UnitOfWork,
        api: SlackApi,
        *,
        connect: Callable[[], SlackApi],
        lookup: Lookup,
        later: Callable[[Callable[[], None]], None],
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._lookup = lookup
        self._cards = unit.cards
        self._summaries = unit.summaries
        self._diagrams = unit.diagrams
        self._exports = unit.exports
        looks = Looks(tools)
        quiet_hours = (pace or Pace()).quiet_hours

        def may_tell(channel: ChannelId, person: PersonId) -> bool:
            now = tools.now()
            return not quiet_hours or next_at_work(tools.people(channel)(person), now) <= now

        telling = Telling(
            tools.installation,
            tools.directory,
            api,
            starter=looks.starter,
            may_tell=may_tell,
            later=later,
        )
        self.keeper = Keeper(
            self._cards,
            self._summaries,
            unit.pictures,
            self._diagrams,
            self._exports,
            unit.uploads,
            connect(),
            looks,
            learn=self._learn,
            rested=telling.rested,
            turned=lambda: self.homes.touch_all(),
            silence=silence,
            metrics=metrics,
            pace=pace,
        )
        self.homes = Homes(
            connect(),
            home=lambda person: home_of(tools, person),
            silence=silence,
            metrics=metrics,
            pace=pace,
        )
        invitations = unit.invitations
        self._inviting = DirectSurface(
            Inviting(invitations, tools, quiet_hours=quiet_hours),
            invitations,
            connect(),
            silence=silence,
            metrics=metrics,
            pace=pace,
        )
        handovers = unit.handovers
        self._handing = DirectSurface(
            Handing(
                handovers,
                unit.followed,
                tools,
                quiet_hours=quiet_hours,
            ),
            handovers,
            connect(),
            silence=silence,
            metrics=metrics,
            pace=pace,
        )
        self.nudges = NudgeMessages(
            unit.shown_nudges, tools, connect(), silence=silence, metrics=metrics, pace=pace
        )

    def start(self) -> None:
        """Begin to keep everything true."""
        self.keeper.start()
        self.homes.start()
        self._inviting.start()
        self._handing.start()
        self.nudges.start()

    def stop(self, seconds: float) -> None:
        """Bring the cards that are due up to date within so many seconds, then stop."""
        self.keeper.stop(seconds)
        self._stop_the_rest()

    def pause(self) -> None:
        """Show nothing any more: Slack would refuse everything."""
        self.keeper.pause()
        self._stop_the_rest()

    def touch(self, stream: StreamId) -> None:
        """Something was said in a model."""
        self.keeper.touch(stream)
        self.homes.touch_all()
        self._inviting.touch(stream)
        self._handing.touch(stream)
        self.nudges.touch(stream)

    def card(self, stream: StreamId) -> Card | None:
        """The card of a model, if one was ever posted or tried."""
        return self._cards.find(stream)

    def draw(self, stream: StreamId, key: CommandKey) -> bool:
        """Have a model's diagram drawn into its thread; False where one was due already."""
        first = self._diagrams.ask(stream, key)
        self.keeper.draw(stream)
        return first

    def export(self, order: Order) -> bool:
        """Have a file of a model posted into its thread; False where the person waits for one already."""
        queued = self._exports.ask(order)
        if queued:
            self.keeper.export(order.stream)
        return queued

    def told_elsewhere(self, stream: StreamId, version: int) -> None:
        """Have nothing told in a model's thread of what was said up to a version."""
        self._summaries.tell(stream, StreamState(version=version, erasures=0))

    def follow(self, old: ChannelId, new: ChannelId) -> None:
        """A channel has another id: its cards are in it as before."""
        self._cards.follow(old, new)

    def _stop_the_rest(self) -> None:
        self.homes.stop()
        self._inviting.stop()
        self._handing.stop()
        self.nudges.stop()

    def _learn(self, channel: ChannelId, why: str) -> None:
        """Slack said in a refusal how it is with a channel."""
        if why == "is_archived":
            self._lookup.learn_channel(channel, archived=True)
        elif why == "not_in_channel":
            self._lookup.learn_channel(channel, bot_inside=False)
