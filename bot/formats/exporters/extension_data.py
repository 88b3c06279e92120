"""This bot's own data in other formats, for lossless import."""

import msgspec

from bot.formats.exporters.export_source import COMPLETED_MITIGATION_STATES, ExportSource, Plain
from domain.analysis.rule_findings import ControlInPlace
from domain.dread.scoring import Tally
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    ElementAssumptions,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
)
from domain.kernel.mitigation import Mitigation
from domain.kernel.text_formatting import join_list
from domain.kernel.threat import Response, Threat, places_of
from domain.register import RegisterItem
from domain.voting.scores import Score

MARK = "threatmodel"
"""The name of our own data in a file."""

VERSION = 1
"""The schema version of our own data."""


def model_extension(source: ExportSource, *kinds: Kind) -> Plain:
    """Return data about the model itself, including elements of kinds that the format lacks."""
    known = source.register
    return {
        "version": VERSION,
        "key": known.key,
        "imported": source.imported,
        "phase": known.phase,
        "description": known.description,
        "out_of_scope": known.out_of_scope,
        "labels": list(known.labels),
        "complete": [kind for kind in Kind if kind in known.lists and known.lists[kind].complete],
        "assumptions": [{"text": one.text, "held_by": one.held_by} for one in known.assumptions],
        "links": [{**_without(one, "by", "at"), "former_sort": one.former_sort or ""} for one in known.links],
        "screening": [
            {
                "topic": one.topic.id,
                "answer": one.answer.answer,
                "confirmed": one.answer.confirmed_by is not None,
            }
            for one in known.screening
            if one.answer is not None
        ],
        "elements": [full_element(item) for kind in kinds for item in known.items(kind)],
    }


def full_element(item: RegisterItem) -> Plain:
    """Return a complete element, for a format that has no object for it."""
    return {"kind": item.kind, "name": item.element.name, **element_extension(item)}


def element_extension(item: RegisterItem) -> Plain:
    """Return an element's attributes besides its name, its facts with their bases, position and ends."""
    own: Plain = {"id": item.id, **_without(item.element, "id", "name"), "facts": dict(item.facts)}
    if item.facts:
        own["bases"] = {fact: item.bases[fact].kind for fact in item.facts}
    if isinstance(item.element, Component | ExternalDependency):
        own["technology"] = item.element.technology  # also if it has none, so that none is guessed
    if item.assumptions is not None:
        own["assumed"] = assumptions_extension(item.assumptions)
    if item.origins:
        own["sources"] = [{"key": origin.key, "place": origin.place.text} for origin in item.origins]
    if item.evidence:
        own["evidence"] = {fact: place.text for fact, place in item.evidence.items()}
    return own


def assumptions_extension(assumptions: ElementAssumptions) -> Plain:
    """Return what is assumed of an element, with the version of the catalog that it follows from."""
    return {
        "catalog": assumptions.catalog,
        "facts": {fact.fact: fact.answer for fact in assumptions.facts},
        "sources": {fact.fact: f"{fact.reason}: {fact.url}" for fact in assumptions.facts},
    }


def threat_extension(source: ExportSource, threat: Threat) -> Plain:
    """Return a threat's attributes without its title, its decisions, and its score."""
    status = source.register.statuses[threat.id]
    score, imported = source.scores.get(threat.id), source.imported_scores.get(threat.id)
    return {
        **_without(threat, "title"),
        "statements": list(source.register.statements.get(threat.id, ())),
        "places": places_extension(source, threat),
        "state": status.state,
        "response": _response(status.response),
        "proposal": _response(status.proposal),
        "score": score_extension(score) if score else None,
        "imported_score": score_extension(imported) if imported else None,
    }


def places_extension(source: ExportSource, threat: Threat) -> list[Plain]:
    """Return the places of a threat with their elements and states; none for the system as a whole."""
    return [
        {"place": place.place, "name": place.name, "elements": list(place.elements), "state": place.state}
        for place in source.register.places.get(threat.id, ())
        if place.place
    ]


def places_shown(source: ExportSource, threat: Threat) -> tuple[ElementId, ...]:
    """Return the components, flows and boundaries at which a threat is shown, one for each of its places."""
    shown = (shown_at(source, place) for place in places_of(threat))
    return tuple(dict.fromkeys(one for one in shown if one is not None))


def prevented_extension(one: ControlInPlace) -> Plain:
    """Return the mark of a threat that a control prevents, or of that control: the import derives both."""
    return {
        "prevented": one.id,
        "basis": one.basis,
        "answers": {used.fact: used.answer for used in one.facts},
    }


def mitigation_extension(one: Mitigation) -> Plain:
    """Return a mitigation's attributes besides its title, without who implemented, owned or verified it."""
    verified = [{"threat": each.link.threat, "place": each.link.place} for each in one.verifications]
    return {
        **_without(one, "title", "issue_answers", *_PEOPLE),
        **({"verified": verified} if verified else {}),
        "in_place": one.state in COMPLETED_MITIGATION_STATES,
    }


def score_extension(score: Score) -> Plain:
    """Return the result of a vote, without ballots and names."""
    tally = score.tally
    return {
        "total": tally.total,
        "mean": round(tally.mean, 2),
        "band": tally.band,
        "medians": dict(tally.medians),
        "derived": dict(tally.derived),
        "sources": {metric: source.value for metric, source in tally.sources.items()},
        "ballots": tally.ballots,
        "contested": list(tally.contested),
        "sealed": list(tally.withheld),
    }


def derived_text(tally: Tally) -> str:
    """Return which metrics were voted on and which derived, to follow a sentence; empty if all were voted."""
    if not tally.derived:
        return ""
    voted = join_list([metric.label for metric in tally.medians])
    return f" Voted: {voted}. Derived: {join_list([metric.label for metric in tally.derived])}."


def _response(one: Response | None) -> Plain | None:
    """Return a response without the people who proposed and approved it."""
    return _without(one, "threat", "by", "at", "approver", "approved_at") if one else None


def _without(struct: msgspec.Struct, *names: str) -> Plain:
    plain: Plain = msgspec.to_builtins(struct)
    return {name: value for name, value in plain.items() if name not in names}


def shown_at(source: ExportSource, element: ElementId | None) -> ElementId | None:
    """Return the component, flow or boundary at which an element's threats are shown, if any."""
    known = source.register
    if element is None:
        return None
    if element in source.places.boxes or any(item.id == element for item in known.items(Kind.DATA_FLOW)):
        return element
    return _nearest(source, element)


def _nearest(source: ExportSource, element: ElementId) -> ElementId | None:
    known = source.register
    flows = [item.element for item in known.items(Kind.DATA_FLOW) if isinstance(item.element, DataFlow)]
    found = known.item(element)
    match found.element if found and not found.removed else None:
        case EntryPoint() as entry_point:
            through = [flow.id for flow in flows if flow.entry_point == element]
            return through[0] if through else _known(source, entry_point.component)
        case Asset() as asset:
            places = [*asset.stored_in, *(flow.id for flow in flows if element in flow.carried)]
            return next((place for place in places if _known(source, place) or place.startswith("DF-")), None)
        case _:
            return None


def _known(source: ExportSource, element: ElementId | None) -> ElementId | None:
    return element if element is not None and element in source.places.boxes else None


_PEOPLE = ("implemented_by", "verified_by", "verifications", "owned_by")
