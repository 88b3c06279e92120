"""Responses after the ack: in the waiting modal, or as a private message."""

from collections.abc import Mapping, Sequence

from bot.slack.handlers.form_reloading import reload_form
from bot.slack.handlers.handler_responses import DirectMessage, HandlerResponse, UpdateView, private_message
from bot.slack.handlers.submissions.conflicts import field_list
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, Message, View, plain_text, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import Request, ViewSubmission
from bot.slack.queries.services import Services
from bot.slack.ui.forms.submitted_values import field_key
from bot.slack.ui.messages.notices import confirmation, refusal, refusal_modal
from bot.slack.ui.modals.modal_registry import target_of
from domain.rejections import Rejected

SAVED = "Your earlier input is now saved."
NOT_SAVED = "Not saved yet. See {fields}."


def late_response(services: Services, request: Request, answer: HandlerResponse) -> HandlerResponse:
    """Convert a response to follow-ups, because its ack has been sent."""
    ack = answer.ack
    if isinstance(request, ViewSubmission):
        return HandlerResponse(after=(_into_modal(services, request, answer), *answer.after))
    if ack.get("text"):
        notice = Message(text=str(ack["text"]), blocks=list(ack.get("blocks") or ()))
        return HandlerResponse(after=(private_message(request.origin, notice), *answer.after))
    return HandlerResponse(after=answer.after)


def _into_modal(services: Services, request: ViewSubmission, answer: HandlerResponse) -> UpdateView:
    ack = answer.ack
    if ack.get("response_action") == "errors":
        errors: Mapping[str, str] = ack["errors"]
        view = _open_again(services, request, errors)
        otherwise = DirectMessage(person=request.person, message=refusal(" ".join(errors.values())))
    else:
        view = ack.get("view") or refusal_modal(SAVED, target_of(request.view))
        otherwise = DirectMessage(person=request.person, message=confirmation(SAVED))
    return UpdateView(view_id=request.view_id, view=view, fallback=otherwise)


def _open_again(services: Services, request: ViewSubmission, errors: Mapping[str, str]) -> View:
    """Return the form with the typed values, and each sentence above the field that it is about."""
    target = target_of(request.view)
    try:
        view = reload_form(services, request.view, request.person)
    except (StaleButton, Rejected):
        return refusal_modal(" ".join(errors.values()), target)
    return {**view, "blocks": _with_sentences(view["blocks"], errors)}


def _with_sentences(blocks: Sequence[Block], errors: Mapping[str, str]) -> list[Block]:
    """Return the blocks of a form with sentences, which Slack shows beside fields only in an ack.

    Each is above its field, and a note above the form names the fields that are further down. A sentence at
    the first field may be about the whole form, so it is above the form, as is one at a field that is gone.
    """
    sentences = {field_key(block_id): sentence for block_id, sentence in errors.items()}
    places = {
        field_key(block["block_id"]): place
        for place, block in reversed([*enumerate(blocks)])
        if block["type"] == "input"
    }
    first = min(places.values(), default=0)
    above = [one for key, one in sentences.items() if places.get(key, first) == first]
    beside = {places[key]: one for key, one in sentences.items() if places.get(key, first) != first}
    if beside:
        above.append(
            NOT_SAVED.format(fields=field_list([blocks[one]["label"]["text"] for one in sorted(beside)]))
        )
    room = slack_limits.VIEW_BLOCKS - len(blocks) - 1
    shown: list[Block] = [section(f"⚠ {escape(' '.join(above))}")]
    for place, block in enumerate(blocks):
        if place in beside and room > 0:
            shown.append(section(f"⚠ {escape(beside[place])}"))
            room -= 1
        elif place in beside:
            block = {**block, "hint": plain_text(f"⚠ {beside[place]}", slack_limits.HINT)}
        shown.append(block)
    return shown[: slack_limits.VIEW_BLOCKS]
