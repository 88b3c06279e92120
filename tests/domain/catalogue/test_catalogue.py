"""The catalogue: every rule complete and shown by examples, ids that stay, reviewed weaknesses."""

import re
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from domain.analysis.rule_findings import RuleFindings, apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.facts.fact import Fact
from domain.kernel.answer import Answer
from domain.kernel.elements import Asset, ComponentKind, DataFlow, DataKind, ElementId, Kind, Rating
from domain.kernel.standards import (
    ASVS_SECTIONS,
    ATLAS_TECHNIQUES,
    OWASP_LLM_RISKS,
    WEAKNESSES,
)
from domain.kernel.threat import ControlClass, Linddun
from domain.model import ThreatModel
from domain.replay import EMPTY
from domain.rules import asset_predicates, flow_predicates
from domain.rules.conditions import (
    AllOf,
    AnyAmong,
    AnyOf,
    Condition,
    FactHolds,
    Not,
    Structure,
    Truth,
    facts_of,
)
from domain.rules.model_index import ModelIndex
from domain.rules.rule import Rule, ThreatSource
from domain.technologies.technology import WordedQuestion
from tests.domain.catalogue.rule_examples import EXAMPLES, Example
from tests.domain.catalogue.shop_model import (
    ASKING,
    BANK,
    CUSTOMERS,
    KEY,
    OFFICE,
    ORDERS,
    PAGE,
    PASSING,
    SHOP,
    SOFTWARE,
    STAFF,
    STORE,
    STRANGERS,
    VISITOR,
    answered,
    element,
    shop,
    without,
)
from tests.for_each import for_each

HERE = Path(__file__).parent


class Weakness(msgspec.Struct, frozen=True):
    """A weakness as MITRE's list has it."""

    name: str
    abstraction: str


ATTACKS: dict[int, str] = msgspec.json.decode((HERE / "attacks.json").read_bytes(), type=dict[int, str])
"""CAPEC ids with their names, taken from MITRE's list 3.9."""

LISTED: dict[int, Weakness] = msgspec.json.decode(
    (HERE / "weaknesses.json").read_bytes(), type=dict[int, Weakness]
)
"""CWE ids with name and abstraction, taken from MITRE's list 4.14; 1427 is taken from 4.16."""

SECTIONS: dict[str, str] = msgspec.json.decode(
    (HERE / "asvs_sections.json").read_bytes(), type=dict[str, str]
)
"""All sections of OWASP ASVS 5.0.0 with their names, taken from its published list."""

TECHNIQUES: dict[str, str] = msgspec.json.decode(
    (HERE / "atlas_techniques.json").read_bytes(), type=dict[str, str]
)
"""Techniques of MITRE ATLAS with their names, taken from its published data, version 5.6.0."""

ABOUT_MODELS = {
    *("T18", "T19", "T22", "T23", "T24", "T25", "T26", "T27"),
    *("I22", "I23", "I24", "I25", "I36", "D09", "E10", "E14"),
}

FORMERLY_USED = frozenset({311, 400, 441, 668, 754, 1220, 1357})
"""Weaknesses of rules of earlier releases, which threats of that time still name."""

NOT_BASE: dict[int, str] = {
    327: "MITRE lists it as a class, and the base weaknesses below it are about hashes and hardware",
    345: "the base weaknesses below it are each about one proof of origin, and a queue may use any",
    352: "MITRE lists CSRF as a compound of several weaknesses",
    362: "the conflict is between two writers of a store, which no base weakness describes",
    405: "the base weaknesses below it are about particular algorithms and protocols",
    522: "the base weaknesses below it are about one way of storing a credential",
    530: "MITRE lists backup files as a variant, and there is no base weakness for copies",
    602: "the base weaknesses below it are about particular parameters and cookies",
    636: "MITRE lists failing open as a class, and the base weakness below it is about one reason for it",
    638: "MITRE lists complete mediation as a class, and nothing below it speaks of data stores",
    653: "MITRE allows it for mapping, and nothing below it speaks of trust levels",
    672: "no base weakness describes a name that points to a released resource",
    732: "the base weaknesses below it are about defaults and inheritance of permissions",
    862: "the base weaknesses below it are about particular resources and channels",
    863: "the base weaknesses below it are about particular checks",
    923: "the base weaknesses below it are about particular channels, and 1327 beside it about addresses",
    942: "MITRE lists cross-origin policies as a variant, and there is no base weakness for them",
    943: "the base weakness below it for LDAP stands beside it, and there is none for search",
    1039: "MITRE lists it as a class, and nothing below it is about machine learning",
    1385: "MITRE lists it as a variant, which is exactly about WebSockets",
    1395: "MITRE lists it as a class, and nothing below it is about known vulnerabilities",
}
"""Weaknesses above or below the base level, with the reason for each."""

