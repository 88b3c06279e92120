"""Opening a round of votes: over which threats, by whom, until when."""

from datetime import timedelta
from typing import Any

import pytest

from domain.commands import (
    BeginRemediation,
    ChooseParticipants,
    OpenRound,
    ReportThreat,
    ReturnToCollection,
    WithdrawThreat,
)
from domain.dread.disagreement import DisagreementTest
from domain.dread.metrics import Discoverability, Metric
from domain.events import RoundOpened
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import BallotItem, Round, RoundKind
from domain.lifecycle import LEAVES
from domain.rejections import (
    AlreadyInARound,
    ContentMissing,
    NoSuchThreat,
    NotInThisPhase,
    NotScored,
    NotTheFacilitator,
    Rejected,
    ThreatGone,
    TooMany,
)
from domain.replay import replay
from domain.voting.turnout import default_quorum
from tests.domain.voting_story import (
    IDENTIFIED,
    OPENED,
    RD1,
    TH1,
    TH2,
    TH3,
    VOTERS,
    ballot_of,
    monday_at,
    open_round,
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, at, decide_all, given

NEXT = len(IDENTIFIED) + 1
WEDNESDAY = monday_at(9, days=2)


def test_a_round_is_opened_and_its_event_says_everything_about_it() -> None:
    given(*IDENTIFIED).when(open_round_command(TH1, TH3)).then(
        RoundOpened(
            by=ANA,
            at=at(5),
            answer=NEXT,
            round=Round(
                id=RD1,
                kind=RoundKind.INITIAL,
                asks=(
                    BallotItem(threat=TH1, metrics=tuple(Metric)),
                    BallotItem(threat=TH3, metrics=tuple(Metric)),
                ),
                voters=VOTERS,
                opened_at=at(5),
                deadline=WEDNESDAY,
                quorum=3,
                discoverability=Discoverability.VOTED,
                rubric=2,
                test=DisagreementTest.MIDDLE_HALF,
            ),
        )
    )


@pytest.mark.parametrize("policy", [Discoverability.FIXED, Discoverability.LEFT_OUT])
def test_a_round_that_does_not_vote_on_discoverability_does_not_ask_for_it(policy: Discoverability) -> None:
    model = replay(open_round(TH1, discoverability=policy))

    assert model.rounds[RD1].discoverability is policy
    assert model.rounds[RD1].asked(TH1) == tuple(Metric)[:4]


@pytest.mark.parametrize(
    ("invited", "quorum"), [(1, 1), (2, 2), (3, 3), (4, 3), (6, 3), (7, 4), (10, 5), (11, 6)]
)
def test_the_quorum_is_three_and_half_of_those_invited_and_of_fewer_than_three_all(
    invited: int, quorum: int
) -> None:
    assert default_quorum(invited) == quorum


def test_without_voters_named_the_participants_vote() -> None:
    chosen = decide_all(ChooseParticipants(by=ANA, at=at(3), participants=(BEN, CHI)), after=IDENTIFIED)
    model = replay(decide_all(OpenRound(by=ANA, at=at(5), threats=(TH1,)), after=chosen))

    assert model.rounds[RD1].voters == (BEN, CHI)
    assert model.rounds[RD1].quorum == 2


@pytest.mark.parametrize(
    ("fields", "kind", "sentence", "field"),
    [
        ({"threats": ()}, ContentMissing, "Select at least one", "threats"),
        ({"threats": tuple(ThreatId(f"TH-{n}") for n in range(101))}, TooMany, "101 threats", "threats"),
        ({"threats": (ThreatId("TH-9"),)}, NoSuchThreat, "TH-9", None),
        ({"voters": ()}, ContentMissing, "No voter is selected", "voters"),
        ({"deadline": at(5)}, Rejected, "The deadline is in the past", "deadline"),
        ({"deadline": at(5) + timedelta(days=61)}, Rejected, "A round can last at most 60 days", "deadline"),
        ({"quorum": 2}, Rejected, "With 4 voters, the quorum must be from 3 to 4", "quorum"),
        ({"quorum": 5}, Rejected, "With 4 voters, the quorum must be from 3 to 4", "quorum"),
        ({"by": BEN}, NotTheFacilitator, "Only the facilitator", None),
        ({"kind": RoundKind.RESIDUAL}, NotScored, "TH-1 has no score", "threats"),
    ],
)
def test_a_round_that_makes_no_sense_is_not_opened(
    fields: dict[str, Any], kind: type[Rejected], sentence: str, field: str | None
) -> None:
    given(*IDENTIFIED).when(open_round_command(**fields)).then_refused(kind, sentence, field=field)


def test_a_threat_named_twice_is_voted_on_once() -> None:
    assert [ask.threat for ask in replay(open_round(TH1, TH1)).rounds[RD1].asks] == [TH1]


def test_only_participants_can_be_voters() -> None:
    chosen = decide_all(ChooseParticipants(by=ANA, at=at(3), participants=(BEN,)), after=IDENTIFIED)
    given(*chosen).when(open_round_command(voters=(BEN, CHI))).then_refused(
        Rejected, f"@{CHI} is not a participant", field="voters"
    )


def test_a_threat_is_in_one_open_round_at_a_time() -> None:
    given(*OPENED).when(open_round_command(TH2, TH1)).then_refused(
        AlreadyInARound, "TH-1 is already part of the open round RD-1", field="threats"
    )
    assert len(replay(decide_all(open_round_command(TH2), after=OPENED)).open_rounds()) == 2


def test_a_withdrawn_threat_is_not_voted_on() -> None:
    gone = decide_all(WithdrawThreat(by=BEN, at=at(3), threat=TH1), after=IDENTIFIED)
    given(*gone).when(open_round_command(TH1)).then_refused(ThreatGone, "TH-1 was withdrawn")


def test_a_round_is_opened_in_analysis_or_later() -> None:
    back = decide_all(ReturnToCollection(by=ANA, at=at(3)), after=IDENTIFIED)
    given(*back).when(open_round_command(TH1)).then_refused(
        NotInThisPhase, "available only in the analysis or remediation phase"
    )
    later = decide_all(BeginRemediation(by=ANA, at=at(3), reason="no time to vote"), after=IDENTIFIED)
    assert replay(decide_all(open_round_command(TH1), after=later)).step == "responding"


def test_analysis_votes_while_a_round_is_open() -> None:
    assert replay(IDENTIFIED).step == "identifying"
    assert replay(OPENED).step == "voting"
    assert {"identifying", "voting"} <= LEAVES
    two = decide_all(open_round_command(TH2), *(ballot_of(one, 5) for one in VOTERS), after=OPENED)
    assert replay(two).step == "voting", "RD-2 is still open"
    assert replay(decide_all(*(ballot_of(one, 5) for one in VOTERS), after=OPENED)).step == "identifying"
    there_and_back = decide_all(ReturnToCollection(by=ANA, at=at(6)), after=OPENED)
    assert replay(there_and_back).step == "collection"


def test_answers_go_on_while_a_round_is_open() -> None:
    model = replay(
        decide_all(ReportThreat(by=BEN, at=at(6), title="Fire", stride=(Stride.TAMPERING,)), after=OPENED)
    )
    assert ThreatId("TH-4") in model.threats
