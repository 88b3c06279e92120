"""Decision to merge two elements that are one thing; what was known of one moves to the other."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from domain.commands import ChosenAnswer, MergeElements, MergeThreats
from domain.decide.decision import Decision
from domain.decide.element_entry import dependents_of, redirect
from domain.decide.input_checks import require_element
from domain.decide.threats import merge_threats, retitled
from domain.element_links import linked_dependency
from domain.events import (
    AnswerChecked,
    DraftReopened,
    ElementsLinked,
    ElementsMerged,
    ElementsSeparated,
    FactAnswered,
    LinkWithdrawn,
    MitigationRestored,
    PersonAsked,
    SuggestedThreatDismissed,
    ThreatRevised,
)
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import CheckOutcome, weakest_of
from domain.kernel.elements import (
    Component,
    ComponentKind,
    Element,
    ElementId,
    ElementLink,
    kind_of,
)
from domain.kernel.length_limits import TEXT
from domain.kernel.mitigation import PlaceOwner
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import (
    Dismissal,
    PlaceId,
    SuggestedThreatId,
    Threat,
    elements_at,
    elements_of,
    rule_of,
)
from domain.model import ThreatModel, id_order
from domain.model.element_labels import quoted_label
from domain.rejections import AnswersContradict, Contradiction, LinkedAlready, Rejected
from domain.voting.scores import scores_of


def as_kept(merge: MergeElements, found: Iterable[Contradiction]) -> MergeElements:
    """Return a merge that keeps the answers of the element that stays where there is no choice."""
    kept = (ChosenAnswer(element=one.element, fact=one.fact, answer=one.answer) for one in found)
    return replace(merge, answers=(*merge.answers, *kept))


_Thing = TypeVar("_Thing")


class _Choices(msgspec.Struct):
    """The choices between answers, and the contradictions without one that were found so far."""

    chosen: Mapping[tuple[ElementId, str], Answer]
    open: list[Contradiction]


def merge_elements(command: MergeElements, decision: Decision) -> Decision:
    """Merge an element into another one; raises AnswersContradict for answers without a choice."""
    merged = require_element(decision.model, command.element)
    kept = require_element(decision.model, command.into, kind_of(merged), field="into")
    if merged.id == kept.id:
        raise Rejected("An element cannot be merged with itself. Choose another one.", field="into")
    choices = _Choices({(one.element, one.fact): one.answer for one in command.answers}, [])
    decision = _merge(merged.id, kept.id, choices, decision)
    if choices.open:
        raise AnswersContradict(tuple(choices.open))
    return decision


def _merge(old: ElementId, new: ElementId, choices: _Choices, decision: Decision) -> Decision:
    """Move everything from one element to another; flows that are the same then are merged as well."""

    def same(flow: ElementId, other: ElementId, decision: Decision) -> Decision:
        return _merge(flow, other, choices, decision)

    merged, kept = decision.model.elements[old], decision.model.elements[new]
    decision = decision.revise_if((filled := _filled(kept, merged)) != kept, filled)
    dependents = dependents_of(decision.model, old)
    decision = redirect(merged, new, dependents, decision, drawn_twice=same)
    decision = _move_answers(old, new, choices, decision)
    for move in _MOVES:
        decision = move(old, new, decision)
    return decision.record(ElementsMerged(**decision.header, element=old, into=new))


def _filled(kept: Element, merged: Element) -> Element:
    """Return an element with what only the other one states; lists and descriptions are joined."""
    changes: dict[str, object] = {}
    for attribute in kept.__struct_fields__:
        own, other = getattr(kept, attribute), getattr(merged, attribute)
        if attribute in _OWN or own == other:
            continue
        if isinstance(own, tuple):
            changes[attribute] = tuple(dict.fromkeys((*own, *other)))
        elif own in (None, "", False):
            changes[attribute] = other
        elif attribute == "description" and other and len(own) + len(other) < TEXT:
            changes[attribute] = f"{own}\n{other}"
    return replace(kept, **changes)


_OWN = ("id", "name", "rank", "parent", "source", "target")
"""Attributes of which nothing is taken over."""


def _move_answers(old: ElementId, new: ElementId, choices: _Choices, decision: Decision) -> Decision:
    model = decision.model
    for fact in sorted(fact for (element, fact), _ in items_of(model.facts) if element == old):
        if not _is_taken((old, fact), (new, fact), choices, model):
            continue
        reply, check = model.facts[old, fact], model.checks.get((old, fact))
        # The check comes first: the answer that follows has the basis that it gave it.
        if check is not None and (check.outcome is not CheckOutcome.WRONG or reply is Answer.NO):
            decision = decision.record(AnswerChecked(**decision.header, element=new, fact=fact, check=check))
        basis = model.bases.get((old, fact))
        decision = decision.record(
            FactAnswered(**decision.header, element=new, fact=fact, reply=reply, basis=basis)
        )
    return decision


def _is_taken(
    theirs: tuple[ElementId, str], ours: tuple[ElementId, str], choices: _Choices, model: ThreatModel
) -> bool:
    """Return whether an answer replaces that of the element that stays; notes a contradiction."""
    other, own = model.facts[theirs], model.facts.get(ours)
    if own is other:
        bases = [basis.kind for about in (ours, theirs) if (basis := model.bases.get(about))]
        return len({*bases}) > 1 and weakest_of(bases) is bases[0]
    if own is None or other is Answer.UNKNOWN:
        return own is None
    if own is Answer.UNKNOWN:
        return True
    chosen = choices.chosen.get(ours)
    if chosen not in (own, other):
        choices.open.append(
            Contradiction(element=ours[0], merged=theirs[0], fact=ours[1], answer=own, other=other)
        )
    return chosen is other


def _move_questions(old: ElementId, new: ElementId, decision: Decision) -> Decision:
    """Assign open questions to whom they were assigned."""
    model = decision.model
    for (element, fact), asked in sorted(items_of(model.asked_of), key=lambda one: one[0]):
        about = (new, fact)
        if (
            element == old
            and about not in model.asked_of
            and model.facts.get(about) in (None, Answer.UNKNOWN)
        ):
            moved = PersonAsked(**decision.header, element=new, fact=fact, person=asked.person, due=asked.due)
            decision = decision.record(moved)
    return decision


def _move_links(old: ElementId, new: ElementId, decision: Decision) -> Decision:
    for (dependency, component), link in sorted(items_of(decision.model.links), key=lambda one: one[0]):
        if old not in (dependency, component):
            continue
        decision = decision.record(
            LinkWithdrawn(**decision.header, dependency=dependency, component=component)
        )
        pair = (_moved(dependency, old, new), _moved(component, old, new))
        known = decision.model.links.get(pair)
        if known is None or (link.same and not known.same):
            decision = _link(*pair, link, decision)
    return decision


def _link(dependency: ElementId, component: ElementId, link: ElementLink, decision: Decision) -> Decision:
    pair = {"dependency": dependency, "component": component}
    known = decision.model.elements.get(component)
    if not link.same or not isinstance(known, Component):
        return decision.record(ElementsSeparated(**decision.header, **pair))
    other = linked_dependency(decision.model, component)
    if other is not None:
        raise LinkedAlready(quoted_label(decision.model, component), quoted_label(decision.model, other))
    former = link.former_sort if component == link.component else known.sort
    decision = decision.record(ElementsLinked(**decision.header, **pair, former_sort=former))
    external = replace(known, sort=ComponentKind.EXTERNAL_ENTITY)
    return decision.revise_if(external != known, external)


def _move_threats(old: ElementId, new: ElementId, decision: Decision) -> Decision:
    for threat in sorted(values_of(decision.model.threats), key=lambda one: id_order(one.id)):
        places = tuple(dict.fromkeys(_moved_id(one, old, new) for one in threat.suggested_threats))
        moved = replace(
            threat,
            title=retitled(decision.model, threat, places) if places else threat.title,
            element=_moved(threat.element, old, new) if threat.element else None,
            suggested_threats=places,
        )
        decision = decision.record_if(moved != threat, ThreatRevised(**decision.header, threat=moved))
    while (pair := _of_one_place(decision.model)) is not None:
        decision = _join(*pair, decision)
    return decision


def _of_one_place(model: ThreatModel) -> tuple[Threat, Threat] | None:
    """Return two threats that were confirmed from the same suggested threat; None if there are none."""
    found: dict[SuggestedThreatId, Threat] = {}
    for threat in sorted(values_of(model.threats), key=lambda one: id_order(one.id)):
        for place in threat.suggested_threats:
            if place in found:
                return found[place], threat
            found[place] = threat
    return None


def _join(one: Threat, other: Threat, decision: Decision) -> Decision:
    """Merge two threats of one place: the one with a score, or with a response, stays."""
    model, scores = decision.model, scores_of(decision.model)
    kept, merged = sorted(
        (one, other), key=lambda it: (it.id not in scores, it.id not in model.responses, id_order(it.id))
    )
    in_round = next((round.id for round in model.open_rounds() if round.asked(merged.id)), None)
    if in_round is not None:
        raise Rejected(
            f"{merged.id} would be joined with {kept.id}, but is voted on in {in_round}. "
            "Merge the elements when the round is over."
        )
    if merged.id in model.proposals:
        raise Rejected(
            f"{merged.id} would be joined with {kept.id}, but waits for an approval. "
            "Approve, decline or withdraw it first."
        )
    joining = MergeThreats(by=decision.by, at=decision.at, kept=kept.id, merged=merged.id)
    return merge_threats(joining, decision)


def _move_dismissals(old: ElementId, new: ElementId, decision: Decision) -> Decision:
    """Dismiss the suggested threats of the element that stays as those of the other one, if they are open."""
    model = decision.model
    decided = {place for threat in values_of(model.threats) for place in threat.suggested_threats}
    moved = [
        dismissal
        for id, known in sorted(items_of(model.dismissals), key=lambda one: one[0])
        if old in elements_of(id)
        and (dismissal := _moved_dismissal(known, old, new)).suggested_threat not in decided
        and dismissal.suggested_threat not in model.dismissals
    ]
    for _, some in groupby(moved, key=lambda one: rule_of(one.suggested_threat)):
        first, *others = some
        decision = decision.record(
            SuggestedThreatDismissed(**decision.header, dismissal=first, others=tuple(others))
        )
    return decision


def _moved_dismissal(known: Dismissal, old: ElementId, new: ElementId) -> Dismissal:
    return replace(
        known,
        suggested_threat=_moved_id(known.suggested_threat, old, new),
        facts=tuple(replace(one, element=_moved(one.element, old, new)) for one in known.facts),
        places=tuple(
            replace(
                one,
                element=_moved(one.element, old, new),
                trust_level=_moved(one.trust_level, old, new) if one.trust_level else None,
                boundaries=_distinct(_moved(boundary, old, new) for boundary in one.boundaries),
            )
            for one in known.places
        ),
    )


def _move_verifications(old: ElementId, new: ElementId, decision: Decision) -> Decision:
    """Keep the owners of mitigations at places that move, and what they are done and verified for."""
    for mitigation in sorted(values_of(decision.model.mitigations), key=lambda one: id_order(one.id)):
        # Of two owners of one place, that of the element that stays is kept.
        own_first = sorted(mitigation.place_owners, key=lambda one: old in elements_at(one.place))
        places = (replace(one, place=_moved_place(one.place, old, new)) for one in own_first)
        owners: dict[PlaceId, PlaceOwner] = {}
        for one in places:
            owners.setdefault(one.place, one)
        moved = replace(
            mitigation,
            place_owners=tuple(owners.values()),
            implemented_for=_distinct(
                replace(one, place=_moved_place(one.place, old, new)) for one in mitigation.implemented_for
            ),
            verifications=_distinct(
                replace(one, link=replace(one.link, place=_moved_place(one.link.place, old, new)))
                for one in mitigation.verifications
            ),
        )
        decision = decision.record_if(
            moved != mitigation, MitigationRestored(**decision.header, mitigation=moved)
        )
    return decision


def _move_sources(old: ElementId, new: ElementId, decision: Decision) -> Decision:
    """Let what a file or an agent had for one element stand for the other: it is not proposed again."""
    found = sorted(decision.model.sources.get(old, ()), key=lambda one: one.draft)
    for draft, items in groupby(found, key=lambda one: one.draft):
        decision = decision.record(
            DraftReopened(
                **decision.header,
                draft=draft,
                settled=decision.model.settled_drafts.get(draft),
                restored=tuple(replace(one, id=new) for one in items),
            )
        )
    return decision


def _moved(element: ElementId, old: ElementId, new: ElementId) -> ElementId:
    return new if element == old else element


def _moved_id(id: SuggestedThreatId, old: ElementId, new: ElementId) -> SuggestedThreatId:
    return SuggestedThreatId("@".join((rule_of(id), *(_moved(one, old, new) for one in elements_of(id)))))


def _moved_place(place: PlaceId, old: ElementId, new: ElementId) -> PlaceId:
    if "@" in place:
        return PlaceId(_moved_id(SuggestedThreatId(place), old, new))
    return PlaceId(_moved(ElementId(place), old, new))


def _distinct(things: Iterable[_Thing]) -> tuple[_Thing, ...]:
    return tuple(dict.fromkeys(things))


_MOVES = (
    _move_questions,
    _move_links,
    _move_threats,
    _move_dismissals,
    _move_verifications,
    _move_sources,
)
