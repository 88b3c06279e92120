"""One event of each type, every field set: the newest golden lines."""

from pathlib import Path

import msgspec

from domain.events import EVENT_TYPES, Event

_GOLDEN = Path(__file__).parent / "store" / "golden"


def _newest(name: str) -> Path:
    return max(_GOLDEN.glob(f"{name}.*.json"), key=lambda path: int(path.suffixes[0][1:]))


ONE_OF_EACH: tuple[Event, ...] = tuple(
    msgspec.json.decode(_newest(sort.__name__).read_bytes(), type=sort) for sort in EVENT_TYPES
)
