"""Controls of the whole system: one line for each, with the elements where it is missing as exceptions."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.forms.form import Form, FormContext, FormEnding, FormSubmission, WriteEffect
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    FormPart,
    MultiSelectField,
    Option,
    Paragraph,
    ShownValue,
)
from bot.slack.ui.forms.row_pages import rows_that_fit
from bot.slack.ui.texts.common_texts import answered_questions, elements_by_kind
from domain.analysis.control_questions import ControlQuestion
from domain.commands import AnswerOpenQuestions
from domain.kernel.answer import Answer
from domain.register import ThreatRegister


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    controls = controls_shown(opening)
    if not controls:
        return [Paragraph(text=NO_CONTROLS)]
    rows = rows_that_fit((_fields(register, control) for control in controls), most_parts=_PAGE_PARTS)
    return [
        Paragraph(text=f"*{answered_questions(register)}.* {_INTRODUCTION}"),
        *(part for row in rows for part in row),
        *following_page(len(controls) - len(rows)),
    ]


def following_page(rest: int) -> list[FormPart]:
    """Return how many more rows are on the next page; nothing without any."""
    return (
        [Paragraph(text=f"{rest} more {'follows' if rest == 1 else 'follow'} on the next page.")]
        if rest
        else []
    )


def controls_shown(opening: FormContext) -> tuple[ControlQuestion, ...]:
    """Return the controls from which a page starts; those of a page that is shown again."""
    register = opening.required_register
    if opening.keys:
        facts = {key.partition("/")[2] for key in opening.keys}
        return tuple(question for question in register.control_questions if question.fact in facts)
    return register.control_questions[opening.target.page :]


def next_controls(
    register: ThreatRegister, target: SelectionTarget, shown: Mapping[str, frozenset[str]]
) -> SelectionTarget | None:
    """Return the page after a submitted one: from the first control that was not shown; None if all were."""
    for place, one in enumerate(register.control_questions[target.page :]):
        if not set(one.elements) <= shown.get(one.fact, frozenset()):
            return replace(target, page=target.page + place)
    return None


def _fields(register: ThreatRegister, one: ControlQuestion) -> list[FormPart]:
    names = [one_line(register.name_of(element)) for element in one.elements]
    needed = f"Needed where {one.needed_where}. " if one.needed_where else ""
    alone = len(names) == 1
    counted = f"{elements_by_kind(one.elements)}: {clip(', '.join(names), _NAMES)}"
    chosen = ChoiceField(
        key=f"all/{one.fact}",
        label=f"{clip(names[0], _NAME)}: {one.text}" if alone else one.text,
        hint=needed + (one.why if alone else counted),
        options=_OF_ONE if alone else _OF_MANY,
        initial=LATER,
    )
    if alone:
        return [chosen]
    named = list(zip(one.elements, names, strict=True))[:_MOST_ELEMENTS]
    options = tuple(Option(value=element, text=name) for element, name in named)
    return [chosen, MultiSelectField(key=f"except/{one.fact}", label=_EXCEPT, options=options)]


def _kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    shown = {part.key for part in parts if isinstance(part, ChoiceField)}
    return {
        f"shown/{one.fact}": ShownValue(value=tuple(one.elements))
        for one in controls_shown(opening)
        if f"all/{one.fact}" in shown
    }


LATER = "later"
CONTROLS_SELECTION = "controls"
"""Selection of the target of CONTROLS, so that the pages after a confirmation are known."""
WORTH_A_PAGE = 5
"""Controls from which on they are asked about for the whole system before the other questions."""
_OF_MANY = (
    Option(value=LATER, text="Answer later, one by one"),
    Option(value=Answer.YES.value, text="Yes, wherever it applies"),
    Option(value=Answer.NO.value, text="No"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
)
_OF_ONE = (
    Option(value=LATER, text="Answer later"),
    Option(value=Answer.YES.value, text="Yes"),
    Option(value=Answer.NO.value, text="No"),
    Option(value=Answer.NOT_APPLICABLE.value, text="Not applicable"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
)
_EXCEPT = "Exceptions, with the opposite answer"
_INTRODUCTION = (
    "Answer once for the whole system. Add as exceptions the elements where a control is needed and missing."
)
NO_CONTROLS = "There are no open controls."
_PAGE_PARTS = 28
_MOST_ELEMENTS = 100
_NAME = 60
_NAMES = 300


def controls_page(target: Target) -> SelectionTarget:
    """Return the first page of controls, for the model of another target."""
    return SelectionTarget(
        name=CONTROLS.name,
        stream=target.stream,
        selection=CONTROLS_SELECTION,
        back=target.back,
        behind=target.behind,
    )


CONTROLS = Form(
    name="controls",
    target=SelectionTarget,
    nothing_open=lambda register: "" if register.control_questions else NO_CONTROLS,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title="Controls",
    submit="Save",
    close="Later",
    parts=_parts,
    kept=_kept,
)