NOT_WEAKNESSES = frozenset(
    {2, 16, 19, 254, 255, 264, 275, 310, 320, 388, 399, 635, 699, 840, 888, 1000, 1003, 1008, 1194, 1344}
)
"""Categories and views: they gather weaknesses and are none."""

NO_WEAKNESS = {"R06", "T27", "I31", "D03", "D04", "D12", "X03", "X04", "X05"}
NO_SECTION = {
    *("S17", "S19", "D04", "D10", "D12", "E10", "E14", "E16", "X01", "X02", "X03", "X04", "X05"),
    *("T18", "T22", "T24", "T25", "T26", "T27", "I23", "I25", "I27", "I31"),
}
"""Rules without a section in ASVS, which is about applications and not about operations or models."""

each = for_each("rule", BUILT_IN.rules, ids=lambda rule: rule.id)


def test_no_rule_is_ever_renamed_or_its_id_used_again() -> None:
    assert [rule.id for rule in BUILT_IN.rules] == (HERE / "rules.txt").read_text().split()


def test_each_category_has_the_rules_of_the_catalogue() -> None:
    told = [rule.id for rule in BUILT_IN.rules]
    counts = {"S": 24, "T": 32, "R": 7, "I": 38, "D": 12, "E": 19, "X": 5}
    assert told == [f"{letter}{n:02}" for letter, count in counts.items() for n in range(1, count + 1)]


@each
def test_a_rule_says_all_there_is_to_say(rule: Rule) -> None:
    assert rule.version >= 1
    texts = (rule.title, rule.question, rule.explanation, rule.false_alarm, rule.action)
    for text in (*texts, *(control.text for control in rule.controls)):
        assert text.strip() == text
        assert text
        assert len(text) <= 110, text
    assert rule.controls
    assert rule.question.endswith("?")
    assert rule.explanation.endswith(".")
    assert rule.explanation.count(". ") == 0, "one sentence"
    assert rule.false_alarm.endswith(".")
    assert not rule.title.endswith(".")


def test_the_version_of_a_rule_counts_from_its_first_change_after_a_release() -> None:
    changed = {rule.id: rule.version for rule in BUILT_IN.rules if rule.version != 1}
    twice = (
        *("S04", "S05", "S08", "S10", "S12", "S13", "S15", "S16"),
        *("T02", "T03", "T07", "T08", "T09", "T11", "T16", "T21"),
        *("R03", "I01", "I04", "I07", "I11", "I13"),
        *("D03", "D07", "E01", "E03", "E07", "E08", "E09", "E12"),
    )
    assert changed == {"S01": 3, "D04": 3, "X01": 2} | dict.fromkeys(twice, 2)


@each
def test_a_rule_stands_in_the_module_of_its_category(rule: Rule) -> None:
    assert rule.id[0] in {rule.category.value, "X"}


def test_a_control_has_the_class_of_what_it_is_whatever_it_answers() -> None:
    """A text has one class in all rules, and some are of another class than their rule's category."""
    classes = {(control.text, control.control_class) for rule in BUILT_IN.rules for control in rule.controls}
    assert len({text for text, _ in classes}) == len(classes)
    known = dict(classes)
    assert known["Remove DNS records before the service behind them"] is ControlClass.INTEGRITY
    assert known["Limit write access to those who need it"] is ControlClass.AUTHORIZATION
    assert known["Change default credentials before going live"] is ControlClass.AUTHENTICATION


