"""Threat statements: who can do what, because of which stated no, with which impact on which assets."""

import re
from functools import cache

import pytest
from msgspec.structs import replace

from bot.demo.story_runner import PEOPLE
from domain.analysis.rule_findings import apply_rules
from domain.analysis.threat_statements import threat_statements
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerQuestions, ConfirmSuggestedThreats, Reply
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, EntryPoint, Exposure
from domain.kernel.threat import Stride, SuggestedThreatId, Threat, ThreatId
from domain.model import ThreatModel
from domain.model.crossings import crossings
from domain.register import register
from domain.replay import replay
from tests.domain.catalogue.rule_examples import EXAMPLES, Example
from tests.domain.catalogue.shop_model import KEY, ORDERS, PAGE, SOFTWARE, STAFF, answered, element, shop
from tests.domain.grouped_story import PLAIN, confirm, gateway
from tests.examples import at, decide_all, house
from tests.for_each import for_each

TH1 = ThreatId("TH-1")
FIRST = PEOPLE[0]
FORM = re.compile(r"[A-Z].+ can .+ because .+, leading to .+ (of|to|on) .+\.")

PRONOUN_OF_ONE = re.compile(r"\b(it|its)\b")
PRONOUN_OF_SEVERAL = re.compile(r"\b(they|them|their)\b")
OWN_SUBJECT = frozenset(
    (
        "identity_beyond_address",
        "output_encoded",
        "upload_types_limited",
        "uploads_never_run",
        "log_escaped",
        "model_output_validated",
        "write_access_limited",
        "read_access_limited",
    )
)
"""Facts in whose denial a pronoun means the caller, the input or another word of the sentence."""
VERB_OF_ONE = re.compile(r"\{(element|peer)\} (that )?(?!as\b)\w+s\b")


def stated(model: ThreatModel, suggested_threat: str) -> str:
    """The statement of a suggested threat that was confirmed as the only threat."""
    threat = Threat(
        id=TH1, title="", stride=(Stride.SPOOFING,), suggested_threats=(SuggestedThreatId(suggested_threat),)
    )
    model = replace(model, threats=model.threats.insert(TH1, threat))
    found = apply_rules(model).suggested_threats
    return " ".join(threat_statements(model, crossings(model), found)[TH1])


@for_each("example", EXAMPLES, ids=lambda one: one.rule)
def test_every_rule_makes_a_whole_statement(example: Example) -> None:
    if example.rule in {"X03", "X05"}:
        return  # they warn about the model, and are never confirmed
    statement = stated(example.fires, example.finding)
    assert FORM.fullmatch(statement), statement
    assert "{" not in statement


def of_two_places(example: Example) -> str:
    """The statement of the suggested threat of an example at its element and at another one like it."""
    rule, about, *peer = example.finding.split("@")
    other = replace(example.fires.elements[ElementId(about)], id=ElementId(f"{about}9"))
    model = replace(example.fires, elements=example.fires.elements.insert(other.id, other))
    places = tuple(SuggestedThreatId("@".join((rule, id, *peer))) for id in (about, other.id))
    threat = Threat(id=TH1, title="", stride=(Stride.SPOOFING,), suggested_threats=places)
    model = replace(model, threats=model.threats.insert(TH1, threat))
    found = {one.id: one for one in apply_rules(example.fires).suggested_threats}[example.finding]
    both = (found, replace(found, id=places[1], element=other.id))
    return " ".join(threat_statements(model, crossings(model), both)[TH1])


def reason_of(statement: str) -> str:
    """The reason in a statement, without the denials whose pronouns mean a word of their own."""
    reason = statement.partition(" because ")[2]
    for fact in OWN_SUBJECT:
        for denial in filter(None, (BUILT_IN.facts[fact].denial_of_several, BUILT_IN.facts[fact].denial)):
            reason = reason.replace(denial, "")
    return reason


def test_the_reason_of_every_rule_agrees_in_number_with_one_place_and_with_several() -> None:
    wrong: list[str] = []
    for example in EXAMPLES:
        if example.rule in {"X03", "X05"}:
            continue
        named = replace(example.fires.elements[ORDERS], name="Order")
        model = replace(example.fires, elements=example.fires.elements.insert(ORDERS, named))
        one, several = stated(model, example.finding), of_two_places(example)
        wrong += [one] if PRONOUN_OF_SEVERAL.search(reason_of(one)) else []
        wrong += [several] if PRONOUN_OF_ONE.search(reason_of(several)) else []
    assert not wrong
    of_one = [
        rule.id
        for rule in BUILT_IN.rules
        if VERB_OF_ONE.search(rule.action) or PRONOUN_OF_ONE.search(rule.action)
    ]
    assert of_one == ["S12"]  # a copy, until it is revoked


def test_every_denial_with_a_pronoun_has_a_plural() -> None:
    wrong: list[str] = []
    for name, one in BUILT_IN.facts.items():
        singular = PRONOUN_OF_ONE.search(one.denial) and not one.denial_of_several
        mixed = PRONOUN_OF_ONE.search(one.denial_of_several) or PRONOUN_OF_SEVERAL.search(one.denial)
        wrong += [name] if (singular or mixed) and name not in OWN_SUBJECT else []
    assert not wrong


