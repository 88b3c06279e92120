"""Start of a model: from nothing, a template or a file."""

import re

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandResult
from bot.slack.directory.member_directory import (
    Membership,
    check_people,
    is_administrator,
    shared_channel_refusal,
)
from bot.slack.handlers.file_reader import import_model
from bot.slack.handlers.handler_responses import (
    HandlerResponse,
    OpenView,
    ReadChannel,
    ReadDraft,
    ReadFile,
    respond_privately,
    saved_modal,
    show_view,
)
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol import slack_limits
from bot.slack.protocol.requests import (
    BlockAction,
    Request,
    ShortcutRequest,
    SlashCommand,
    ViewSubmission,
    command_key,
    is_direct_message,
    resubmission_key,
)
from bot.slack.protocol.targets import (
    FILES,
    Action,
    DraftTarget,
    ImportTarget,
    StaleButton,
    StartTarget,
    Target,
)
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import SubmittedValues
from bot.slack.ui.messages.notices import invite_first, refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import FORMS, find_form
from bot.store import KeyUsedForAnother
from domain.commands import ReviseScope, StartThreatModel
from domain.events import ElementAdded, FactAnswered, ScreeningAnswered, ThreatModelStarted
from domain.kernel.elements import ChannelId, ModelKey
from domain.kernel.text_formatting import count_phrase
from domain.rejections import Rejected


def draft_files(stream: str, files: tuple[str, ...]) -> DraftTarget:
    """Return the target of files that are to be read for a model; raises StaleButton for anything else."""
    check_files(files)
    return DraftTarget(name="draft", stream=stream, element=",".join(files), selection=FILES)


def read_picked_files(
    services: Services, request: ViewSubmission, stream: str, files: tuple[str, ...], note: str = ""
) -> HandlerResponse:
    """Read the files that a form was submitted with as one draft, and show it in place of the form."""
    reading = draft_files(stream, files)
    view = load_form(services, reading, request.person, note=note)
    read = ReadDraft(person=request.person, target=reading, view_id=request.view_id, note=note)
    return show_view(request, view).then(read)


def picked_files(target: Target) -> tuple[str, ...]:
    """Return the files that the form of a new model was opened for; raises StaleButton."""
    files = tuple(target.element.split(",")) if target.element else ()
    if files:
        check_files(files)
    return files


def check_files(files: tuple[str, ...]) -> None:
    """Raise StaleButton for anything but the IDs of as many files as are read together."""
    if not 0 < len(files) <= slack_limits.FILES or not all(map(_FILE.fullmatch, files)):
        raise StaleButton


_FILE = re.compile(r"[A-Z0-9]{2,40}")


def open_start(services: Services, request: Request, target: Target, name: str = "") -> HandlerResponse:
    """Open the form of a new model, and look up the channel's members meanwhile."""
    typed_in = (
        request.channel
        if isinstance(request, SlashCommand) and not is_direct_message(request.channel)
        else ""
    )
    channel = target.channel or typed_in
    target = Target(name="start", channel=channel, element=target.element)
    where = ChannelId(channel)
    if _outside(services, where):
        return _invite_first(services, request, target)
    # If it is not known whether a person is a member, that is checked at the submission.
    if services.is_shared(where) and services.directory.status(where, request.person) is Membership.MEMBER:
        if not is_administrator(services.directory, request.person):
            raise shared_channel_refusal(services.directory, where)
        target = _warning(target)
    typed = SubmittedValues({"name": name}) if name else None
    answer = show_view(request, load_form(services, target, request.person, typed=typed), again=target)
    if not channel:
        return answer
    return answer.then(ReadChannel(channel=ChannelId(channel), origin=request.origin))


