"""Form that merges an element into another one; what would follow is shown before it is saved."""

from collections.abc import Sequence

from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.targets import SelectionTarget, StaleButton
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext, WriteEffect
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Option, Paragraph
from bot.slack.ui.modals.collecting.element_form import element_options
from bot.slack.ui.texts.common_texts import item_name
from domain.commands import MergeElements
from domain.kernel.elements import SINGULAR, ElementId
from domain.register import ThreatRegister
from domain.rejections import Contradiction


def contradiction_key(found: Contradiction) -> str:
    """Return the key of the field that asks which of two answers stays."""
    return f"{_ANSWER}/{found.element}/{found.merged}/{found.fact}"


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    item = register.item(ElementId(opening.target.element))
    if item is None or item.removed:
        raise StaleButton("This element is not in this model.")
    others = element_options(register, item.kind, but=item.id)
    about = f"*{item_name(item)}* · {item.id}"
    if not others:
        return [Paragraph(text=f"{about}\nThere is no other {SINGULAR[item.kind]} to merge it into.")]
    return [
        Paragraph(text=f"{about}\n{_INTRODUCTION}"),
        ChoiceField(
            key="into",
            label=f"Which {SINGULAR[item.kind]} is the same?",
            hint=f"It keeps its name and its ID. {item.id} is removed. Undo restores everything.",
            options=others,
            required=True,
        ),
        *(field for key in opening.keys for field in _contradiction(register, key)),
    ]


def _contradiction(register: ThreatRegister, key: str) -> Sequence[FormPart]:
    """Return the field that asks which of two answers stays."""
    asks, _, about = key.partition("/")
    if asks != _ANSWER:
        return []
    element, merged, fact = about.split("/", 2)
    items = [item for id in (element, merged) if (item := register.item(ElementId(id)))]
    return [
        ChoiceField(
            key=key,
            label=register.catalog.facts[fact].question,
            hint="The two answers contradict each other. One of them stays.",
            options=tuple(
                Option(
                    value=answer.value,
                    text=f"{answer.label.capitalize()}, as for {clip(one_line(item.name), _NAME)}",
                )
                for item in items
                if (answer := item.facts.get(fact))
            ),
            radio=True,
            required=True,
        )
    ]


def _merge(entry: Entry) -> FormCommand:
    answers: list[dict[str, str]] = []
    for key in entry.values.by_key:
        asks, _, about = key.partition("/")
        if asks == _ANSWER and (answer := entry.text(key)):
            element, _, fact = about.split("/", 2)
            answers.append({"element": element, "fact": fact, "answer": answer})
    return entry.command(MergeElements, "element", into=entry.text("into"), answers=answers)


_ANSWER = "answer"
_NAME = 50
_INTRODUCTION = (
    "Its answers, references, threats and links move to the other one. What would follow is shown before "
    "it is saved."
)

MERGE_ELEMENTS = Form(
    name="merge_elements",
    target=SelectionTarget,
    writes=WriteEffect.ONCE,
    command_type=MergeElements,
    shows_effects=True,
    title=lambda opening: f"Merge {opening.target.element}",
    submit="Merge",
    parts=_parts,
    build_command=_merge,
)
