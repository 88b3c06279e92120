"""Events about elements, facts, registers, assumptions and drafts."""

from collections.abc import Iterable
from typing import get_args

from domain import events
from domain.drafts.draft import DraftSource
from domain.events import DraftReopened, DraftSettled
from domain.kernel import event_subjects as of
from domain.kernel.elements import SINGULAR, Component, Element, kind_of, references
from domain.kernel.event_subjects import Subject
from domain.kernel.text_formatting import count_phrase, join_list
from domain.model import ThreatModel
from domain.model.element_labels import is_placed, label, name_of
from domain.wording.event_row import Row, about, element_phrase, question_phrase, row


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
        dict.fromkeys(before.catalog.technology_name(fact.follows_from) for fact in facts)
    )
    answers = "; ".join(
        f"“{question_phrase(before, fact.fact)}” {fact.answer.label}: {fact.reason}" for fact in facts
    )
    return f"recorded assumptions from {origin} for {where}: {answers}"


_Linking = events.ElementsLinked | events.ElementsSeparated | events.LinkWithdrawn


def _link_text(event: _Linking, before: ThreatModel) -> str:
    dependency, component = (element_phrase(before, id) for id in (event.dependency, event.component))
    pair = f"the {dependency} and the {component}"
    match event:
        case events.ElementsLinked():
            return f"stated that {pair} are the same thing"
        case events.ElementsSeparated():
            return f"stated that {pair} are two things"
        case events.LinkWithdrawn():
            return f"left open whether {pair} are the same thing"


def _bulk_text(event: events.BulkAnswered, before: ThreatModel) -> str:
    reply = event.reply.label if event.reply else "no answer"
    named = [f"{name_of(before, element)} ({element})" for element in event.elements[:_NAMED]]
    more = len(event.elements) - len(named)
    where = join_list([*named, f"{more} more"] if more else named)
    return f"answered “{reply}” to “{question_phrase(before, event.fact)}” in one line for {where}"


_NAMED = 10
"""Maximum elements that a bulk answer lists."""


def _answer_text(event: events.FactAnswered, before: ThreatModel) -> str:
    reply = event.reply.label if event.reply else "no answer"
    where = f"{name_of(before, event.element)} ({event.element})"
    assumed = event.basis.assumed if event.basis else None
    follows = before.catalog.technology_name(assumed.follows_from) if assumed else ""
    accepted = f", as assumed from {follows}" if follows else ""
    return f"answered “{reply}” to “{question_phrase(before, event.fact)}” for {where}{accepted}"


def _check_text(event: events.AnswerChecked, before: ThreatModel) -> str:
    where = f"{name_of(before, event.element)} ({event.element})"
    answer = f"to “{question_phrase(before, event.fact)}” for {where}"
    check = event.check
    if check is None:
        return f"withdrew the spot check of the answer {answer}"
    evidence = f". Evidence: {check.evidence}" if check.evidence else ""
    return f"spot-checked the answer “{check.answer.label}” {answer}: {check.outcome.label}{evidence}"


def _levels(event: events.TrustLevelsOrdered, before: ThreatModel) -> str:
    return f"ordered the trust levels: {' < '.join(f'“{name_of(before, id)}”' for id in event.order)}"


def _recorded(event: events.AssumptionRecorded, _before: ThreatModel) -> str:
    holder = event.assumption.held_by
    held = "" if holder == event.by else f", owned by @{holder}"
    return f"recorded the assumption “{event.assumption.text}”{held}"


def _withdrawn(event: events.AssumptionWithdrawn, before: ThreatModel) -> str:
    old = before.assumptions.get(event.assumption)
    return f"withdrew the assumption {f'“{old.text}”' if old else event.assumption}"


def _element(event: events.ElementAdded | events.ElementRevised) -> tuple[Subject]:
    return (of.element(events.described_element(event).id),)


def _named(event: events.ElementAdded | events.ElementRevised) -> Iterable[Subject]:
    return map(of.thing, references(events.described_element(event)))


def _link(event: _Linking) -> tuple[Subject]:
    return (of.link(event.dependency, event.component),)


def _linked_elements(event: _Linking) -> tuple[Subject, ...]:
    return (of.thing(event.dependency), of.thing(event.component))


