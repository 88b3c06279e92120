"""Images of containers: the dependency that they are, and the components that run them."""

from typing import Final

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.image_technology import ImageFacts
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import Certainty, SourceKey, SourcePlace
from domain.kernel.elements import ComponentKind, DataKind, Kind

_PINNED: Final = ("version_pinned", "code_integrity_verified")
"""What a digest states: the version, and that what is loaded is what was built."""
_IMAGES: Final = SourceKey("dependency:container-images")
_PASSING = frozenset({"cache", "message_queue", "event_stream", "log_store"})
"""Categories of stores whose data is not an asset of its own."""


def note_image(builder: DraftBuilder, image: ImageFacts, place: SourcePlace) -> None:
    """Add the dependency that all images from registries are: pinned unless one has no digest."""
    item = builder.add(
        BuiltItem(
            key=_IMAGES,
            kind=Kind.EXTERNAL_DEPENDENCY,
            name="Container images",
            place=place,
            certainty=Certainty.LIKELY,
            sort="Container images from registries",
        )
    )
    item.answer("ships_code", place, yes=True)
    for fact in _PINNED:
        if image.pinned is None:
            item.withhold(fact)
        else:
            item.answer(fact, place, yes=image.pinned)


def withhold_pinned(builder: DraftBuilder) -> None:
    """Propose no pinned images: there are images that the files do not name."""
    if item := builder.items.get(_IMAGES):
        for fact in _PINNED:
            item.withhold(fact)


def note_stored_data(builder: DraftBuilder, store: BuiltItem, key: SourceKey) -> None:
    """Add the data of a data store as a possible asset."""
    category = BUILT_IN.category_of(store.technology)
    if store.role is not ComponentKind.DATA_STORE or (category and category.key in _PASSING):
        return
    builder.add(
        BuiltItem(
            key=key,
            kind=Kind.ASSET,
            name=f"Data in {store.name}",
            qualifier=store.qualifier,
            place=store.place,
            certainty=Certainty.GUESS,
            data=DataKind.OTHER,
            stored_in=[store.key],
        )
    )
