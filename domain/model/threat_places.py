"""Places of threats: those that still exist in the model, and their names."""

from domain.kernel.threat import PlaceId, Threat, elements_at
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


def places_phrase(model: ThreatModel, threat: Threat) -> str:
    """Return the name of the place of a threat, or the first names of several; empty for the whole system."""
    names = [name_of_place(model, one) for one in threat.places if one]
    more = len(names) - _NAMED
    if more <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {more} more places"


_NAMED = 3
