"""Reporting of a threat, from a message or without one."""

from msgspec.structs import replace

from bot.slack.handlers.form_preconditions import check_form_opens
from bot.slack.handlers.form_reloading import reload_form
from bot.slack.handlers.handler_responses import HandlerResponse, UpdateView, show_message, show_view
from bot.slack.handlers.message_text import first_line, plain_message_text
from bot.slack.handlers.modal_loading import load_form
from bot.slack.handlers.submissions.form_submission import submit_form
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import BlockAction, Request, ShortcutRequest, ViewSubmission
from bot.slack.protocol.targets import MessageTarget, Target, decode_target, encode_target
from bot.slack.queries.home_overview import CLOSED_PHASES, model_list_items
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import Option
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.messages.help_messages import opening_help
from bot.slack.ui.messages.model_choice_messages import closed_models
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import StreamId, StreamSummary
from domain.kernel.elements import ChannelId
from domain.kernel.length_limits import NAME, TEXT
from domain.rejections import Rejected

DIRECT = (
    "Threats belong to the threat model of a channel and cannot be reported from a direct message. Type "
    "“/threatmodel add threat” in the model's channel."
)


def open_report(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Open the form of a threat with the text of a message."""
    if not isinstance(request, ShortcutRequest) or not request.message:
        raise StaleButton
    if request.channel is None or request.direct:
        raise Rejected(DIRECT)
    models = services.models(request.channel)
    still_open = [one for one in models if one.phase not in CLOSED_PHASES]
    if not models:
        return show_message(request, opening_help(request.channel))
    if not still_open:
        return show_message(
            request, closed_models(model_list_items(services, models, request.person), request.channel)
        )
    target = MessageTarget(
        name="threat",
        stream=still_open[0].stream,
        channel=request.channel,
        message=request.message,
        thread=request.thread,
    )
    check_form_opens(services, request, target)
    words = plain_message_text(request.text, services.naming)
    typed = SubmittedValues({"title": first_line(words, NAME), "description": clip(words, TEXT)})
    view = load_form(services, target, request.person, typed=typed, models=_choices(still_open))
    return show_view(request, view, again=target)


def change_model(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Show the form of a threat for the chosen model."""
    if not isinstance(request, BlockAction) or request.view is None:
        raise StaleButton
    held = decode_target(request.view.get("private_metadata"))
    _check_channel(services, services.stream(target), held)
    # Another round: new block IDs, so that the fields show the values of the chosen model.
    chosen = replace(held, stream=target.stream, round=held.round + 1)
    models = [one for one in services.models(ChannelId(held.channel)) if one.phase not in CLOSED_PHASES]
    view = reload_form(
        services,
        request.view,
        request.person,
        target=chosen,
        without=FORMS["threat"].set_by_buttons,
        models=_choices(models),
    )
    return HandlerResponse(
        after=(UpdateView(view_id=request.view_id, view=view, hash=str(request.view.get("hash", ""))),)
    )


def report_threat(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Report a threat to the chosen model."""
    if not isinstance(request, ViewSubmission):
        raise StaleButton
    chosen = FORMS["threat"].parse(request.view).text("model")
    if chosen:
        stream = services.stream(decode_target(chosen))
        _check_channel(services, stream, target)
        target = replace(target, stream=stream)
    return submit_form(services, request, target)


def _check_channel(services: Services, stream: StreamId, held: Target) -> None:
    """Raise StaleButton for a model of another channel: access was checked for this channel only."""
    if services.command_handler.model(stream).channel != held.channel:
        raise StaleButton


def _choices(models: list[StreamSummary]) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=encode_target(Target(name="threat", stream=one.stream)),
            text=f"{one.key} {clip(one_line(one.name), _NAME)}",
        )
        for one in models
    )


_NAME = 60
