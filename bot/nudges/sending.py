"""Sends what is due: claims it, looks again, posts it, and tells what became of it."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog

from bot.commands.command_handler import NoSuchModel, Workshop
from bot.nudges.apart import apart
from bot.nudges.courier import Courier, Found, Letter, Nothing, NotNow, NotTaken, Posted, Unclear
from bot.nudges.looking import Batch, Looking
from bot.store.nudges import Claim, NudgeStore
from bot.store.records import of_model
from domain.deliveries import (
    DeliveryEvent,
    NudgeClaimed,
    NudgeFailed,
    NudgeKey,
    NudgeSent,
    NudgeSkipped,
    WhyNot,
)
from domain.elements import ModelKey
from domain.reminders import Nudge

log = structlog.get_logger()

Outcome = Posted | Found | NotTaken | NotNow


class _Again(msgspec.Struct, frozen=True, kw_only=True):
    """What a second look found: what is still due, and what becomes of the rest."""

    due: tuple[Nudge, ...]
    rest: tuple[DeliveryEvent, ...]


class _Unnoted(msgspec.Struct, frozen=True, kw_only=True):
    """A message that Slack has and the record does not tell of."""

    claim: Claim
    event: NudgeSent
    rest: tuple[DeliveryEvent, ...]


class Sending:
    """Sends one message after the other, and never one that another process may have sent.

    A claim is used for `lease / 2` seconds at most, by this process's own monotonic clock; others leave it
    alone for `lease`. Both are looked at in the last moment before each call that posts: a process that was
    stopped before that posts nothing, however long it was stopped. One that is stopped after it, and longer
    than the rest of the lease before Slack has the message, cannot know that another process looked for the
    message in vain and sent its own. Then there are two until it goes on, finds its claim lost, and deletes
    its message. They both stay where it ends before that or never hears that Slack took its message: no store
    can prevent this, for Slack has no key by which it would take a message once.

    `sent` is told what is in a message that is noted down now.
    """

    def __init__(
        self,
        workshop: Workshop,
        nudges: NudgeStore,
        courier: Courier,
        looking: Looking,
        *,
        tenant: str,
        now: Callable[[], datetime],
        lease: float,
        sent: Callable[[Claim], None],
    ) -> None:
        self._workshop = workshop
        self._nudges = nudges
        self._courier = courier
        self._looking = looking
        self._tenant = tenant
        self._now = now
        self._lease = lease
        self._sent = sent
        self._unnoted: list[_Unnoted] = []

    def send(self, batch: Batch) -> Outcome | Unclear | None:
        """Claim and send what is due at one place; gives what Slack said, None where nothing was sent."""
        began = time.monotonic()
        claim = self._nudges.claim(
            batch.nudges,
            place=batch.place,
            day=batch.day,
            planned=batch.planned,
            now=self._now(),
            overtaken=batch.overtaken,
        )
        if claim is None:
            return None  # another process is at it, or was meanwhile: the next tick plans anew
        channel = self._courier.where(claim.to, claim.place)
        if not isinstance(channel, str):
            return self._settled(claim, channel)
        return self._post(claim, channel, began)

    def take_over(self, claim: Claim) -> Outcome | Unclear | None:
        """Go on where a process ended that had claimed something: look for its message before posting."""
        began = time.monotonic()
        taken = self._nudges.take_over(claim, self._now())
        if taken is None:
            return None
        log.info("took over a claim", place=taken.place, nudges=len(taken.keys))
        channel = self._courier.where(taken.to, taken.place)
        if isinstance(channel, NotTaken):
            return self._settled(taken, channel)
        if isinstance(channel, NotNow):
            return channel  # the message may be there: the claim stands, and is taken over again
        found = self._courier.find(channel, taken.place, taken.keys)
        if isinstance(found, NotNow):
            return found
        if isinstance(found, Nothing):
            return self._post(taken, channel, began)
        return self._settled(taken, found)

    def catch_up(self) -> None:
        """Note down what was posted and not noted, and take back what another process has posted as well.

        A message is taken back only where nobody will look for it any more: everything in it is settled.
        """
        for one in list(self._unnoted):
            with apart("what was sent cannot be noted", of=one.claim.place):
                if self._note(one) or self._is_known(one.event) or self._is_taken_back(one):
                    self._unnoted.remove(one)

    def _note(self, one: _Unnoted) -> bool:
        if noted := self._nudges.settle(one.claim, (one.event, *one.rest)):
            self._sent(one.claim)
        return noted

    def _is_known(self, event: NudgeSent) -> bool:
        """Whether another process has found the message and told of it."""
        became = self._nudges.became(event.keys)
        return any((one.channel, one.ts) == (event.channel, event.ts) for one in became)

    def _is_taken_back(self, one: _Unnoted) -> bool:
        became = self._nudges.became(one.event.keys)
        if not all(each.state.settled for each in became):
            return False  # it may be found yet
        if gone := self._courier.take_back(one.event.channel, one.event.ts):
            log.warning("a message was posted twice, and one is given up", place=one.claim.place)
        return gone

    def _post(self, claim: Claim, channel: str, began: float) -> Outcome | Unclear | None:
        if time.monotonic() - began > self._lease / 4:
            # Slack was slow: the others' lease begins anew, unless one of them was faster.
            began = time.monotonic()
            renewed = self._nudges.take_over(claim, self._now())
            if renewed is None:
                return None
            claim = renewed
        now = self._now()
        again = self._look_again(claim, now)
        if not again.due:
            self._nudges.settle(claim, again.rest)
            return None

        def mine() -> bool:
            # The time last: to ask the database may take long.
            return self._nudges.is_held(claim) and time.monotonic() - began <= self._lease / 2

        letter = Letter(to=claim.to, nudges=again.due, at=now)
        outcome = self._courier.post(channel, claim.place, letter, mine=mine)
        if outcome is None:
            return None  # too slow: another process has taken this over, or is about to
        if isinstance(outcome, Unclear):
            log.warning("whether a nudge was sent is unclear", place=claim.place, code=outcome.code)
            return outcome  # the claim stands until somebody has looked for the message
        keys = tuple(one.key for one in again.due)
        self._settle(claim, outcome, keys, again.rest)
        return outcome

    def _look_again(self, claim: Claim, now: datetime) -> _Again:
        due: list[Nudge] = []
        rest: list[DeliveryEvent] = []
        for model, keys in _by_model(claim).items():
            planned, waiting = self._planned(model, keys, now)
            due += [planned[key] for key in keys if key in planned]
            for key in keys:
                if key not in planned:
                    until = waiting[key].due if key in waiting else None
                    why = WhyNot.NOT_DUE if until is None else WhyNot.QUIET_HOURS
                    rest.append(
                        NudgeSkipped(at=now, to=claim.to, keys=(key,), models=(model,), why=why, until=until)
                    )
        order = {key: place for place, key in enumerate(claim.keys)}
        return _Again(due=tuple(sorted(due, key=lambda one: order[one.key])), rest=tuple(rest))

    def _planned(
        self, key: ModelKey, keys: Sequence[NudgeKey], now: datetime
    ) -> tuple[dict[NudgeKey, Nudge], dict[NudgeKey, Nudge]]:
        try:
            model = self._workshop.model(of_model(self._tenant, key))
        except NoSuchModel:
            return {}, {}
        plan = self._looking.plan(model, now, without=keys)
        return {one.key: one for one in plan.due}, {one.key: one for one in (*plan.coming, *plan.held)}

    def _settled(self, claim: Claim, outcome: Outcome) -> Outcome:
        keys = claim.keys
        rest: tuple[DeliveryEvent, ...] = ()
        if isinstance(outcome, Found):
            keys = tuple(key for key in claim.keys if key in outcome.keys)
            left = tuple(key for key in claim.keys if key not in outcome.keys)
            # It was left out of the message, for what the second look found; if it is due again it comes.
            rest = (self._skipped(claim, left, WhyNot.NOT_DUE, None),) if left else ()
        self._settle(claim, outcome, keys, rest)
        return outcome

    def _settle(
        self, claim: Claim, outcome: Outcome, keys: tuple[NudgeKey, ...], rest: Sequence[DeliveryEvent]
    ) -> None:
        now = self._now()
        match outcome:
            case Posted() | Found():
                event: DeliveryEvent = NudgeSent(
                    at=now,
                    to=claim.to,
                    keys=keys,
                    channel=outcome.channel,
                    ts=outcome.ts,
                    found=isinstance(outcome, Found),
                )
            case NotTaken():
                log.warning("Slack does not take a nudge", place=claim.place, code=outcome.code)
                event = NudgeFailed(at=now, to=claim.to, keys=keys, code=outcome.code)
            case NotNow():
                event = self._skipped(claim, keys, outcome.why, now + timedelta(seconds=outcome.seconds))
        if not isinstance(event, NudgeSent):
            self._nudges.settle(claim, (event, *rest))
            return
        unnoted = _Unnoted(claim=claim, event=event, rest=tuple(rest))
        if isinstance(outcome, Posted):
            self._unnoted.append(unnoted)  # before: the database may be busy, or the claim lost
        if self._note(unnoted) and isinstance(outcome, Posted):
            self._unnoted.remove(unnoted)

    def _skipped(
        self, claim: Claim, keys: tuple[NudgeKey, ...], why: WhyNot, until: datetime | None
    ) -> NudgeSkipped:
        of = dict(zip(claim.keys, claim.models, strict=True))
        models = tuple(of[key] for key in keys)
        return NudgeSkipped(at=self._now(), to=claim.to, keys=keys, models=models, why=why, until=until)


def _by_model(claim: Claim | NudgeClaimed) -> dict[ModelKey, list[NudgeKey]]:
    together: dict[ModelKey, list[NudgeKey]] = {}
    for key, model in zip(claim.keys, claim.models, strict=True):
        together.setdefault(model, []).append(key)
    return together
