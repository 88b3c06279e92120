"""Prompts to think further: shown among the suggestions, and the form that answers one with a threat."""

from collections.abc import Sequence

from bot.slack.protocol.block_builders import Block, button_row, context, divider, section
from bot.slack.protocol.escaping import clip, escape_name
from bot.slack.protocol.targets import Action, SelectionTarget, StaleButton
from bot.slack.ui.forms.form import Form, FormContext, WriteEffect
from bot.slack.ui.forms.form_fields import FormPart, Paragraph, TextField
from bot.slack.ui.modals.analysis.threats_page import stride_field
from bot.slack.ui.model_buttons import ModelButtons
from domain.analysis.thought_prompts import Prompt
from domain.commands import AnswerPrompt
from domain.kernel.elements import ElementId
from domain.kernel.length_limits import NAME
from domain.kernel.thought_prompt import PromptKind
from domain.register import ThreatRegister


def prompt_blocks(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    """Return the next prompt with a button for either answer; nothing if none is left, or none may answer."""
    if not register.prompts or not register.allows(AnswerPrompt):
        return []
    prompt, answered = register.prompts[0], register.considered_prompts
    of = len(answered) + len(register.prompts)
    about = SelectionTarget(name="think", element=prompt.element, selection=prompt.kind)
    nothing = SelectionTarget(name=Action.NOTHING_HERE, element=prompt.element, selection=prompt.kind)
    where = f"{prompt.element}, {prompt.kind.question}"
    return [
        divider(),
        section(f"*Think further* · {_place(prompt)}\n{prompt.kind.question}"),
        context(f"Prompt {len(answered) + 1} of {of}. The rules cannot answer it."),
        *button_row(
            make.opens(
                "Report a threat…", about, suffix="think", spoken=clip(f"Report a threat: {where}", _SPOKEN)
            ),
            make.does(
                "Nothing here", nothing, suffix="nothing", spoken=clip(f"Nothing here: {where}", _SPOKEN)
            ),
        ),
    ]


def _place(prompt: Prompt) -> str:
    return f"{escape_name(prompt.element_name)} ({prompt.element})"


def _parts(opening: FormContext) -> Sequence[FormPart]:
    try:
        kind = PromptKind(SelectionTarget.of(opening.target).selection)
    except ValueError as unknown:
        raise StaleButton from unknown
    item = opening.required_register.item(ElementId(opening.target.element))
    name = escape_name(item.name) if item else ""
    return [
        Paragraph(text=f"*{kind.question}*\n{name} ({opening.target.element})"),
        TextField(
            key="title",
            label="What could go wrong?",
            hint="One line. It becomes a threat at this element.",
            limit=NAME,
            required=True,
        ),
        stride_field(kind.stride),
    ]


THINK = Form(
    name="think",
    target=SelectionTarget,
    writes=WriteEffect.ADDS,
    command_type=AnswerPrompt,
    single_element=True,
    title="Think further",
    submit="Report",
    parts=_parts,
    build_command=lambda entry: entry.command(
        AnswerPrompt, "element", prompt=SelectionTarget.of(entry.target).selection
    ),
)
_SPOKEN = 75
