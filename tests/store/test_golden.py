"""Every form in which an event was ever stored can still be read: one golden line each, kept for ever."""

from pathlib import Path

import pytest

from bot.store.codec import Codec
from bot.store.errors import HistoryUnreadable
from bot.store.records import StorableEvent
from bot.store.upcasters import Plain
from domain.events import AssetAdded, CandidateConfirmed, CandidateDismissed, CandidateReopened
from domain.kernel.elements import Rating
from tests.for_each import for_each

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


@for_each("name, schema", FORMS)
def test_the_golden_line_is_read_and_means_the_newest_one(name: str, schema: int) -> None:
    stored = CODEC.encode(CODEC.decode(name, schema, line(name, schema)))

    assert (stored.type, stored.schema) == (name, CODEC.schemas()[name])
    assert stored.data == line(name, CODEC.schemas()[name])


PAGED = {name: schema for name, schema in CODEC.schemas().items() if name != "EventsReplaced"}
"""The events that pages hold; what was recorded again stands for others."""
NEWEST = [(schema, line(name, schema)) for name, schema in PAGED.items()]


def page(*rows: tuple[int, bytes | None]) -> list[StorableEvent] | None:
    schemas, words = zip(*rows, strict=True)
    return CODEC.decode_page(schemas, words)


def test_a_page_of_lines_is_read_as_one_by_one() -> None:
    one_by_one = [CODEC.decode(name, schema, line(name, schema)) for name, schema in PAGED.items()]

    assert page(*NEWEST) == one_by_one


@pytest.mark.parametrize(
    "row",
    [
        (1, line("AssetAdded", 1)),
        (2, line("AssetRevised", 1)),
        (1, line("EventsReplaced", 1)),
        (2, None),
        (1, line("ElementRemoved", 1)[:-1]),
        (1, line("ElementRemoved", 1) + b"," + line("ElementRemoved", 1)),
        (1, line("ElementRemoved", 1) + b"]"),
        (1, b""),
    ],
)
def test_a_page_with_a_line_that_needs_care_is_left_to_reading_one_by_one(
    row: tuple[int, bytes | None],
) -> None:
    assert page(*NEWEST, row) is None
    assert page(row, *NEWEST) is None


def test_no_golden_line_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{schema}.json" for name, schema in FORMS}


def test_an_asset_rated_once_is_now_rated_by_quality() -> None:
    event = CODEC.decode("AssetAdded", 1, line("AssetAdded", 1))

    assert isinstance(event, AssetAdded)
    asset = event.asset
    assert (asset.confidentiality, asset.integrity, asset.availability) == (Rating.HIGH,) * 3


def test_a_dismissal_keeps_places_since_its_second_version_and_none_before() -> None:
    places = b'[{"element":"CO-1"},{"element":"CO-2","trust_level":"TL-1","boundaries":["TB-2","TB-1"]}]'
    told = line("CandidateDismissed", 2).replace(b'"places":[]', b'"places":' + places)
    event = CODEC.decode("CandidateDismissed", 2, told)

    assert isinstance(event, CandidateDismissed)
    assert [one.boundaries for one in event.dismissal.places] == [(), ("TB-2", "TB-1")]
    assert CODEC.encode(event).data == told
    before = CODEC.decode("CandidateDismissed", 1, line("CandidateDismissed", 1))
    assert isinstance(before, CandidateDismissed)
    assert before.dismissal.places == ()


def test_decisions_on_several_candidates_are_read_beside_those_on_one() -> None:
    place = b'{"candidate":"S01@DF-3","rule_version":2,"facts":[{"element":"EP-1","fact":"owned"}]}'
    several = line("CandidateConfirmed", 1)[:-1] + b',"others":[' + place + b"]}"
    confirmed = CODEC.decode("CandidateConfirmed", 1, several)
    assert isinstance(confirmed, CandidateConfirmed)
    assert confirmed.candidates == ("S01@DF-1", "S01@DF-3")
    assert CODEC.encode(confirmed).data == several
    alone = CODEC.decode("CandidateConfirmed", 1, line("CandidateConfirmed", 1))
    assert isinstance(alone, CandidateConfirmed)
    assert alone.candidates == ("S01@DF-1",)

    reopened = CODEC.decode(
        "CandidateReopened", 1, line("CandidateReopened", 1)[:-1] + b',"others":["S01@DF-3"]}'
    )
    assert isinstance(reopened, CandidateReopened)
    assert reopened.candidates[1:] == ("S01@DF-3",)


def test_a_dismissal_of_one_has_no_others() -> None:
    for schema in (1, 2):
        event = CODEC.decode("CandidateDismissed", schema, line("CandidateDismissed", schema))
        assert isinstance(event, CandidateDismissed)
        assert event.dismissals == (event.dismissal,)


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


ADDED_SINCE = {
    "ComponentAdded": '"component":{"id":"CO-9","name":"Archive","technology":"amazon_s3"}',
    "ExternalDependencyRevised": '"dependency":{"id":"XD-9","name":"Mail","technology":"sendgrid"}',
    "DataFlowAdded": '"flow":{"id":"DF-9","source":"CO-1","target":"CO-2","two_way":true,'
    '"assets_back":["AS-1"]}',
    "FactsAssumed": '"element":"CO-9"',
    "IssueSeen": '"mitigation":"MI-9","seen":{"state":"open","assignee":"Ben","account":"19","outside":true}',
}
"""Fields that lines of the same version have since, or leave out."""

ADDED_SINCE_IN_WORKSPACES = {
    "TrackerAccountChosen": '"tracker":"TR-1","person":"U2","account":"19","name":"Ben","confirmed":true',
    "TrackerDisconnected": '"tracker":"TR-1","was_default":true',
}
"""The same of events of a workspace, which answer nothing."""


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        *((name, f'"answer":9,{fields}') for name, fields in ADDED_SINCE.items()),
        *ADDED_SINCE_IN_WORKSPACES.items(),
    ],
)
def test_a_line_with_fields_added_since_is_read_and_written_as_it_was(name: str, fields: str) -> None:
    stored = f'{{"type":"{name}","by":"U1","at":"2026-11-28T12:00:00Z",{fields}}}'.encode()
    assert CODEC.encode(CODEC.decode(name, 1, stored)).data == stored