def start_model(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Start a model, and continue with its data flows."""
    form = FORMS["start"]
    values = form.parse(request.view)
    command = form.command(values, target, by=request.person, at=services.now())
    if not isinstance(command, StartThreatModel):
        raise StaleButton
    check_channel(services, command.channel)
    files = values.many("files") or picked_files(target)
    if files:
        check_files(files)
    if services.is_shared(command.channel) and is_administrator(services.directory, request.person):
        if StartTarget.of(target).shown_warning is None:
            # Without a warning about other organizations so far, the form is shown again, unchanged.
            shown = _warning(Target(name="start", channel=command.channel, element=",".join(files)))
            return show_view(request, load_form(services, shown, request.person, typed=values))
        command = replace(command, sharing_allowed=True)
    done = _started(services, request, command)
    template = _template_of(done)
    note = f"{done.model.key} “{done.model.name}” was created{_copied(done, template)}. "
    note += "Its card will appear in the channel."
    if files:
        return read_picked_files(services, request, done.stream, files, note)
    if template is not None:
        saved = Target(name="start", stream=done.stream)
        register = services.register(done.stream)
        return show_view(request, saved_modal(note, saved, register, services.naming, request.person))
    following = Target(name="flows", stream=done.stream)
    return show_view(request, load_form(services, following, request.person, note=note))


def _started(services: Services, request: Request, command: StartThreatModel) -> CommandResult:
    try:
        return services.start(command, command_key(request))
    except KeyUsedForAnother as used:
        # The first submission succeeded, its answer was lost, and the form was changed and submitted again.
        revised = msgspec.convert(command, ReviseScope, from_attributes=True)
        return services.execute(
            revised, used.stream, resubmission_key(services.store, command_key(request), command)
        )


def _template_of(done: CommandResult) -> ModelKey | None:
    return next((event.template for event in done.events if isinstance(event, ThreatModelStarted)), None)


def _copied(done: CommandResult, template: ModelKey | None) -> str:
    """Return what a new model begins with, if it has a template."""
    if template is None:
        return ""
    elements = sum(isinstance(event, ElementAdded) for event in done.events)
    answers = sum(isinstance(event, FactAnswered | ScreeningAnswered) for event in done.events)
    return f" from {template} with {count_phrase(elements, 'element')} and {count_phrase(answers, 'answer')}"


def check_channel(services: Services, channel: ChannelId) -> None:
    """Raise Rejected if it is known that no card could be posted."""
    known = services.directory.channel(channel)
    if known is None:
        return
    if known.archived:
        raise Rejected("This channel is archived. Start the threat model in another channel.")
    if _outside(services, channel):
        raise Rejected(invite_first(services.installation.invite))


def _outside(services: Services, channel: ChannelId) -> bool:
    """Return whether the bot is known not to be in a channel; before a look-up the form is shown first."""
    known = services.directory.channel(channel)
    if known is None or known.bot_inside or known.archived:
        return False
    # Just invited: the look-up that confirms it is under way.
    return not services.directory.records.is_expected(channel, services.installation.bot_user)


def _invite_first(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Ask for an invitation of the bot before the form is filled in; read the channel meanwhile."""
    sentence = (
        f"The bot is not in this channel yet. Type “{services.installation.invite}” here, then press “Start”."
    )
    request_message = refusal(sentence, again=target, label="Start")
    answer = respond_privately(request, request_message, view=refusal_modal(sentence, target))
    return answer.then(ReadChannel(channel=ChannelId(target.channel)))


def _warning(target: Target) -> StartTarget:
    """Return the form with the warning about other organizations that would see the model."""
    return replace(StartTarget.of(target), shown_warning=Action.ALLOW_SHARING)


DIRECT = (
    "Threat models belong to channels and cannot be imported from a direct message. Upload the file to "
    "the channel of the team and choose “Import as threat model” there."
)
NO_FILE = (
    "This message has no file. Upload the file of a threat model to the channel and choose “Import as "
    "threat model” in the menu of that message."
)
SEVERAL = (
    "This message has {count} files, and one is imported at a time. Upload the file in a message of its own."
)


def open_import(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Read the file of a message and show a preview of the import."""
    del target
    if not isinstance(request, ShortcutRequest) or not request.message:
        raise StaleButton
    if request.channel is None or request.direct:
        raise Rejected(DIRECT)
    if len(request.files) != 1:
        raise Rejected(SEVERAL.format(count=len(request.files)) if request.files else NO_FILE)
    meant = Target(name="import", channel=request.channel, element=request.files[0])
    return read_named_file(services, request, meant)


def read_named_file(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Read the file of a button, after Slack failed to open the form the first time."""
    if not _IMPORT_MODEL_FILE.fullmatch(target.element) or (
        isinstance(request, BlockAction) and request.in_view
    ):
        raise StaleButton
    _starting(services, request, target, "unnamed")
    target = Target(name="import", channel=target.channel, element=target.element)
    opened = OpenView(
        trigger_id=request.trigger_id,
        origin=request.origin,
        view=load_form(services, target, request.person),
        reopen=target,
    )
    return HandlerResponse(after=(ReadFile(opened=opened, target=target),))


def import_previewed_file(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Import the previewed file, once for each channel and person, and show the next step."""
    if not _DIGEST.fullmatch(ImportTarget.of(target).sha256):
        raise StaleButton
    name = find_form(request.callback_id).parse(request.view).text("name")
    done = import_model(services, _starting(services, request, target, name), ImportTarget.of(target).sha256)
    outcome = f"{done.model.key} “{done.model.name}” was created"
    sentence = f"{outcome} from your file. Its card will appear in the channel."
    if done.repeated:
        sentence = f"{outcome}: you imported this file before, so nothing was stored again."
    following = Target(name="import", stream=done.stream)
    known = services.register(done.stream)
    return show_view(request, saved_modal(sentence, following, known, services.naming, request.person))


def _starting(services: Services, request: Request, target: Target, name: str) -> StartThreatModel:
    """Return the start command of an import; raises Rejected, and StaleButton without a channel."""
    channel = ChannelId(target.channel)
    if not channel:
        raise StaleButton
    check_channel(services, channel)
    allowed = services.is_shared(channel) and is_administrator(services.directory, request.person)
    begin = StartThreatModel(
        by=request.person, at=services.now(), name=name, channel=channel, sharing_allowed=allowed
    )
    check_people(services.directory, begin, lambda: channel)
    return begin


_IMPORT_MODEL_FILE = re.compile(r"[A-Z0-9]{2,40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
