"""One event of each type, every field set: the golden lines."""

from pathlib import Path

import msgspec

from domain.events import EVENT_TYPES, Event

_LINES = {
    msgspec.json.decode(line, type=dict[str, object])["type"]: line
    for line in (Path(__file__).parent / "store" / "golden.jsonl").read_bytes().splitlines()
}
ONE_OF_EACH: tuple[Event, ...] = tuple(
    msgspec.json.decode(_LINES[sort.__struct_config__.tag], type=sort) for sort in EVENT_TYPES
)
