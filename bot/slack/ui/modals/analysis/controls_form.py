"""Controls of the whole system: one choice for each; those that differ are asked about on the next page."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.forms.form import Form, FormContext, FormEnding, FormSubmission, WriteEffect
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    ShownValue,
)
from bot.slack.ui.forms.row_pages import rows_that_fit
from bot.slack.ui.texts.common_texts import answered_questions, elements_by_kind
from domain.analysis.control_lines import ControlLine
from domain.commands import AnswerOpenQuestions
from domain.kernel.answer import Answer
from domain.kernel.text_formatting import count_phrase, join_names
from domain.register import ThreatRegister


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    lines = lines_shown(opening)
    if not lines:
        return [Paragraph(text=NO_CONTROLS)]
    rows = rows_that_fit((_fields(register, line) for line in lines), most_blocks=_PAGE_BLOCKS)
    return [
        Paragraph(text=f"*{answered_questions(register)}.* {_INTRODUCTION}"),
        *(part for row in rows for part in row),
        *following_page(len(lines) - len(rows)),
    ]


def following_page(rest: int) -> list[FormPart]:
    """Return how many more rows are on the next page; nothing without any."""
    return (
        [Paragraph(text=f"{rest} more {'follows' if rest == 1 else 'follow'} on the next page.")]
        if rest
        else []
    )


def lines_shown(opening: FormContext) -> tuple[ControlLine, ...]:
    """Return the lines from which a page starts; those of a page that is shown again."""
    register = opening.required_register
    if opening.keys:
        ids = {key.partition("/")[2] for key in opening.keys}
        return tuple(line for line in register.control_lines if line.id in ids)
    return register.control_lines[opening.target.page :]


def next_controls(
    register: ThreatRegister, target: SelectionTarget, shown: Mapping[str, frozenset[str]]
) -> SelectionTarget | None:
    """Return the page after a submitted one: from the first line that was not shown; None if all were."""
    for place, line in enumerate(register.control_lines[target.page :]):
        if any(not set(one.elements) <= shown.get(one.fact, frozenset()) for one in line.controls):
            return replace(target, page=target.page + place)
    return None


def _fields(register: ThreatRegister, line: ControlLine) -> list[FormPart]:
    names = [one_line(register.name_of(element)) for element in line.elements]
    if len(line.controls) > 1:
        return [_field_of_several(line, names)]
    (one,) = line.controls
    needed = f"Needed where {one.needed_where}. " if one.needed_where else ""
    settled = f" Known already for {count_phrase(one.settled, 'other')}." if one.settled else ""
    alone = len(names) == 1
    counted = f"{elements_by_kind(one.elements)}: {clip(join_names(names), _NAMES)}"
    return [
        ChoiceField(
            key=f"all/{one.fact}",
            label=f"{clip(names[0], _NAME)}: {one.text}" if alone else one.text,
            hint=needed + (one.why if alone else f"{counted}.{settled}"),
            options=_OF_ONE if alone else _of_many(len(names)),
            initial=LATER,
            required=True,
        )
    ]


def _field_of_several(line: ControlLine, names: Sequence[str]) -> ChoiceField:
    """Return the line of a topic, which names its controls and their elements."""
    asked = " ".join(one.text for one in line.controls)
    counted = f"{elements_by_kind(line.elements)}: {clip(join_names(names), _NAMES)}"
    return ChoiceField(
        key=f"all/{line.id}",
        label=line.text,
        hint=f"{clip(asked, _CONTROLS)} {counted}.",
        options=_of_many(len(names)),
        initial=LATER,
        required=True,
    )


def _of_many(number: int) -> tuple[Option, ...]:
    return (
        Option(value=Answer.YES.value, text=f"In place everywhere ({number})"),
        Option(value=Answer.NO.value, text=f"Missing everywhere ({number})"),
        Option(value=DIFFERS, text="It differs"),
        *_SETTLED,
    )


def _kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    shown = {part.key for part in parts if isinstance(part, ChoiceField)}
    lines = [line for line in lines_shown(opening) if f"all/{line.id}" in shown]
    controls = [one for line in lines for one in line.controls]
    together = {
        f"line/{line.id}": ShownValue(value=tuple(one.fact for one in line.controls)) for line in lines
    }
    elements = {f"shown/{one.fact}": ShownValue(value=tuple(one.elements)) for one in controls}
    exposed = {f"exposed/{one.fact}": ShownValue(value=tuple(one.exposed)) for one in controls if one.exposed}
    return together | elements | exposed


LATER = "later"
CONTROLS_SELECTION = "controls"
"""Selection of the target of CONTROLS, so that the pages after a confirmation are known."""
WORTH_A_PAGE = 5
"""Controls from which on they are asked about for the whole system before the other questions."""
DIFFERS = "differs"
_SETTLED = (
    Option(value=Answer.NOT_APPLICABLE.value, text="Not applicable"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
    Option(value=LATER, text="Later"),
)
_OF_ONE = (
    Option(value=Answer.YES.value, text="In place"),
    Option(value=Answer.NO.value, text="Missing"),
    *_SETTLED,
)
_INTRODUCTION = (
    "Choose *everywhere* only if it holds for every control and every element named below a line. For *It "
    "differs*, the next page asks what is where. What you leave at *Later* stays open."
)
NO_CONTROLS = "There are no open controls."
_PAGE_BLOCKS = 28
_NAME = 60
_NAMES = 300
_CONTROLS = 400


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
    close="Later",
    parts=_parts,
    kept=_kept,
)
