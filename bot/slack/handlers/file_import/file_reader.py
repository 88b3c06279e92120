"""Reading of a file outside of request threads, and its preview in the waiting modal."""

import hashlib
import threading

import structlog
from msgspec.structs import replace

from bot.formats.format_detection import create_model_here, preview_of, read_file
from bot.formats.importers.untrusted_document import UnreadableFile
from bot.restoring import sealed_origin
from bot.slack.directory.people_checks import PeopleNotLookedUp
from bot.slack.handlers.file_import.model_import import check_not_imported
from bot.slack.handlers.file_import.shared_file import fetch_shared_file
from bot.slack.handlers.handler_responses import ReadFile, UpdateView
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ImportTarget, Target
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.queries.pending_imports import PendingImport
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import refusal_modal
from bot.store import StoreError
from bot.store.codec import read_event
from domain.kernel.elements import ChannelId, PersonId
from domain.rejections import Rejected

MAX_PARALLEL = 2
"""Files read at the same time, to limit the memory used."""

BUSY = "Other files are being imported. Try again in a minute."
UNKEPT = "The database is unavailable, so the file was not read. Try again in a minute."

log = structlog.get_logger()


class FileReader:
    """Downloads, reads and keeps files."""

    def __init__(self, services: Services, api: SlackApi) -> None:
        self._services = services
        self._api = api
        self._places = threading.Semaphore(MAX_PARALLEL)

    def read(self, asked: ReadFile, view_id: str) -> UpdateView:
        """Return the preview of a file for the open modal, or the reason why it cannot be imported."""
        person, target = asked.opened.origin.person, asked.target
        if self._places.acquire(blocking=False):
            try:
                view = self._preview(person, target)
            finally:
                self._places.release()
        else:
            view = refusal_modal(BUSY, Target())
        return UpdateView(view_id=view_id, view=view)

    def _preview(self, person: PersonId, target: Target) -> View:
        channel = ChannelId(target.channel)
        try:
            content = fetch_shared_file(
                self._api, target.element, channel, most=self._services.max_file_bytes
            )
            draft = self._drafted(content, channel, person)
            return load_form(self._services, replace(ImportTarget.of(target), sha256=draft.digest), person)
        except Rejected as rejected:
            sentence = rejected.text_with_names(self._services.naming)
        except UnreadableFile as unreadable:
            sentence = str(unreadable)
        except (StaleButton, PeopleNotLookedUp, StoreError) as fault:
            log.warning("import preview not shown", fault=type(fault).__name__)
            sentence = UNKEPT
        return refusal_modal(sentence, Target())

    def _drafted(self, content: bytes, channel: ChannelId, person: PersonId) -> PendingImport:
        digest = hashlib.sha256(content).hexdigest()
        check_not_imported(self._services, digest, channel, person)
        at = self._services.now()
        imported_file = read_file(content, read_event)
        origin = sealed_origin(self._services.store, self._services.installation.team, imported_file)
        sealed = origin is not None
        brought = create_model_here(imported_file, channel=channel, by=person, at=at, sealed=sealed)
        draft = PendingImport(
            channel=channel,
            person=person,
            digest=digest,
            preview=preview_of(imported_file, brought, sealed=sealed),
            events=brought.events,
            at=at,
            origin=origin,
        )
        self._services.pending_imports.save(draft)
        log.info("file read", channel=channel, person=person, bytes=len(content), events=len(brought.events))
        return draft
