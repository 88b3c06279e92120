"""The sentences of those whose numbers were the lowest and the highest."""

import pytest

from domain.commands import ExplainBallot
from domain.dread.metrics import Metric
from domain.events import BallotExplained, RecordedEvent
from domain.history import timeline
from domain.kernel.elements import PersonId
from domain.model import replay
from domain.rejections import ContentMissing, Rejected, TooLong
from domain.voting.extreme_numbers import extremes_of
from domain.voting.scores import PublishedExplanation, RankedThreat, ranked_threats
from tests.domain.voting_story import CONTESTED, RD1, RD2, TH1, VOTERS, ballot_of
from tests.examples import ANA, BEN, CHI, at, decide_all, given

D = Metric.DAMAGE


def scored(*events: RecordedEvent) -> RankedThreat:
    """The plumber after all of this."""
    return next(one for one in ranked_threats(replay(events)) if one.threat.id == TH1)


def explain(by: PersonId, text: str = "there is a copy", *, named: bool = False) -> ExplainBallot:
    return ExplainBallot(by=by, at=at(30), round=RD1, threat=TH1, metric=D, text=text, named=named)


def test_the_holders_of_the_extremes_are_asked_why_and_no_one_else() -> None:
    model = replay(CONTESTED)
    assert [(one.metric, one.number) for one in extremes_of(model, ANA)] == [(D, 2)]
    assert [(one.metric, one.number) for one in extremes_of(model, BEN)] == [(D, 9)]
    assert extremes_of(model, CHI) == extremes_of(model, PersonId("UEVE")) == ()
    given(*CONTESTED).when(explain(BEN)).then(
        BallotExplained(
            by=BEN,
            at=at(30),
            answer=len(CONTESTED) + 1,
            round=RD1,
            threat=TH1,
            metric=D,
            text="there is a copy",
        )
    )
    given(*CONTESTED).when(explain(CHI)).then_refused(Rejected, "Only those are asked why")


@pytest.mark.parametrize(("text", "kind"), [("  ", ContentMissing), ("x" * 301, TooLong)])
def test_a_sentence_is_short_and_not_empty(text: str, kind: type[Rejected]) -> None:
    given(*CONTESTED).when(explain(BEN, text)).then_refused(kind, "", field="text")


def test_a_sentence_is_shown_at_once_and_names_no_one_who_did_not_agree() -> None:
    events = decide_all(explain(BEN), explain(ANA, "it is glued", named=True), after=CONTESTED)
    score = scored(*events).score
    assert score is not None
    assert score.explained == (
        PublishedExplanation(metric=D, text="it is glued", by=ANA),
        PublishedExplanation(metric=D, text="there is a copy"),
    )
    unnamed, named = timeline(events)[-2:]
    assert (unnamed.by, named.by) == ("", ANA)
    assert unnamed.text == "explained a number on TH-1 that was the lowest or the highest"


def test_the_last_sentence_of_a_person_counts() -> None:
    score = scored(*decide_all(explain(BEN), explain(BEN, "I was wrong"), after=CONTESTED)).score
    assert score is not None
    assert [one.text for one in score.explained] == ["I was wrong"]


def test_after_the_second_vote_no_one_is_asked_any_more() -> None:
    events = decide_all(*(ballot_of(one, 7, round=RD2) for one in VOTERS), after=CONTESTED)
    given(*events).when(explain(BEN)).then_refused(Rejected, "while the metric is being voted on again")
