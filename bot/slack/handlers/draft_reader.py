"""Reading of the files of a draft, and what is kept of it."""

from datetime import timedelta
from typing import Final

import msgspec
import structlog

from bot.drafts import SourceFile, read_draft
from bot.slack.handlers.file_reader import BoundedReading
from bot.slack.handlers.handler_responses import (
    DirectMessage,
    FollowUp,
    HandlerResponse,
    ReadDraft,
    ThreadMessage,
    UpdateView,
)
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.block_builders import Message, View
from bot.slack.protocol.targets import DraftTarget, Target
from bot.slack.queries.open_drafts import open_draft
from bot.slack.queries.services import Services
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.messages.thread_announcements import draft_ready, source_changed
from bot.store.repositories.drafts import StoredDraft
from bot.store.repositories.pending_requests import PendingRequest, PendingRequests
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel

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


log = structlog.get_logger()


class DraftReader(BoundedReading, frozen=True, eq=False):
    """Downloads and reads the files of drafts, and keeps the drafts."""

    def read(self, asked: ReadDraft, view_id: str) -> tuple[FollowUp, ...]:
        """Return the draft for the open modal, or the reason why the files cannot be read."""
        shown = self.read_or_refuse(lambda: self._drafted(asked, view_id))
        if isinstance(shown, str):
            shown = (_shown(view_id, refusal_modal(shown, Target()), asked.person, refusal(shown)),)
        return shown

    def _drafted(self, asked: ReadDraft, view_id: str) -> tuple[FollowUp, ...]:
        person, target, services = asked.person, asked.target, self.services
        stream = services.stream(target)
        channel = services.command_handler.model(stream).channel
        files = [self._source(file, channel) for file in target.files]
        draft = read_draft(files)
        stored = services.unit.drafts.add(target.key, draft, person=person, client="", at=services.now())
        log.info("files drafted", model=target.key, files=len(files), items=len(draft.items))
        model = services.command_handler.model(stream)
        opened = open_draft(stored, model)
        shown = DraftTarget(name="draft", stream=target.stream, element=stored.id.rpartition("/")[2])
        view: View = load_form(services, shown, person, note=asked.note)
        return (
            _shown(view_id, view, person, draft_ready(opened, shown)),
            *self._news(stored, opened, model, shown),
        )

    def _source(self, file: str, channel: ChannelId) -> SourceFile:
        name, content = self.fetch(file, channel)
        return SourceFile(name=name or file, content=content)

    def _news(
        self, stored: StoredDraft, opened: OpenDraft, model: ThreatModel, shown: DraftTarget
    ) -> tuple[FollowUp, ...]:
        """Return the line in the model's thread if a source that was settled before has changed."""
        names = {source.name for source in stored.draft.sources}
        known = any(value.place.file in names for value in values_of(model.settled))
        thread = self.services.card_ts(self.services.stream(shown))
        if not known or not thread or opened.comparison.is_empty or stored.choices.seen:
            return ()
        message = source_changed(opened, shown)
        return (ThreadMessage(channel=model.channel, thread=thread, message=message),)


def _shown(view_id: str, view: View, person: PersonId, message: Message) -> FollowUp:
    """Return the update of the waiting modal; without one, or if it was closed, a direct message."""
    direct = DirectMessage(person=person, message=message)
    return UpdateView(view_id=view_id, view=view, fallback=direct) if view_id else direct
