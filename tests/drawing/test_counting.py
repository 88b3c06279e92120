"""Ballots are counted for the chart without voters."""

import msgspec
import pytest

from bot.picture.ballots_chart import count_ballots as ballots_of
from bot.picture.ballots_chart import describe_ballots, draw_ballots
from domain.dread.metrics import Discoverability, Metric, Numbers
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat, ThreatId
from domain.kernel.voting_round import RoundEndCause, RoundId
from domain.voting.scores import PublishedExplanation, Score
from tests.domain.voting_story import tally_of
from tests.examples import ANA

CURTAINS = Threat(id=ThreatId("TH-4"), title="Curtains", stride=(Stride.INFORMATION_DISCLOSURE,))


def score(*ballots: tuple[int | None, ...], policy: Discoverability = Discoverability.VOTED) -> Score:
    said = [Numbers(**dict(zip(Metric, numbers, strict=False))) for numbers in ballots]
    tally = tally_of(said, policy)
    assert tally is not None
    return Score(
        round=RoundId("R-1"),
        tally=tally,
        cause=RoundEndCause.ALL_VOTED,
        discoverability=policy,
        rubric=1,
        reasons=("the lamp is on at night",),
        explained=(PublishedExplanation(metric=Metric.DAMAGE, text="I saw it", by=ANA),),
    )


VOTED = score((1, 10, 8, 2, 10), (1, 10, 7, 9, 10), (2, 9, 10, 10, None))


def test_low_damage_limits_the_band_to_medium() -> None:
    drawn = ballots_of(CURTAINS, VOTED, "number 2 of 6")
    assert describe_ballots(drawn) == (
        "TH-4, 3 ballots, Medium, set by Damage (mean 7.6) · number 2 of 6: Damage 1, from 1 to 2; "
        "Reproducibility 10, from 9 to 10; Exploitability 8, from 7 to 10; "
        "Affected users 9, from 2 to 10, contested; Discoverability 10, all on 10, 1 abstained."
    )


def test_a_second_vote_is_noted() -> None:
    again = ballots_of(CURTAINS, msgspec.structs.replace(VOTED, voted_again=(Metric.AFFECTED_USERS,)))
    soon = ballots_of(CURTAINS, msgspec.structs.replace(VOTED, to_vote_again=(Metric.AFFECTED_USERS,)))
    assert [one.note for one in again.metrics] == ["", "", "", "voted twice", ""]
    assert [one.note for one in soon.metrics] == ["", "", "", "second vote open", ""]


@pytest.mark.parametrize(
    ("policy", "last"),
    [(Discoverability.FIXED, "Discoverability"), (Discoverability.LEFT_OUT, "Affected users")],
)
def test_a_metric_without_a_vote_is_fixed_or_omitted(policy: Discoverability, last: str) -> None:
    drawn = ballots_of(CURTAINS, score((5, 5, 5, 5), (5, 5, 5, 5), policy=policy)).metrics[-1]
    assert drawn.name == last
    assert (drawn.note, drawn.abstained) == ("fixed at 10" if last == "Discoverability" else "", 0)


def test_neither_names_nor_reasons_are_in_the_drawing() -> None:
    drawn = ballots_of(CURTAINS, VOTED)
    for told in (draw_ballots(drawn), describe_ballots(drawn)):
        assert ANA not in told
        assert "lamp" not in told
        assert "I saw it" not in told
