"""Files from Slack that are imported as models."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
import structlog
from msgspec.structs import replace

from bot.commands.command_handler import CommandResult, NoSuchModel, import_key
from bot.formats.format_detection import create_model_here, preview_of, read_file
from bot.formats.importers.untrusted_document import UnreadableFile
from bot.restoring import RestoredMeanwhile, is_restorable, sealed_origin
from bot.slack.directory.member_directory import PeopleNotLookedUp, check_people
from bot.slack.handlers.handler_responses import ReadFile, UpdateView
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.file_download import download_file
from bot.slack.protocol.targets import ImportTarget, StaleButton, Target
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.pending_imports import PendingImport
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import refusal_modal
from bot.store import StoreError
from bot.store.codec import read_event
from bot.store.records import StreamState, key_of
from bot.store.repositories.drafts import DraftTooLarge
from domain.commands import ReviseScope, StartThreatModel
from domain.decide import decide
from domain.events import Event, ThreatModelStarted
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.rejections import Rejected
from domain.replay import replay


class ImportedBefore(Rejected):
    """Error: the person has already imported this file into this channel."""

    def __init__(self, key: ModelKey) -> None:
        super().__init__(
            f"You already imported this file into this channel as {key}. Type “/threatmodel status {key}” "
            "to open it."
        )


class ImportExpired(Rejected):
    """Error: the draft is more than a day old, or was read by another release."""

    def __init__(self) -> None:
        super().__init__(
            "The preview of this file has expired after one day. Close this form and choose “Import as "
            "threat model” again in the menu of the message with the file."
        )


def check_not_imported(services: Services, digest: str, channel: ChannelId, person: PersonId) -> None:
    """Raise ImportedBefore if the person has already imported the file with this SHA-256."""
    key, request = import_key(digest, channel, person)
    earlier = services.store.answered(services.installation.team, key, request)
    if earlier is not None:
        raise ImportedBefore(key_of(earlier.stream))


def import_model(services: Services, asked: StartThreatModel, digest: str) -> CommandResult:
    """Start the model of a draft under the given name.

    Raises ImportExpired, Rejected, ImportedBefore if the model was erased since, and the errors of the
    command handler.
    """
    check_people(services.directory, asked, lambda: asked.channel)
    draft = services.pending_imports.find(asked.channel, asked.by, digest)
    origin = draft.origin if draft else None
    key, request = origin.command if origin else import_key(digest, asked.channel, asked.by)

    def tell(model_key: ModelKey) -> Sequence[Event]:
        if draft is None:
            raise ImportExpired
        if origin is not None and not is_restorable(services.store, services.installation.team, origin):
            raise RestoredMeanwhile
        return _imported_events(draft, asked, model_key)

    try:
        done = services.command_handler.import_model(
            tell, tenant=services.installation.team, key=key, request=request
        )
    except NoSuchModel as gone:
        raise ImportedBefore(key_of(gone.stream)) from None
    if draft is not None and draft.preview.past and not done.repeated:
        # A round that ended long ago elsewhere is not announced.
        past = StreamState(version=sum(event.at < draft.at for event in draft.events), erasures=0)
        services.unit.thread_messages.record_announced(done.stream, past)
    services.pending_imports.forget(asked.channel, asked.by, digest)
    return done


def _imported_events(draft: PendingImport, asked: StartThreatModel, key: ModelKey) -> Sequence[Event]:
    """Return the previewed events, with another name if one was typed."""
    events = tuple(_begun(event, asked, key) for event in draft.events)
    model = replay(events)
    if asked.name == model.name:
        return events
    renamed = ReviseScope(
        by=asked.by,
        at=asked.at,
        name=asked.name,
        description=model.description,
        out_of_scope=model.out_of_scope,
        answers_by=model.answers_by,
    )
    return (*events, *decide(renamed, model))


def _begun(event: Event, asked: StartThreatModel, key: ModelKey) -> Event:
    if isinstance(event, ThreatModelStarted):
        return replace(event, key=key, sharing_allowed=asked.sharing_allowed)
    return event


def fetch_file(api: SlackApi, file: str, channel: ChannelId, *, most: int) -> tuple[str, bytes]:
    """Return the name and content, of at most `most` bytes, of a file; raises Rejected."""
    try:
        shared_file = msgspec.convert(api.call("files.info", file=file)["file"], _File)
        _check(shared_file, channel, most)
        content = download_file(
            shared_file.url_private_download or shared_file.url_private,
            token=api.token,
            api_url=api.base_url,
            most=most,
        )
    except ApiRefused as refused:
        raise Rejected(_WHY.get(refused.code, _OTHERWISE.format(code=refused.code[:60]))) from None
    except (ApiUnreachable, msgspec.ValidationError, KeyError):
        raise Rejected(_NOT_NOW) from None
    if len(content) > most:
        raise Rejected(_too_large(most))
    return shared_file.name, content


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """The relevant fields of `files.info`."""

    name: str = ""
    mode: str = ""
    size: int = 0
    is_external: bool = False
    file_access: str = "visible"
    url_private: str = ""
    url_private_download: str = ""
    channels: list[str] = []
    groups: list[str] = []
    ims: list[str] = []


def _check(shared_file: _File, channel: ChannelId, most: int) -> None:
    """Raise Rejected for a file that cannot be downloaded, or is not in this channel."""
    if shared_file.mode == "tombstone":
        raise Rejected(_GONE)
    if shared_file.file_access != "visible" or shared_file.mode == "hidden_by_limit":
        raise Rejected(_NOT_SEEN)
    if shared_file.is_external or shared_file.mode == "external":
        raise Rejected(_ELSEWHERE)
    if not (shared_file.url_private_download or shared_file.url_private):
        raise Rejected(_NO_FILE)
    shown_in = {*shared_file.channels, *shared_file.groups, *shared_file.ims}
    if shown_in and channel not in shown_in:
        raise Rejected(_NOT_SEEN)
    if shared_file.size > most:
        raise Rejected(_too_large(most))


def _too_large(most: int) -> str:
    return (
        f"This file is too large. The limit is {most // 1_000_000} MB. Divide the system into several "
        "models, or leave out what the threat model does not need."
    )


_GONE: Final = "This file was deleted. Upload it to this channel again, then retry."
_NOT_SEEN: Final = (
    "The bot cannot access this file: it belongs to another workspace or is not shared in this channel. "
    "Upload it to this channel yourself, then retry."
)
_ELSEWHERE: Final = (
    "This file is stored by another service, where the bot cannot read it. Download it there, upload it "
    "to this channel, then retry."
)
_NO_FILE: Final = "This file cannot be downloaded from Slack. Upload the file itself to this channel."
_MAY_NOT: Final = (
    "The app lacks the permission “files:read”. Ask the operator of the bot to add this scope, as in the "
    "app manifest, and to reinstall the app."
)
_NOT_NOW: Final = "Slack did not return the file. Try again in a minute."
_OTHERWISE: Final = "Slack refused access to this file ({code}). Upload it to this channel again, then retry."
_WHY: Final[Mapping[str, str]] = {
    "access_denied": _NOT_SEEN,
    "file_deleted": _GONE,
    "file_not_found": _NOT_SEEN,
    "foreign_host": _ELSEWHERE,
    "missing_scope": _MAY_NOT,
    "no_permission": _MAY_NOT,
    "not_visible": _NOT_SEEN,
    "ratelimited": _NOT_NOW,
    "signed_out": _MAY_NOT,
}


MAX_PARALLEL = 2
"""Files read at the same time, to limit the memory used."""

BUSY = "Other files are being imported. Try again in a minute."
UNKEPT = "The database is unavailable, so the files were not read. Try again in a minute."

log = structlog.get_logger()

Read = TypeVar("Read")


def _places() -> threading.Semaphore:
    return threading.Semaphore(MAX_PARALLEL)


class BoundedReading(msgspec.Struct, frozen=True, eq=False):
    """Reading of files for people, of a few at a time."""

    services: Services
    api: SlackApi
    places: threading.Semaphore = msgspec.field(default_factory=_places)

    def read_or_refuse(self, work: Callable[[], Read]) -> Read | str:
        """Return what reading gives, or the reason why the files cannot be read."""
        if not self.places.acquire(blocking=False):
            return BUSY
        try:
            return work()
        except Rejected as rejected:
            return rejected.text_with_names(self.services.naming)
        except (UnreadableFile, DraftTooLarge) as unreadable:
            return str(unreadable)
        except (StaleButton, PeopleNotLookedUp, LookupError, StoreError) as fault:
            log.warning("files were not read", fault=type(fault).__name__)
            return UNKEPT
        finally:
            self.places.release()

    def fetch(self, file: str, channel: ChannelId) -> tuple[str, bytes]:
        """Return the name and content of a file in a channel, or one that was uploaded in a form.

        Raises Rejected with an alternative.
        """
        return fetch_file(self.api, file, channel, most=self.services.operator_settings.max_file_bytes)


class FileReader(BoundedReading, frozen=True, eq=False):
    """Downloads, reads and keeps files that are imported."""

    def read(self, asked: ReadFile, view_id: str) -> UpdateView:
        """Return the preview of a file for the open modal, or the reason why it cannot be imported."""
        view = self.read_or_refuse(lambda: self._preview(asked.opened.origin.person, asked.target))
        if isinstance(view, str):
            view = refusal_modal(view, Target())
        return UpdateView(view_id=view_id, view=view)

    def _preview(self, person: PersonId, target: Target) -> View:
        channel = ChannelId(target.channel)
        draft = self._drafted(self.fetch(target.element, channel)[1], channel, person)
        return load_form(self.services, replace(ImportTarget.of(target), sha256=draft.digest), person)

    def _drafted(self, content: bytes, channel: ChannelId, person: PersonId) -> PendingImport:
        digest = hashlib.sha256(content).hexdigest()
        check_not_imported(self.services, digest, channel, person)
        at = self.services.now()
        imported_file = read_file(content, read_event)
        origin = sealed_origin(self.services.store, self.services.installation.team, imported_file)
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
        self.services.pending_imports.save(draft)
        log.info("file read", channel=channel, person=person, bytes=len(content), events=len(brought.events))
        return draft