def test_an_asset_with_a_plural_name_is_several() -> None:
    def reason(name: str) -> str:
        model = answered(shop(replace(element(KEY), name=name)), [*SOFTWARE], ["AS-2 unguessable"])
        return stated(model, "S11@AS-2").partition(" because ")[2].partition(",")[0]

    for name in ("Session tokens", "API keys", "Cookies (browser)", "User IDs"):
        assert reason(name) == "they are too short or predictable", name
    for name in ("Signing key", "DNS", "Address", "Status", "Analysis", "Keys: backup", "?"):
        assert reason(name) == "it is too short or predictable", name


def test_a_statement_names_the_source_the_stated_no_and_the_assets() -> None:
    model = answered(
        shop(), [*SOFTWARE, "EP-1 takes_input", "EP-1 reaches_query"], ["EP-1 queries_parameterized"]
    )
    assert stated(model, "T01@EP-1") == (
        "An anonymous user on the internet can inject database commands through Page because queries are not "
        "parameterized, leading to disclosure of or unauthorized changes to Orders and Key."
    )


def test_the_source_follows_the_entry_point() -> None:
    def source(**changes: object) -> str:
        page = replace(element(PAGE), **changes)
        model = answered(shop(page), [*SOFTWARE], ["EP-1 error_details_hidden"])
        return stated(model, "I08@EP-1").partition(" can ")[0]

    assert source() == "An anonymous user on the internet"
    assert source(exposure=Exposure.PARTNER) == "A partner"
    assert source(exposure=Exposure.INTERNAL) == "A caller on the internal network"
    assert source(exposure=None) == "A caller"
    assert source(lowest_trust_level=ElementId("TL-1")) == "A caller at trust level “Strangers”"


def example(rule: str) -> str:
    """The statement of a rule's example that fires it."""
    (one,) = (one for one in EXAMPLES if one.rule == rule)
    return stated(one.fires, one.finding)


@pytest.mark.parametrize(
    ("impact", "rules"),
    [
        ("unauthorized actions on", "S05 S07 S10 S14 T16 E10"),
        ("unauthorized access to", "S01 S16 S17 E01 E12"),
        ("disclosure of or unauthorized changes to", "T01 T02 T03 T05 T06 T09 T14 T19 T20 T21"),
        ("disclosure of", "T04 T15 I01 I17"),
        ("unauthorized changes to", "T07 T10 T12 T17 E09"),
        ("lost or inconsistent changes to", "T11"),
        ("manipulated decisions on", "T18"),
        ("undetected attacks on", "R06"),
        ("disputed or untraceable actions on", "R01 R05"),
        ("easier attacks on", "I08"),
        ("loss of availability of", "D08 X04"),
    ],
)
def test_the_impact_is_that_of_the_threat_also_where_its_category_has_another_one(
    impact: str, rules: str
) -> None:
    for rule in rules.split():
        assert re.search(rf", leading to {impact} (Orders|Key)", example(rule)), rule


def test_the_theft_of_a_name_or_a_sign_in_link_needs_no_access_to_the_entry_point() -> None:
    for rule in ("S16", "S17"):
        assert example(rule).startswith("An attacker can "), rule


def test_a_caller_that_passes_no_entry_point_is_one_who_takes_the_place_of_the_expected_one() -> None:
    model = answered(shop(), [*SOFTWARE, "DF-2 over_network"], ["DF-2 caller_authenticated"])
    assert stated(model, "S01@DF-2") == (
        "An attacker who impersonates or controls Shop can send requests through Shop → Store: Orders "
        "because the caller is not authenticated, leading to unauthorized access to Orders."
    )


def test_the_source_of_a_message_is_whoever_can_write_to_the_queue() -> None:
    source = "An attacker who can write to Order queue can "
    assert example("D08") == (
        f"{source}block consumers of Order queue → Shop: Orders with a message that always fails because "
        "failing messages are not set aside, leading to loss of availability of Orders."
    )
    assert example("T17").startswith(f"{source}make the consumer process crafted messages")
    given = ["CO-6 queues_messages", "CO-6 software", "DF-6 reaches_query"]
    queued = next(one.fires for one in EXAMPLES if one.rule == "D08")
    injected = answered(queued, given, ["DF-6 queries_parameterized"])
    assert stated(injected, "T01@DF-6").startswith(f"{source}inject database commands through Order queue")


def test_the_source_of_an_outage_is_the_outage_itself() -> None:
    assert example("X04") == (
        "An outage of Bank can last longer because no one on the team owns it, leading to loss of "
        "availability of Orders."
    )
    assert example("D03").startswith(
        "An outage of Bank can stop the system because calls to it wait without limit when it is slow"
    )