def test_a_control_for_some_protocols_names_protocols_of_the_catalog() -> None:
    named = {name for rule in BUILT_IN.rules for control in rule.controls for name in control.protocols}
    assert named <= {protocol.name for protocol in BUILT_IN.protocols}
    assert all(rule.controls_over(()) for rule in BUILT_IN.rules)


@each
def test_a_rule_names_weaknesses_that_were_reviewed(rule: Rule) -> None:
    assert bool(rule.cwe) != (rule.id in NO_WEAKNESS)
    assert set(rule.cwe) <= WEAKNESSES.keys()
    assert set(rule.capec) <= ATTACKS.keys()


@each
def test_a_rule_names_sections_of_the_verification_standard(rule: Rule) -> None:
    assert bool(rule.asvs) != (rule.id in NO_SECTION)
    assert set(rule.asvs) <= ASVS_SECTIONS.keys()


def test_each_section_has_the_name_that_the_standard_gives_it() -> None:
    assert ASVS_SECTIONS.items() <= SECTIONS.items()
    assert ASVS_SECTIONS.keys() == {section for rule in BUILT_IN.rules for section in rule.asvs}


@each
def test_a_rule_names_techniques_and_risks_of_models_as_they_are_published(rule: Rule) -> None:
    assert set(rule.atlas) <= ATLAS_TECHNIQUES.keys()
    assert set(rule.owasp_llm) <= OWASP_LLM_RISKS.keys()
    assert (rule.atlas == ()) == (rule.id not in ABOUT_MODELS)


def test_each_technique_has_the_name_that_mitre_gives_it_and_is_used() -> None:
    assert dict(ATLAS_TECHNIQUES) == TECHNIQUES
    assert TECHNIQUES.keys() == {one for rule in BUILT_IN.rules for one in rule.atlas}


def test_each_risk_of_language_models_has_a_rule() -> None:
    assert OWASP_LLM_RISKS.keys() == {one for rule in BUILT_IN.rules for one in rule.owasp_llm}


def test_threats_to_people_have_a_category_of_their_own_and_concern_personal_data_alone() -> None:
    told = {rule.id: rule.linddun for rule in BUILT_IN.rules if rule.linddun}
    assert set(told.values()) == {*Linddun}
    for rule in BUILT_IN.rules:
        if rule.linddun:
            example = next(one for one in EXAMPLES if one.rule == rule.id)
            things = [replace(one, data=DataKind.OTHER) for one in example.fires.of_type(Asset)]
            elements = example.fires.elements.update({one.id: one for one in things})
            assert example.finding not in found(example, replace(example.fires, elements=elements)), rule.id


def test_a_weakness_is_of_the_base_level_unless_there_is_a_reason() -> None:
    used = {number for rule in BUILT_IN.rules for number in rule.cwe}
    assert {number for number in used if LISTED[number].abstraction != "Base"} == NOT_BASE.keys()


@each
def test_a_title_is_short_enough_for_a_tracker(rule: Rule) -> None:
    assert len(rule.title) <= 60


def test_no_two_rules_have_the_same_title() -> None:
    assert len({rule.title for rule in BUILT_IN.rules}) == len(BUILT_IN.rules)


@each
def test_a_rule_says_who_can_do_what(rule: Rule) -> None:
    assert rule.action.replace("{element}", "").replace("{peer}", "").isprintable()
    assert ("{element}" in rule.action) != (rule.source is ThreatSource.OUTAGE), "the source names it"
    assert not rule.action.endswith(".")


@each
def test_a_rule_has_a_cause_for_its_statement(rule: Rule) -> None:
    denied = {fact for fact in facts_of(rule.controlled) if BUILT_IN.facts[fact].denial}
    assert bool(denied) or bool(rule.cause)
    opening = {"anonymous_by_design", "indispensable", "ships_code", "software"}
    assert all(BUILT_IN.facts[fact].denial for fact in facts_of(rule.controlled) - opening)


