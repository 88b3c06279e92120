"""The words that add an element by its name, and that lead to the page of one."""

from msgspec.structs import replace

from bot.commands.command_handler import Done
from bot.slack.handlers.buttons.modal_buttons import open_form, show_page
from bot.slack.handlers.commands.add_arguments import Addition, read_addition
from bot.slack.handlers.commands.slash_word import Said
from bot.slack.handlers.confirmations import told
from bot.slack.handlers.handler_responses import Answer, show, tell
from bot.slack.handlers.modal_loading import form_for
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.idempotency_keys import key_of
from bot.slack.protocol.interactions import FormName, Page, Target, Trigger
from bot.slack.protocol.requests import Asked, Slash
from bot.slack.queries.services import Tools
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.forms.typed_lines import names_of, read_flows
from bot.slack.ui.messages.notices import receipt, refusal, refusal_modal
from domain.commands import DrawFlows, NameElements
from domain.element_kinds import NAMES_IN
from domain.elements import Kind
from domain.events import ElementAdded, element_told
from domain.labels import same_name
from domain.register import ThreatRegister


def add(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Add what is named; without a name open the form of its kind, and without a kind show the lists."""
    first, _, rest = said.rest.partition(" ")
    if (form := _FORMS.get(first.lower().rstrip("s:"))) is not None:
        return _filled(tools, asked, Target(what=form[0], stream=target.stream), form[1], rest)
    addition = read_addition(said.rest)
    if not said.rest:  # a press chose the model; the kind stands in the button
        addition = Addition(kind=target.kind, words="")
    if addition.kind is None:
        return _which_kind(tools, asked, target, addition)
    if not addition.words:
        about = Target(what=FormName.ELEMENT, stream=target.stream, kind=addition.kind)
        return open_form(tools, asked, about)
    if addition.kind is Kind.DATA_FLOW:
        return _draw(tools, asked, target, addition)
    boxes = {NAMES_IN[addition.kind]: names_of(addition.words)}
    command = NameElements(by=asked.person, at=tools.now(), **boxes)
    return _added(tools, asked, target, tools.execute(command, tools.stream(target), key_of(asked)))


def kind_typed(tools: Tools, asked: Slash, rest: str, target: Target) -> Target:
    """The kind of element that was typed after `add`."""
    del tools, asked
    return replace(target, kind=read_addition(rest).kind)


def names_typed(rest: str) -> str:
    """The names that were typed after `add`."""
    return read_addition(rest).words


def element_page(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Show the page of the element that is named, from which it can be removed."""
    named = said.rest.strip().strip("“”\"'")
    page = _page_of(tools.register(tools.stream(target)), target.stream, named)
    if page is not None:
        return show_page(tools, asked, page)
    lists = Target(what=Page.LISTS, stream=target.stream)
    if not named:
        return show_page(tools, asked, lists)
    sentence = f"“{named}” is not in this model. Choose it in its list."
    return tell(asked, refusal(sentence, again=lists, label="Lists"), view=refusal_modal(sentence, Target()))


def _page_of(register: ThreatRegister, stream: str, named: str) -> Target | None:
    """The page of what an id or a name stands for; None where nothing has it, or several things do."""
    wanted, id = same_name(named), named.upper()
    items = [item for kind in Kind for item in register.items(kind)]
    found = [item for item in items if item.id == id] or [
        item for item in items if same_name(item.name) == wanted
    ]
    if len(found) == 1:
        return Target(what=Page.REGISTER, stream=stream, kind=found[0].kind, element=found[0].id)
    if any(id == one.id or wanted == same_name(one.title) for one in register.threats):
        return Target(what=Page.THREATS, stream=stream)
    planned = [one.mitigation for one in register.mitigations]
    for one in planned:
        if id == one.id or wanted == same_name(one.title):
            return Target(what=Page.RESPONSE, stream=stream, element=one.id)
    if any(id == one.id for one in register.assumptions):
        return Target(what=Page.ASSUMPTIONS, stream=stream)
    return None


def _filled(tools: Tools, asked: Asked, target: Target, field: str, words: str) -> Answer:
    """A form with what was typed in its first field."""
    typed = Values({field: words.strip()}) if words.strip() else None
    return show(asked, form_for(tools, target, asked.person, typed=typed), again=target)


def _draw(tools: Tools, asked: Asked, target: Target, addition: Addition) -> Answer:
    flows, unread = read_flows(addition.words)
    if unread:
        form = Target(what=FormName.FLOWS, stream=target.stream)
        typed = Values({"flows": addition.words})
        note = " ".join(unread[:_TOLD])
        return show(
            asked, form_for(tools, form, asked.person, typed=typed, note=note, warning=True), again=form
        )
    command = DrawFlows(by=asked.person, at=tools.now(), flows=tuple(flows))
    return _added(tools, asked, target, tools.execute(command, tools.stream(target), key_of(asked)))


def _added(tools: Tools, asked: Asked, target: Target, done: Done) -> Answer:
    sentence = told(done, tools.naming)
    new = [element_told(one).id for one in done.events if isinstance(one, ElementAdded)]
    buttons: list[Block] = []
    if len(new) == 1:
        (item,) = [one for one in (tools.register_of(done.model).item(id) for id in new) if one]
        about = Target(what=FormName.ELEMENT, stream=target.stream, kind=item.kind, element=item.id)
        buttons.append(button("Add details", Trigger.OPEN, about))
    return tell(asked, receipt(sentence, *buttons), view=refusal_modal(sentence, Target()))


def _which_kind(tools: Tools, asked: Asked, target: Target, addition: Addition) -> Answer:
    lists = Target(what=Page.LISTS, stream=target.stream)
    if not addition.words:
        return show_page(tools, asked, lists)
    sentence = (
        f"Say what “{addition.words}” is, for example “{COMMAND} add asset {addition.words}”. "
        "It can be an asset, entry point, dependency, trust level, component, boundary or flow."
    )
    return tell(asked, refusal(sentence, again=lists, label="Lists"), view=refusal_modal(sentence, Target()))


_FORMS = {
    "assumption": (FormName.ASSUMPTION, "text"),
    "threat": (FormName.THREAT, "title"),
}
"""Kinds that need more than a name: the form, and the field for the typed text."""
_TOLD = 4
