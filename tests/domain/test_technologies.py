"""The catalogs of technologies and of controls by ASVS: complete, named once, with sources."""

import hashlib
import re
from collections import Counter
from functools import cache

import pytest

from bot.demo import PEOPLE
from bot.demo.shop_votes import scored_shop_story
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocol_named, protocol_typed, protocols_in
from domain.catalog.technology_names import guess_technology, normal_name, technology_typed
from domain.commands import AnswerQuestions, Command, ConfirmSuggestedThreats, DismissSuggestedThreats, Reply
from domain.compliance import (
    NOT_A_CERTIFICATE,
    ControlCounts,
    SectionReview,
    chapter_reviews,
    model_chapters,
    section_reviews,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, Kind, Rating
from domain.kernel.standards import ASVS_CHAPTERS, ASVS_SECTIONS, chapter_of
from domain.kernel.threat import SuggestedThreatId
from domain.register import ThreatRegister, register
from domain.replay import replay
from domain.technologies.technology import AppliesTo, Category, SourcedAssumption, Technology
from tests.domain.test_assumed_facts import shop as bucket
from tests.examples import HOUSE_CHANNEL, at, decide_all, started, story_events
from tests.for_each import for_each
from tests.orders_story import orders_story

each_technology = for_each("one", BUILT_IN.technologies, ids=lambda one: one.key)
each_category = for_each("one", BUILT_IN.categories, ids=lambda one: one.key)
each_entry = for_each("one", BUILT_IN.entries.values(), ids=lambda one: one.key)

ASSUMPTIONS = [
    pytest.param(owner, one, id=f"{owner}-{one.fact}")
    for owner, found in (
        *((entry.key, entry.assumptions) for entry in BUILT_IN.entries.values()),
        *((protocol.name, protocol.assumptions) for protocol in BUILT_IN.protocols),
    )
    for one in found
]
MAY_BE_ABOUT = {
    AppliesTo.ITSELF: {Kind.COMPONENT, Kind.EXTERNAL_DEPENDENCY, Kind.DATA_FLOW},
    AppliesTo.ENTRY_POINTS: {Kind.ENTRY_POINT},
    AppliesTo.FLOWS_FROM_BROWSERS: {Kind.DATA_FLOW},
}


def test_the_catalog_has_the_breadth_of_the_field() -> None:
    assert len(BUILT_IN.categories) >= 40
    assert len(BUILT_IN.technologies) >= 60
    assert len(BUILT_IN.entries) == len(BUILT_IN.categories) + len(BUILT_IN.technologies)
    assert BUILT_IN.version >= 1


@each_technology
def test_a_technology_has_a_category_a_kind_and_an_alias_that_guesses_it(one: Technology) -> None:
    category = BUILT_IN.category_of(one.key)
    assert category is not None
    assert category.key == one.category
    assert isinstance(one.kind, ComponentKind)
    assert one.protocol == "" or protocol_named(BUILT_IN, one.protocol), one.protocol
    assert one.aliases or one.short_names
    for alias in one.aliases:
        assert guess_technology(BUILT_IN, alias) == one.key, alias
        assert guess_technology(BUILT_IN, f"Orders ({alias})") == one.key, alias
    for name in (one.name, *one.aliases, *one.short_names):
        assert technology_typed(BUILT_IN, name.upper()) == one.key, name


@each_category
def test_a_category_has_a_kind_and_names_and_something_to_ask(one: Category) -> None:
    assert isinstance(one.kind, ComponentKind)
    assert one.protocol == "" or protocol_named(BUILT_IN, one.protocol), one.protocol
    assert one.names
    assert one.questions
    for name in (one.name, *one.names, *one.short_names):
        assert technology_typed(BUILT_IN, name) == one.key, name


@for_each("owner, one", ASSUMPTIONS)
def test_an_assumption_has_a_fact_a_sentence_a_date_and_a_source(owner: str, one: SourcedAssumption) -> None:
    assert one.fact in BUILT_IN.facts, owner
    assert BUILT_IN.facts[one.fact].kinds & MAY_BE_ABOUT[one.applies_to], owner
    assert isinstance(one.answer, Answer)
    assert one.answer in (Answer.YES, Answer.NO)
    assert one.statement
    assert not one.statement.endswith(".")
    assert one.since
    assert re.fullmatch(r"https://[a-z0-9.-]+/\S+", one.source), one.source
    assert one.reason == f"{one.statement} ({one.since})"


def test_no_name_means_two_things() -> None:
    names = Counter(
        normal_name(name)
        for names in (
            *((one.name, *one.aliases, *one.short_names) for one in BUILT_IN.technologies),
            *((category.name, *category.names, *category.short_names) for category in BUILT_IN.categories),
        )
        for name in {normal_name(name) for name in names}
    )
    assert [name for name, count in names.items() if count > 1] == []
    protocols = Counter(name for one in BUILT_IN.protocols for name in {one.name.casefold(), *one.aliases})
    assert [name for name, count in protocols.items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Orders (DynamoDB)", "dynamodb"),
        ("Orders db", "relational_database"),
        ("CosmosDbAccount", "cosmos_db"),
        ("Redis cache", "redis"),
        ("Prescription uploads bucket", "object_store"),
        ("S3 buckets of the shop", "amazon_s3"),
        ("Link preview worker", "worker"),
        ("Kafka", "kafka"),
        ("Kafka consumer", ""),
        ("Alarm monitoring", ""),
        ("Insurance broker", ""),
        ("Postgres administrator", ""),
        ("Database client", ""),
        ("Database server", "relational_database"),
        ("Go to market", ""),
        ("Front door", ""),
        ("Vault", "secret_store"),
        ("vault cluster", "secret_store"),
        ("Vault (HashiCorp)", "hashicorp_vault"),
        ("Azure Key Vault", "azure_key_vault"),
        ("Card vault", ""),
        ("Vault of the bank", ""),
        ("Mapbox", "mapbox"),
        ("MapboxTiles", "mapbox"),
        ("Google Maps API", "google_maps"),
        ("Nominatim (self-hosted)", "openstreetmap"),
        ("Geocoding service", "data_service"),
        ("Road map", ""),
        ("Sitemap service", ""),
        ("", ""),
    ],
)
def test_a_technology_is_guessed_from_a_name(name: str, key: str) -> None:
    assert guess_technology(BUILT_IN, name) == key