def test_the_list_of_weaknesses_holds_what_is_used_and_no_category_or_view() -> None:
    used = {number for rule in BUILT_IN.rules for number in rule.cwe}
    assert WEAKNESSES.keys() == used | FORMERLY_USED
    assert not used & FORMERLY_USED
    assert list(WEAKNESSES) == sorted(WEAKNESSES)
    assert not NOT_WEAKNESSES & WEAKNESSES.keys()


def test_each_weakness_has_the_name_that_mitre_gives_to_its_number() -> None:
    assert {number: one.name for number, one in LISTED.items()} == WEAKNESSES


def test_the_list_of_attacks_holds_what_is_used() -> None:
    assert ATTACKS.keys() == {number for rule in BUILT_IN.rules for number in rule.capec}
    assert list(ATTACKS) == sorted(ATTACKS)


def test_a_fact_is_declared_if_a_rule_needs_it_and_only_then() -> None:
    needed = {fact for rule in BUILT_IN.rules for fact in facts_of(rule.applies) | facts_of(rule.controlled)}
    assert needed == BUILT_IN.facts.keys()


@for_each("fact", BUILT_IN.facts.values(), ids=lambda fact: fact.name)
def test_a_fact_is_asked_in_one_short_question(fact: Fact) -> None:
    assert fact.name in BUILT_IN.facts
    assert BUILT_IN.facts[fact.name] is fact
    assert re.fullmatch(r"[a-z_]+", fact.name)
    assert fact.question.endswith("?")
    assert len(fact.question) <= 75, fact.question
    assert not fact.statement.endswith(".")
    assert fact.kinds <= {*Kind}


@for_each("fact", [one for one in BUILT_IN.facts.values() if one.denial], ids=lambda fact: fact.name)
def test_a_control_is_asked_for_in_a_question_about_one_thing(fact: Fact) -> None:
    """A question about two things gets a yes that is true of one, which hides that the other is missing.

    What stands in parentheses are examples or means of the one thing.
    """
    asked = re.sub(r"\([^)]*\)", "", fact.question)
    assert not re.search(r"\b(and|or)\b|, ", asked)


@for_each(
    "worded",
    [(category.key, text) for category in BUILT_IN.categories for text in category.questions],
    ids=lambda one: one[0],
)
def test_the_words_of_a_category_ask_about_one_thing_as_well(worded: tuple[str, WordedQuestion]) -> None:
    text = re.sub(r"\([^)]*\)", "", worded[1].text)
    assert not BUILT_IN.facts[worded[1].fact].denial or not re.search(r"\band\b", text)


def test_no_two_facts_of_one_kind_are_asked_in_the_same_words() -> None:
    asked = [(kind, fact.question) for fact in BUILT_IN.facts.values() for kind in fact.kinds]
    assert len(asked) == len(set(asked))


TRUSTED_INSTEAD = re.compile(
    r"only to the user who|knows the owner|trusted producer|equally trusted|can reach the receiver"
    r"|have asked for|consent|suggestion|too small|by contract|written by this team|someone confirms",
    re.IGNORECASE,
)
"""Reasons that attackers give or meet: somebody is trusted, agreed, or has only little to lose."""


@each
def test_no_hint_on_false_positives_trusts_what_an_attacker_can_be_or_claim(rule: Rule) -> None:
    assert not TRUSTED_INSTEAD.search(rule.false_alarm)


for_each_example = for_each("example", EXAMPLES, ids=lambda one: one.rule)


def test_every_rule_has_its_examples() -> None:
    assert [example.rule for example in EXAMPLES] == [rule.id for rule in BUILT_IN.rules]


@for_each_example
def test_it_fires_on_a_missing_control(example: Example) -> None:
    assert example.finding in found(example, example.fires)


@for_each_example
def test_it_spares_what_is_guarded(example: Example) -> None:
    assert not [one for one in found(example, example.spares) if one.startswith(example.rule)]
    assert example.rule not in asking(example, example.spares, example.question)


