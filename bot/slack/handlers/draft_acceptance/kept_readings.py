"""Requests to read files as a draft: kept before the ack, and made again after the end of a process."""

from datetime import timedelta
from typing import Final

import msgspec

from bot.slack.handlers.handler_responses import FollowUp, HandlerResponse, ReadDraft
from bot.slack.protocol.targets import DraftTarget
from bot.slack.queries.services import Services
from bot.store.repositories.pending_requests import PendingRequest, PendingRequests
from domain.kernel.elements import PersonId

READING: Final = "draft-files"
"""The kind of a kept request that is no payload of Slack."""

OVERDUE: Final = timedelta(minutes=2)
"""Age from which the process that was to read the files has ended: ten files are read within a minute."""


class KeptReading(msgspec.Struct, frozen=True, kw_only=True):
    """The files to read, as their target names them, and the sentence above the draft."""

    stream: str
    element: str
    selection: str
    note: str


def keep_readings(
    services: Services, waiting: PendingRequests, answer: HandlerResponse, *, key: str
) -> HandlerResponse:
    """Keep the requests to read files in an answer, by the key of its request; raises StoreUnavailable.

    One that is kept already is left out: the same request arrived twice, and files are read once.
    """

    def kept(one: FollowUp, number: int) -> FollowUp | None:
        if not isinstance(one, ReadDraft):
            return one
        target = one.target
        reading = KeptReading(
            stream=target.stream, element=target.element, selection=target.selection, note=one.note
        )
        channel = services.command_handler.model(services.stream(target)).channel
        pending = PendingRequest(
            key=f"{READING}/{key}/{number}",
            channel=channel,
            person=one.person,
            kind=READING,
            body=msgspec.to_builtins(reading),
            at=services.now(),
        )
        return msgspec.structs.replace(one, key=pending.key) if waiting.save(pending) else None

    every = (kept(one, number) for number, one in enumerate(answer.after))
    after = tuple(one for one in every if one is not None)
    return msgspec.structs.replace(answer, after=after) if after != answer.after else answer


def reading_of(pending: PendingRequest) -> ReadDraft:
    """Return the follow-up that reads the files of a kept request without a modal."""
    kept = msgspec.convert(pending.body, KeptReading)
    target = DraftTarget(name="draft", stream=kept.stream, element=kept.element, selection=kept.selection)
    return ReadDraft(person=PersonId(pending.person), target=target, key=pending.key)


def settle_reading(waiting: PendingRequests, key: str) -> None:
    """Record that files were read, or that the person was told why not."""
    pending = waiting.find(key) if key else None
    if pending is not None:
        waiting.settle(pending)
