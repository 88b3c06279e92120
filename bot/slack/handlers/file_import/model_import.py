"""Import of a model from a file, executed once however often it is requested."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.commands.command_handler import CommandResult, NoSuchModel, import_key
from bot.restoring import RestoredMeanwhile, is_restorable
from bot.slack.directory.people_checks import check_people
from bot.slack.queries.pending_imports import PendingImport
from bot.slack.queries.services import Services
from bot.store.records import key_of
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
        services.mark_as_announced(done.stream, sum(event.at < draft.at for event in draft.events))
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
