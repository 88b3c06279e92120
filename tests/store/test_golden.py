"""Every form in which an event was ever stored can still be read: one golden line each, kept for ever."""

from pathlib import Path

import pytest

from bot.store.codec import Codec
from bot.store.errors import HistoryUnreadable
from bot.store.upcasters import Plain
from domain.elements import Rating
from domain.events import AssetAdded, Erased

GOLDEN = Path(__file__).parent / "golden"
CODEC = Codec()
FORMS = [(name, schema) for name, newest in CODEC.schemas().items() for schema in range(1, newest + 1)]


def line(name: str, schema: int) -> bytes:
    path = GOLDEN / f"{name}.{schema}.json"
    if not path.exists():
        pytest.fail(
            f"{name}, version {schema}, has no golden line: write one with every field set, as it is stored "
            f"(Codec().encode(event).data), to tests/store/golden/{path.name}, and never change it again"
        )
    return path.read_bytes().rstrip(b"\n")


@pytest.mark.parametrize(("name", "schema"), FORMS)
def test_the_golden_line_is_read_and_means_the_newest_one(name: str, schema: int) -> None:
    stored = CODEC.encode(CODEC.decode(name, schema, line(name, schema)))

    assert (stored.type, stored.schema) == (name, CODEC.schemas()[name])
    assert stored.data == line(name, CODEC.schemas()[name])


def test_a_page_of_lines_is_read_as_one_by_one() -> None:
    newest = [(name, schema, line(name, schema)) for name, schema in CODEC.schemas().items()]
    old = ("AssetAdded", 1, line("AssetAdded", 1))
    gone = ("AssetAdded", 2, None)

    for rows in (newest, [*newest, old], [gone, *newest], [gone, old], []):
        one_by_one = [CODEC.decode(*row) if row[2] is not None else Erased() for row in rows]
        assert CODEC.decode_page(rows) == one_by_one


def test_a_damaged_line_is_not_mended_by_its_neighbours() -> None:
    event = line("ElementRemoved", 1)
    rows = [("ElementRemoved", 1, data) for data in (event[:40], event[40:].removeprefix(b","), event)]

    with pytest.raises(HistoryUnreadable, match="ElementRemoved is damaged"):
        CODEC.decode_page(rows)
    with pytest.raises(HistoryUnreadable, match="ElementRemoved is damaged"):
        CODEC.decode_page([("ElementRemoved", 1, event + b"," + event)])


def test_no_golden_line_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{schema}.json" for name, schema in FORMS}


def test_an_asset_rated_once_is_now_rated_by_quality() -> None:
    event = CODEC.decode("AssetAdded", 1, line("AssetAdded", 1))

    assert isinstance(event, AssetAdded)
    asset = event.asset
    assert (asset.confidentiality, asset.integrity, asset.availability) == (Rating.HIGH,) * 3


def test_steps_are_taken_one_after_the_other() -> None:
    def once(event: Plain) -> Plain:
        return event | {"element": f"{event['element']}1"}

    def twice(event: Plain) -> Plain:
        return event | {"element": f"{event['element']}2"}

    codec = Codec({"ElementRemoved": (once, twice)})
    data = b'{"type":"ElementRemoved","by":"U1","at":"2026-11-24T12:00:00Z","answer":1,"element":"AS-"}'

    read = [codec.encode(codec.decode("ElementRemoved", schema, data)) for schema in (1, 2, 3)]

    assert [stored.schema for stored in read] == [3, 3, 3]
    assert [stored.data.partition(b'"element":')[2] for stored in read] == [
        b'"AS-12"}',
        b'"AS-2"}',
        b'"AS-"}',
    ]


@pytest.mark.parametrize(("name", "schema"), [("AssetAdded", 99), ("NeverHeardOf", 1)])
def test_what_a_newer_release_wrote_is_refused_by_name(name: str, schema: int) -> None:
    with pytest.raises(HistoryUnreadable, match=f"type {name}, version {schema}, comes from a newer release"):
        CODEC.decode(name, schema, b"{}")


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"\xff", b'{"type":"AssetAdded"}', b"[1]"])
@pytest.mark.parametrize("schema", [1, 2])
def test_damaged_words_are_refused_by_name(schema: int, data: bytes) -> None:
    with pytest.raises(HistoryUnreadable, match="AssetAdded is damaged"):
        CODEC.decode("AssetAdded", schema, data)
