"""Agents see why a suggested threat stands where it does, and which missing controls raise no threat yet."""

from bot.mcp_server.answers import ModelPart, model_part, suggested_threat
from domain.register import register
from tests.domain.catalogue.shop_model import PAGE, SOFTWARE, answered, shop
from tests.domain.test_web_shop import after_the_vote

WAITING = register(answered(shop(), SOFTWARE, [f"{PAGE} sessions_revocable"]))


def test_the_factors_of_the_order_are_told_with_their_words() -> None:
    group = next(one for one in after_the_vote().groups if one.stake.reasons and one.stake.needed)
    stake = group.stake
    assert suggested_threat(group)["at_stake"] == {
        "weight": stake.weight,
        "assets": stake.assets,
        "exposure": stake.exposure,
        "opportunity": stake.opportunity,
        "impact": stake.impact,
        "places": stake.places,
        "because": [
            {"said": f"At stake: {', '.join(stake.reasons)}"},
            {"said": f"Needs first: {stake.needed}"},
        ],
    }


def test_a_control_that_is_missing_without_a_threat_is_told_with_the_questions_that_decide_it() -> None:
    (waiting,) = WAITING.waiting_controls
    assert model_part(WAITING, ModelPart.MISSING_CONTROLS, str)["missing_controls"] == [
        {
            "element": PAGE,
            "fact": "sessions_revocable",
            "states": "sessions cannot be revoked on the server",
            "decided_by": [
                {"element": element, "fact": fact, "question": WAITING.catalog.facts[fact].question}
                for element, fact in waiting.questions
            ],
        }
    ]
    assert waiting.questions
