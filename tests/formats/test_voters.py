"""A history file has the result of each round, no ballot, and nothing that says who did not vote again."""

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from bot.picture.ballots_chart import count_ballots, draw_ballots
from domain.commands import ExplainBallot, SettleRound
from domain.dread.metrics import Metric
from domain.events import RecordedEvent
from domain.history import timeline
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel
from domain.replay import replay
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
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, at, decide_all
from tests.formats.export_sources import export_all_formats
from tests.formats.test_round_trips import read_back

D = Metric.DAMAGE
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
    (second,) = [one for one in closed_rounds(files[ANA]) if one["round"] == RD2]
    (result,) = second["results"]
    assert result == {"threat": TH1, "ballots": 3, "stands": [D]}, "as many as voted, and nothing else"


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


def test_the_numbers_of_those_who_explained_begin_again_in_each_round() -> None:
    explain = ExplainBallot(by=BEN, at=at(15), round=RD1, threat=TH1, metric=D, text="it was open")
    events = decide_all(
        explain,
        *(ballot_of(one, 6, round=RD2, minute=20) for one in (ANA, BEN, CHI, *VOTERS)),
        after=CONTESTED,
    )
    lines = [json.loads(line) for line in export_all_formats(events)["events"].splitlines()[1:]]
    by = [(one["event"]["round"], one["event"]["by"]) for one in lines if one["type"] == "BallotExplained"]
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
    file = export_all_formats(events)
    (ended,) = closed_rounds(file)
    assert ended["results"] == [{"threat": TH1, "ballots": 1}]
    assert all(b"zebra" not in one for one in file.values())
    sealed = sealed_results(read_back(file["events"], now=at(9 * DAY)).model)[TH1]
    assert (sealed.voted, sealed.panel) == (1, 3), "how many voted is in it"


def test_no_file_has_numbers_of_one_ballot_beside_each_other() -> None:
    """The same numbers of each metric, given by others, make the same files."""
    cast = [(4, 5, 5, 4, 5), (5, 4, 5, 4, 4), (4, 4, 4, 5, 5), (5, 5, 5, 4, 4)]
    files: list[dict[str, bytes]] = []
    for turn in range(4):
        shifts = [turn * place % 4 for place in range(5)]
        columns = [[row[place] for row in cast] for place in range(5)]
        rows = zip(*(one[by:] + one[:by] for one, by in zip(columns, shifts, strict=True)), strict=True)
        ballots = (ballot_of(who, *row, minute=10) for who, row in zip(VOTERS, rows, strict=True))
        files.append(export_all_formats(decide_all(*ballots, after=open_round(TH1, voters=VOTERS))))
    assert all(one == files[0] for one in files)
    (ended,) = closed_rounds(files[0])
    assert ended["results"][0]["metrics"][0] == {"metric": D, "counts": [0, 0, 0, 2, 2, 0, 0, 0, 0, 0]}
    assert not any(b"BallotCast" in one for one in files[0].values())


def test_an_imported_history_has_the_same_scores_and_charts() -> None:
    again = [ballot_of(one, 5 + place, round=RD2) for place, one in enumerate(VOTERS)]
    events = [CONTESTED, second_vote_without(CHI), decide_all(*again, after=CONTESTED)]
    other = open_round_command(TH1, voters=VOTERS[:3], at=at(5 * DAY))
    ballots = (ballot_of(one, 9, round=RoundId("RD-3"), minute=5 * DAY + 1) for one in VOTERS[:3])
    events.append(decide_all(other, *ballots, after=events[-1]))
    for past in events:
        known, read = replay(past), read_back(export_all_formats(past)["events"], now=at(9 * DAY)).model
        assert replace(scored(read), to_vote_again=()) == replace(scored(known), to_vote_again=())
        assert sealed_results(read) == sealed_results(known)
        assert drawn(read) == drawn(known)
        assert not len(read.ballots)


def drawn(model: ThreatModel) -> str:
    return draw_ballots(count_ballots(model.threats[TH1], replace(scored(model), to_vote_again=())))


def closed_rounds(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The ends of rounds in a file of events."""
    lines = map(json.loads, files["events"].splitlines()[1:])
    return [one["event"] for one in lines if one["type"] == "RoundClosed"]


def scored(model: ThreatModel) -> Score:
    return scores_of(model)[TH1]
