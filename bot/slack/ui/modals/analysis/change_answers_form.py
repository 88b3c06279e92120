"""Change of the answers that findings rest on; what would follow is shown before it is saved."""

from collections.abc import Iterator, Sequence
from functools import partial

from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import SelectionTarget, StaleButton
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    SubmittedValues,
)
from bot.slack.ui.modals.analysis.question_forms import ANSWER_LABELS
from bot.slack.ui.modals.analysis.suggested_threats_page import suggested_threat_ids
from bot.slack.ui.texts.common_texts import model_label
from domain.commands import AnswerQuestions
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from domain.kernel.text_formatting import count_phrase
from domain.register import RegisterItem, ThreatRegister


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    behind = _behind(register, opening)
    shown = list(behind)[:_MOST]
    rest = len(behind) - len(shown)
    by_fact: dict[str, list[ElementId]] = {}
    for element, fact in shown:
        by_fact.setdefault(fact, []).append(element)
    return [
        Paragraph(text=f"{model_label(register)}\n{_INTRODUCTION}"),
        *(part for fact, elements in by_fact.items() for part in _fields(register, fact, elements)),
        *([Paragraph(text=f"{count_phrase(rest, 'more answer')} not shown.")] if rest else []),
    ]


def _behind(register: ThreatRegister, opening: FormContext) -> dict[tuple[ElementId, str], RegisterItem]:
    """Return the answers behind the findings, those that say *no* first; raises StaleButton without any."""
    findings = suggested_threat_ids(opening.target) if opening.target.element else ()
    asked = dict.fromkeys(one for finding in findings for one in register.answers_behind(finding))
    found = {
        (element, fact): item
        for element, fact in asked
        if (item := register.item(element)) and not item.removed and fact in register.catalog.facts
    }
    if not found:
        raise StaleButton("No answer is behind this now. It may have been changed in the meantime.")
    return dict(sorted(found.items(), key=lambda one: one[1].facts.get(one[0][1]) is not Answer.NO))


def _fields(register: ThreatRegister, fact: str, elements: Sequence[ElementId]) -> Iterator[FormPart]:
    question = register.catalog.facts[fact].question
    if len(elements) > 1:
        yield Paragraph(text=f"*{escape(question)}*")
        yield ChoiceField(
            key=f"all/{fact}", label=f"All {len(elements)} places", options=_OPTIONS, blank="As below"
        )
    for element in elements:
        name = clip(one_line(register.name_of(element)), _NAME)
        item = register.item(element)
        answer = item.facts.get(fact) if item else None
        yield ChoiceField(
            key=f"answer/{element}/{fact}",
            label=name if len(elements) > 1 else f"{name}: {question}",
            hint="" if answer else _instead(item.answer_text(fact) if item else ""),
            options=_OPTIONS,
            initial=answer,
            required=answer is not None,
        )
        yield ImpliedChange(  # so that another person's answer is shown before *all places* replaces it
            key=f"each/{element}/{fact}",
            label=f"{name}: {question}",
            initial=answer.label if answer else "",
            new_value=partial(_chosen_for_all, fact),
        )


def _instead(assumed: str) -> str:
    """Return what stands in for an answer."""
    return f"Now: {assumed}." if assumed else "Answered for the whole system in the screening."


def _chosen_for_all(fact: str, values: SubmittedValues) -> str | None:
    chosen = values.text(f"all/{fact}")
    return Answer(chosen).label if chosen in ANSWER_LABELS else None


def _change(entry: Entry) -> FormCommand:
    replies: list[dict[str, str]] = []
    for key in entry.values.by_key:
        what, _, about = key.partition("/")
        element, _, fact = about.partition("/")
        answer = entry.text(f"all/{fact}") or entry.text(key)
        if what == "answer" and answer:
            replies.append({"element": element, "fact": fact, "answer": answer})
    return entry.command(AnswerQuestions, replies=replies, only_changes=True)


_INTRODUCTION = "These answers are behind it. What would follow from a change is shown before it is saved."
_OPTIONS = tuple(Option(value=one.value, text=ANSWER_LABELS[one]) for one in Answer)
_MOST = 60
_NAME = 60

CHANGE_ANSWERS = Form(
    name="change_answers",
    target=SelectionTarget,
    command_type=AnswerQuestions,
    shows_effects=True,
    title="Change answers",
    parts=_parts,
    build_command=_change,
)