def test_a_short_name_counts_only_when_it_is_typed_as_a_technology() -> None:
    assert technology_typed(BUILT_IN, "Go") == "go"
    assert guess_technology(BUILT_IN, "Go service") == ""
    assert technology_typed(BUILT_IN, "Postgress") == ""


def test_a_word_with_other_meanings_is_a_category_without_assumptions_where_it_is_the_whole_name() -> None:
    for category in BUILT_IN.categories:
        for name in category.whole_names:
            assert guess_technology(BUILT_IN, name.upper()) == category.key, name
            assert guess_technology(BUILT_IN, f"Orders {name}") != category.key, name
            assert not category.assumptions, name
    assert technology_typed(BUILT_IN, "vault") == "hashicorp_vault"


def test_a_technology_assumes_what_its_category_does_unless_it_says_more() -> None:
    facts = {assumption.fact: assumption.statement for assumption in BUILT_IN.assumptions_of("cloudfront")}
    assert facts == {
        "caches_responses": "Amazon CloudFront caches files for 24 hours unless headers say otherwise"
    }
    assert [assumption.fact for assumption in BUILT_IN.assumptions_of("fastly")] == ["caches_responses"]
    assert BUILT_IN.assumptions_of("nothing_known") == ()
    assert BUILT_IN.technology_name("nothing_known") == "nothing_known"


def test_a_protocol_cites_the_current_standard_instead_of_a_date() -> None:
    """A date reads as if the protocol behaved differently before; RFC 2818 and RFC 5246 are obsolete."""
    for one in [assumption for protocol in BUILT_IN.protocols for assumption in protocol.assumptions]:
        number = re.fullmatch(r"RFC (\d+)", one.since)
        assert number, one.since
        assert f"/rfc{number[1]}#section-" in one.source
        assert number[1] not in {"2818", "5246"}
    (https,) = protocols_in(BUILT_IN, "HTTPS")
    assert https.assumptions[0].reason == "HTTPS encrypts the traffic (RFC 9110)"


