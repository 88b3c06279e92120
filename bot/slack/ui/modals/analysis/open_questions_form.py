"""Open questions by fact: the elements concerned as checkboxes, and one choice for the others."""

from collections.abc import Sequence

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    ChoiceField,
    FormPart,
    MultiSelectField,
    Option,
    Paragraph,
)
from bot.slack.ui.forms.form_traits import FormEnding, FormSubmission
from bot.slack.ui.forms.three_way_merge import ShownValue
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.analysis.controls_form import LATER, WORTH_A_PAGE, controls_page
from bot.slack.ui.modals.analysis.question_forms import (
    ASKED_OF_READER,
    answer_field,
    answer_key,
    reason_text,
)
from bot.slack.ui.modals.analysis.question_groups import REST, FactQuestions, facts_to_ask, groups_of
from bot.slack.ui.modals.collecting.technology_assumptions_form import assumptions_to_confirm
from bot.slack.ui.texts.common_texts import answered_questions, model_label
from bot.slack.ui.texts.screening_texts import reopening_text
from domain.analysis.rule_findings import Question
from domain.commands import AnswerOpenQuestions
from domain.kernel.answer import Answer
from domain.kernel.elements import PersonId


def _parts(opening: FormContext) -> Sequence[FormPart]:
    groups = _groups(opening)
    if not groups:
        return [Paragraph(text="There are no open questions.")]
    parts: list[FormPart] = [
        Paragraph(text=_heading(opening, groups)),
        *_screening(opening),
        *_suggestions(opening),
        *_controls(opening),
    ]
    left, shown = _PAGE_BLOCKS - _FRAME, list[str]()
    for group in groups:
        fields = _fields(group, opening)
        needed = sum(_blocks(one) for one in fields)
        if needed > left or group.fact in shown:
            break
        parts += fields
        left -= needed
        shown.append(group.fact)
    rest = len(groups) - len(shown)
    if rest:
        parts.append(Paragraph(text=f"{rest} more {'follows' if rest == 1 else 'follow'} on the next page."))
    else:
        parts.append(Paragraph(text=_OPENED))
    return parts


def _suggestions(opening: FormContext) -> list[FormPart]:
    """Return the button that confirms all suggested answers together."""
    if all(one.suggested is None for one in opening.required_register.questions):
        return []
    number = len(assumptions_to_confirm(opening.required_register))  # as many as the form lists
    form = Target(name="confirm_assumptions", stream=opening.target.stream)
    confirm = button("Confirm…", ButtonKind.OPEN, form, suffix="assumed", spoken="Confirm assumptions")
    follow = "answer follows" if number == 1 else "answers follow"
    return [Paragraph(text=f"{number} {follow} from technologies and protocols.", pressed=confirm)]


def _controls(opening: FormContext) -> list[FormPart]:
    """Return the button that opens the controls, where several can be answered for the whole system."""
    number = len(opening.required_register.control_questions)
    if number < WORTH_A_PAGE:
        return []
    page = controls_page(opening.target)
    style = None if opening.required_register.pending_screening else "primary"
    pressed = button("Controls…", ButtonKind.OPEN, page, suffix="controls", style=style)
    return [Paragraph(text=f"{number} controls can be answered once for the whole system.", pressed=pressed)]


def _screening(opening: FormContext) -> list[FormPart]:
    """Return the button to the screening: if it comes first, or if later elements suggest its topics."""
    known = opening.required_register
    again = " ".join(reopening_text(one) for one in known.screening if one.reopened_by)
    words = " ".join(filter(None, (_FIRST if known.pending_screening else "", again)))
    if not words:
        return []
    whole = Target(name="screening", stream=opening.target.stream)
    style = "primary" if known.pending_screening else None
    pressed = button("Screening…", ButtonKind.OPEN, whole, suffix="screening", style=style)
    return [Paragraph(text=f"⚠ {escape(words, _TEXT)}" if again else words, pressed=pressed)]


def _groups(opening: FormContext) -> tuple[FactQuestions, ...]:
    """Return the questions to show; those of a page that is shown again, as far as any is still open."""
    register = opening.required_register
    if not opening.keys:
        return facts_to_ask(register, opening.target, opening.person)
    return _shown_again(opening) or facts_to_ask(register, opening.target, opening.person)


def _shown_again(opening: FormContext) -> tuple[FactQuestions, ...]:
    register = opening.required_register
    facts = dict.fromkeys(_fact_of(key) for key in opening.keys)
    asked = {one: [question for question in register.questions if question.fact == one] for one in facts}
    return tuple(groups_of({fact: questions for fact, questions in asked.items() if questions}))


def _fact_of(key: str) -> str:
    return key.rpartition("/")[2]