@for_each_example
def test_an_unanswered_fact_is_a_question_and_no_finding(example: Example) -> None:
    assert example.finding not in found(example, example.asks)
    assert example.rule in asking(example, example.asks, example.question)


@for_each_example
def test_an_answer_of_do_not_know_is_no_finding_and_stays_a_question(example: Example) -> None:
    element, fact = example.question
    asked = (ElementId(element), fact)
    unknown = replace(example.asks, facts=example.asks.facts.insert(asked, Answer.UNKNOWN))
    assert example.finding not in found(example, unknown)
    assert example.rule in asking(example, unknown, example.question)


@for_each_example
def test_it_finds_nothing_while_nothing_is_answered(example: Example) -> None:
    silent = replace(example.fires, facts=EMPTY.facts)
    structural = {"X02", "X03", "X05", "X01"}
    assert example.rule in structural or example.finding not in found(example, silent)


@for_each_example
def test_the_answer_that_fires_it_is_asked_no_more(example: Example) -> None:
    assert example.rule not in asking(example, example.fires, example.question)


def found(example: Example, model: ThreatModel) -> list[str]:
    analysis = of(example, model)
    return [suggested_threat.id for suggested_threat in (*analysis.suggested_threats, *analysis.cautions)]


def asking(example: Example, model: ThreatModel, question: tuple[str, str]) -> tuple[str, ...]:
    asked = {(one.element, one.fact): one.rules for one in of(example, model).questions}
    return {(str(element), fact): rules for (element, fact), rules in asked.items()}.get(question, ())


def of(example: Example, model: ThreatModel) -> RuleFindings:
    return apply_rules(model, accepted=example.accepted)


KINDS = (*ComponentKind, None)
WORDS = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "?"}


def of_flow(predicate: Structure, source: ComponentKind | None, target: ComponentKind | None) -> str:
    """What a predicate says of the flow from the office to the shop, both without a trust level."""
    model = shop(
        replace(element(OFFICE), sort=source, trust_level=None),
        replace(element(SHOP), sort=target, trust_level=None),
    )
    return WORDS[predicate.holds(ModelIndex(model).about(element(PASSING)))]


@pytest.mark.parametrize(
    ("predicate", "by_source"),
    [
        (flow_predicates.STARTED_BY_CALLER, ("yes yes yes yes", "yes yes yes yes", "no no no no", "? ? ? ?")),
        (flow_predicates.TO_A_SERVICE, ("no yes yes ?",) * 4),
        (flow_predicates.TARGET_IS_INTERNAL, ("no yes yes ?",) * 4),
        (flow_predicates.TARGET_IS_PROCESS, ("no yes no ?",) * 4),
        (flow_predicates.BETWEEN_PROCESSES, ("no no no ?", "no yes no ?", "no no no ?", "? ? ? ?")),
        (flow_predicates.HAS_EXTERNAL_END, ("yes yes yes ?", "yes no no ?", "yes no no ?", "? ? ? ?")),
        (flow_predicates.ENDS_ARE_INTERNAL, ("no no no no", "no yes yes ?", "no yes yes ?", "no ? ? ?")),
        (flow_predicates.LESS_TRUSTED_STORE_ACCESS, ("no no ? ?", "no no ? ?", "? ? ? ?", "? ? ? ?")),
    ],
    ids=lambda given: given.name if isinstance(given, Structure) else "",
)
def test_a_predicate_about_the_ends_of_a_flow(predicate: Structure, by_source: tuple[str, ...]) -> None:
    """A row for each kind of source: entity, process, store, not placed; in it the same for the target."""
    assert tuple(" ".join(of_flow(predicate, kind, other) for other in KINDS) for kind in KINDS) == by_source