def test_without_assets_the_system_is_named() -> None:
    lonely = EntryPoint(id=PAGE, name="Page", exposure=Exposure.INTERNET)
    model = shop(lonely)
    for id in ("DF-1", "DF-2", "DF-3", "DF-4", "AS-2"):
        model = replace(model, elements=model.elements.remove(ElementId(id)))
    assert stated(model, "T01@EP-1").endswith(
        "leading to disclosure of or unauthorized changes to the system."
    )


def test_a_statement_whose_rule_no_longer_fires_has_no_cause() -> None:
    model = answered(
        shop(), [*SOFTWARE, "EP-1 takes_input", "EP-1 reaches_query", "EP-1 queries_parameterized"]
    )
    assert " because " not in stated(model, "T01@EP-1")
    assert stated(model, "Z99@EP-1") == ""


def test_a_rule_that_compares_two_names_the_asset() -> None:
    for_staff = replace(element(ORDERS), readers=(STAFF,), writers=(STAFF,))
    model = answered(shop(for_staff), SOFTWARE, ["EP-1 authorization_checked"])
    assert stated(model, "X01@EP-1@AS-1") == (
        "An anonymous user on the internet can access Orders through Page without being on the access list "
        "because authorization is not checked on every request, leading to unauthorized access to Orders."
    )


@cache
def confirmed_house() -> ThreatModel:
    events = house()
    ids = [
        SuggestedThreatId(suggested_threat.id)
        for suggested_threat in register(replay(events)).suggested_threats
    ]
    return replay(
        decide_all(ConfirmSuggestedThreats(by=FIRST, at=at(90), suggested_threats=tuple(ids)), after=events)
    )


def test_each_confirmed_threat_of_the_house_has_a_statement() -> None:
    known = register(confirmed_house())
    statements = [text for texts in known.statements.values() for text in texts]
    assert len(statements) == len([threat for threat in known.threats if threat.suggested_threats])
    assert (
        "An attacker can move from the less trusted to the more trusted side through Garage → House: "
        "Valuables because no trust boundary separates the two sides, leading to unauthorized access to "
        "Valuables."
    ) in statements


def test_several_places_share_one_statement_that_names_the_first_ones() -> None:
    events = decide_all(confirm(*PLAIN), after=gateway())
    (statement,) = register(replay(events)).statements[TH1]
    assert statement == (
        "An attacker on the network can read the data of Gateway → Service 1: Orders, Gateway → Service 2: "
        "Orders, Gateway → Service 3: Orders and 5 more data flows in transit because they are not "
        "encrypted in transit, leading to disclosure of Orders."
    )


def test_a_threat_merged_from_two_rules_has_a_statement_for_each() -> None:
    model = answered(shop(), [*SOFTWARE], ["EP-1 error_details_hidden", "EP-1 rate_limited"])
    places = tuple(SuggestedThreatId(one) for one in ("I08@EP-1", "D01@EP-1"))
    threat = Threat(id=TH1, title="", stride=(Stride.SPOOFING,), suggested_threats=places)
    model = replace(model, threats=model.threats.insert(TH1, threat))
    first, second = threat_statements(model, crossings(model), apply_rules(model).suggested_threats)[TH1]
    assert "learn internals from error messages of Page" in first
    assert "exhaust the capacity of Page" in second


def test_different_threat_sources_are_joined_and_many_are_summed_up() -> None:
    def source(*exposures: Exposure) -> str:
        pages = [
            replace(element(PAGE), id=ElementId(f"EP-{number}"), name=f"Page {number}", exposure=one)
            for number, one in enumerate(exposures, 1)
        ]
        denied = [f"{page.id} error_details_hidden" for page in pages]
        model = answered(shop(*pages), [*SOFTWARE], denied)
        places = tuple(SuggestedThreatId(f"I08@{page.id}") for page in pages)
        threat = Threat(id=TH1, title="", stride=(Stride.SPOOFING,), suggested_threats=places)
        model = replace(model, threats=model.threats.insert(TH1, threat))
        (statement,) = threat_statements(model, crossings(model), apply_rules(model).suggested_threats)[TH1]
        return statement.partition(" can ")[0]

    assert source(Exposure.INTERNET, Exposure.PARTNER) == "An anonymous user on the internet or a partner"
    assert source(Exposure.INTERNET, Exposure.PARTNER, Exposure.INTERNAL) == "An attacker"


def test_a_threat_that_people_reported_has_none() -> None:
    assert register(replay(house())).statements == {}


def test_answering_again_changes_the_cause() -> None:
    model = confirmed_house()
    front = next(one for one in register(model).confirmed if one.rule.id == "S01")
    doors = {fact.element for fact in front.facts}
    (door,) = doors
    reply = Reply(element=door, fact="caller_authenticated", answer=Answer.YES)
    changed = replay(
        decide_all(
            AnswerQuestions(by=FIRST, at=at(91), replies=(reply,)),
            after=decide_all(
                ConfirmSuggestedThreats(
                    by=FIRST, at=at(90), suggested_threats=(SuggestedThreatId(front.id),)
                ),
                after=house(),
            ),
        )
    )
    (texts,) = register(changed).statements.values()
    assert all(" because " not in text for text in texts)
