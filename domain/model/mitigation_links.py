"""Places of threats, and the threats and places that each mitigation serves and was verified for."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationLink, MitigationState, Verification
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import PlaceId, Threat, ThreatId, elements_at
from domain.model.element_labels import name_of
from domain.model.threat_model import ThreatModel


def live_places(model: ThreatModel, threat: Threat) -> tuple[PlaceId, ...]:
    """Return the places of a threat whose elements all exist; all of its places if none does."""
    live = tuple(one for one in threat.places if not any(it in model.removed for it in elements_at(one)))
    return live or threat.places


def name_of_place(model: ThreatModel, place: PlaceId) -> str:
    """Return the names of the elements of a place, marked if they were removed."""
    names = (
        f"{name_of(model, one)}{' (removed)' if one in model.removed else ''}" for one in elements_at(place)
    )
    return ", ".join(names) or "The whole system"


def places_phrase(model: ThreatModel, places: Iterable[PlaceId]) -> str:
    """Return the name of a place, or the first names of several; empty for the whole system."""
    names = list(dict.fromkeys(name_of_place(model, place) for place in places if place))
    more = len(names) - _NAMED
    if more <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {more} more places"


_NAMED = 3


def served_threats(model: ThreatModel, mitigation: Mitigation) -> tuple[ThreatId, ...]:
    """Return the current threats that a mitigation serves, after merges; empty if all were withdrawn."""
    homes = dict.fromkeys(map(model.home_of, mitigation.threats))
    return tuple(home for home in homes if home in model.threats)


def mitigation_links(model: ThreatModel, mitigation: Mitigation) -> tuple[MitigationLink, ...]:
    """Return the threats and places that a mitigation serves now.

    After a merge, the places of the merged threat belong to the mitigations that it had, if it had any.
    """
    links = (
        MitigationLink(threat=model.home_of(threat), place=place)
        for threat in mitigation.threats
        if model.home_of(threat) in model.threats
        for place in _places(model, threat)
    )
    return tuple(dict.fromkeys(links))


def mitigation_place(model: ThreatModel, mitigation: Mitigation) -> str:
    """Return where a mitigation belongs, for a line with its title; empty if the title says it.

    While it is implemented at some of its places, these are the others.
    """
    links = unimplemented_links(model, mitigation) or mitigation_links(model, mitigation)
    phrase = places_phrase(model, (link.place for link in links))
    return "" if phrase in mitigation.title else phrase


def unverified_links(model: ThreatModel, mitigation: Mitigation) -> tuple[MitigationLink, ...]:
    """Return the threats and places for which a mitigation still has to be verified."""
    return _without(model, mitigation, (one.link for one in mitigation.verifications))


def unimplemented_links(model: ThreatModel, mitigation: Mitigation) -> tuple[MitigationLink, ...]:
    """Return the threats and places for which a mitigation still has to be implemented."""
    return _without(model, mitigation, mitigation.implemented_for) if mitigation.state.to_do else ()


def awaited_owners(model: ThreatModel, mitigation: Mitigation) -> tuple[PersonId, ...]:
    """Return the owners of the places that are left of a mitigation; of all its places if none is left."""
    left = unimplemented_links(model, mitigation)
    if not left:
        return mitigation.owners
    every = (mitigation.owner_at(link.place) for link in left)
    return tuple(dict.fromkeys(person for person in every if person is not None))


def places_done(links: Sequence[MitigationLink], left: Sequence[MitigationLink]) -> str:
    """Return `2 of 4 places` if some of the places of a mitigation are left; empty for all and for none."""
    total = len(links)
    if not 0 < len(left) < total:
        return ""
    alike = len({link.place for link in links}) == total
    return f"{total - len(left)} of {total} {'places' if alike else 'threats and places'}"


def _without(
    model: ThreatModel, mitigation: Mitigation, links: Iterable[MitigationLink]
) -> tuple[MitigationLink, ...]:
    """Return the threats and places of a mitigation other than some, which may have been merged since."""
    done = {(model.home_of(link.threat), link.place) for link in links}
    # A suggested threat is a place of one threat alone, and stays one when its threat is merged or parted.
    suggested_threats = {place for _, place in done if "@" in place}
    return tuple(
        link
        for link in mitigation_links(model, mitigation)
        if (link.threat, link.place) not in done and link.place not in suggested_threats
    )


def with_current_state(model: ThreatModel, mitigation: Mitigation) -> Mitigation:
    """Return a mitigation as it stands: a verified one with further threats or places is to be verified."""
    if mitigation.state is MitigationState.VERIFIED and unverified_links(model, mitigation):
        return replace(mitigation, state=MitigationState.IMPLEMENTED)
    return mitigation


def with_verifications(model: ThreatModel, mitigation: Mitigation) -> Mitigation:
    """Return a mitigation whose state says that it is verified, with its verifications.

    Earlier releases stored only the state, which stands for all threats and places at that time.
    """
    if mitigation.state is not MitigationState.VERIFIED or mitigation.verifications:
        return mitigation
    by = mitigation.verified_by or mitigation.owner or model.facilitator
    links = mitigation_links(model, mitigation) or (MitigationLink(threat=mitigation.threat),)
    return replace(mitigation, verifications=tuple(Verification(link=link, by=by) for link in links))


def _places(model: ThreatModel, threat: ThreatId) -> tuple[PlaceId, ...]:
    """Return the places of a current threat, or of one that was merged, as far as they still exist."""
    merged = model.merged.get(threat)
    everywhere = live_places(model, model.threats[model.home_of(threat)])
    if merged is not None and threat not in model.threats:
        own = merged.threat.places
        return tuple(one for one in everywhere if one in own) or everywhere
    moved = {place for mitigation in _merged_with_mitigations(model, threat) for place in mitigation.places}
    return tuple(one for one in everywhere if one not in moved) or everywhere


def _merged_with_mitigations(model: ThreatModel, threat: ThreatId) -> Iterator[Threat]:
    """Yield the threats merged into a threat that have mitigations of their own, which were not dropped."""
    if not len(model.merged):
        return
    planned = {
        one
        for mitigation in values_of(model.mitigations)
        if mitigation.state is not MitigationState.DROPPED
        for one in mitigation.threats
    }
    for value in values_of(model.merged):
        if value.threat.id in planned and model.home_of(value.threat.id) == threat:
            yield value.threat