def _heading(opening: FormContext, groups: Sequence[FactQuestions]) -> str:
    """Return the counter, and what kind of questions these are."""
    known, first = opening.required_register, groups[0].open
    counted = f"{model_label(known)} · *{answered_questions(known)}.*"
    if SelectionTarget.of(opening.target).selection == ASKED_OF_READER:
        return f"{counted} Assigned to you."
    if all(one.answered_unknown for one in first):
        return f"{counted} These were answered with *don't know*."
    if any(one.at_stake for one in first):
        several = any(len(one.open) > 1 for one in groups)
        return f"{counted} {_TICK if several else _CHOOSE}"
    return f"{counted} Optional: enough is answered to begin analysis."


def _fields(group: FactQuestions, opening: FormContext) -> list[FormPart]:
    stream, (first, *others) = opening.target.stream, group.open
    ask = SelectionTarget(name="ask", stream=stream, element=first.element, selection=group.fact)
    asking = _button("Assign…", ask, f"Assign: {group.text}")
    if not others or all(one.answered_unknown for one in group.open):
        return [
            *(_field_of_one(one, opening) for one in group.open),
            ButtonRow(buttons=(asking,)),
        ]
    each = SelectionTarget(name="answers", stream=stream, selection=group.fact)
    one_by_one = _button("Answer one by one", each, f"Answer one by one: {group.text}")
    options = tuple(_option(one, opening.person) for one in group.open)
    return [
        CheckboxesField(
            key=f"tick/{group.fact}",
            label=group.text,
            hint=f"Why? {group.why}" if group.why else "",
            options=options,
        ),
        field_for_others(group.fact),
        ButtonRow(buttons=(one_by_one, asking)),
    ]


def field_for_others(fact: str, initial: str = LATER) -> ChoiceField:
    """Return the choice of what the elements get that are not ticked."""
    return ChoiceField(key=f"others/{fact}", label="All other elements", options=_OTHERS, initial=initial)


def _field_of_one(question: Question, opening: FormContext) -> FormPart:
    """Return the question about a single element, with all four answers."""
    initial = Answer.UNKNOWN if question.answered_unknown else None
    asked = _assignment(question, opening.person)
    why = reason_text(question)
    hint = f"{asked[:1].upper()}{asked[1:]}. {why}" if asked else why
    return answer_field(
        answer_key(question), f"{question.element_name}: {question.text}", initial, hint.strip()
    )


def _option(question: Question, reader: PersonId) -> Option:
    asked = _assignment(question, reader)
    assumed = f"assumed: {question.suggested.answer.label}" if question.suggested else ""
    means = " · ".join(filter(None, (str(question.element), asked, assumed)))
    return Option(value=question.element, text=question.element_name, means=means)


def _assignment(question: Question, reader: PersonId) -> str:
    if question.asked_of is None:
        return ""
    return "assigned to you" if question.asked_of == reader else "assigned to someone else"


def _button(label: str, target: Target, spoken: str) -> Block:
    suffix = f"{target.name}-{SelectionTarget.of(target).selection}"
    return button(label, ButtonKind.OPEN, target, suffix=suffix, spoken=spoken)


def _blocks(part: FormPart) -> int:
    """Return the number of blocks that a part takes."""
    return -(-len(part.options) // slack_limits.CHECKBOXES) if isinstance(part, CheckboxesField) else 1


def _kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return the elements that the page shows for each fact, and whether they can wait."""
    register = opening.required_register
    can_wait = not any(one.at_stake and not one.answered_unknown for one in register.questions)
    rest = {REST_SHOWN: ShownValue(value=REST)} if can_wait else {}
    return rest | elements_shown(parts)


def elements_shown(parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return the elements that a page shows for each fact."""
    return {
        part.key.replace("tick/", "shown/"): ShownValue(value=tuple(one.value for one in part.options))
        for part in parts
        if isinstance(part, CheckboxesField | MultiSelectField)
    }


REST_SHOWN = "rest"
_OTHERS = (
    Option(value=LATER, text="Answer later"),
    Option(value=Answer.NO.value, text="No"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
)
_FIRST = "Answer the screening first: it removes questions that do not apply."
_TICK = "Select each element for which the answer is yes."
_CHOOSE = "Answer those that you know."
_OPENED = "_Answers can lead to follow-up questions, also about the elements above._"
_PAGE_BLOCKS = 30
_FRAME = 6
"""Blocks around the questions: a note, the heading, the screening, suggestions, controls, the end."""
_TEXT = 1_000

NO_QUESTIONS = "There are no open questions. New ones are added as the model grows."

QUESTIONS = Form(
    name="questions",
    target=SelectionTarget,
    nothing_open=lambda register: "" if register.questions else NO_QUESTIONS,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title=lambda opening: (
        "My questions"
        if SelectionTarget.of(opening.target).selection == ASKED_OF_READER
        else "Open questions"
    ),
    submit="Save",
    close="Later",
    parts=_parts,
    kept=_kept,
)
