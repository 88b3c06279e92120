"""Wording of events about elements, facts, registers and assumptions."""

from typing import assert_never

from domain import events
from domain.kernel.elements import PLURAL, SINGULAR, Component, Element, kind_of
from domain.kernel.text_formatting import join_list
from domain.model import ThreatModel
from domain.model.element_labels import is_placed, label, name_of
from domain.wording.event_phrases import element_phrase, question_phrase


def describe_collection(event: events.CollectionEvent, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    if isinstance(event, events.ElementAdded | events.ElementRevised):
        return _element_text(event, before)
    match event:
        case events.TrustLevelsOrdered():
            names = " < ".join(f"“{name_of(before, id)}”" for id in event.order)
            return f"ordered the trust levels: {names}"
        case events.ElementRemoved():
            return f"removed the {element_phrase(before, event.element)}"
        case events.ElementRestored():
            return f"restored the {element_phrase(before, event.element)}"
        case events.FactAnswered():
            return _answer_text(event, before)
        case events.FactsAssumed():
            return _assumption_text(event, before)
        case events.BulkAnswered():
            return _bulk_text(event, before)
        case events.ElementsLinked():
            return f"stated that {_pair(event, before)} are the same thing"
        case events.ElementsSeparated():
            return f"stated that {_pair(event, before)} are two things"
        case events.LinkWithdrawn():
            return f"left open whether {_pair(event, before)} are the same thing"
        case events.RegisterCompleted():
            return f"marked the {PLURAL[event.register]} complete"
        case events.RegisterReopened():
            return f"reopened the {PLURAL[event.register]}"
        case events.AssumptionRecorded():
            holder = event.assumption.held_by
            held = "" if holder == event.by else f", owned by @{holder}"
            return f"recorded the assumption “{event.assumption.text}”{held}"
        case events.AssumptionRevised():
            return f"reworded the assumption {event.assumption.id}: “{event.assumption.text}”"
        case events.AssumptionWithdrawn():
            old = before.assumptions.get(event.assumption)
            return f"withdrew the assumption {f'“{old.text}”' if old else event.assumption}"
    assert_never(event)


def is_placing(old: Element | None, new: Element) -> bool:
    """Return whether a component has a kind and a trust level now, and only such attributes changed."""
    if not isinstance(old, Component) or not isinstance(new, Component) or not is_placed(new):
        return False
    return (old.name, old.description) == (new.name, new.description)


def _element_text(event: events.ElementAdded | events.ElementRevised, before: ThreatModel) -> str:
    element = events.described_element(event)
    name = label(before, element)
    words = f"the {SINGULAR[kind_of(element)]} “{name}” ({element.id})"
    if isinstance(event, events.ElementAdded):
        return f"added {words}"
    old = before.elements.get(element.id)
    was = label(before, old) if old else name
    if is_placing(old, element):
        return f"placed {words}"
    return f"revised {words}" + (f", formerly “{was}”" if was != name else "")


def _assumption_text(event: events.FactsAssumed, before: ThreatModel) -> str:
    where = f"{name_of(before, event.element)} ({event.element})"
    recorded = event.assumptions
    facts = recorded.facts if recorded else ()
    technology = before.catalog.technology_name(recorded.technology) if recorded else ""
    if not facts:
        if technology:
            return f"set the technology of {where} to {technology}"
        return f"withdrew the assumptions about {where}"
    origin = technology or ", ".join(
        dict.fromkeys(before.catalog.technology_name(one.follows_from) for one in facts)
    )
    answers = "; ".join(
        f"“{question_phrase(before, one.fact)}” {one.answer.label}: {one.reason}" for one in facts
    )
    return f"recorded assumptions from {origin} for {where}: {answers}"


def _pair(
    event: events.ElementsLinked | events.ElementsSeparated | events.LinkWithdrawn, before: ThreatModel
) -> str:
    dependency, component = (element_phrase(before, id) for id in (event.dependency, event.component))
    return f"the {dependency} and the {component}"


def _bulk_text(event: events.BulkAnswered, before: ThreatModel) -> str:
    reply = event.reply.label if event.reply else "no answer"
    named = [f"{name_of(before, one)} ({one})" for one in event.elements[:_NAMED]]
    more = len(event.elements) - len(named)
    where = join_list([*named, f"{more} more"] if more else named)
    return f"answered “{reply}” to “{question_phrase(before, event.fact)}” for all others: {where}"


_NAMED = 10
"""Maximum elements that a bulk answer lists."""


def _answer_text(event: events.FactAnswered, before: ThreatModel) -> str:
    reply = event.reply.label if event.reply else "no answer"
    where = f"{name_of(before, event.element)} ({event.element})"
    return f"answered “{reply}” to “{question_phrase(before, event.fact)}” for {where}"
