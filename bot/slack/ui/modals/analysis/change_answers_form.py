"""Change of the answers that findings rest on; what would follow is shown before it is saved."""

from collections.abc import Iterator, Sequence
from functools import partial

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import clip_mrkdwn
from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import SelectionTarget, StaleButton, Target
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext, Saved, WriteEffect
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
        Paragraph(text=f"{model_label(register)}\n{_INTRODUCTIONS[_of_revised(opening.target)]}"),
        *(part for fact, elements in by_fact.items() for part in _fields(register, fact, elements)),
        *([Paragraph(text=f"{count_phrase(rest, 'more answer')} not shown.")] if rest else []),
    ]


def _behind(register: ThreatRegister, opening: FormContext) -> dict[tuple[ElementId, str], RegisterItem]:
    """Return the answers behind the findings, those that say *no* first; raises StaleButton without any."""
    findings = suggested_threat_ids(opening.target) if opening.target.element else ()
    asked = dict.fromkeys(one for finding in findings for one in register.answers_behind(finding))
    if _of_revised(opening.target):
        asked = {(id, fact): None for id, facts in register.to_restate.items() for fact in facts}
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
    return entry.command(AnswerQuestions, replies=replies, only_changes=not _of_revised(entry.target))


def _of_revised(target: Target) -> bool:
    return target.element == REVISED


def _still_true(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    shown = list(register.to_restate.items())[:_MOST_REVISED]
    rest = len(register.to_restate) - len(shown)
    return [
        Paragraph(text=f"{model_label(register)}\n{_ASKED}"),
        *(part for id, facts in shown for part in _revised(register, id, facts)),
        *([Paragraph(text=f"{count_phrase(rest, 'more revised element')} follow.")] if rest else []),
    ]


def _revised(register: ThreatRegister, id: ElementId, facts: Sequence[str]) -> Iterator[FormPart]:
    item = register.item(id)
    if item is not None:
        answers = (f"{register.catalog.facts[one].question} *{item.facts[one].label}*" for one in facts)
        name = clip(one_line(item.name), _NAME)
        listed = "\n".join((f"*{escape(name)}*", *(f"• {one}" for one in answers)))
        yield Paragraph(text=clip_mrkdwn(listed, slack_limits.SECTION))
        yield ChoiceField(
            key=f"revised/{id}", label=f"Answers about {name}", options=_TRUE_OR_NOT, required=True
        )


def _chosen(values: SubmittedValues, choice: str) -> list[str]:
    return [key.partition("/")[2] for key in values.by_key if values.text(key) == choice]


def _then_change(saved: Saved) -> Target | None:
    """Return the form for the answers of the others, as those that are still true are stated again by now."""
    if not _chosen(saved.values, _CHANGE):
        return None
    return SelectionTarget(name="change_answers", stream=saved.target.stream, element=REVISED)


_ASKED = (
    "These elements were revised since the closing. Are the answers about them, given before, still true?"
)
_TRUE, _CHANGE = "true", "change"
_TRUE_OR_NOT = (Option(value=_TRUE, text="Still true"), Option(value=_CHANGE, text="Change…"))
_MOST_REVISED = 40

STILL_TRUE = Form(
    name="still_true",
    writes=WriteEffect.ADDS,
    command_type=AnswerQuestions,
    title="Still true?",
    parts=_still_true,
    build_command=lambda entry: entry.command(AnswerQuestions, still_true=_chosen(entry.values, _TRUE)),
    is_empty=lambda values: not _chosen(values, _TRUE),
    next_form=_then_change,
    nothing_open=lambda register: "" if register.to_restate else "No revised element has earlier answers.",
)

REVISED = "revised"
"""Stands for the answers about elements revised in a review, in place of a finding."""
_INTRODUCTIONS = {
    False: "These answers are behind it. What would follow from a change is shown before it is saved.",
    True: "These elements were revised. Saving states each answer again, as it is now or changed.",
}
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
