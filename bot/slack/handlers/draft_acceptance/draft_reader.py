"""Reading of the files of a draft outside of request threads, and the draft in the waiting modal."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from bot.drafts import SourceFile, read_draft
from bot.formats.importers.untrusted_document import UnreadableFile
from bot.slack.directory.people_checks import PeopleNotLookedUp
from bot.slack.handlers.file_import.file_reader import BUSY, MAX_PARALLEL
from bot.slack.handlers.file_import.shared_file import fetch_named_file
from bot.slack.handlers.handler_responses import (
    DirectMessage,
    FollowUp,
    ReadDraft,
    ThreadMessage,
    UpdateView,
)
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.block_builders import Message, View
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import DraftTarget, Target
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.queries.open_drafts import open_draft
from bot.slack.queries.services import Services
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.ui.messages.draft_messages import draft_ready, source_changed
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.store import StoreError
from bot.store.repositories.drafts import DraftTooLarge, StoredDraft
from domain.drafts.draft import Draft
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.rejections import Rejected

UNKEPT: Final = "The database is unavailable, so the files were not read. Try again in a minute."

log = structlog.get_logger()


class DraftReader:
    """Downloads and reads the files of drafts, and keeps the drafts."""

    def __init__(
        self,
        services: Services,
        api: SlackApi,
        *,
        read: Callable[[Sequence[SourceFile]], Draft] = read_draft,
    ) -> None:
        self._services = services
        self._api = api
        self._read_files = read
        self._places = threading.Semaphore(MAX_PARALLEL)

    def read(self, asked: ReadDraft, view_id: str) -> tuple[FollowUp, ...]:
        """Return the draft for the open modal, or the reason why the files cannot be read."""
        if not self._places.acquire(blocking=False):
            return (_shown(view_id, refusal_modal(BUSY, Target()), asked.person, refusal(BUSY)),)
        try:
            return self._drafted(asked, view_id)
        except Rejected as rejected:
            sentence = rejected.text_with_names(self._services.naming)
        except (UnreadableFile, DraftTooLarge) as unreadable:
            sentence = str(unreadable)
        except (StaleButton, PeopleNotLookedUp, LookupError, StoreError) as fault:
            log.warning("draft not shown", fault=type(fault).__name__)
            sentence = UNKEPT
        finally:
            self._places.release()
        return (_shown(view_id, refusal_modal(sentence, Target()), asked.person, refusal(sentence)),)

    def _drafted(self, asked: ReadDraft, view_id: str) -> tuple[FollowUp, ...]:
        person, target = asked.person, asked.target
        stream = self._services.stream(target)
        channel = self._services.command_handler.model(stream).channel
        files = [self._fetch(one, channel) for one in target.files]
        draft = self._read_files(files)
        at = self._services.now()
        stored = self._services.drafts.add(target.key, draft, person=person, client="", at=at)
        log.info("files drafted", model=target.key, files=len(files), items=len(draft.items))
        model = self._services.command_handler.model(stream)
        opened = open_draft(stored, model)
        shown = DraftTarget(name="draft", stream=target.stream, element=stored.id.rpartition("/")[2])
        view: View = load_form(self._services, shown, person, note=asked.note)
        return (
            _shown(view_id, view, person, draft_ready(opened, shown)),
            *self._news(stored, opened, model, shown),
        )

    def _news(
        self, stored: StoredDraft, opened: OpenDraft, model: ThreatModel, shown: DraftTarget
    ) -> tuple[FollowUp, ...]:
        """Return the line in the model's thread if a source that was settled before has changed."""
        names = {one.name for one in stored.draft.sources}
        known = any(one.place.file in names for one in values_of(model.settled))
        thread = self._services.card_ts(self._services.stream(shown))
        if not known or not thread or opened.comparison.is_empty or stored.choices.seen:
            return ()
        message = source_changed(opened, shown)
        return (ThreadMessage(channel=model.channel, thread=thread, message=message),)

    def _fetch(self, file: str, channel: ChannelId) -> SourceFile:
        name, content = fetch_named_file(self._api, file, channel, most=self._services.max_file_bytes)
        return SourceFile(name=name or file, content=content)


def _shown(view_id: str, view: View, person: PersonId, message: Message) -> FollowUp:
    """Return the update of the waiting modal; without one, or if it was closed, a direct message."""
    direct = DirectMessage(person=person, message=message)
    return UpdateView(view_id=view_id, view=view, fallback=direct) if view_id else direct
