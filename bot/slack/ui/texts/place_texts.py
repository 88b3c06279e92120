"""Texts of the places of a threat."""

from bot.slack.protocol.escaping import escape_name
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Threat
from domain.register import ThreatRegister
from domain.remediation.place_status import PlaceState, PlaceStatus


def places_text(register: ThreatRegister, threat: Threat) -> str:
    """Return the place of a threat, or the first ones of several, with their states; empty without one."""
    places = [one for one in register.places.get(threat.id, ()) if one.place]
    if not places:
        return ""
    if len(places) == 1:
        return _named(places[0])
    shown = "; ".join(map(_named, places[:_SHOWN]))
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    counts = [f"*{count_phrase(len(places), 'place')}*", *_verified(places)]
    return f"{', '.join(counts)}: {shown}{more}"


def _named(one: PlaceStatus) -> str:
    state = f" ({one.state.label})" if one.state is not PlaceState.OPEN else ""
    return f"{' '.join(one.elements)} {escape_name(one.name, _NAME)}{state}"


def _verified(places: list[PlaceStatus]) -> list[str]:
    """Return how many places are verified, if some are and others are not."""
    count = sum(one.state is PlaceState.VERIFIED for one in places)
    return [f"{count} verified"] if 0 < count < len(places) else []


_SHOWN = 3
_NAME = 80
