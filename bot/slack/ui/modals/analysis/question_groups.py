"""Open questions grouped by fact, in the order in which their pages ask them."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.modals.analysis.question_forms import ASKED_OF_READER
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import PersonId
from domain.model import id_order
from domain.register import ThreatRegister

REST = "rest"
"""Selection of QUESTIONS: also those that can wait."""


class FactQuestions(msgspec.Struct, frozen=True, kw_only=True):
    """The open questions about one fact, each of another element."""

    fact: str
    text: str
    why: str
    open: tuple[Question, ...]


def facts_to_ask(register: ThreatRegister, target: Target, person: PersonId) -> tuple[FactQuestions, ...]:
    """Return the questions from which a page starts: `target.page` counts the facts left open before it.

    What is at stake comes first, alone; then all others. Questions answered with *don't know* come last,
    and those assigned to someone else come after those of the reader.
    """
    asked = _selected(register, SelectionTarget.of(target).selection, person)
    asked.sort(key=lambda one: (one.answered_unknown, one.asked_of not in (None, person)))
    by_fact: dict[str, list[Question]] = {}
    for one in asked:
        by_fact.setdefault(one.fact, []).append(one)
    return tuple(groups_of(by_fact))[target.page :]


def _selected(register: ThreatRegister, selection: str, person: PersonId) -> list[Question]:
    if selection == ASKED_OF_READER:
        return [one for one in register.questions if one.asked_of == person]
    unanswered = [one for one in register.questions if not one.answered_unknown]
    at_stake = [one for one in unanswered if one.at_stake]
    return (at_stake if selection != REST else []) or unanswered or list(register.questions)


def next_facts(
    register: ThreatRegister, target: SelectionTarget, person: PersonId, shown: Mapping[str, frozenset[str]]
) -> SelectionTarget | None:
    """Return the page after a submitted one: from the first fact with an element that was not shown.

    None if only questions are left that can wait, unless these were shown already.
    """
    for place, one in enumerate(facts_to_ask(register, target, person)):
        if all(question.element in shown.get(one.fact, ()) for question in one.open):
            continue
        at_stake = any(question.at_stake and not question.answered_unknown for question in one.open)
        if target.selection == "" and not at_stake:
            return None
        return replace(target, page=target.page + place)
    return None


def groups_of(by_fact: Mapping[str, Sequence[Question]]) -> Iterator[FactQuestions]:
    """Yield the questions of each fact, in groups that fit on a page."""
    for fact, questions in by_fact.items():
        size = _ONE_BY_ONE if all(one.answered_unknown for one in questions) else _MOST_ELEMENTS
        for start in range(0, len(questions), size):
            yield _of_fact(fact, tuple(questions[start : start + size]))


def _of_fact(fact: str, questions: tuple[Question, ...]) -> FactQuestions:
    texts = {one.text for one in questions}
    declared = BUILT_IN.facts[fact]
    reasons = dict.fromkeys(reason for one in questions for reason in one.why)
    why = declared.why or " ".join(list(reasons)[:_REASONS])
    in_order = tuple(sorted(questions, key=lambda one: id_order(one.element)))
    return FactQuestions(
        fact=fact, text=texts.pop() if len(texts) == 1 else declared.question, why=why, open=in_order
    )


_ONE_BY_ONE = 20
_MOST_ELEMENTS = 200
_REASONS = 2
