"""Words that add an element by name, or show its page."""

from typing import Unpack

import msgspec
from msgspec.structs import replace

from bot.slack.handlers.handler_responses import (
    HandlerResponse,
    confirmation_sentence,
    respond_privately,
    show_view,
)
from bot.slack.handlers.modal_loading import Opened, load_form
from bot.slack.handlers.slash_commands.slash_word import KIND_NAMES, WordCall, nearest
from bot.slack.handlers.submissions.conflicts import ask_about_names
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.requests import command_key
from bot.slack.protocol.targets import TYPED, ButtonKind, SelectionTarget, Target
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
        if near := nearest(named, KIND_NAMES, _NEAR):
            return AddArguments(kind=KIND_NAMES[near], text=words)
    return AddArguments(kind=None, text=text)


def _split(text: str, count: int) -> tuple[str, str]:
    """Return the first words, normalized like the names of kinds, and the unchanged rest."""
    *named, rest = [*text.split(maxsplit=count), *[""] * (count + 1)][: count + 1]
    named = [word.lower().replace("_", " ").removesuffix(":") for word in named]
    return " ".join(named).strip(), rest.strip()


_ARROWS = frozenset("→⇒↔⇔")
_NEAR = 0.8


def add_command(call: WordCall) -> HandlerResponse:
    """Add the named elements; without names open the form of the kind, and without a kind show the lists."""
    target = call.target
    first, _, rest = call.rest.partition(" ")
    if (form := _FORMS.get(first.lower().rstrip("s:"))) is not None:
        name, field = form
        typed = SubmittedValues({field: rest.strip()}) if rest.strip() else None
        return _open_form(call, Target(name=name, stream=target.stream), typed=typed)
    addition = parse_add_arguments(call.rest)
    if not call.rest:  # a button chose the model and carries the kind
        addition = AddArguments(kind=target.kind, text="")
    if addition.kind is None:
        sentence = (
            f"Enter the type of “{addition.text}”, for example “{COMMAND} add asset {addition.text}”. Types: "
            "asset, entry point, dependency, trust level, component, boundary, flow."
        )
        return _offer_lists(call, sentence if addition.text else "")
    if not addition.text:
        form = replace(adding_target(call.register, addition.kind), stream=target.stream)
        return call.open_form(form)
    if addition.kind is Kind.DATA_FLOW:
        return _draw(call, addition)
    command = name_elements_command(
        addition.kind, addition.text, by=call.request.person, at=call.services.now()
    )
    form_target = Target(name=ADD_NAMES.name, stream=target.stream, kind=addition.kind)
    return _execute(call, form_target, command, SubmittedValues({"names": addition.text}))


def element_page_command(call: WordCall) -> HandlerResponse:
    """Show the page of the named element, which offers to remove it."""
    named = call.rest.strip().strip("“”\"'")
    page = _page_of(call.register, call.target.stream, named)
    if page is not None:
        return call.show_page(page)
    sentence = f"“{named}” is not in this model. Choose the element from its list."
    return _offer_lists(call, sentence if named else "")


def _offer_lists(call: WordCall, sentence: str) -> HandlerResponse:
    """Show the lists of elements, or a sentence with a button for them."""
    lists = Target(name="lists", stream=call.target.stream)
    if not sentence:
        return call.show_page(lists)
    return respond_privately(
        call.request, refusal(sentence, again=lists, label="Lists"), view=refusal_modal(sentence, Target())
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
    if any(id == threat.id or wanted == same_name(threat.title) for threat in register.threats):
        return Target(name="threats", stream=stream)
    planned = [mitigation.mitigation for mitigation in register.mitigations]
    for one in planned:
        if id == one.id or wanted == same_name(one.title):
            return Target(name="response", stream=stream, element=one.id)
    if any(id == assumption.id for assumption in register.assumptions):
        return Target(name="assumptions", stream=stream)
    return None


def _draw(call: WordCall, addition: AddArguments) -> HandlerResponse:
    """Add the flows of the lines; show those that cannot be read, and what the catalog does not have."""
    flows, _ = parse_flows(addition.text)
    left = lines_left(addition.text)
    form = Target(name="flows", stream=call.target.stream)
    if not flows and left:
        return _open_form(call, form, typed=left.values, unread=left.problems)
    command = DrawFlows(by=call.request.person, at=call.services.now(), flows=tuple(flows))
    return _execute(call, form, command, flow_lines_values(addition.text), left)


def _execute(
    call: WordCall, form: Target, command: Command, typed: SubmittedValues, left: LeftOver | None = None
) -> HandlerResponse:
    """Execute a command; if names are like others, ask in a form with the typed text."""
    services, request = call.services, call.request
    try:
        done = services.execute(command, services.stream(form), command_key(request))
    except LikelyDuplicates as asked:
        return ask_about_names(services, request, form, typed, command, asked)
    note = confirmation_sentence(done, services.naming)
    if left is not None:
        return _open_form(call, form, note=note, typed=left.values, unread=left.problems)
    known = services.register_of(done.model)
    if isinstance(command, DrawFlows) and (unlisted_components(known) or unlisted_protocols(known)):
        return _open_form(call, SelectionTarget(name="place", stream=form.stream, selection=TYPED), note=note)
    buttons: list[Block] = []
    added = [described_element(event).id for event in done.events if isinstance(event, ElementAdded)]
    if len(added) == 1 and (item := known.item(added[0])) is not None:
        about = Target(name="element", stream=form.stream, kind=item.kind, element=item.id)
        buttons.append(button("Add details", ButtonKind.OPEN, about))
    return respond_privately(request, confirmation(note, *buttons), view=refusal_modal(note, Target()))


def _open_form(call: WordCall, form: Target, **more: Unpack[Opened]) -> HandlerResponse:
    view = load_form(call.services, form, call.request.person, **more)
    return show_view(call.request, view, again=form)


_FORMS = {
    "assumption": ("assumption", "text"),
    "threat": ("threat", "title"),
}
"""Kinds that need more than a name: the form, and its field for the typed text."""
