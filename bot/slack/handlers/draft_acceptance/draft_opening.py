"""Opening of drafts: the files of a message are read, or a draft that was kept is shown."""

from typing import Final

from bot.slack.handlers.form_preconditions import check_form_opens
from bot.slack.handlers.handler_responses import HandlerResponse, OpenView, ReadDraft, show_message, show_view
from bot.slack.handlers.modal_loading import load_form
from bot.slack.handlers.picked_files import draft_files, read_picked_files
from bot.slack.handlers.submissions.start_model import open_start
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import actions, button, modal, section
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.interactions import NOTICE, ButtonKind, StaleButton
from bot.slack.protocol.requests import BlockAction, Request, ShortcutRequest, ViewSubmission
from bot.slack.protocol.targets import DraftTarget, Target
from bot.slack.queries.home_overview import CLOSED_PHASES, model_list_items
from bot.slack.queries.services import Services
from bot.slack.ui.messages.model_choice_messages import closed_models
from bot.slack.ui.modals.modal_registry import find_form
from bot.store import StreamSummary
from domain.kernel.elements import ChannelId
from domain.rejections import Rejected

DIRECT: Final = (
    "Threat models belong to channels, so files cannot be drafted from a direct message. Upload them to the "
    "channel of the team and choose “Draft from file” there."
)
NO_FILES: Final = (
    "This message has no files. Upload a compose file, Kubernetes manifests or an OpenAPI description to the "
    "channel and choose “Draft from file” in the menu of that message."
)
TOO_MANY: Final = (
    "This message has {count} files, and at most {most} are read at a time. Upload fewer files in a message."
)


def open_files(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Read the files of a message as one draft; without a model, have one started first."""
    del target
    if not isinstance(request, ShortcutRequest) or not request.message:
        raise StaleButton
    if request.channel is None or request.direct:
        raise Rejected(DIRECT)
    files = tuple(dict.fromkeys(request.files))
    if not files or len(files) > slack_limits.FILES:
        raise Rejected(TOO_MANY.format(count=len(files), most=slack_limits.FILES) if files else NO_FILES)
    models = services.models(request.channel)
    still_open = [one for one in models if one.phase not in CLOSED_PHASES]
    if not models:
        return open_start(services, request, Target(channel=request.channel, element=",".join(files)))
    if not still_open:
        listed = model_list_items(services, models, request.person)
        return show_message(request, closed_models(listed, request.channel))
    if len(still_open) > 1:
        return _choose_model(request, request.channel, still_open, files)
    return read_files(services, request, draft_files(still_open[0].stream, files))


def read_files(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show a waiting modal, and read the files of a target meanwhile."""
    target = draft_files(target.stream, DraftTarget.of(target).files)
    check_form_opens(services, request, target)
    view = load_form(services, target, request.person)
    if isinstance(request, BlockAction) and request.in_view:
        reading = ReadDraft(view_id=request.view_id, view=view, person=request.person, target=target)
        return HandlerResponse(after=(reading,))
    opened = OpenView(trigger_id=request.trigger_id, origin=request.origin, view=view, reopen=target)
    return HandlerResponse(after=(ReadDraft(opened=opened, person=request.person, target=target),))


def submit_files(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Read the files of a form as one draft."""
    if not isinstance(request, ViewSubmission):
        raise StaleButton
    check_form_opens(services, request, target)
    files = find_form(request.callback_id).parse(request.view).many("files")
    return read_picked_files(services, request, target.stream, files)


def open_draft_button(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show a draft, or read its files if that was not done yet."""
    if DraftTarget.of(target).files:
        return read_files(services, request, target)
    check_form_opens(services, request, target)
    return show_view(request, load_form(services, target, request.person), again=target)


def _choose_model(
    request: Request, channel: ChannelId, models: list[StreamSummary], files: tuple[str, ...]
) -> HandlerResponse:
    buttons = [
        button(
            f"{one.key} {clip(one_line(one.name), _NAME)}",
            ButtonKind.OPEN,
            draft_files(one.stream, files),
            suffix=f"draft-{one.key}",
        )
        for one in models[: slack_limits.ACTIONS_ELEMENTS]
    ]
    view = modal(
        "Draft from file",
        [section("This channel has several threat models. For which one are the files?"), actions(*buttons)],
        target=Target(channel=channel),
        callback=NOTICE,
    )
    return show_view(request, view)


_NAME = 50
