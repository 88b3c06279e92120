"""Keeps the messages that remind people true: they show what was done with each thing in them."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from msgspec.structs import replace

from bot.nudges.courier import Letter
from bot.slack.connection.slack_api import Refused, SlackApi
from bot.slack.kit.blocks import Message
from bot.slack.kit.codes import NOT_TO_THEM
from bot.slack.reading.gathering import Reminded
from bot.slack.reading.reminder import Reminder
from bot.slack.surfaces.agenda import Job, Pace
from bot.slack.surfaces.card_surface import GONE, TOO_MUCH, digest_of
from bot.slack.surfaces.tending import Tender
from bot.slack.tools import Tools
from bot.slack.upkeep.metrics import Metrics
from bot.slack.views.nudge import nudge_message
from bot.store import StreamId, key_of
from bot.store.repositories.shown_nudges import ShownNudge, ShownNudges
from domain.deliveries import DeliveryState

KEPT = timedelta(days=30)
"""How long a message is kept true; by then a later one stands below it."""


class NudgeMessages:
    """One thread that edits what people were reminded by, when something was said in a model."""

    def __init__(
        self,
        told: ShownNudges,
        tools: Tools,
        api: SlackApi,
        *,
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._told = told
        self._tools = tools
        self._api = api
        self._metrics = metrics
        self._erasures: dict[StreamId, int] = {}
        self._tender = Tender(
            "nudges",
            pace or Pace(),
            keep=self._keep,
            notice=self._notice,
            silence=silence,
            metrics=metrics,
        )

    def start(self) -> None:
        """Begin to keep messages true."""
        self._tender.start()

    def stop(self) -> None:
        """Edit nothing any more; the next word in a model brings its messages up to date."""
        self._tender.agenda.end()

    def touch(self, stream: StreamId) -> None:
        """Something was said in a model."""
        self._tender.agenda.touch(Job("nudges", stream))

    def compose(self, letter: Letter) -> Message:
        """The message of a letter that is about to be sent."""
        reminded = [Reminded(key=one.key, due=one.due, sent=letter.at) for one in letter.nudges]
        return nudge_message(self._tools.reminders(reminded))

    def _notice(self) -> None:
        """What was erased is erased by another process, and must not stay in anybody's messages."""
        for stream, erasures in self._tools.nudges.erasures().items():
            if self._erasures.get(stream) != erasures:
                self._erasures[stream] = erasures
                self._tender.agenda.touch(Job("nudges", stream), at_once=True)

    def _keep(self, job: Job) -> None:
        model = key_of(StreamId(job.of))
        since = self._tools.now() - KEPT
        sent = [
            one
            for one in self._tools.nudges.of(model).values()
            if one.state is DeliveryState.SENT and one.at > since
        ]
        places = sorted({(one.channel, one.ts) for one in sent})
        known = [self._told.find(*place) or ShownNudge(channel=place[0], ts=place[1]) for place in places]
        live = [one for one in known if not one.over]
        # Looked up together: most are about one model, whose register is computed once for all of them.
        held = [self._tools.nudges.in_message(one.channel, one.ts) for one in live]
        reminders = iter(
            self._tools.reminders(
                [
                    Reminded(key=one.delivery.key, due=one.due, sent=one.delivery.at)
                    for nudges in held
                    for one in nudges
                ]
            )
        )
        for before, nudges in zip(live, held, strict=True):
            self._bring_up_to_date(before, [next(reminders) for _ in nudges])

    def _bring_up_to_date(self, before: ShownNudge, reminders: Sequence[Reminder]) -> None:
        shown = nudge_message(reminders)
        digest = digest_of(shown)
        if digest == before.digest:
            return
        # At the first look it shows what it was sent with, unless something was done meanwhile.
        changed = before.digest or any(one.over or one.snoozed for one in reminders)
        over = self._edit(before, shown) if changed else False
        self._told.keep(replace(before, digest=digest, over=over))

    def _edit(self, before: ShownNudge, shown: Message) -> bool:
        """Show what was done; whether the message can never be shown otherwise any more."""
        try:
            self._api.call(
                "chat.update", channel=before.channel, ts=before.ts, text=shown.text, blocks=shown.blocks
            )
        except Refused as refused:
            if refused.code not in GONE | NOT_TO_THEM | TOO_MUCH:
                raise
            return True
        self._metrics.surface("nudge", "updated")
        return False
