"""Stakes: what is most at stake stands first among suggested threats, ballots and questions."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from msgspec.structs import replace

from domain.analysis.stakes import Stake, Stakes, stake_of_places
from domain.built_in_catalog import BUILT_IN
from domain.commands import BeginAnalysis, ConfirmSuggestedThreats, OpenRound
from domain.kernel.answer import Answer
from domain.kernel.elements import Asset, ElementId, EntryPoint, Exposure, Rating
from domain.kernel.threat import Stride, SuggestedThreatId, Threat, ThreatId
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from domain.rules.model_index import ModelIndex
from tests.domain.catalogue.shop_model import ELEMENTS, ORDERS, PAGE, SHOP, SOFTWARE, answered, element, shop
from tests.domain.suggested_threats import AMINA, HOUSE
from tests.domain.test_web_shop import after_the_vote
from tests.examples import at, decide_all

INTERNET, INTERNAL = (
    EntryPoint(id=PAGE, name="Page", component=SHOP, exposure=one)
    for one in (Exposure.INTERNET, Exposure.INTERNAL)
)


def stake(rule: str, at_element: ElementId, model: ThreatModel) -> Stake:
    return Stakes(ModelIndex(model)).of(BUILT_IN.rules_by_id[rule], at_element)


def orders(rating: Rating) -> Asset:
    old = element(ORDERS)
    assert isinstance(old, Asset)
    return replace(old, confidentiality=rating, integrity=rating, data=None)


def test_the_public_and_a_valuable_asset_are_the_reasons() -> None:
    assert stake("T01", PAGE, shop(INTERNET)).reasons == ("public", "Orders")


def test_each_factor_alone_decides_between_two() -> None:
    public, internal = stake("T01", PAGE, shop(INTERNET)), stake("T01", PAGE, shop(INTERNAL))
    cheap = stake(
        "T01", PAGE, shop(INTERNET, orders(Rating.LOW), replace(element(ElementId("AS-2")), data=None))
    )
    milder = stake("I08", PAGE, shop(INTERNET))
    several = stake_of_places([public, internal])
    assert several.weight > public.weight > max(internal.weight, cheap.weight, milder.weight)


def test_many_places_of_a_mild_weakness_do_not_outweigh_a_grave_one() -> None:
    mild = stake("I08", PAGE, shop(INTERNET))
    assert stake_of_places([mild] * 10).weight < stake("T01", PAGE, shop(INTERNET)).weight


def test_a_threat_that_needs_something_before_comes_after_one_that_anyone_can_attempt() -> None:
    model = shop(INTERNET)
    direct, by_insiders, after_a_theft = (stake(rule, PAGE, model) for rule in ("E07", "E15", "S02"))
    assert direct.exposure == by_insiders.exposure == after_a_theft.exposure
    assert direct.opportunity > by_insiders.opportunity > after_a_theft.opportunity
    assert stake("E03", SHOP, model).weight < stake("E01", PAGE, model).weight


def test_the_words_say_what_is_at_stake_and_what_an_attacker_needs_before() -> None:
    assert stake("T01", PAGE, shop(INTERNET)).words == ("At stake: public, Orders",)
    assert stake("S02", PAGE, shop(INTERNET)).words == (
        "At stake: public, Orders",
        "Needs first: an earlier break-in or theft",
    )


def raised() -> Iterator[tuple[Asset | EntryPoint, Asset | EntryPoint]]:
    """Each asset before and after one of its ratings is raised, each entry point with a wider exposure."""
    exposures = (Exposure.LOCAL, Exposure.INTERNAL, Exposure.PARTNER, Exposure.INTERNET)
    for one in ELEMENTS:
        if isinstance(one, Asset):
            for quality in ("confidentiality", "integrity", "availability"):
                for rating, higher in pairwise((Rating.LOW, Rating.MEDIUM, Rating.HIGH)):
                    yield replace(one, **{quality: rating}), replace(one, **{quality: higher})
        elif isinstance(one, EntryPoint):
            for narrow, wide in pairwise(exposures):
                yield replace(one, exposure=narrow), replace(one, exposure=wide)


@pytest.mark.parametrize(("before", "after"), tuple(raised()))
def test_a_higher_rating_or_a_wider_exposure_never_lowers_a_threat(
    before: Asset | EntryPoint, after: Asset | EntryPoint
) -> None:
    lower, higher = (Stakes(ModelIndex(shop(one))) for one in (before, after))
    changes = {
        higher.of(rule, one.id).weight - lower.of(rule, one.id).weight
        for rule in BUILT_IN.rules
        for one in ELEMENTS
    }
    assert min(changes) == 0


def test_an_answer_stands_in_for_a_rating_and_an_exposure() -> None:
    unrated = shop(EntryPoint(id=PAGE, name="Page", component=SHOP))
    answered = replace(unrated, facts=unrated.facts.insert((PAGE, "public"), Answer.YES))
    assert stake("T01", PAGE, unrated).weight < stake("T01", PAGE, answered).weight
    assert "public" in stake("T01", PAGE, answered).reasons


def test_suggested_threats_and_their_groups_stand_in_this_order() -> None:
    found = after_the_vote()
    for weights in (
        [one.stake.weight for one in found.suggested_threats],
        [one.stake.weight for one in found.groups],
    ):
        assert len(set(weights)) > 3
        assert weights == sorted(weights, reverse=True)


def test_ties_are_in_the_order_of_the_rules() -> None:
    found = after_the_vote()
    places = [(-one.stake.weight, one.rule.id) for one in found.groups]
    assert len({weight for weight, _ in places}) < len(places)
    assert places == sorted(places)


def test_controls_stand_in_the_order_of_what_is_at_stake_without_them() -> None:
    facts = [one.fact for one in register(answered(shop(INTERNET), SOFTWARE)).control_questions]
    assert facts.index("authorization_checked") < facts.index("error_details_hidden")


def test_ballots_stand_in_the_order_of_what_is_at_stake_when_the_round_opens() -> None:
    begun = decide_all(BeginAnalysis(by=AMINA, at=at(99)), after=HOUSE)
    first, *_, last = register(replay(begun)).groups
    assert first.stake.weight > last.stake.weight
    confirmed = decide_all(
        *(
            ConfirmSuggestedThreats(
                by=AMINA, at=at(100), suggested_threats=(SuggestedThreatId(one.suggested_threats[0].id),)
            )
            for one in (last, first)
        ),
        after=begun,
    )
    lower, higher = sorted(set(replay(confirmed).threats) - set(replay(begun).threats))
    opened = decide_all(OpenRound(by=AMINA, at=at(101), threats=(lower, higher)), after=confirmed)
    assert [ask.threat for ask in replay(opened).rounds[RoundId("RD-1")].asks] == [higher, lower]


def test_a_reported_threat_is_judged_by_its_categories_and_its_place() -> None:
    stakes = Stakes(ModelIndex(shop(INTERNET)))
    grave, mild = (
        Threat(id=ThreatId("TH-1"), title="Guessed", stride=(category,), element=PAGE)
        for category in (Stride.SPOOFING, Stride.REPUDIATION)
    )
    assert stakes.of_threat(grave).reasons == ("public", "Orders")
    assert stakes.of_threat(grave).weight > stakes.of_threat(mild).weight
    assert stakes.of_threat(replace(grave, element=None)) == Stake()
