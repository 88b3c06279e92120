"""Event files of version 0.1 are read as they were written; the fixtures are never changed."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bot.formats.exporters.history_export import HistoryLine
from bot.formats.importers.history_import import REPLACED_FACTS, converted
from bot.formats.importers.untrusted_document import UnreadableFile
from bot.store.codec import read_event
from domain.built_in_catalog import BUILT_IN
from domain.events import EVENT_TYPES, BulkAnswered, Event, FactAnswered, ThreatModelReopened
from domain.replay import replay
from tests.for_each import for_each
from tests.formats.export_sources import example_events, export_source_named
from tests.formats.test_round_trips import read_back
from tests.sample_events import ONE_OF_EACH

EARLIER = Path(__file__).parent / "earlier"


class Stored(msgspec.Struct):
    """A line of the fixture: an event of each kind, with every field set."""

    type: str
    schema: int
    event: msgspec.Raw


LINES = [
    HistoryLine(number=number, **msgspec.structs.asdict(msgspec.json.decode(line, type=Stored)))
    for number, line in enumerate((EARLIER / "every-event.jsonl").read_bytes().splitlines(), start=1)
]


@for_each("line", LINES)
def test_an_event_of_each_kind_is_read_as_the_same_event_of_today(line: HistoryLine) -> None:
    now = converted(line)
    event = read_event(now.type, bytes(now.event))
    if isinstance(event, EVENT_TYPES):
        assert event in [_without_later_fields(one) for one in ONE_OF_EACH]


def _without_later_fields(event: Event) -> Event:
    """Return an event as version 0.1 had it: answers had no basis, and a model was not reviewed."""
    match event:
        case FactAnswered() | BulkAnswered():
            return replace(event, basis=None)
        case ThreatModelReopened():
            return replace(event, review=None)
        case _:  # Every other event is as it was.
            return event


@pytest.mark.parametrize("name", ["house", "web-shop"])
def test_an_exported_model_is_read_as_the_same_model(name: str) -> None:
    before = read_back((EARLIER / f"{name}.events.jsonl").read_bytes())
    assert before.model.name == export_source_named(name).register.name
    now = replay(example_events(name))
    assert len(before.model.elements) == len(now.elements)
    answers, told = dict(before.model.facts.items()), dict(now.facts.items())
    # The story of today no longer answers what the description of its elements rules out.
    both = answers.keys() & told.keys()
    assert {about: told[about] for about in both} == {about: answers[about] for about in both}
    assert len(both) > 0.9 * len(answers)


@pytest.mark.parametrize("former", REPLACED_FACTS)
def test_an_answer_counts_for_the_fact_that_replaced_its_own_where_it_still_holds(former: str) -> None:
    holding, now = REPLACED_FACTS[former]
    for reply in ("yes", "no", "not_applicable", "unknown"):
        answered = {"type": "FactAnswered", "fact": former, "reply": reply, "answer": 3}
        event = msgspec.Raw(msgspec.json.encode(answered))
        line = HistoryLine(number=1, type="FactAnswered", schema=1, event=event, hash="")
        read = msgspec.json.decode(converted(line).event)
        assert read == {**answered, "fact": now if reply in holding else former}
    assert now in BUILT_IN.facts
    assert former not in BUILT_IN.facts


def test_an_event_of_a_version_before_it_is_refused() -> None:
    line = next(line for line in LINES if line.type == "AssetAdded")
    with pytest.raises(UnreadableFile, match="was exported by a version before"):
        converted(replace(line, schema=1))
