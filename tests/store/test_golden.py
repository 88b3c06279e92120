"""The stored form of every event: one golden line each, which stays from version 1.0.0 on."""

from pathlib import Path

import msgspec
import pytest

from bot.formats.exporters.history_export import VERSION
from bot.store import codec
from bot.store.codec import FORMAT, STORED_TYPES
from bot.store.errors import HistoryUnreadable
from bot.store.records import StorableEvent
from domain.events import SuggestedThreatConfirmed, SuggestedThreatDismissed, SuggestedThreatReopened
from tests.for_each import for_each

GOLDEN = Path(__file__).parent / "golden.jsonl"
LINES = {
    msgspec.json.decode(line, type=dict[str, object])["type"]: line
    for line in GOLDEN.read_bytes().splitlines()
}
NAMES = sorted(str(kind.__struct_config__.tag) for kind in STORED_TYPES)


def test_every_event_has_a_golden_line() -> None:
    assert [*LINES] == NAMES, (
        f"write one line with every field set, as it is stored (codec.encode(event).data), to {GOLDEN}"
    )


def test_files_have_the_format_of_the_stored_events() -> None:
    assert VERSION == FORMAT


@for_each("name", NAMES)
def test_the_golden_line_is_read_and_written_unchanged(name: str) -> None:
    stored = codec.encode(codec.decode(name, FORMAT, LINES[name]))
    assert (stored.type, stored.schema, stored.data) == (name, FORMAT, LINES[name])


PAGED = {name: line for name, line in LINES.items() if name != "EventsReplaced"}
"""The events that pages hold; what was recorded again stands for others."""


def page(*rows: tuple[int, bytes | None]) -> list[StorableEvent] | None:
    formats, words = zip(*rows, strict=True)
    return codec.decode_page(formats, words)


def test_a_page_of_lines_is_read_as_one_by_one() -> None:
    one_by_one = [codec.decode(str(name), FORMAT, line) for name, line in PAGED.items()]
    assert page(*((FORMAT, line) for line in PAGED.values())) == one_by_one


@pytest.mark.parametrize(
    "row",
    [
        (FORMAT + 1, LINES["AssetRevised"]),
        (FORMAT, LINES["EventsReplaced"]),
        (FORMAT, None),
        (FORMAT, LINES["ElementRemoved"][:-1]),
        (FORMAT, LINES["ElementRemoved"] + b"," + LINES["ElementRemoved"]),
        (FORMAT, LINES["ElementRemoved"] + b"]"),
        (FORMAT, b""),
    ],
)
def test_a_page_with_a_line_that_needs_care_is_left_to_reading_one_by_one(
    row: tuple[int, bytes | None],
) -> None:
    lines = [(FORMAT, line) for line in PAGED.values()]
    assert page(*lines, row) is None
    assert page(row, *lines) is None


def test_decisions_on_several_suggested_threats_are_read_beside_those_on_one() -> None:
    place = b'{"suggested_threat":"S01@DF-3","rule_version":2,"facts":[{"element":"EP-1","fact":"owned"}]}'
    several = LINES["SuggestedThreatConfirmed"][:-1] + b',"others":[' + place + b"]}"
    confirmed = codec.decode("SuggestedThreatConfirmed", FORMAT, several)
    assert isinstance(confirmed, SuggestedThreatConfirmed)
    assert confirmed.suggested_threats == ("S01@DF-1", "S01@DF-3")
    assert codec.encode(confirmed).data == several

    reopened = codec.decode(
        "SuggestedThreatReopened", FORMAT, LINES["SuggestedThreatReopened"][:-1] + b',"others":["S01@DF-3"]}'
    )
    assert isinstance(reopened, SuggestedThreatReopened)
    assert reopened.suggested_threats[1:] == ("S01@DF-3",)


def test_a_dismissal_of_one_has_no_others() -> None:
    event = codec.decode("SuggestedThreatDismissed", FORMAT, LINES["SuggestedThreatDismissed"])
    assert isinstance(event, SuggestedThreatDismissed)
    assert event.dismissals == (event.dismissal,)


@pytest.mark.parametrize(("name", "schema"), [("AssetAdded", 99), ("NeverHeardOf", FORMAT)])
def test_an_event_of_a_newer_release_is_refused_by_name(name: str, schema: int) -> None:
    with pytest.raises(HistoryUnreadable, match=f"type {name}, format {schema}, comes from a newer release"):
        codec.decode(name, schema, b"{}")


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"\xff", b'{"type":"AssetAdded"}', b"[1]"])
def test_damaged_words_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(HistoryUnreadable, match="AssetAdded is damaged"):
        codec.decode("AssetAdded", FORMAT, data)
