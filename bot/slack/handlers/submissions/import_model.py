"""Import of the file of a message as a threat model."""

import re

from bot.slack.directory.people_checks import check_people
from bot.slack.directory.shared_channels import is_administrator
from bot.slack.handlers.confirmations import saved_modal
from bot.slack.handlers.file_import.model_import import import_model
from bot.slack.handlers.handler_responses import HandlerResponse, OpenView, ReadFile, show_view
from bot.slack.handlers.modal_loading import load_form
from bot.slack.handlers.submissions.start_model import check_channel
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import BlockAction, Request, ShortcutRequest, ViewSubmission
from bot.slack.protocol.targets import ImportTarget, Target
from bot.slack.queries.services import Services
from bot.slack.ui.modals.modal_registry import find_form
from domain.commands import StartThreatModel
from domain.kernel.elements import ChannelId
from domain.rejections import Rejected

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
    if not _FILE.fullmatch(target.element) or (isinstance(request, BlockAction) and request.in_view):
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


def import_previewed_file(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Import the previewed file, once for each channel and person, and show the next step."""
    if not isinstance(request, ViewSubmission) or not _DIGEST.fullmatch(ImportTarget.of(target).sha256):
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


_FILE = re.compile(r"[A-Z0-9]{2,40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
