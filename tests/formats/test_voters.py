"""A history file has single ballots, and nothing that says whose they are, or who did not vote again."""

import json
from pathlib import Path

import pytest

from domain.commands import ExplainBallot, SettleRound
from domain.dread.metrics import Metric
from domain.events import RecordedEvent
from domain.history import timeline
from domain.kernel.elements import SYSTEM, PersonId
from domain.model import ThreatModel, replay
from domain.voting.scores import Score, scores_of, sealed_results
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    RD1,
    RD2,
    TH1,
    VOTERS,
    ballot_of,
    close_round_by_system,
    open_round,
)
from tests.examples import ANA, BEN, CHI, at, decide_all
from tests.formats.export_sources import export_all_formats
from tests.formats.test_round_trips import read_back

D = Metric.DAMAGE
EARLIER = Path(__file__).parent / "earlier"
CAST = [(5, 5, 5, 5, 5), (6, 5, 5, 5, 5), (7, 5, 5, 5, 5)]


def second_vote_without(missing: PersonId) -> list[RecordedEvent]:
    """The same three ballots of the others, closed at the deadline."""
    again = [one for one in VOTERS if one != missing]
    cast = [
        ballot_of(one, *numbers, round=RD2, minute=20 + place)
        for place, (one, numbers) in enumerate(zip(again, CAST, strict=True))
    ]
    return decide_all(*cast, close_round_by_system(DAY + 10, RD2), after=CONTESTED)


def test_the_file_does_not_reveal_who_did_not_vote_again() -> None:
    files = {missing: export_all_formats(second_vote_without(missing)) for missing in VOTERS}
    assert all(one == files[ANA] for one in files.values())
    assert files[ANA]["events"].count(b'"round":"RD-2","threat"') == 3


def test_the_file_does_not_reveal_who_voted_last() -> None:
    asked = open_round(TH1, voters=VOTERS)
    for order in (VOTERS, VOTERS[::-1]):
        first = decide_all(*(ballot_of(one, 9 if one == ANA else 2, minute=6) for one in order), after=asked)
        second = decide_all(*(ballot_of(one, 6, round=RD2, minute=20) for one in order), after=first)
        ends = [
            one["event"]["by"]
            for one in map(json.loads, export_all_formats(second)["events"].splitlines()[1:])
            if one["type"] == "RoundClosed"
            or (one["event"].get("round") and "revote_of" in one["event"]["round"])
        ]
        assert ends == ["system"] * 3, "the end of both votes, and the opening of the second one"
        assert all(
            one.by == SYSTEM for one in timeline(second) if "RD-2" in one.text and "voted" not in one.text
        )


@pytest.mark.parametrize("name", ["BallotCast", "BallotExplained"])
def test_the_numbers_of_voters_begin_again_in_each_round(name: str) -> None:
    explain = ExplainBallot(by=BEN, at=at(15), round=RD1, threat=TH1, metric=D, text="it was open")
    events = decide_all(
        explain,
        *(ballot_of(one, 6, round=RD2, minute=20) for one in (ANA, BEN, CHI, *VOTERS)),
        after=CONTESTED,
    )
    lines = [json.loads(line) for line in export_all_formats(events)["events"].splitlines()[1:]]
    by = [(one["event"]["round"], one["event"]["by"]) for one in lines if one["type"] == name]
    for round in {of for of, _ in by}:
        numbers = [voter for of, voter in by if of == round]
        assert numbers == [f"voter-{number}" for number in range(1, len(numbers) + 1)]


def test_the_ballots_of_a_sealed_result_leave_without_numbers_and_reasons() -> None:
    late = 2 * DAY + 5
    events = decide_all(
        ballot_of(BEN, 9, 8, 7, 6, 5, reason="zebra"),
        close_round_by_system(late),
        close_round_by_system(late + DAY),
        SettleRound(by=ANA, at=at(late + DAY), round=RD1, reason="holidays"),
        after=open_round(TH1, voters=(ANA, BEN, CHI)),
    )
    file = export_all_formats(events)["events"]
    (cast,) = [one for one in map(json.loads, file.splitlines()[1:]) if one["type"] == "BallotCast"]
    assert cast["event"]["ballot"] == {"numbers": {}}
    sealed = sealed_results(read_back(file, now=at(9 * DAY)).model)[TH1]
    assert (sealed.voted, sealed.panel) == (1, 3), "how many voted is in it"


def test_a_file_of_an_earlier_release_is_read() -> None:
    """Its voters have the same numbers in both votes; the first number of the fourth is not mixed in."""
    score = scored(read_back((EARLIER / "second-vote.events.jsonl").read_bytes()).model)
    assert score.tally.numbers[D] == (6, 6, 6)
    assert score.voted_again == (D,)


def test_an_imported_history_has_the_same_result() -> None:
    for events in (CONTESTED, second_vote_without(CHI)):
        again = read_back(export_all_formats(events)["events"]).model
        assert scored(again).tally == scored(replay(events)).tally


def scored(model: ThreatModel) -> Score:
    return scores_of(model)[TH1]
