"""An exported and imported model is the same, except for documented losses."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo import STORIES
from bot.formats import FORMATS
from bot.formats.format_detection import read_file
from bot.formats.importers.history_import import ImportedHistory, replayed_history
from bot.formats.importers.model_creation import CreatedModel, create_model
from bot.store.codec import read_event
from domain.commands import Command, LinkMitigation
from domain.decide import decide
from domain.events import RecordedEvent
from domain.kernel.answer_basis import BasisKind
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.register import register
from domain.rejections import Rejected
from domain.replay import replay
from domain.voting.scores import scores_of
from tests.depth import examples
from tests.domain.remediation_story import TH1, TH2, THREATS, implement, plan, start
from tests.examples import ANA, at, decide_all, started
from tests.formats.export_sources import (
    NOW,
    SEEDS,
    example_events,
    export_source_named,
    export_source_of,
    export_source_of_model,
)
from tests.formats.model_comparison import comparable_content
from tests.random_commands import FURNISHED, walks

LOSSLESS = ("otm", "threat-dragon", "tm-bom")
HERE = ChannelId("CHERE")
LATER = NOW + timedelta(days=1)
LOST = (
    "score of a threat: it must be voted on again",
    "the rule from which a threat was confirmed",
    "a proposal to accept a risk that already had a response",
    "the accepted risk of",
    "the verification of",
    "the date of",
    "the element of the threat",
    "the further places of a threat",
    "the phase ",
    "the decision on",
    "that a second person",
)
"""How the notes on what this bot's own files lose begin; “File formats” in the documentation has them all."""


def read_back(content: bytes, *, by: PersonId = ANA, now: datetime = LATER) -> CreatedModel:
    found = read_file(content, read_event)
    key = ModelKey("TM-5")
    if isinstance(found, ImportedHistory):
        return replayed_history(found, key=key, channel=HERE, by=by, at=now)
    return create_model(found, key=key, channel=HERE, by=by, at=now)


@pytest.mark.parametrize("word", LOSSLESS)
@pytest.mark.parametrize("which", STORIES)
def test_the_basis_of_each_answer_is_kept_and_a_check_made_elsewhere_is_not(word: str, which: str) -> None:
    before = replay(example_events(which)).bases
    after = read_back(FORMATS[word].write(export_source_named(which))).model.bases
    assert {about: one.kind for about, one in after.items()} == {
        about: BasisKind.STATED if one.kind is BasisKind.CONFIRMED else one.kind
        for about, one in before.items()
    }


@pytest.mark.parametrize("word", LOSSLESS)
@pytest.mark.parametrize("which", STORIES)
def test_an_example_is_imported_again_with_the_same_ids(word: str, which: str) -> None:
    before = replay(example_events(which))
    again = read_back(FORMATS[word].write(export_source_named(which)))
    assert comparable_content(again.model) == comparable_content(before)
    assert dict(again.model.elements.items()) == dict(before.elements.items())
    assert [note for note in again.notes if not note.startswith(LOST)] == []
    assert (again.model.key, again.model.channel, again.model.facilitator) == ("TM-5", HERE, ANA)


@pytest.mark.parametrize("which", STORIES)
def test_events_are_imported_again_with_scores_and_phase(which: str) -> None:
    before = replay(example_events(which))
    again = read_back(FORMATS["events"].write(export_source_named(which)), by=before.facilitator).model
    assert comparable_content(again) == comparable_content(before)
    ours, theirs = scores_of(before), scores_of(again)
    assert {id: one.tally for id, one in theirs.items()} == {id: one.tally for id, one in ours.items()}
    assert again.step == before.step
    assert set(again.dismissals) == set(before.dismissals)
    left, right = register(before, now=NOW), register(again, now=NOW)
    assert left.coverage.rows == right.coverage.rows
    assert [suggested_threat.id for suggested_threat in left.suggested_threats] == [
        suggested_threat.id for suggested_threat in right.suggested_threats
    ]


def test_the_importer_of_a_history_becomes_the_facilitator() -> None:
    content, by = FORMATS["events"].write(export_source_named("house")), PersonId("UNEW")
    again = read_back(content, by=by).marked(by=by, at=LATER)
    assert again.model.facilitator == "UNEW"
    assert again.events[-1].by == "UNEW"
    assert any("you become the facilitator" in note for note in again.notes)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("word", LOSSLESS)
def test_a_second_round_trip_changes_nothing(word: str, seed: int) -> None:
    """Random models have names that no decider would take; once read, nothing changes any more."""
    once = read_back(FORMATS[word].write(export_source_named(seed)))
    again = read_back(FORMATS[word].write(export_source_of_model(once.model)))
    assert comparable_content(again.model) == comparable_content(once.model)
    assert again.notes == ()


def test_a_mitigation_of_a_threat_without_a_place_is_read_back_with_it() -> None:
    linking = LinkMitigation(by=ANA, at=at(30), mitigation=MitigationId("MI-1"), threats=(TH2,))
    past = decide_all(linking, after=REMEDIED)
    for word in LOSSLESS:
        again = read_back(FORMATS[word].write(export_source_of(tuple(past))), now=at(40))
        assert {one.threats for one in again.model.mitigations.values()} == {(TH1, TH2), (TH2,)}, word


@examples(6, deep=300)
@given(st.booleans(), walks)
def test_random_models_survive_the_round_trip(remedied: bool, walk: Sequence[Command]) -> None:
    past = walked(REMEDIED if remedied else decide_all(*FURNISHED, after=[started()]), walk)
    before = replay(past)
    for word in LOSSLESS:
        again = read_back(FORMATS[word].write(export_source_of(tuple(past))), now=at(2))
        assert comparable_content(again.model) == comparable_content(before), word
        assert [note for note in again.notes if not note.startswith(LOST)] == [], word
    events = read_back(
        FORMATS["events"].write(export_source_of(tuple(past))),
        by=before.facilitator,
        now=NOW + timedelta(days=9),
    )
    assert comparable_content(events.model) == comparable_content(before)
    assert tallies(events.model) == tallies(before)


REMEDIED = decide_all(plan(), plan(TH2), start(), implement(), after=THREATS)


def walked(beginning: Sequence[RecordedEvent], walk: Sequence[Command]) -> list[RecordedEvent]:
    events = list(beginning)
    for command in walk:
        try:
            events.extend(decide(command, replay(events), lambda so_far=tuple(events): so_far))
        except Rejected:
            continue
    return events


def tallies(model: ThreatModel) -> dict[ThreatId, Any]:
    return {id: one.tally for id, one in scores_of(model).items()}