@pytest.mark.parametrize("language", ["Ruby", "Sinatra", ".NET", "C#", "dotnet"])
def test_a_language_does_not_assume_what_one_of_its_frameworks_does(language: str) -> None:
    key = technology_typed(BUILT_IN, language)
    assert key
    assert BUILT_IN.assumptions_of(key) == ()


def test_an_identity_provider_that_teams_run_themselves_is_a_process() -> None:
    kinds = {key: BUILT_IN.entries[key].kind for key in ("keycloak", "auth0")}
    assert kinds == {"keycloak": ComponentKind.PROCESS, "auth0": ComponentKind.EXTERNAL_ENTITY}


def test_the_web_pages_of_a_mail_server_are_not_excluded() -> None:
    """Exchange has Outlook on the web, with cookies and with sign-in by redirects."""
    assert {rule for category, rule in BUILT_IN.excluded_rules if category == "mail_server"} == {"T21"}


def test_the_identity_of_a_server_is_assumed_for_browsers_alone() -> None:
    found = [
        one for protocol in BUILT_IN.protocols for one in protocol.assumptions if one.fact == "peer_verified"
    ]
    assert found
    assert {one.applies_to for one in found} == {AppliesTo.FLOWS_FROM_BROWSERS}
    assert {category.key for category in BUILT_IN.categories} >= BUILT_IN.browsers


def test_protocols_are_found_by_all_their_names() -> None:
    for protocol in BUILT_IN.protocols:
        for name in (protocol.name, *protocol.aliases):
            assert protocol_named(BUILT_IN, name.upper()) is protocol, name
    assert [one.name for one in protocols_in(BUILT_IN, "REST over TLS 1.3")] == ["REST", "TLS"]
    assert protocols_in(BUILT_IN, "by hand") == ()
    assert protocol_named(BUILT_IN, "PHI") is None


def test_media_streams_have_their_protocols() -> None:
    assert protocol_typed(BUILT_IN, "webrtc") == "WebRTC"
    assert protocol_typed(BUILT_IN, "SIP over TLS") == "SIP over TLS"


def test_a_rule_is_excluded_for_a_category_with_a_reason() -> None:
    categories, rules = {one.key for one in BUILT_IN.categories}, {one.id for one in BUILT_IN.rules}
    for (category, rule), reason in BUILT_IN.excluded_rules.items():
        assert category in categories, category
        assert rule in rules, rule
        assert len(reason) > 20
    # A pipeline parses XML: that no rule is about the wrong thing is no reason to stay silent.
    assert not [rule for category, rule in BUILT_IN.excluded_rules if category == "ci_cd"]


ASSUMED_BY_VERSION = {1: "c468450e9dc24e99"}
"""A digest of all assumptions for each version of the catalog; a released one never changes."""


def test_a_changed_assumption_raises_the_version_of_the_catalog() -> None:
    told = sorted(
        f"{owner} {one.applies_to} {one.fact} {one.answer}"
        for owner, found in (
            *((entry.key, entry.assumptions) for entry in BUILT_IN.entries.values()),
            *((protocol.name, protocol.assumptions) for protocol in BUILT_IN.protocols),
        )
        for one in found
    )
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    assert ASSUMED_BY_VERSION.get(BUILT_IN.version) == digest, (
        "raise the version of the catalog, and add its digest here"
    )


@cache
def shop() -> tuple[RecordedEvent, ...]:
    return tuple(story_events(scored_shop_story(HOUSE_CHANNEL, PEOPLE)))


@cache
def known() -> ThreatRegister:
    return register(replay(shop()))


@cache
def orders() -> ThreatRegister:
    """The orders service, placed and not asked about."""
    return register(replay(story_events(orders_story(HOUSE_CHANNEL)[:4])))


def after(*commands: Command) -> ThreatRegister:
    return register(replay(decide_all(*commands, after=shop())))


def review(of: ThreatRegister, section: str) -> SectionReview:
    (found,) = (section_review for section_review in section_reviews(of) if section_review.section == section)
    return found


