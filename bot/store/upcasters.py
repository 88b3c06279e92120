"""How an event written under an earlier schema is read today: one step per version, on plain dicts."""

from collections.abc import Callable, Mapping
from typing import cast

Plain = dict[str, object]
Upcaster = Callable[[Plain], Plain]


def asset_rated_once_to_three_qualities(event: Plain) -> Plain:
    """An asset carried one `rating`; now disclosure, tampering and loss are rated apart."""
    asset = cast("Plain", event["asset"])
    qualities = ("confidentiality", "integrity", "availability")
    if "rating" not in asset:
        return event
    rest = {name: value for name, value in asset.items() if name != "rating"}
    return event | {"asset": rest | dict.fromkeys(qualities, asset["rating"])}


def dismissed_without_places(event: Plain) -> Plain:
    """A dismissal did not keep where the components were that it was about."""
    dismissal = cast("Plain", event["dismissal"])
    nowhere: list[object] = []
    return event | {"dismissal": dismissal | {"places": nowhere}}


UPCASTERS: Mapping[str, tuple[Upcaster, ...]] = {
    "AssetAdded": (asset_rated_once_to_three_qualities,),
    "CandidateDismissed": (dismissed_without_places,),
}
"""By event type, the step from version 1 to 2, from 2 to 3, and so on; the newest version is one more."""