@pytest.mark.parametrize(
    ("store", "other", "said"),
    [
        (STAFF, CUSTOMERS, "yes"),
        (STAFF, STAFF, "no"),
        (CUSTOMERS, STAFF, "no"),
        (STAFF, None, "?"),
        (None, STAFF, "?"),
    ],
)
def test_a_store_is_touched_from_below_whichever_way_the_flow_goes(
    store: ElementId | None, other: ElementId | None, said: str
) -> None:
    model = shop(replace(element(STORE), trust_level=store), replace(element(SHOP), trust_level=other))
    for source, target in ((SHOP, STORE), (STORE, SHOP)):
        flow = DataFlow(id=PASSING, source=source, target=target)
        assert WORDS[flow_predicates.LESS_TRUSTED_STORE_ACCESS.holds(ModelIndex(model).about(flow))] == said


def of_asset(predicate: Structure, asset: Asset) -> str:
    return WORDS[predicate.holds(ModelIndex(shop(asset)).about(asset))]


@pytest.mark.parametrize(
    ("predicate", "said"),
    [
        (asset_predicates.PERSONAL, {DataKind.PERSONAL: "yes", None: "?"}),
        (asset_predicates.CREDENTIAL, {DataKind.CREDENTIAL: "yes", None: "?"}),
    ],
)
def test_a_predicate_about_the_kind_of_data(predicate: Structure, said: dict[DataKind | None, str]) -> None:
    for data in (*DataKind, None):
        assert of_asset(predicate, Asset(id=ORDERS, name="Orders", data=data)) == said.get(data, "no")


@pytest.mark.parametrize(
    ("predicate", "attribute", "said"),
    [
        (asset_predicates.CONFIDENTIAL, "confidentiality", "no yes yes ?"),
        (asset_predicates.SECRET, "confidentiality", "no no yes ?"),
        (asset_predicates.INTEGRITY_CRITICAL, "integrity", "no no yes ?"),
        (asset_predicates.AVAILABILITY_CRITICAL, "availability", "no no yes ?"),
    ],
)
def test_a_predicate_about_a_rating(predicate: Structure, attribute: str, said: str) -> None:
    rated = (replace(Asset(id=ORDERS, name="Orders"), **{attribute: rating}) for rating in (*Rating, None))
    assert " ".join(of_asset(predicate, one) for one in rated) == said


def test_credentials_and_personal_data_are_confidential_and_credentials_secret_without_a_rating() -> None:
    unrated = {data: Asset(id=ORDERS, name="Orders", data=data) for data in DataKind}
    said = {data: of_asset(asset_predicates.CONFIDENTIAL, one) for data, one in unrated.items()}
    assert said == dict.fromkeys(DataKind, "?") | {DataKind.CREDENTIAL: "yes", DataKind.PERSONAL: "yes"}
    said = {data: of_asset(asset_predicates.SECRET, one) for data, one in unrated.items()}
    assert said == dict.fromkeys(DataKind, "?") | {DataKind.CREDENTIAL: "yes"}


@pytest.mark.parametrize(
    ("writers", "said"),
    [
        ((STAFF,), "yes"),
        ((CUSTOMERS, STAFF), "no"),
        ((), "no"),
        ((ElementId("TL-9"),), "no"),
        ((ElementId("TL-9"), STAFF), "yes"),
    ],
    ids=[
        "one of the same rank",
        "one below",
        "none",
        "one without a rank",
        "one with and one without a rank",
    ],
)
def test_no_writer_is_below_where_the_asset_is_stored(writers: tuple[ElementId, ...], said: str) -> None:
    asset = Asset(id=ORDERS, name="Orders", stored_in=(STORE,), writers=writers)
    assert of_asset(asset_predicates.NO_LESS_TRUSTED_WRITER, asset) == said


def test_without_a_rank_of_the_place_nothing_is_said_about_its_writers() -> None:
    asset = Asset(id=ORDERS, name="Orders", stored_in=(STORE,), writers=(STRANGERS,))
    model = shop(asset, replace(element(STORE), trust_level=None))
    assert asset_predicates.NO_LESS_TRUSTED_WRITER.holds(ModelIndex(model).about(asset)) is Truth.FALSE