def change(before: ControlCounts, now: ControlCounts) -> dict[str, int]:
    """What a command moved from one result to another."""

    def number(counts: ControlCounts, field: str) -> int:
        return counts.in_place.total if field == "in_place" else getattr(counts, field)

    moved = {field: number(now, field) - number(before, field) for field in ControlCounts.__struct_fields__}
    return {one: count for one, count in moved.items() if count}


def test_every_section_of_the_rules_has_a_review_in_the_order_of_the_standard() -> None:
    assert [section_review.section for section_review in section_reviews(known())] == [*ASVS_SECTIONS]
    chapters = [chapter_review.chapter for chapter_review in chapter_reviews(BUILT_IN, [known()])]
    assert chapters == [chapter for chapter in ASVS_CHAPTERS if chapter != "V17"]
    assert {*map(chapter_of, ASVS_SECTIONS)} == {*chapters}


def test_the_threats_of_a_section_are_those_of_its_rules() -> None:
    for section_review in section_reviews(known()):
        rules = {rule.id for rule in BUILT_IN.rules if section_review.section in rule.asvs}
        expected = {
            threat.id
            for threat in known().threats
            if rules & {suggested_threat.partition("@")[0] for suggested_threat in threat.suggested_threats}
        }
        assert {*section_review.threats} == expected, section_review.section


def test_a_finding_counts_as_looked_at_whatever_was_decided() -> None:
    suggested_threat = next(one for one in known().suggested_threats if one.rule.asvs)
    section, ids = suggested_threat.rule.asvs[0], (SuggestedThreatId(suggested_threat.id),)
    before = review(known(), section).counts
    confirmed = after(ConfirmSuggestedThreats(by=PEOPLE[0], at=at(900), suggested_threats=ids))
    dismissed = after(
        DismissSuggestedThreats(by=PEOPLE[0], at=at(900), suggested_threats=ids, reason="No such users")
    )
    assert change(before, review(confirmed, section).counts) == {"suggested": -1, "confirmed": 1}
    assert change(before, review(dismissed, section).counts) == {"suggested": -1, "dismissed": 1}
    assert before.reviewed == review(dismissed, section).counts.reviewed


def test_dont_know_is_no_answer_and_a_control_in_place_is_one() -> None:
    suggested_threat = next(
        one
        for one in known().suggested_threats
        if one.rule.asvs and [fact.answer for fact in one.facts] == [Answer.NO]
    )
    (fact,), section = suggested_threat.facts, suggested_threat.rule.asvs[0]

    def answered(answer: Answer) -> ThreatRegister:
        reply = Reply(element=fact.element, fact=fact.fact, answer=answer)
        return after(AnswerQuestions(by=PEOPLE[0], at=at(900), replies=(reply,)))

    before = review(known(), section).counts
    in_place, unknown = (review(answered(one), section).counts for one in (Answer.YES, Answer.UNKNOWN))
    assert change(before, in_place)["in_place"] >= 1
    assert change(before, unknown)["unanswered"] >= 1
    assert unknown.reviewed < before.reviewed == in_place.reviewed


def test_an_assumption_that_no_one_confirmed_is_not_looked_at() -> None:
    counts = model_chapters(register(replay(bucket(rating=Rating.LOW)))).counts
    assert counts.assumed
    assert counts.total == counts.assumed + counts.unanswered
    assert not counts.reviewed


def test_several_models_are_added_up_and_each_says_what_it_has_not_looked_at() -> None:
    empty = register(replay([started()]))
    other = orders()
    alone = {one.chapter: one.counts for one in chapter_reviews(BUILT_IN, [known()])}
    more = {one.chapter: one.counts for one in chapter_reviews(BUILT_IN, [other])}
    for one in chapter_reviews(BUILT_IN, [known(), other, empty]):
        assert one.counts.total == alone[one.chapter].total + more[one.chapter].total
        assert one.counts.reviewed == alone[one.chapter].reviewed + more[one.chapter].reviewed
        assert (one.chapter in model_chapters(other).not_reviewed) == (
            more[one.chapter].total > 0 and more[one.chapter].reviewed == 0
        )
    assert model_chapters(empty).counts == ControlCounts()
    assert not model_chapters(empty).not_reviewed, "nothing there that could be looked at"


def test_it_says_that_it_is_no_certificate() -> None:
    assert "not a certificate" in NOT_A_CERTIFICATE
