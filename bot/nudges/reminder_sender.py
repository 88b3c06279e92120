"""Sends the reminders that are due at one place: records the attempt, plans again, posts, settles."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog

from bot.commands.command_handler import CommandHandler, NoSuchModel
from bot.delivery.kinds import Done, Failure
from bot.nudges.courier import Courier, Found, Letter, Nothing, NotNow, NotTaken, Posted, Unclear
from bot.nudges.reminder_planner import ReminderPlanner
from bot.store import StreamId
from bot.store.nudge_rows import ReminderAttempt
from bot.store.nudge_store import NudgeStore
from bot.store.records import model_stream
from domain.kernel.elements import ModelKey
from domain.nudge_deliveries import DeliveryEvent, NudgeFailed, NudgeKey, NudgeSent, NudgeSkipped, SkipReason
from domain.reminders import Nudge

log = structlog.get_logger()

Outcome = Posted | Found | NotTaken | NotNow


class _Again(msgspec.Struct, frozen=True, kw_only=True):
    """The result of planning again: what is still due, and what becomes of the rest."""

    due: tuple[Nudge, ...]
    rest: tuple[DeliveryEvent, ...]


class _Unsettled(msgspec.Struct, frozen=True, kw_only=True):
    """A message that Slack has and that this process could not record."""

    attempt: ReminderAttempt
    event: NudgeSent
    rest: tuple[DeliveryEvent, ...]


class ReminderSender:
    """Sends one message after the other; its caller holds the work of the place.

    That a message may exist is recorded before it is posted. Whoever goes on with such an attempt looks for
    the message first. A process that is stopped between its last check and the call, for longer than the
    lease, posts what another process has looked for in vain and posted itself. Both messages stand until the
    first one goes on, finds its claim taken over, and deletes its own; they stay where it ends before that.
    Slack has no key by which it would take a message once, so no store can prevent this.

    `sent` is told of each model of which reminders were sent.
    """

    def __init__(
        self,
        command_handler: CommandHandler,
        nudges: NudgeStore,
        planner: ReminderPlanner,
        courier: Courier,
        *,
        tenant: str,
        now: Callable[[], datetime],
        sent: Callable[[StreamId], None],
    ) -> None:
        self._command_handler = command_handler
        self._nudges = nudges
        self._planner = planner
        self._courier = courier
        self._tenant = tenant
        self._now = now
        self._sent = sent
        self._unsettled: dict[tuple[StreamId, int], _Unsettled] = {}

    def send(self, place: str, models: Iterable[ModelKey]) -> Done | Failure:
        """Send what is due at a place about some models."""
        if attempts := self._nudges.attempts(place):
            return self._go_on(attempts[0])
        now = self._now()
        if (until := self._nudges.waits_until(place, now)) is not None:
            return Done(again=until)
        batch = self._planner.batch(place, models, now)
        if batch is None:
            return Done()
        attempt = self._nudges.attempt(
            batch.nudges, place=place, day=batch.day, now=now, overtaken=batch.overtaken
        )
        if attempt is None:
            return Done()
        channel = self._courier.where(attempt.to, place)
        return self._post(attempt, channel) if isinstance(channel, str) else self._settled(attempt, channel)

    def take_back_late(self) -> None:
        """Delete messages that another process has posted as well.

        Only those that nobody looks for any longer: every reminder in them is settled.
        """
        for place, one in list(self._unsettled.items()):
            if self._is_known(one.event) or self._is_taken_back(one):
                self._unsettled.pop(place, None)

    def _go_on(self, attempt: ReminderAttempt) -> Done | Failure:
        """Find out what became of an attempt, and post it if there is no message."""
        mine = self._unsettled.get(_place(attempt))
        if mine is not None:
            self._record(mine)
            return Done(soon=0.0)
        log.info("looking for the message of an attempt", place=attempt.place, reminders=len(attempt.keys))
        channel = self._courier.where(attempt.to, attempt.place)
        if isinstance(channel, NotTaken):
            return self._settled(attempt, channel)
        if isinstance(channel, NotNow):
            return self._later(channel)  # the message may be there: the attempt stands
        found = self._courier.find(channel, attempt.place, attempt.keys)
        if isinstance(found, NotNow):
            return self._later(found)
        became = self._post(attempt, channel) if isinstance(found, Nothing) else self._settled(attempt, found)
        return Done(soon=0.0) if became == Done() else became

    def _post(self, attempt: ReminderAttempt, channel: str) -> Done | Failure:
        now = self._now()
        again = self._plan_again(attempt, now)
        if not again.due:
            self._nudges.settle(attempt, again.rest)
            return Done()
        letter = Letter(to=attempt.to, nudges=again.due, at=now)
        outcome = self._courier.post(channel, attempt.place, letter)
        if isinstance(outcome, Unclear):
            log.warning("whether a reminder was sent is unclear", place=attempt.place, code=outcome.code)
            return Failure(why=outcome.code, counted=False)  # the attempt stands until the message is found
        return self._settled(attempt, outcome, tuple(one.key for one in again.due), again.rest)

    def _plan_again(self, attempt: ReminderAttempt, now: datetime) -> _Again:
        due: list[Nudge] = []
        rest: list[DeliveryEvent] = []
        for model, keys in _by_model(attempt).items():
            planned, waiting = self._planned(model, keys, now)
            due += [planned[key] for key in keys if key in planned]
            for key in keys:
                if key not in planned:
                    until = waiting[key].due if key in waiting else None
                    why = SkipReason.NOT_DUE if until is None else SkipReason.QUIET_HOURS
                    rest.append(
                        NudgeSkipped(
                            at=now, to=attempt.to, keys=(key,), models=(model,), why=why, until=until
                        )
                    )
        order = {key: place for place, key in enumerate(attempt.keys)}
        return _Again(due=tuple(sorted(due, key=lambda one: order[one.key])), rest=tuple(rest))

    def _planned(
        self, key: ModelKey, keys: Sequence[NudgeKey], now: datetime
    ) -> tuple[dict[NudgeKey, Nudge], dict[NudgeKey, Nudge]]:
        try:
            model = self._command_handler.model(model_stream(self._tenant, key))
        except NoSuchModel:
            return {}, {}
        plan = self._planner.plan(model, now, without=keys)
        return {one.key: one for one in plan.due}, {one.key: one for one in (*plan.coming, *plan.held)}

    def _settled(
        self,
        attempt: ReminderAttempt,
        outcome: Outcome,
        keys: tuple[NudgeKey, ...] = (),
        rest: tuple[DeliveryEvent, ...] = (),
    ) -> Done | Failure:
        """Record what Slack said of some keys of an attempt, or of all."""
        now, keys = self._now(), keys or attempt.keys
        match outcome:
            case Found():
                there = tuple(key for key in keys if key in outcome.keys)
                left = tuple(key for key in keys if key not in outcome.keys)
                # They were not due any longer when it was posted; if they are due again, they come.
                rest = (self._skipped(attempt, left, SkipReason.NOT_DUE, None),) if left else ()
                self._record(_sent(attempt, outcome, there, rest, now))
                return Done()
            case Posted():
                one = _sent(attempt, outcome, keys, rest, now)
                # Before it is recorded: the database may be busy, or the claim taken over.
                self._unsettled[_place(attempt)] = one
                self._record(one)
                return Done()
            case NotTaken():
                log.warning("Slack does not take a reminder", place=attempt.place, code=outcome.code)
                failed = NudgeFailed(at=now, to=attempt.to, keys=keys, code=outcome.code)
                self._nudges.settle(attempt, (failed, *rest))
                return Done()
            case NotNow():
                until = now + timedelta(seconds=outcome.seconds)
                self._nudges.settle(attempt, (self._skipped(attempt, keys, outcome.why, until), *rest))
                return self._later(outcome)

    def _later(self, outcome: NotNow) -> Done | Failure:
        if outcome.why is SkipReason.SLOW_DOWN:
            # Slack asks to wait: nothing else in the lane is tried before that.
            return Failure(why=outcome.why.value, wait=outcome.seconds, counted=False)
        return Done(again=self._now() + timedelta(seconds=outcome.seconds))

    def _record(self, one: _Unsettled) -> None:
        if self._nudges.settle(one.attempt, (one.event, *one.rest)):
            self._unsettled.pop(_place(one.attempt), None)
            for model in dict.fromkeys(one.attempt.models):
                self._sent(model_stream(self._tenant, model))

    def _is_known(self, event: NudgeSent) -> bool:
        """Whether another process has found the message and recorded it."""
        became = self._nudges.became(event.keys)
        return any((one.channel, one.ts) == (event.channel, event.ts) for one in became)

    def _is_taken_back(self, one: _Unsettled) -> bool:
        became = self._nudges.became(one.event.keys)
        if not all(each.state.settled for each in became):
            return False  # it may be found yet
        if gone := self._courier.take_back(one.event.channel, one.event.ts):
            log.warning("took back a reminder that was posted twice", place=one.attempt.place)
        return gone

    def _skipped(
        self, attempt: ReminderAttempt, keys: tuple[NudgeKey, ...], why: SkipReason, until: datetime | None
    ) -> NudgeSkipped:
        of = dict(zip(attempt.keys, attempt.models, strict=True))
        models = tuple(of[key] for key in keys)
        return NudgeSkipped(at=self._now(), to=attempt.to, keys=keys, models=models, why=why, until=until)


def _sent(
    attempt: ReminderAttempt,
    outcome: Posted | Found,
    keys: tuple[NudgeKey, ...],
    rest: tuple[DeliveryEvent, ...],
    now: datetime,
) -> _Unsettled:
    event = NudgeSent(
        at=now,
        to=attempt.to,
        keys=keys,
        channel=outcome.channel,
        ts=outcome.ts,
        found=isinstance(outcome, Found),
    )
    return _Unsettled(attempt=attempt, event=event, rest=rest)


def _place(attempt: ReminderAttempt) -> tuple[StreamId, int]:
    return attempt.stream, attempt.version


def _by_model(attempt: ReminderAttempt) -> dict[ModelKey, list[NudgeKey]]:
    together: dict[ModelKey, list[NudgeKey]] = {}
    for key, model in zip(attempt.keys, attempt.models, strict=True):
        together.setdefault(model, []).append(key)
    return together
