"""Keeps the messages that remind people true: they show what was done with each thing in them."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from bot.delivery.kinds import Done, Kind
from bot.metrics import Metrics
from bot.nudges.courier import Letter
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.error_codes import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.slack.queries.reminder_list import SentNudge
from bot.slack.queries.services import Services
from bot.slack.screens.reminder import Reminder
from bot.slack.slots.card_slots import GONE, TOO_MUCH, digest_of
from bot.slack.slots.delivery_pace import Pace
from bot.slack.ui.messages.reminder_message import reminder_message
from bot.store.repositories.shown_nudges import ShownNudge, ShownNudges
from bot.store.work_queue import Claim
from domain.kernel.elements import ModelKey
from domain.nudge_deliveries import DeliveryState

KEPT = timedelta(days=30)
"""How long a message is kept true; by then a later one stands below it."""


class NudgeMessages:
    """The work that edits what people were reminded by, when something was said in a model."""

    def __init__(
        self,
        told: ShownNudges,
        services: Services,
        api: SlackApi,
        *,
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        self._told = told
        self._services = services
        self._api = api
        self._metrics = metrics
        self._pace = pace

    def kinds(self) -> list[Kind]:
        """What there is to do: the messages in which people were reminded of one model."""
        return [Kind(name="nudges", group="people", waits=self._pace.of("nudges"), do=self._keep)]

    def compose(self, letter: Letter) -> Message:
        """The message of a letter that is about to be sent."""
        reminded = [SentNudge(key=one.key, due=one.due, sent=letter.at) for one in letter.nudges]
        return reminder_message(self._services.reminders(reminded))

    def _keep(self, claim: Claim) -> Done:
        model = ModelKey(claim.item.subject)
        since = self._services.now() - KEPT
        sent = [
            one
            for one in self._services.nudges.of(model).values()
            if one.state is DeliveryState.SENT and one.at > since
        ]
        places = sorted({(one.channel, one.ts) for one in sent})
        known = [self._told.find(*place) or ShownNudge(channel=place[0], ts=place[1]) for place in places]
        live = [one for one in known if not one.over]
        # Looked up together: most are about one model, whose register is computed once for all of them.
        held = [self._services.nudges.in_message(one.channel, one.ts) for one in live]
        reminders = iter(
            self._services.reminders(
                [
                    SentNudge(key=one.delivery.key, due=one.due, sent=one.delivery.at)
                    for nudges in held
                    for one in nudges
                ]
            )
        )
        for before, nudges in zip(live, held, strict=True):
            self._bring_up_to_date(before, [next(reminders) for _ in nudges])
        return Done()

    def _bring_up_to_date(self, before: ShownNudge, reminders: Sequence[Reminder]) -> None:
        shown = reminder_message(reminders)
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
        except ApiRefused as refused:
            if refused.code not in GONE | UNREACHABLE_PERSON_CODES | TOO_MUCH:
                raise
            return True
        self._metrics.surface("nudge", "updated")
        return False
