"""Threats that others are measured by."""

from domain.commands import MarkYardstick, Undo, UnmarkYardstick, WithdrawThreat
from domain.dread.metrics import Metric
from domain.kernel.elements import PersonId
from domain.register import register
from domain.rejections import NotScored, NotTheFacilitator, UndoBlocked
from domain.replay import replay
from domain.voting.scores import Yardstick
from tests.domain.voting_story import IDENTIFIED, TH1, TH2, TH3, VOTERS, ballot_of, open_round
from tests.examples import ANA, BEN, at, decide_all, given

SCORED = decide_all(
    *(ballot_of(one, 6, on=on) for on in (TH1, TH2, TH3) for one in VOTERS), after=open_round(TH1, TH2, TH3)
)


def mark(threat: str = TH1, by: PersonId = ANA) -> MarkYardstick:
    return MarkYardstick(by=by, at=at(40), threat=TH1 if threat == TH1 else TH2)


def test_a_scored_threat_can_be_a_yardstick_with_its_medians() -> None:
    model = replay(decide_all(mark(), after=SCORED))
    assert register(model).yardsticks == (
        Yardstick(threat=TH1, title="The plumber", medians=dict.fromkeys(Metric, 6)),
    )
    given(*decide_all(mark(), after=SCORED)).when(mark()).then_nothing_happens()


def test_a_threat_without_a_score_is_no_yardstick() -> None:
    given(*IDENTIFIED).when(mark()).then_refused(NotScored, "Vote on it first", field="threat")


def test_a_yardstick_is_chosen_and_given_up_by_the_facilitator() -> None:
    given(*SCORED).when(mark(by=BEN)).then_refused(NotTheFacilitator, "Only the facilitator")
    marked = decide_all(mark(), after=SCORED)
    gone = decide_all(UnmarkYardstick(by=ANA, at=at(41), threat=TH1), after=marked)
    assert register(replay(gone)).yardsticks == ()
    back = decide_all(Undo(by=ANA, at=at(42)), after=gone)
    assert register(replay(back)).yardsticks == register(replay(marked)).yardsticks


def test_a_withdrawn_yardstick_measures_nothing_until_it_comes_back() -> None:
    marked = decide_all(mark(), after=SCORED)
    gone = decide_all(WithdrawThreat(by=BEN, at=at(41), threat=TH1), after=marked)
    assert register(replay(gone)).yardsticks == ()
    assert register(replay(decide_all(Undo(by=BEN, at=at(42)), after=gone))).yardsticks


def test_the_report_of_a_yardstick_is_not_taken_back() -> None:
    given(*SCORED).when(Undo(by=BEN, at=at(50))).then_refused(UndoBlocked, "since then")
