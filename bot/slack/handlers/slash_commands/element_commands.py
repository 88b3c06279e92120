"""Words that add an element by name, or show its page."""

import difflib

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandResult
from bot.slack.handlers.handler_responses import (
    HandlerResponse,
    confirmation_sentence,
    respond_privately,
    show_view,
)
from bot.slack.handlers.modal_buttons import open_form, show_page
from bot.slack.handlers.modal_loading import load_form
from bot.slack.handlers.slash_commands.slash_word import KIND_NAMES, ParsedCommand
from bot.slack.handlers.submissions.conflicts import ask_about_names
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.requests import Request, SlashCommand, command_key
from bot.slack.protocol.targets import TYPED, ButtonKind, SelectionTarget, Target, WordTarget
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import LeftOver
from bot.slack.ui.forms.form_fields import SubmittedValues
from bot.slack.ui.forms.typed_lines import parse_flows
from bot.slack.ui.messages.notices import confirmation, refusal, refusal_modal
from bot.slack.ui.modals.collecting.component_placement_form import unlisted_components, unlisted_protocols
from bot.slack.ui.modals.collecting.element_form import ADD_NAMES, adding_target, name_elements_command
from bot.slack.ui.modals.collecting.quick_entry_forms import flow_lines_values, lines_left
from domain.commands import Command, DrawFlows
from domain.events import ElementAdded, described_element
from domain.kernel.elements import Kind
from domain.model.element_labels import same_name
from domain.register import ThreatRegister
from domain.rejections import LikelyDuplicates

MAX_KIND_WORDS = 2
"""Maximum words in the name of a kind."""


class AddArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments of `add`: the kind of element, then one name or data flow per line.

    Both may be missing: the text may name no known kind, or only a kind.
    """

    kind: Kind | None
    text: str


def parse_add_arguments(text: str) -> AddArguments:
    """Parse the text after `add`; a line with an arrow and without a kind is a data flow."""
    text = text.strip()
    for count in range(MAX_KIND_WORDS, 0, -1):
        named, words = _split(text, count)
        kind = KIND_NAMES.get(named)
        if kind is not None:
            return AddArguments(kind=kind, text=words)
    if _ARROWS & set(text) or any(arrow in text for arrow in ("->", "=>")):
        return AddArguments(kind=Kind.DATA_FLOW, text=text)
    for count in range(MAX_KIND_WORDS, 0, -1):
        named, words = _split(text, count)
        near = difflib.get_close_matches(named, KIND_NAMES, n=1, cutoff=_NEAR)
        if near:
            return AddArguments(kind=KIND_NAMES[near[0]], text=words)
    return AddArguments(kind=None, text=text)


def _split(text: str, count: int) -> tuple[str, str]:
    """Return the first words, normalized like the names of kinds, and the unchanged rest."""
    named: list[str] = []
    rest = text
    for _ in range(count):
        word, _, rest = _partition(rest)
        named.append(word.lower().replace("_", " ").removesuffix(":"))
    return " ".join(named).strip(), rest.strip()


def _partition(text: str) -> tuple[str, str, str]:
    """Return a text split after its first word, including at a line break."""
    text = text.lstrip()
    for position, character in enumerate(text):
        if character.isspace():
            return text[:position], character, text[position:]
    return text, "", ""


_ARROWS = frozenset("→⇒↔⇔")
_NEAR = 0.8


def add_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Add the named elements; without names open the form of the kind, and without a kind show the lists."""
    first, _, rest = parsed.rest.partition(" ")
    if (form := _FORMS.get(first.lower().rstrip("s:"))) is not None:
        return _filled(services, request, Target(name=form[0], stream=target.stream), form[1], rest)
    addition = parse_add_arguments(parsed.rest)
    if not parsed.rest:  # a button chose the model and carries the kind
        addition = AddArguments(kind=target.kind, text="")
    if addition.kind is None:
        return _which_kind(services, request, target, addition)
    if not addition.text:
        register = services.register(services.stream(target))
        return open_form(services, request, adding_target(target.stream, register, addition.kind))
    if addition.kind is Kind.DATA_FLOW:
        return _draw(services, request, target, addition)
    command = name_elements_command(addition.kind, addition.text, by=request.person, at=services.now())
    form = Target(name=ADD_NAMES.name, stream=target.stream, kind=addition.kind)
    return _execute(services, request, form, command, SubmittedValues({"names": addition.text}))


def parse_element_kind(
    services: Services, request: SlashCommand, rest: str, target: WordTarget
) -> WordTarget:
    """Return the kind of element that was typed after `add`."""
    del services, request
    return replace(target, kind=parse_add_arguments(rest).kind)


def parse_element_names(rest: str) -> str:
    """Return the names that were typed after `add`."""
    return parse_add_arguments(rest).text


