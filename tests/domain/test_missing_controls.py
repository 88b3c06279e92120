"""A control that was stated to be missing raises its threat, or waits for a question that comes first."""

from collections.abc import Callable
from functools import reduce

import pytest
from msgspec.structs import replace

from domain.analysis.control_questions import asked_by, needed_where
from domain.analysis.model_analysis import analyze
from domain.analysis.rule_findings import WaitingControl
from domain.built_in_catalog import BUILT_IN
from domain.commands import ConfirmSuggestedThreats, DismissSuggestedThreats
from domain.decide import decide
from domain.facts.fact_implications import IMPLICATIONS
from domain.kernel.answer import Answer
from domain.kernel.elements import Exposure, Kind, kind_of_id
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.threat import SuggestedThreatId
from domain.model import ThreatModel, evolve
from domain.model.phase_steps import with_step
from domain.rules.conditions import Asked
from domain.rules.model_index import ModelIndex
from tests.domain.catalogue.shop_model import ASKING, PAGE, SHOP, SOFTWARE, answered, element, shop
from tests.domain.generated_systems import generated_system
from tests.examples import ANA, at

ADMIN_LOGIN = shop(replace(element(PAGE), name="Admin login", exposure=Exposure.INTERNAL))
STATED_OF_OTHER_KINDS = {
    "patched_in_time": "components always need it, and dependencies where they ship code",
    "transport_encryption_current": "encryption is asked of the flows through an entry point",
}
"""Controls needed where a fact about another kind of element holds, which no one can state of theirs."""


def of_software(model: ThreatModel) -> ThreatModel:
    """The model with all components stated to be software, which opens most questions."""
    return answered(model, [f"{id} software" for id in model.elements if kind_of_id(id) is Kind.COMPONENT])


NEEDED_BESIDE = {
    "lockout_abuse_prevented": "attempts_limited",
    "peer_verified": "encrypted",
    "transport_encryption_current": "encrypted",
    "individual_account": "caller_authenticated",
    "token_signature_verified": "caller_authenticated",
    "token_issuer_checked": "caller_authenticated",
    "token_audience_checked": "caller_authenticated",
    "token_expiration_checked": "caller_authenticated",
}
"""Controls that are needed only beside another one: while that one is missing, its own threat says it all.

No limit locks users out where attempts are not limited, a connection in the clear can verify neither end, and
nothing checks the account or the token of a caller that is not authenticated.
"""

SYSTEMS: dict[str, Callable[[], ThreatModel]] = {
    "shop": lambda: answered(shop(), SOFTWARE),
    "internal admin login": lambda: answered(ADMIN_LOGIN, SOFTWARE),
    "vpn": lambda: answered(shop(replace(element(SHOP), technology="vpn_gateway")), SOFTWARE),
    "internal vpn": lambda: answered(
        shop(
            replace(element(SHOP), technology="vpn_gateway"),
            replace(element(PAGE), exposure=Exposure.INTERNAL),
        ),
        SOFTWARE,
    ),
    "without software": shop,
    **{f"generated {seed}": lambda seed=seed: generated_system(10, seed) for seed in range(2)},
    **{
        f"generated software {seed}": lambda seed=seed: of_software(generated_system(10, seed))
        for seed in range(2)
    },
}


def waiting(model: ThreatModel) -> dict[Asked, WaitingControl]:
    return {(one.element, one.fact): one for one in analyze(model).found.waiting}


def raised(model: ThreatModel) -> frozenset[Asked]:
    """Return what the controls of rules ask where these raised a suggested threat or a warning."""
    found, index = analyze(model).found, ModelIndex(model)
    return frozenset(
        about
        for one in (*found.suggested_threats, *found.cautions)
        for about in asked_by(one.rule.controlled, index.about(model.elements[one.element]))
    )


def told(model: ThreatModel) -> frozenset[Asked]:
    """Return the missing controls that raised something, or wait for questions that are open."""
    open_now = {(one.element, one.fact) for one in analyze(model).found.questions}
    waits = waiting(model).items()
    return raised(model) | {
        about for about, control in waits if control.questions and open_now.issuperset(control.questions)
    }


def denied(model: ThreatModel, about: Asked) -> ThreatModel:
    return replace(model, facts=model.facts.insert(about, Answer.NO))


