"""Subject of a request: a button's page, a choice's form; both must concern the same model."""

from collections.abc import Iterator

import msgspec

from bot.slack.handlers.actions import TARGETS
from bot.slack.protocol.interactions import ButtonKind, StaleButton
from bot.slack.protocol.requests import (
    BlockAction,
    Json,
    Request,
    ShortcutRequest,
    SlashCommand,
    ViewSubmission,
)
from bot.slack.protocol.targets import Target, WordTarget, decode_target
from bot.slack.ui.modals.modal_registry import modal_target_type, target_of

ANOTHER_MODEL = (
    "This button belongs to a different threat model than this page. Close the page and open it again."
)


def request_target(request: Request) -> Target:
    """Return the subject of a request in its declared type; raises StaleButton."""
    match request:
        case BlockAction():
            kind = request.action_id.partition(":")[0]
            if kind == ButtonKind.FILTER and (page := page_target(request)) is not None:
                return page  # the options say only how it is to be shown
            return (
                Target()
                if request.action_id == ButtonKind.LINK
                else decode_button_target(kind, request.value)
            )
        case ViewSubmission():
            return target_of(request.view)
        case SlashCommand() | ShortcutRequest():
            return Target()


def decode_button_target(kind: str, value: str | None) -> Target:
    """Return the target of a button, in the type declared by its form, page, action or command."""
    match kind:
        case ButtonKind.OPEN | ButtonKind.SHOW | ButtonKind.TURN | ButtonKind.DRAFT:
            return decode_target(value, modal_target_type)
        case ButtonKind.DO:
            return decode_target(value, lambda name: TARGETS.get(name, Target))
        case ButtonKind.WORD:
            return decode_target(value, lambda _: WordTarget)
        case _:
            return decode_target(value)


def page_target(request: Request) -> Target | None:
    """Return the subject of the modal that contains a pressed button; None outside a modal.

    Raises StaleButton.
    """
    if isinstance(request, BlockAction) and request.in_view and request.action_id != ButtonKind.LINK:
        return target_of(request.view or {})
    return None


def chosen_targets(request: Request) -> Iterator[Target]:
    """Yield the models chosen in a form, from the options that name one; raises StaleButton."""
    match request:
        case ViewSubmission():
            yield from _named(request.view)
        case BlockAction() if request.in_view and request.view is not None:
            yield from _named(request.view)
        case BlockAction() | SlashCommand() | ShortcutRequest():
            pass


def check_same_model(request: Request, page: Target, pressed: Target) -> None:
    """Raise StaleButton if a button concerns another model than its page.

    They may differ only in a form with a choice among the channel's models.
    """
    if not page.stream or not pressed.stream or page.stream == pressed.stream:
        return
    if isinstance(request, BlockAction) and request.action_id.partition(":")[0] == ButtonKind.CHOOSE:
        return
    raise StaleButton(ANOTHER_MODEL)


def _named(view: Json) -> Iterator[Target]:
    try:
        held = msgspec.convert(view.get("state") or {}, _State)
    except msgspec.ValidationError as fault:
        raise StaleButton from fault
    for fields in held.values.values():
        for field in fields.values():
            value = field.selected_option.value if field.selected_option else ""
            if value.startswith("{") and (target := decode_target(value)).stream:
                yield target


class _Option(msgspec.Struct):
    value: str = ""


class _Field(msgspec.Struct):
    selected_option: _Option | None = None


class _State(msgspec.Struct):
    values: dict[str, dict[str, _Field]] = {}