def element_page_command(
    services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Show the page of the named element, which offers to remove it."""
    named = parsed.rest.strip().strip("“”\"'")
    page = _page_of(services.register(services.stream(target)), target.stream, named)
    if page is not None:
        return show_page(services, request, page)
    lists = Target(name="lists", stream=target.stream)
    if not named:
        return show_page(services, request, lists)
    sentence = f"“{named}” is not in this model. Choose the element from its list."
    return respond_privately(
        request, refusal(sentence, again=lists, label="Lists"), view=refusal_modal(sentence, Target())
    )


def _page_of(register: ThreatRegister, stream: str, named: str) -> Target | None:
    """Return the page of an ID or a name; None if no element or several elements match."""
    wanted, id = same_name(named), named.upper()
    items = [item for kind in Kind for item in register.items(kind)]
    found = [item for item in items if item.id == id] or [
        item for item in items if same_name(item.name) == wanted
    ]
    if len(found) == 1:
        return Target(name="register", stream=stream, kind=found[0].kind, element=found[0].id)
    if any(id == one.id or wanted == same_name(one.title) for one in register.threats):
        return Target(name="threats", stream=stream)
    planned = [one.mitigation for one in register.mitigations]
    for one in planned:
        if id == one.id or wanted == same_name(one.title):
            return Target(name="response", stream=stream, element=one.id)
    if any(id == one.id for one in register.assumptions):
        return Target(name="assumptions", stream=stream)
    return None


def _filled(services: Services, request: Request, target: Target, field: str, words: str) -> HandlerResponse:
    """Return a form with the typed text in its first field."""
    typed = SubmittedValues({field: words.strip()}) if words.strip() else None
    return show_view(request, load_form(services, target, request.person, typed=typed), again=target)


def _draw(services: Services, request: Request, target: Target, addition: AddArguments) -> HandlerResponse:
    """Add the flows of the lines; show those that cannot be read, and what the catalog does not have."""
    flows, _ = parse_flows(addition.text)
    left = lines_left(addition.text)
    form = Target(name="flows", stream=target.stream)
    if not flows and left:
        view = load_form(services, form, request.person, typed=left.values, unread=left.problems)
        return show_view(request, view, again=form)
    command = DrawFlows(by=request.person, at=services.now(), flows=tuple(flows))
    typed = flow_lines_values(addition.text)
    return _execute(services, request, form, command, typed, left)


def _execute(
    services: Services,
    request: Request,
    form: Target,
    command: Command,
    typed: SubmittedValues,
    left: LeftOver | None = None,
) -> HandlerResponse:
    """Execute a command; if names are like others, ask in a form with the typed text."""
    try:
        done = services.execute(command, services.stream(form), command_key(request))
    except LikelyDuplicates as asked:
        return ask_about_names(services, request, form, typed, command, asked)
    note = confirmation_sentence(done, services.naming)
    if left is not None:
        view = load_form(services, form, request.person, note=note, typed=left.values, unread=left.problems)
        return show_view(request, view, again=form)
    known = services.register_of(done.model)
    if isinstance(command, DrawFlows) and (unlisted_components(known) or unlisted_protocols(known)):
        asking = SelectionTarget(name="place", stream=form.stream, selection=TYPED)
        return show_view(request, load_form(services, asking, request.person, note=note), again=asking)
    return _added(services, request, form, done)


def _added(services: Services, request: Request, target: Target, done: CommandResult) -> HandlerResponse:
    sentence = confirmation_sentence(done, services.naming)
    new = [described_element(one).id for one in done.events if isinstance(one, ElementAdded)]
    buttons: list[Block] = []
    if len(new) == 1:
        (item,) = [one for one in (services.register_of(done.model).item(id) for id in new) if one]
        about = Target(name="element", stream=target.stream, kind=item.kind, element=item.id)
        buttons.append(button("Add details", ButtonKind.OPEN, about))
    return respond_privately(
        request, confirmation(sentence, *buttons), view=refusal_modal(sentence, Target())
    )


def _which_kind(
    services: Services, request: Request, target: Target, addition: AddArguments
) -> HandlerResponse:
    lists = Target(name="lists", stream=target.stream)
    if not addition.text:
        return show_page(services, request, lists)
    sentence = (
        f"Enter the type of “{addition.text}”, for example “{COMMAND} add asset {addition.text}”. Types: "
        "asset, entry point, dependency, trust level, component, boundary, flow."
    )
    return respond_privately(
        request, refusal(sentence, again=lists, label="Lists"), view=refusal_modal(sentence, Target())
    )


_FORMS = {
    "assumption": ("assumption", "text"),
    "threat": ("threat", "title"),
}
"""Kinds that need more than a name: the form, and its field for the typed text."""
