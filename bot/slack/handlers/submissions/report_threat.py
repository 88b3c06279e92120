"""Reporting of a threat, from a message or without one."""

import re
from collections import defaultdict

from msgspec.structs import replace

from bot.slack.handlers.handler_responses import HandlerResponse, UpdateView, show_message, show_view
from bot.slack.handlers.modal_loading import check_form_opens, load_form, reload_form
from bot.slack.handlers.submissions.form_submission import submit_form
from bot.slack.protocol.escaping import clean_text, clip, one_line
from bot.slack.protocol.requests import BlockAction, Request, ShortcutRequest, ViewSubmission
from bot.slack.protocol.targets import MessageTarget, StaleButton, Target, decode_target, encode_target
from bot.slack.queries.home_overview import CLOSED_PHASES, model_list_items
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import Option, SubmittedValues
from bot.slack.ui.messages.help_messages import opening_help
from bot.slack.ui.messages.model_choice_messages import closed_models
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import StreamId, StreamSummary
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.length_limits import NAME, TEXT
from domain.kernel.text_formatting import Naming
from domain.rejections import Rejected


def plain_message_text(text: str, naming: Naming) -> str:
    """Return a message's text as users read it: names for mentions, text for links, characters for entities.

    Only the first part of a text longer than Slack's own limit is read.
    """

    def plain_text_of(found: re.Match[str]) -> str:
        sign, about, words = found["sign"], found["about"], found["words"] or ""
        match sign:
            case "@":
                return f"@{words or naming(PersonId(about))}"
            case "#":
                return f"#{words or about}"
            case "!":
                return words or f"@{about.partition('^')[0]}"
            case _:  # an address has no sign
                return f"{words} ({about})" if words and words not in about else about

    plain = _unstyled(_MARKED.sub(plain_text_of, text[:_LONGEST]))
    for entity, sign in _ENTITIES:
        plain = plain.replace(entity, sign)
    return clean_text(plain).strip()


def first_line(text: str, limit: int) -> str:
    """Return the first visible line, clipped."""
    return next((clip(one_line(line), limit) for line in text.split("\n") if one_line(line)), "")


def _unstyled(text: str) -> str:
    """Return the text without the characters that mark bold, italic, struck-out or monospaced words.

    A mark opens a style before a visible character and not after a word, and closes it the other way round,
    on the same line. Each mark is read once, so the time is linear in the length of the text.
    """
    pieces: list[str] = []
    begun: dict[str, list[int]] = defaultdict(list)
    at = 0
    for found in _SIGNS.finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
        if found[0] == "\n":
            begun.clear()
            pieces.append("\n")
            continue
        before, after = text[max(0, found.start() - 1) : found.start()], text[at : at + 1]
        begins = bool(after.strip()) and not _WORD.match(before)
        ends = bool(before.strip()) and not _WORD.match(after)
        for sign in _SIGN.findall(found[0]):
            if ends and begun[sign]:
                pieces[begun[sign].pop()] = ""
                continue
            if begins:
                begun[sign].append(len(pieces))
            pieces.append(sign)
    return "".join((*pieces, text[at:]))


_LONGEST = 40_000
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""The three entities that Slack writes, in the order in which they are replaced."""
_SIGNS = re.compile(r"[*_~`]+|\n")
_SIGN = re.compile(r"```|[*_~`]")
_WORD = re.compile(r"\w")
_MARKED = re.compile(r"<(?P<sign>[@#!]?)(?P<about>[^<>|]+)(?:\|(?P<words>[^<>]*))?>")


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
    still_open = [model for model in models if model.phase not in CLOSED_PHASES]
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


def change_model(services: Services, request: BlockAction, target: Target) -> HandlerResponse:
    """Show the form of a threat for the chosen model."""
    if request.view is None:
        raise StaleButton
    held = decode_target(request.view.get("private_metadata"))
    _check_channel(services, services.stream(target), held)
    # Another round: new block IDs, so that the fields show the values of the chosen model.
    chosen = replace(held, stream=target.stream, round=held.round + 1)
    models = [model for model in services.models(ChannelId(held.channel)) if model.phase not in CLOSED_PHASES]
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


def report_threat(services: Services, request: ViewSubmission, target: Target) -> HandlerResponse:
    """Report a threat to the chosen model."""
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
            value=encode_target(Target(name="threat", stream=model.stream)),
            text=f"{model.key} {clip(one_line(model.name), _NAME)}",
        )
        for model in models
    )


_NAME = 60
