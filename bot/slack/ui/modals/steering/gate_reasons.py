"""Reasons for going on although a gate is open: one for each gate, and for each fact that stays open."""

from collections.abc import Sequence

from bot.slack.protocol.escaping import clip
from bot.slack.ui.forms.form_fields import TextField
from bot.slack.ui.forms.submitted_values import SubmittedValues
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.kernel.length_limits import TEXT
from domain.register import ThreatRegister


def reason_fields(gate: str, text: str, register: ThreatRegister) -> list[TextField]:
    """Return the fields for the reasons of an open gate."""
    facts = open_facts(register) if gate == "no_unknowns" else {}
    if 0 < len(facts) <= MOST_FACTS:
        return [_reason_for_fact(gate, fact, places) for fact, places in facts.items()]
    return [
        TextField(
            key=f"{_REASON}{gate}",
            label=f"{text[:1].upper()}{text[1:]}",
            hint="Why continue anyway?",
            limit=TEXT,
            lines=True,
            required=True,
        )
    ]


def _reason_for_fact(gate: str, fact: str, places: Sequence[Question]) -> TextField:
    where = ", ".join(one.element_name for one in places[:_PLACES])
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return TextField(
        key=f"{_REASON}{gate}/{fact}",
        label=places[0].text,
        hint=f"Open for {where}{more}. Why can it remain open?",
        limit=_FACT_REASON,
        required=True,
    )


def open_facts(register: ThreatRegister) -> dict[str, list[Question]]:
    """Return the open questions that keep a model from being closed, by fact."""
    found: dict[str, list[Question]] = {}
    for one in register.questions:
        if one.crossing:
            found.setdefault(one.fact, []).append(one)
    return found


def gate_reasons(values: SubmittedValues) -> dict[str, str]:
    """Return the reason for each gate; those for single facts are joined, each after its question."""
    found: dict[str, list[str]] = {}
    for key in values.by_key:
        if not key.startswith(_REASON):
            continue
        gate, _, fact = key.removeprefix(_REASON).partition("/")
        known, reason = BUILT_IN.facts.get(fact), values.text(key)
        if reason:
            found.setdefault(gate, []).append(
                f"{clip(known.question, _QUESTION)} {reason}" if known else reason
            )
        else:
            found.setdefault(gate, [])
    return {gate: "\n".join(reasons) for gate, reasons in found.items()}


_REASON = "reason_"
MOST_FACTS = 12
"""Facts that get a reason of their own; more are passed with one."""
_FACT_REASON = 120
_QUESTION = 80
_PLACES = 3