def asked_controls(model: ThreatModel) -> list[Asked]:
    """Return the controls that are asked about, each at each of its elements."""
    return [(id, one.fact) for one in analyze(model).counter.controls for id in one.elements]


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_control_that_is_asked_about_is_missing_without_a_word(system: str) -> None:
    model = SYSTEMS[system]()
    assert [about for about in asked_controls(model) if about not in told(denied(model, about))] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_controls_that_are_all_missing_are_all_told(system: str) -> None:
    model = SYSTEMS[system]()
    asked = asked_controls(model)
    for about in asked:
        model = denied(model, about)
    silent = {fact for _, fact in {*asked} - told(model)}
    assert silent <= NEEDED_BESIDE.keys()
    assert {NEEDED_BESIDE[fact] for fact in silent} <= {fact for _, fact in told(model)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_control_is_needed_wherever_its_question_says_so(system: str) -> None:
    model = SYSTEMS[system]()
    facts = {fact.statement: fact for fact in BUILT_IN.facts.values()}
    silent = []
    for id, control in asked_controls(model):
        said = needed_where(BUILT_IN, control)
        if not said or (id, facts[said].name) in model.facts:
            continue
        if kind_of_id(id) not in facts[said].kinds:
            assert control in STATED_OF_OTHER_KINDS
            continue
        stated = answered(model, [f"{id} {facts[said].name}"], [f"{id} {control}"])
        if (id, control) not in told(stated):
            silent.append((id, control))
    assert silent == []


def test_a_second_factor_is_missed_at_an_internal_sign_in_of_administrators_once() -> None:
    seen = answered(
        ADMIN_LOGIN, [*SOFTWARE, f"{PAGE} administers", f"{PAGE} logs_in"], [f"{PAGE} second_factor"]
    )
    found = [one.id for one in analyze(seen).found.suggested_threats if one.rule.id in {"S02", "S18", "S20"}]
    assert found == [f"S02@{PAGE}"]


@pytest.mark.parametrize(
    ("yes", "missing", "threat"),
    [
        (f"{PAGE} cookie_session", f"{PAGE} sessions_revocable", f"S08@{PAGE}"),
        (f"{PAGE} offers_recovery", f"{PAGE} attempts_limited", f"S03@{PAGE}"),
        (f"{ASKING} binding", f"{ASKING} replays_ineffective", f"S10@{ASKING}"),
        (f"{PAGE} binds_input", f"{PAGE} fields_listed", f"E09@{PAGE}"),
    ],
)
def test_what_an_answer_implies_is_not_waited_for(yes: str, missing: str, threat: str) -> None:
    seen = answered(shop(), [*SOFTWARE, yes], [missing])
    assert threat in {one.id for one in analyze(seen).found.suggested_threats}


def test_what_an_answer_implies_is_not_asked_and_rests_on_that_answer() -> None:
    seen = answered(shop(), [*SOFTWARE, f"{PAGE} cookie_session"])
    assert (PAGE, "keeps_session") not in {(one.element, one.fact) for one in analyze(seen).found.questions}


def test_who_denies_what_another_answer_implies_is_believed() -> None:
    seen = answered(
        shop(),
        [*SOFTWARE, f"{PAGE} cookie_session"],
        [f"{PAGE} sessions_revocable", f"{PAGE} keeps_session"],
    )
    assert (PAGE, "sessions_revocable") not in raised(seen)
    assert (PAGE, "sessions_revocable") not in waiting(seen)


def test_an_answer_about_an_element_outweighs_what_the_screening_rules_out() -> None:
    seen = answered(shop(), [*SOFTWARE, f"{PAGE} cookie_session"], [f"{PAGE} sessions_revocable"])
    said = ScreeningAnswer(topic="sign_in", answer=Answer.NO, by=seen.facilitator, at=at(1), known=())
    screened = replace(seen, screening=seen.screening.insert("sign_in", said))
    assert (PAGE, "sessions_revocable") in raised(screened)


@pytest.mark.parametrize("fact", ["cookie_session", ""])
def test_what_is_suggested_by_an_implied_answer_is_decided_like_the_others(fact: str) -> None:
    """The first model implies *keeps a session*; in the second one it is stated."""
    kept = [f"{PAGE} {fact or 'keeps_session'}"]
    seen = with_step(answered(shop(), [*SOFTWARE, *kept], [f"{PAGE} sessions_revocable"]), "identifying")
    assert (PAGE, "sessions_revocable") in raised(seen)
    for one in analyze(seen).found.suggested_threats:
        id = SuggestedThreatId(one.id)
        assert decide(ConfirmSuggestedThreats(by=ANA, at=at(1), suggested_threats=(id,)), seen)
        dismissing = DismissSuggestedThreats(by=ANA, at=at(1), suggested_threats=(id,), reason="A lock.")
        after = reduce(evolve, decide(dismissing, seen), seen)
        assert id not in {left.id for left in analyze(after).found.suggested_threats}


def test_implications_name_facts_of_the_same_elements_and_no_controls() -> None:
    for one in IMPLICATIONS:
        fact, implied = BUILT_IN.facts[one.fact], BUILT_IN.facts[one.implied]
        assert fact.kinds & implied.kinds, one
        assert not implied.denial, f"{one.implied} is a control: it is never implied"
        assert one.reason.endswith(".")


def test_a_missing_control_waits_for_the_question_that_decides_it_which_comes_first() -> None:
    seen = answered(shop(), SOFTWARE, [f"{PAGE} fields_listed"])
    control = waiting(seen)[PAGE, "fields_listed"]
    assert control.statement == "any field of the input is bound to records"
    assert control.questions == ((PAGE, "takes_input"),)
    first = analyze(seen).found.questions[0]
    assert (first.element, first.fact, first.at_stake) == (PAGE, "takes_input", True)
    goes_on = answered(seen, [f"{PAGE} takes_input"])
    assert waiting(goes_on)[PAGE, "fields_listed"].questions == ((PAGE, "binds_input"),)


def test_a_missing_control_waits_no_more_once_it_is_decided() -> None:
    seen = answered(shop(), SOFTWARE, [f"{PAGE} fields_listed"])
    assert (PAGE, "fields_listed") not in waiting(answered(seen, [f"{PAGE} binds_input"]))
    assert (PAGE, "fields_listed") not in waiting(answered(seen, no=[f"{PAGE} takes_input"]))
