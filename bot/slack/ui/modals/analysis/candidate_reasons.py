"""Reasons of candidates, and of dismissed ones that reappear, in words."""

from collections.abc import Sequence

from bot.slack.protocol.escaping import escape, escape_name, one_line
from bot.slack.ui.texts.common_texts import element_name, person_name
from domain.analysis.rule_findings import Candidate, FactUsed
from domain.built_in_catalog import BUILT_IN
from domain.kernel.candidate_decisions import AnswerChange, Dismissal, PlacementChange, Reappearance
from domain.kernel.elements import Component, DataFlow, ElementId
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister


def candidate_reasons(register: ThreatRegister, one: Candidate) -> list[str]:
    """Return the facts of the model that raised a candidate: placements first, then answers."""
    ends = _ends(register, one.element)
    reasons = [
        *([ends] if ends else []),
        *(f"{seen.statement}{_whose(register, one, seen.element)}" for seen in one.observed),
        *(_answer_text(register, one, fact) for fact in one.facts),
    ]
    return [f"*Based on:* {'; '.join(reasons)}"] if reasons else []


def common_reasons(register: ThreatRegister, every: Sequence[Candidate]) -> list[str]:
    """Return the facts that raised several candidates of one rule, each once.

    Where they concern many other elements, the elements are left out.
    """
    if len(every) == 1:
        return candidate_reasons(register, every[0])
    observed = [seen.statement for one in every for seen in one.observed]
    answers = [_answer_text(register, one, fact) for one in every for fact in one.facts]
    reasons = list(dict.fromkeys((*observed, *answers)))
    if len(reasons) > _FACTS:
        nameless = [f"“{fact.statement}”: *{fact.answer.label}*" for one in every for fact in one.facts]
        reasons = list(dict.fromkeys((*observed, *nameless)))[:_FACTS]
    return [f"*Based on:* {'; '.join(reasons)}"] if reasons else []


def dismissal_reason(dismissal: Dismissal, naming: Naming) -> str:
    """Return who dismissed a candidate, and why."""
    return f"{person_name(naming, dismissal.by)}: “{escape(one_line(dismissal.reason), _REASON)}”"


def return_reason(register: ThreatRegister, back: Reappearance, naming: Naming) -> str:
    """Return that a candidate was dismissed before, and what has changed since."""
    changed = [_changed(register, one) for one in back.changes]
    moved = [_moved(register, one) for one in back.moved]
    changes = "; ".join([*changed, *moved])
    return f"↩ *Dismissed before* by {dismissal_reason(back.dismissal, naming)}. Since then: {changes}"


def _changed(register: ThreatRegister, one: AnswerChange) -> str:
    fact = BUILT_IN.find_fact(one.fact)
    statement = fact.statement if fact else one.fact.replace("_", " ")
    before, now = (answer.label if answer else "not answered" for answer in (one.before, one.now))
    return f"“{statement}” was *{before}* and is *{now}* ({element_name(register, one.element)})"


def _moved(register: ThreatRegister, change: PlacementChange) -> str:
    before, now = (_where(register, one.trust_level, one.boundaries) for one in (change.before, change.now))
    return f"{element_name(register, change.now.element)} was *{before}* and is *{now}*"


def _answer_text(register: ThreatRegister, one: Candidate, fact: FactUsed) -> str:
    return f"“{fact.statement}”: *{fact.answer.label}*{_whose(register, one, fact.element)}"


def _whose(register: ThreatRegister, one: Candidate, about: ElementId) -> str:
    """Return the other element that a fact concerns; the candidate's own element is shown above already."""
    return "" if about == one.element else f" ({element_name(register, about)})"


def _ends(register: ThreatRegister, id: ElementId) -> str:
    item = register.item(id)
    if item is None or not isinstance(item.element, DataFlow):
        return ""
    return f"{_place(register, item.element.source)} → {_place(register, item.element.target)}"


def _place(register: ThreatRegister, id: ElementId) -> str:
    item = register.item(id)
    if item is None or not isinstance(item.element, Component):
        return element_name(register, id)
    boundary = item.element.boundary
    where = _where(register, item.element.trust_level, (boundary,) if boundary else ())
    return f"{escape_name(item.name)} ({where})"


def _where(register: ThreatRegister, level: ElementId | None, boundaries: Sequence[ElementId]) -> str:
    trusted = f"trusted as {element_name(register, level)}" if level else "at no trust level"
    inside = [f"in {element_name(register, one)}" for one in boundaries] or ["in no boundary"]
    return ", ".join([trusted, *inside])


_REASON = 300
_FACTS = 6