def structures(condition: Condition) -> set[Structure]:
    match condition:
        case Structure():
            return {condition}
        case FactHolds():
            return set()
        case AllOf() | AnyOf():
            return {structure for part in condition.parts for structure in structures(part)}
        case AnyAmong() | Not():
            return structures(condition.part)


def test_a_predicate_that_only_states_what_kind_a_thing_is_explains_no_suggested_threat() -> None:
    every = {
        one for rule in BUILT_IN.rules for side in (rule.applies, rule.controlled) for one in structures(side)
    }
    assert {one.name for one in every if not one.explains} == {
        "a component of the system holds it",
        "a search engine or a directory is near",
        "no answer denies that changes are detected",
        "no answer says that it offers administrative functions",
        "changes are reviewed at the repository or the pipeline",
        "it calls a component or an external dependency",
        "both ends are components of the system",
        "both ends are processes",
        "it ends in a process",
        "it ends in a process or a store",
        "it is a data store",
        "it is a component of the system",
        "it is a process",
        "it leads into the system",
        "it uses a software protocol",
        "no access list of an asset behind it excludes its callers",
        "one end is an external entity",
        "a caller starts it",
        "anonymous access is not intended",
        "identification by network address is not relevant",
        "no software is called",
        "it answers a query",
        "it is a data flow",
        "it is no VPN gateway or bastion host",
        "it is the first entry point of its component",
        "it is an entry point",
        "it is an external entity",
        "it is not an external dependency",
        "it passes no entry point",
        "it stays within one trust zone",
        "no component holds the credential",
        "its log is kept elsewhere",
        "the team operates it",
        "personal data passes through the system",
        "running submitted code is not its purpose",
        "someone outside is trusted like one end only",
    }


def test_a_component_handles_what_it_sends_and_keeps_what_is_stored_in_it_or_carried_into_it() -> None:
    survey = ModelIndex(shop())
    assert (survey.handled_by[OFFICE], survey.stored_in[OFFICE]) == ((ORDERS,), ())
    assert (survey.handled_by[STORE], survey.stored_in[STORE]) == ((ORDERS,), (ORDERS,))
    assert (survey.handled_by[SHOP], survey.stored_in[SHOP]) == ((KEY, ORDERS), (KEY, ORDERS))


def test_a_finding_that_compares_two_names_both_and_any_other_one() -> None:
    for_staff = replace(element(ORDERS), readers=(STAFF,), writers=(STAFF,))
    found = apply_rules(
        answered(shop(for_staff), SOFTWARE, no=["EP-1 authorization_checked", "EP-1 caller_authenticated"])
    ).suggested_threats
    told = {one.id: (one.about, one.peer, one.peer_name) for one in found}
    assert told["X01@EP-1@AS-1"] == ("Page, Orders", "AS-1", "Orders")
    assert told["S01@DF-1"][1:] == ("", "")


def test_a_door_that_speaks_as_software_does_makes_software_of_what_lies_behind_it() -> None:
    web = replace(element(PAGE), protocol="HTTPS")
    assert ModelIndex(shop()).digital == frozenset()
    assert ModelIndex(shop(web)).digital == {SHOP}
    assert ModelIndex(without(shop(web), ASKING)).digital == frozenset(), "it leads nowhere"


@pytest.mark.parametrize(
    ("calls_back", "said"), [(Answer.YES, "yes"), (Answer.NO, "no"), (Answer.UNKNOWN, "no"), (None, "no")]
)
def test_a_flow_from_a_dependency_is_a_callback_only_where_it_is_said_to_call_back(
    calls_back: Answer | None, said: str
) -> None:
    model = answered(shop(), SOFTWARE)
    if calls_back is not None:
        model = replace(model, facts=model.facts.insert((ElementId("XD-1"), "calls_back"), calls_back))
    for source, expected in ((BANK, said), (VISITOR, "no")):
        flow = DataFlow(id=ASKING, source=source, target=SHOP)
        assert WORDS[flow_predicates.IS_A_CALLBACK.holds(ModelIndex(model).about(flow))] == expected
