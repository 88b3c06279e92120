"""Answers about a model: what a change has to guard, its report, and its open questions."""

from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from bot.mcp_server.answers.model_parts import model_head
from bot.mcp_server.answers.threat_answers import (
    mitigation_answer,
    suggested_threat,
    threat_answer,
    usual_controls,
)
from bot.mcp_server.call_refusals import ElementNotFound
from bot.mcp_server.said_text import said
from bot.report.markdown_renderer import render_markdown
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import ElementId
from domain.kernel.person_names import Naming
from domain.kernel.threat import elements_at, places_of
from domain.register import RegisterItem, ThreatRegister


def guard_answer(register: ThreatRegister, named: str, naming: Naming) -> dict[str, object]:
    """Return what should guard the element with an ID or a name; raises ElementNotFound."""
    item = find_element(register, named)
    about = {item.id, *_parts_of(register, item.id)}
    threats = [
        one
        for one in register.threats
        if about.intersection(places_of(one), *(elements_at(place) for place in one.places))
    ]
    ids = {one.id for one in threats}
    return {
        **model_head(register, naming),
        "element": {"id": item.id, "kind": item.kind.value, "name": said(item.name)},
        "threats": [
            {
                **threat_answer(one),
                "state": register.statuses[one.id].state.value,
                "usual_controls": usual_controls(register.suggestions[one.id].controls),
            }
            for one in threats
        ],
        "mitigations": [
            mitigation_answer(one, naming) for one in register.mitigations if ids.intersection(one.threats)
        ],
        "suggested_threats": [
            suggested_threat(one)
            for one in register.groups
            if about.intersection(candidate.element for candidate in one.candidates)
        ],
    }


def find_element(register: ThreatRegister, named: str) -> RegisterItem:
    """Return the current element with an ID or a name, in upper or lower case; raises ElementNotFound."""
    wanted = named.strip().casefold()
    items = [item for listed in register.lists.values() for item in listed.items]
    for one in items:
        if wanted in (one.id.casefold(), one.name.casefold()):
            return one
    raise ElementNotFound([one.id for one in items])


def _parts_of(register: ThreatRegister, element: ElementId) -> list[ElementId]:
    """Return the entry points of a component and the flows that end there, at which its threats may be."""
    return [
        item.id
        for listed in register.lists.values()
        for item in listed.items
        if element in (getattr(item.element, "component", None), getattr(item.element, "target", None))
    ]


MAX_REPORT: Final = 100_000
"""Characters of a report."""


def report_answer(register: ThreatRegister, naming: Naming, now: datetime) -> dict[str, object]:
    """Return the report in Markdown as data, because it consists of what people wrote.

    It has no appendix, whose parts name the people who contributed, voters of open rounds among them.
    """
    text = render_markdown(
        report_of(
            ReportSource(
                register=without_voters(register),
                history=(),
                naming=naming,
                as_of=now,
                day_of=lambda moment: moment.astimezone(UTC).date(),
                pictures=False,
            )
        )
    )
    return {
        **model_head(register, naming),
        "format": "markdown",
        "report": said(text, MAX_REPORT),
        "complete": len(text) <= MAX_REPORT,
    }


def without_voters(register: ThreatRegister) -> ThreatRegister:
    """Return a register whose open rounds name none of those who have voted or have not."""
    return replace(
        register,
        rounds=tuple(replace(one, voted=(), waits_for=()) for one in register.rounds),
        next=replace(register.next, waits_for=None) if register.rounds else register.next,
    )


def question_answer(question: Question) -> dict[str, object]:
    """Return a question about an element: what a yes and a no state, and why it is asked."""
    fact = BUILT_IN.facts[question.fact]
    return {
        "element": question.element,
        "element_name": said(question.element_name),
        "fact": question.fact,
        "question": question.text,
        "yes_states": fact.statement,
        "no_states": fact.denial or None,
        "why": list(question.why),
        "suggested": question.suggested.answer.value if question.suggested else None,
        "answered_unknown": question.answered_unknown,
    }