COLLECTION_EVENTS: tuple[Row, ...] = (
    *(
        row(kind, _element_text, _element, builds_on=_named)
        for kind in (*get_args(events.ElementAdded), *get_args(events.ElementRevised))
    ),
    row(events.TrustLevelsOrdered, _levels, of.ORDER, touches=lambda event: map(of.thing, event.order)),
    row(events.ElementRemoved, "removed the {element}", about(of.element, "element")),
    row(events.ElementRestored, "restored the {element}", about(of.element, "element")),
    row(
        events.ElementsMerged,
        lambda event, before: (
            f"merged the {element_phrase(before, event.element)} into "
            f"“{name_of(before, event.into)}” ({event.into})"
        ),
        lambda event: (of.element(event.element), of.element(event.into)),
        decides=True,
    ),
    row(events.FactAnswered, _answer_text, about(of.facts, "element")),
    row(events.AnswerChecked, _check_text, about(of.facts, "element"), decides=True),
    row(events.FactsAssumed, _assumption_text, about(of.assumed, "element")),
    row(events.BulkAnswered, _bulk_text, lambda event: map(of.facts, event.elements)),
    *(
        row(kind, _link_text, _link, builds_on=_linked_elements)
        for kind in (events.ElementsLinked, events.ElementsSeparated, events.LinkWithdrawn)
    ),
    row(events.RegisterCompleted, "marked the {register} complete", about(of.complete, "register")),
    row(events.RegisterReopened, "reopened the {register}", about(of.complete, "register")),
    row(
        events.AssumptionRecorded,
        _recorded,
        about(of.assumption, "assumption.id"),
        people=lambda event: (event.assumption.held_by,),
    ),
    row(
        events.AssumptionRevised,
        lambda event, _: f"reworded the assumption {event.assumption.id}: “{event.assumption.text}”",
        about(of.assumption, "assumption.id"),
    ),
    row(events.AssumptionWithdrawn, _withdrawn, about(of.assumption, "assumption")),
)


def sources_phrase(sources: tuple[DraftSource, ...]) -> str:
    """Return the names of sources: `compose.yaml and openapi.json`, `a.yaml, b.yaml and 4 more`."""
    names = [source.name for source in sources]
    shown = (
        names
        if len(names) <= _NAMED_SOURCES
        else [*names[: _NAMED_SOURCES - 1], f"{len(names) - _NAMED_SOURCES + 1} more"]
    )
    return join_list(shown) if shown else "no source"


_NAMED_SOURCES = 4
"""Maximum names that are listed."""


def _settled(event: DraftSettled, _before: ThreatModel) -> str:
    origin = f"from {sources_phrase(event.settled.sources)}{_brought(event)}"
    taken, left = len(event.taken), len(event.left)
    parts: list[str] = []
    if taken:
        of_all = f"{taken:,} of {count_phrase(taken + left, 'item')}" if left else count_phrase(taken, "item")
        parts.append(f"accepted {of_all} {origin}")
    elif left:
        parts.append(f"rejected {count_phrase(left, 'item')} {origin}")
    for items, verb in ((event.gone, "removed"), (event.kept, "kept")):
        if items:
            was = "is" if len(items) == 1 else "are"
            known = f"{count_phrase(len(items), 'element')} that {was} no longer in the source"
            parts.append(f"{verb} {known}" + ("" if parts else f" {origin}"))
    return join_list(parts) if parts else f"settled nothing {origin}"


def _brought(event: DraftSettled) -> str:
    """Return who brought a draft of another person or of a client, as an insertion."""
    draft = event.settled
    by = draft.brought_by if draft.brought_by != event.by else None
    person = f" by @{by}" if by else ""
    through = f" through {draft.client}" if draft.client else ""
    return f", brought{person}{through}" if person or through else ""


DRAFT_EVENTS: tuple[Row, ...] = (
    row(
        DraftSettled,
        _settled,
        touches=lambda event: (
            of.source(item.key) for item in (*event.taken, *event.left, *event.gone, *event.kept)
        ),
        builds_on=lambda event: (of.thing(item.id) for item in event.taken),
        decides=True,
        people=lambda event: (event.settled.brought_by,),
    ),
    row(
        DraftReopened,
        lambda event, _: f"reopened the draft {event.draft}",
        touches=lambda event: (of.source(item.key) for item in (*event.restored, *event.released)),
        decides=True,
    ),
)
