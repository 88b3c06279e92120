"""The sentences of those whose numbers were the lowest and the highest."""

import pytest

from domain.commands import ExplainBallot
from domain.dread.metrics import Metric
from domain.events import BallotExplained, RecordedEvent
from domain.history import timeline
from domain.kernel.elements import PersonId
from domain.rejections import ContentMissing, Rejected, TooLong
from domain.replay import replay
from domain.voting.extreme_numbers import extremes_of
from domain.voting.scores import PublishedExplanation, RankedThreat, ranked_threats
from tests.domain.voting_story import (
    CONTESTED,
    RD1,
    RD2,
    TH1,
    VOTERS,
    ballot_of,
    open_round,
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, given

D = Metric.DAMAGE


def scored(*events: RecordedEvent) -> RankedThreat:
    """The plumber after all of this."""
    return next(one for one in ranked_threats(replay(events)) if one.threat.id == TH1)


def explain(by: PersonId, text: str = "there is a copy", minute: int = 30) -> ExplainBallot:
    return ExplainBallot(by=by, at=at(minute), round=RD1, threat=TH1, metric=D, text=text)


NAMED = BallotExplained(
    by=ANA, at=at(31), answer=99, round=RD1, threat=TH1, metric=D, text="it is glued", named=True
)
"""An explanation of an earlier release, whose author agreed to be named."""


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
    given(*CONTESTED).when(explain(CHI)).then_refused(Rejected, "far from the median")


@pytest.mark.parametrize(("text", "kind"), [("  ", ContentMissing), ("x" * 301, TooLong)])
def test_a_sentence_is_short_and_not_empty(text: str, kind: type[Rejected]) -> None:
    given(*CONTESTED).when(explain(BEN, text)).then_refused(kind, "", field="text")


def test_a_sentence_is_shown_at_once_and_only_earlier_releases_named_those_who_agreed() -> None:
    events = [*decide_all(explain(BEN), after=CONTESTED), NAMED]
    score = scored(*events).score
    assert score is not None
    assert score.explained == (
        PublishedExplanation(metric=D, text="it is glued", by=ANA),
        PublishedExplanation(metric=D, text="there is a copy"),
    )
    unnamed, named = timeline(events)[-2:]
    assert (unnamed.by, named.by) == ("", ANA)
    assert unnamed.text == "explained an outlying number on TH-1"


def test_the_last_sentence_of_a_person_counts() -> None:
    score = scored(*decide_all(explain(BEN), explain(BEN, "I was wrong"), after=CONTESTED)).score
    assert score is not None
    assert [one.text for one in score.explained] == ["I was wrong"]


def test_after_the_second_vote_the_ends_of_a_contested_metric_are_no_longer_asked() -> None:
    events = decide_all(*(ballot_of(one, 7, round=RD2) for one in VOTERS), after=CONTESTED)
    given(*events).when(explain(BEN)).then_refused(Rejected, "far from the median")


FIVE = (ANA, BEN, CHI, DEE, PersonId("UEVE"))


def ended_with(*damage: int) -> list[RecordedEvent]:
    """A round of five that agree on all but the damage."""
    cast = (ballot_of(who, number, 5, 5, 5, 5) for who, number in zip(FIVE, damage, strict=True))
    return decide_all(*cast, after=open_round(TH1, voters=FIVE))


def test_a_single_number_far_from_the_median_is_explained_and_not_contested() -> None:
    events = ended_with(3, 3, 3, 3, 10)
    model = replay(events)
    score = scored(*events).score
    assert score is not None
    assert score.tally.contested == ()
    assert not model.open_rounds()
    assert [(one.metric, one.number) for one in extremes_of(model, FIVE[4])] == [(D, 10)]
    assert all(extremes_of(model, one) == () for one in FIVE[:4])

    explained = decide_all(explain(FIVE[4], "The backup is in the same place"), after=events)

    after = scored(*explained).score
    assert after is not None
    assert after.explained == (PublishedExplanation(metric=D, text="The backup is in the same place"),)
    assert timeline(explained)[-1].by == ""


@pytest.mark.parametrize(("damage", "asked"), [((3, 3, 3, 3, 7), ()), ((3, 3, 3, 3, 8), (8,))])
def test_a_number_is_far_from_the_median_from_five_on(
    damage: tuple[int, ...], asked: tuple[int, ...]
) -> None:
    model = replay(ended_with(*damage))
    assert tuple(one.number for one in extremes_of(model, FIVE[4])) == asked


def test_a_new_round_on_the_threat_ends_the_questions_about_the_last_one() -> None:
    events = decide_all(open_round_command(TH1, at=at(20), voters=FIVE), after=ended_with(3, 3, 3, 3, 10))
    assert extremes_of(replay(events), FIVE[4]) == ()
    given(*events).when(explain(FIVE[4])).then_refused(Rejected, "far from the median")


def test_of_a_metric_that_stays_sealed_no_one_is_asked() -> None:
    cast = [ballot_of(ANA, 1), *(ballot_of(one, None, 5, 5, 5, 5) for one in (BEN, CHI)), ballot_of(DEE, 10)]
    model = replay(decide_all(*cast, after=open_round(TH1)))
    assert all(one.metric is not D for who in VOTERS for one in extremes_of(model, who))
