"""Portfolio: the work that computes what it lacks, and its weekly digest, one slot for each week."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.delivery.slot_kinds import AnyKind, Deleted, Desired, Gone, SlotKind, Uncertain, Unchanged
from bot.delivery.work_kinds import NO_WAIT, Done, Kind, Waits
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.slack.directory.member_directory import sees_portfolio
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.queries.portfolio_queries import read_portfolio
from bot.slack.sinks.outcomes import OF_THE_CHANNEL
from bot.slack.sinks.posted_messages import ChannelMessages
from bot.slack.slots.slot_context import SlotContext, SlotDeclaration
from bot.slack.slots.work_scheduler import WorkKind
from bot.slack.ui.messages.thread_announcements import portfolio_digest
from bot.slack.ui.texts.common_texts import person_name
from bot.store import EventStore
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Claim
from domain.kernel.elements import ChannelId
from domain.portfolio.digest_schedule import LATE, digest_week, last_digest, next_digest
from domain.portfolio.portfolio_totals import weekly_changes
from domain.reminders.reachability import Reachability, next_at_work

PORTFOLIO: Final[WorkKind] = "portfolio"

SECONDS = 3.0
"""Seconds of one piece of the work, after which others go first."""


def portfolio_kind(
    reader: PortfolioReader, events: EventStore, *, tenant: str, now: Callable[[], datetime], waits: Waits
) -> Kind:
    """Return the kind of work; it is due again while entries are missing."""

    def run(_: object) -> Done:
        missing = reader.read(events.streams(tenant), now(), seconds=SECONDS).missing
        return Done(again_after=0.0) if missing else Done()

    return Kind(name=PORTFOLIO, waits=waits, run=run)


DIGEST: Final[WorkKind] = "digest"
DIGESTS: Final[WorkKind] = "digests"

SINK: Final = "channel"

RETRY = timedelta(hours=1)
"""Time until a digest is tried again that the channel did not take."""

log = structlog.get_logger()


class DigestSlots(SlotDeclaration):
    """Slot declaration of the digest, and the work that waits for its moment.

    The slot of a week exists once, so that replicas and restarts post one message.
    `learn` reports the reason for Slack's refusal to the directory.
    """

    def __init__(self, context: SlotContext, *, learn: Callable[[ChannelId, str], None]) -> None:
        super().__init__(context)
        self._learn = learn

    def work(self) -> list[Kind]:
        """Return the work that waits for the next digest; its one row has nothing to do without a channel."""
        return [Kind(name=DIGESTS, waits=NO_WAIT, run=self._plan)]

    def slots(self) -> list[AnyKind]:
        """Return the slot kind: how the digest of a week is posted."""
        kind = SlotKind(
            name=DIGEST,
            sink=ChannelMessages(self.context.api, writes=self.context.writes),
            desired=self._desired,
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.LEAVE,
            edited=False,
            suspended=self._suspended,
        )
        return [kind]

    def _plan(self, claim: Claim) -> Done:
        del claim
        settings, now = self.context.reader.settings, self.context.reader.now()
        channel, since = settings.digest_channel, settings.digest_since
        if channel is None or since is None:
            return Done()
        reach = self._reach()
        moment = last_digest(now, reach)
        if since < moment and now < moment + LATE:
            at_work = next_at_work(reach, now)
            if at_work > now:
                return Done(again_at=at_work)
            if not self._post(channel, digest_week(moment, reach)):
                return Done(again_at=min(now + RETRY, next_digest(now, reach)))
        return Done(again_at=next_digest(now, reach))

    def _post(self, channel: ChannelId, week: str) -> bool:
        """Make the digest of a week due, and drop records of earlier ones; return whether it is posted."""
        slot = f"{DIGEST}/{week}"
        earlier = [one.slot for one in self.deliveries.of_kind(DIGEST) if one.slot < slot]
        self.deliveries.drop(*earlier)
        self.deliveries.add_missing(DeliveryRecord(slot=slot, sink=SINK, place=channel))
        record = self.deliveries.find(slot)
        if record is None or record.external_id or record.final:
            return True
        self.context.touch(record)
        return False

    def _desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        services, settings = self.context.reader, self.context.reader.settings
        if record.external_id:
            return Unchanged()
        by, now = settings.digest_by, services.now()
        if settings.digest_channel != record.place or not self._may_post(ChannelId(record.place)):
            return Unchanged()
        if not sees_portfolio(services.directory, settings, by):
            log.warning("no digest: the person who chose it cannot see the portfolio", person=by)
            return Unchanged()
        entries = read_portfolio(services, by, seconds=None).entries
        week = weekly_changes([entry for entry in entries if entry.phase != "archived"], now)
        return Desired(content=portfolio_digest(week, person_name(services.naming, by)), last=True)

    def _may_post(self, channel: ChannelId) -> bool:
        """Return whether the channel takes messages, and has members of this organization alone."""
        known = self.context.reader.directory.channel(channel)
        return known is None or (known.bot_inside and not known.archived and not known.shared)

    def _suspended(self, record: DeliveryRecord, fault: Exception) -> None:
        """Report why the channel takes nothing; it is tried again until the digest is too late."""
        if isinstance(fault, ApiRefused) and fault.code in OF_THE_CHANNEL:
            self._learn(ChannelId(record.place), OF_THE_CHANNEL[fault.code])
        log.warning("the digest is not posted", channel=record.place, fault=str(fault))

    def _reach(self) -> Reachability:
        """Return the working hours of the person who chose the digest, in their time zone."""
        services, settings = self.context.reader, self.context.reader.settings
        return services.people(settings.digest_channel or ChannelId(""))(settings.digest_by)
