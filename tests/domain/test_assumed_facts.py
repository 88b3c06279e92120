"""Assumed facts: recorded with a technology or protocol, weaker than any answer, and never a finding."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.analysis.coverage import DecidedBy
from domain.analysis.rule_findings import apply_rules
from domain.built_in_catalog import BUILT_IN
from domain.changes import difference
from domain.commands import (
    AddAsset,
    AddComponent,
    AddExternalDependency,
    AdoptCatalog,
    AnswerQuestions,
    Command,
    ConfirmAssumptions,
    DrawFlows,
    FlowByNames,
    FlowEnd,
    NameElements,
    OpenFact,
    PlaceComponents,
    Placement,
    Reply,
    ReviseComponent,
    Undo,
)
from domain.events import ComponentAdded, FactAnswered, FactsAssumed, RecordedEvent
from domain.implied_facts import assumptions_in_force, implied_facts, outdated_elements
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementAssumptions, Kind, Rating
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.register import ThreatRegister, register
from domain.rejections import NothingChanged, Rejected
from domain.replay import replay
from domain.wording import describe_event
from tests.depth import examples
from tests.domain.placed_components import element_id
from tests.examples import ANA, BEN, at, decide_all, started

_ENTITY, _PROCESS, _STORE = ComponentKind
S3_ENCRYPTS = "Amazon S3 encrypts new objects at rest by default (since January 2023)"


def shop(*, rating: Rating | None, protocol: str = "HTTPS", boundary: str = "VPC") -> list[RecordedEvent]:
    """A browser, an API and a bucket; the reports are rated, their confidentiality only if it is high."""
    secret = rating if rating is Rating.HIGH else None
    return decide_all(
        NameElements(by=ANA, at=at(1), trust_levels=("Visitors", "Services")),
        AddAsset(
            by=ANA, at=at(1), name="Reports", confidentiality=secret, integrity=rating, availability=rating
        ),
        DrawFlows(
            by=ANA,
            at=at(2),
            flows=(
                FlowByNames(source="Browser", target="API", assets=("Reports",), protocol=protocol),
                FlowByNames(
                    source="API",
                    target="Reports bucket",
                    assets=("Reports",),
                    protocol=protocol,
                    target_end=FlowEnd(technology="amazon_s3"),
                ),
            ),
        ),
        PlaceComponents(
            by=ANA,
            at=at(3),
            placements=(
                Placement(component=element_id("CO-1"), sort=_ENTITY, trust_level=element_id("TL-1")),
                Placement(
                    component=element_id("CO-2"),
                    sort=_PROCESS,
                    trust_level=element_id("TL-2"),
                    boundary=boundary,
                ),
                Placement(
                    component=element_id("CO-3"),
                    sort=_STORE,
                    trust_level=element_id("TL-2"),
                    boundary=boundary,
                ),
            ),
        ),
        after=[started()],
    )


def assumed(events: Sequence[RecordedEvent]) -> dict[str, list[str]]:
    """The facts assumed now, by the name of the element."""
    model = replay(events)
    found: dict[str, list[str]] = {}
    for id, fact in assumptions_in_force(model):
        found.setdefault(name_of(model, id), []).append(fact)
    return {name: sorted(facts) for name, facts in sorted(found.items())}


def asked(shown: ThreatRegister, element: str) -> set[str]:
    return {question.fact for question in shown.questions if question.element == element}


def refused(command: Command, *, after: Sequence[RecordedEvent]) -> Rejected:
    with pytest.raises(Rejected) as caught:
        decide_all(command, after=after)
    return caught.value


def test_a_technology_is_guessed_when_an_element_is_added_and_can_be_stated_or_denied() -> None:
    events = decide_all(
        AddComponent(by=ANA, at=at(1), name="Orders (DynamoDB)"),
        AddComponent(by=ANA, at=at(1), name="Archive", technology="amazon_s3"),
        AddComponent(by=ANA, at=at(1), name="Bucket list", technology=""),
        AddExternalDependency(by=ANA, at=at(1), name="Stripe"),
        NameElements(by=ANA, at=at(1), components=("Front door", "Redis cache")),
        after=[started()],
    )
    technologies = {one.name: getattr(one, "technology", "") for one in replay(events).elements.values()}
    assert technologies == {
        "Orders (DynamoDB)": "dynamodb",
        "Archive": "amazon_s3",
        "Bucket list": "",
        "Stripe": "stripe",
        "Front door": "",
        "Redis cache": "redis",
    }


def test_setting_a_technology_records_what_follows_with_the_version_of_the_catalog() -> None:
    events = decide_all(
        AddComponent(by=ANA, at=at(1), name="Archive", technology="amazon_s3"), after=[started()]
    )
    added, recorded = events[-2:]
    assert isinstance(added, ComponentAdded)
    assert isinstance(recorded, FactsAssumed)
    assert recorded.answer == added.answer
    assert recorded.assumptions is not None
    assert recorded.assumptions.catalog == BUILT_IN.version
    assert recorded.assumptions.technology == "amazon_s3"
    assert [(fact.fact, fact.answer, fact.reason) for fact in recorded.assumptions.facts] == [
        ("encrypted_at_rest", Answer.YES, S3_ENCRYPTS)
    ]
    assert "amazon s3" in describe_event(recorded, replay(events[:-1])).casefold()


def test_a_technology_is_corrected_and_what_followed_from_it_goes() -> None:
    events = decide_all(
        AddComponent(by=ANA, at=at(1), name="Archive (S3)"),
        ReviseComponent(by=ANA, at=at(2), element=element_id("CO-1"), name="Archive", technology="minio"),
        after=[started()],
    )
    assert assumed(events) == {}
    assert assumed(decide_all(Undo(by=ANA, at=at(3)), after=events)) == {
        "Archive (S3)": ["encrypted_at_rest"]
    }


def test_the_report_of_changes_names_the_technology_and_what_is_assumed() -> None:
    before = decide_all(AddComponent(by=ANA, at=at(1), name="Archive", technology="minio"), after=[started()])
    after = decide_all(
        ReviseComponent(by=BEN, at=at(2), element=element_id("CO-1"), name="Archive", technology="amazon_s3"),
        after=before,
    )
    revised, assumed_now = difference(register(replay(before)), register(replay(after)), after)
    assert [detail.text for detail in revised.details] == ["technology: MinIO → Amazon S3"]
    assert assumed_now.how == "assumed by technology or protocol"
    assert assumed_now.by == (BEN,)
    assert [detail.now for detail in assumed_now.details] == ["yes"]


def test_what_is_of_a_known_technology_is_software_without_being_asked() -> None:
    events = decide_all(
        AddExternalDependency(by=ANA, at=at(1), name="Stripe"),
        AddExternalDependency(by=ANA, at=at(1), name="Accounting firm"),
        after=shop(rating=Rating.HIGH),
    )
    shown = register(replay(events))
    assert "software" not in asked(shown, "XD-1")
    assert "software" in asked(shown, "XD-2")
    calls = Reply(element=element_id("XD-1"), fact="calls_back", answer=Answer.YES)
    answered = register(replay(decide_all(AnswerQuestions(by=BEN, at=at(4), replies=(calls,)), after=events)))
    (question,) = [
        one for one in answered.questions if (one.element, one.fact) == ("XD-1", "webhook_signature_verified")
    ]
    assert question.text == "Is the signature of payment notices verified?"


def test_an_unknown_technology_is_kept_of_a_new_component_and_refused_otherwise() -> None:
    archive = AddComponent(by=ANA, at=at(1), name="Archive", technology="punch_cards")
    component = replay(decide_all(archive, after=[started()])).elements[element_id("CO-1")]
    assert isinstance(component, Component)
    assert component.technology == "punch_cards"
    refusal = refused(
        AddExternalDependency(by=ANA, at=at(1), name="Archive", technology="punch_cards"), after=[started()]
    )
    assert refusal.field == "technology"
    assert "punch_cards" in str(refusal)


def test_a_revision_that_does_not_speak_of_the_technology_keeps_it() -> None:
    events = decide_all(
        AddComponent(by=ANA, at=at(1), name="Archive (S3)"),
        ReviseComponent(by=ANA, at=at(2), element=element_id("CO-1"), name="Archive"),
        after=[started()],
    )
    element = replay(events).elements[element_id("CO-1")]
    assert isinstance(element, Component)
    assert element.technology == "amazon_s3"
    assert not [event for event in events[-1:] if isinstance(event, FactsAssumed)]


def test_a_secure_protocol_assumes_encryption_and_integrity_and_identity_for_browsers_alone() -> None:
    assert assumed(shop(rating=None))["Browser → API: Reports"] == [
        "encrypted",
        "integrity_protected",
        "peer_verified",
    ]
    assert assumed(shop(rating=None))["API → Reports bucket: Reports"] == ["encrypted", "integrity_protected"]
    assert "Browser → API: Reports" not in assumed(shop(rating=None, protocol="HTTP"))


def test_the_protocol_of_a_flow_from_what_turns_out_to_be_a_browser_assumes_more() -> None:
    events = decide_all(
        DrawFlows(by=ANA, at=at(1), flows=(FlowByNames(source="Client", target="API", protocol="HTTPS"),)),
        after=[started()],
    )
    assert assumed(events)["Client → API"] == ["encrypted", "integrity_protected"]
    placement = Placement(component=element_id("CO-1"), technology="browser")
    events = decide_all(PlaceComponents(by=ANA, at=at(2), placements=(placement,)), after=events)
    assert "peer_verified" in assumed(events)["Client → API"]


def test_the_framework_behind_an_entry_point_says_what_is_assumed_there() -> None:
    drawn = FlowByNames(
        source="Browser", target="Shop", entry_point="Pages", target_end=FlowEnd(technology="django")
    )
    events = decide_all(DrawFlows(by=ANA, at=at(1), flows=(drawn,)), after=[started()])
    assert assumed(events)["Pages"] == ["csrf_defended", "output_encoded"]


def test_an_assumption_skips_the_question_where_nothing_is_at_stake() -> None:
    shown = register(replay(shop(rating=Rating.MEDIUM)))
    assert "encrypted_at_rest" not in asked(shown, "CO-3")
    (relied_on,) = [one for one in shown.assumed if one.element == "CO-3"]
    assert relied_on.skips
    assert not relied_on.suggested
    assert relied_on.assumed.reason == S3_ENCRYPTS


def test_an_answer_that_contradicts_an_assumption_never_takes_the_counter_back() -> None:
    model = replay(shop(rating=Rating.MEDIUM))
    before = register(model).question_progress
    assert before.assumed > 0
    for about, one in assumptions_in_force(model).items():
        contrary = Answer.NO if one.answer is Answer.YES else Answer.YES
        now = register(replace(model, facts=model.facts.insert(about, contrary))).question_progress
        assert now.total == before.total
        assert now.settled >= before.settled, about


def test_an_assumption_about_high_rated_assets_is_a_suggestion() -> None:
    shown = register(replay(shop(rating=Rating.HIGH)))
    (question,) = [one for one in shown.questions if (one.element, one.fact) == ("CO-3", "encrypted_at_rest")]
    assert question.suggested is not None
    assert question.suggested.reason == S3_ENCRYPTS
    assert question.text == "Are the objects encrypted at rest?"


def test_the_questions_of_a_category_come_first() -> None:
    events = shop(rating=Rating.HIGH)
    facts = [question.fact for question in register(replay(events)).questions if question.element == "CO-3"]
    assert facts[0] == "encrypted_at_rest"
    assert len(facts) > 3
    plain = PlaceComponents(
        by=ANA,
        at=at(5),
        placements=(
            Placement(
                component=element_id("CO-3"),
                sort=_STORE,
                trust_level=element_id("TL-2"),
                boundary="VPC",
                technology="",
            ),
        ),
    )
    without = register(replay(decide_all(plain, after=events)))
    assert next(one.fact for one in without.questions if one.element == "CO-3") != "encrypted_at_rest"


def test_assets_without_any_rating_count_as_high_rated() -> None:
    assert "encrypted_at_rest" in asked(register(replay(shop(rating=None))), "CO-3")


@pytest.mark.parametrize("rating", [*Rating, None])
def test_what_a_line_states_by_its_protocol_is_not_asked_again(rating: Rating | None) -> None:
    follows = {"encrypted", "integrity_protected", "peer_verified"}
    shown = register(replay(shop(rating=rating)))
    assert not follows & asked(shown, "DF-1")
    assert not any(one.suggested for one in shown.assumed if one.element == "DF-1")


def test_what_no_line_states_is_asked() -> None:
    assert "encrypted" in asked(register(replay(shop(rating=Rating.HIGH, protocol="HTTP"))), "DF-1")


def test_what_a_line_states_can_be_denied_by_an_answer() -> None:
    reply = Reply(element=element_id("DF-1"), fact="encrypted", answer=Answer.NO)
    events = decide_all(AnswerQuestions(by=BEN, at=at(4), replies=(reply,)), after=shop(rating=Rating.HIGH))
    assert "I01@DF-1" in {one.id for one in register(replay(events)).suggested_threats}


def test_nothing_is_suggested_for_what_is_not_placed_yet() -> None:
    drawn = FlowByNames(
        source="API", target="Reports", assets=("Rows",), target_end=FlowEnd(technology="amazon_s3")
    )
    events = decide_all(DrawFlows(by=ANA, at=at(1), flows=(drawn,)), after=[started()])
    assert assumed(events) == {"Reports": ["encrypted_at_rest"]}
    assert not [question for question in register(replay(events)).questions if question.suggested]


def test_any_answer_is_stronger_than_an_assumption() -> None:
    for answer in Answer:
        reply = Reply(element=element_id("CO-3"), fact="encrypted_at_rest", answer=answer)
        events = decide_all(
            AnswerQuestions(by=BEN, at=at(4), replies=(reply,)), after=shop(rating=Rating.HIGH)
        )
        assert "Reports bucket" not in assumed(events)
        shown = register(replay(events))
        found = {suggested_threat.id for suggested_threat in shown.suggested_threats}
        assert ("I02@CO-3" in found) is (answer is Answer.NO)
        assert ("encrypted_at_rest" in asked(shown, "CO-3")) is (answer is Answer.UNKNOWN)


def test_assumptions_of_all_elements_alike_are_confirmed_in_one_command() -> None:
    events = shop(rating=Rating.HIGH)
    shown = register(replay(events))
    facts = tuple(OpenFact(element=one.element, fact=one.assumed.fact) for one in shown.assumed)
    confirmed = decide_all(ConfirmAssumptions(by=BEN, at=at(4), facts=facts), after=events)
    assert assumed(confirmed) == {}
    answers = [one for one in confirmed[len(events) :] if isinstance(one, FactAnswered)]
    assert {(answer.element, answer.fact) for answer in answers} == {(one.element, one.fact) for one in facts}
    assert {answer.by for answer in answers} == {BEN}
    assert isinstance(
        refused(ConfirmAssumptions(by=BEN, at=at(5), facts=facts), after=confirmed), NothingChanged
    )
    assert assumed(decide_all(Undo(by=BEN, at=at(5)), after=confirmed)) == assumed(events)


def test_coverage_and_conditions_say_assumed_and_not_decided() -> None:
    events = decide_all(
        PlaceComponents(
            by=ANA,
            at=at(3),
            placements=(
                Placement(
                    component=element_id("CO-2"),
                    sort=_PROCESS,
                    trust_level=element_id("TL-2"),
                    boundary="VPC",
                    technology="aws_lambda",
                ),
            ),
        ),
        after=shop(rating=Rating.MEDIUM),
    )
    while answers := [
        Reply(
            element=question.element,
            fact=question.fact,
            answer=Answer.NO if question.element.startswith("AS-") else Answer.YES,
        )
        for question in apply_rules(replay(events)).questions
    ]:
        events = decide_all(AnswerQuestions(by=BEN, at=at(4), replies=tuple(answers)), after=events)
    shown = register(replay(events))
    cells = {cell.by for row in shown.coverage.rows for cell in row.cells}
    assert DecidedBy.ASSUMED in cells
    assert not [
        cell
        for row in shown.coverage.rows
        for cell in row.cells
        if cell.by is DecidedBy.ASSUMED and cell.decided
    ]
    conditions = {condition.id: condition for condition in shown.conditions}
    assert not conditions["assumptions_confirmed"].met
    assert "assumption used" in conditions["assumptions_confirmed"].text
    facts = tuple(OpenFact(element=one.element, fact=one.assumed.fact) for one in shown.assumed)
    after = register(replay(decide_all(ConfirmAssumptions(by=BEN, at=at(5), facts=facts), after=events)))
    assert DecidedBy.ASSUMED not in {cell.by for row in after.coverage.rows for cell in row.cells}
    assert {condition.id: condition for condition in after.conditions}["assumptions_confirmed"].met


def test_an_excluded_rule_asks_nothing_and_a_stated_answer_is_still_found() -> None:
    drawn = FlowByNames(source="Browser", target="Orders db", entry_point="Port 5432")
    events = decide_all(
        NameElements(by=ANA, at=at(1), trust_levels=("Visitors", "Services")),
        DrawFlows(by=ANA, at=at(1), flows=(drawn,)),
        PlaceComponents(
            by=ANA,
            at=at(3),
            placements=(
                Placement(component=element_id("CO-1"), sort=_ENTITY, trust_level=element_id("TL-1")),
                Placement(component=element_id("CO-2"), sort=_STORE, trust_level=element_id("TL-2")),
            ),
        ),
        after=[started()],
    )
    yes = [
        Reply(element=element_id("EP-1"), fact=fact, answer=Answer.YES)
        for fact in ("keeps_session", "cookie_session", "changes_something")
    ]
    answered = decide_all(AnswerQuestions(by=BEN, at=at(4), replies=tuple(yes)), after=events)
    assert "csrf_defended" not in asked(register(replay(answered)), "EP-1")
    no = Reply(element=element_id("EP-1"), fact="csrf_defended", answer=Answer.NO)
    stated = decide_all(AnswerQuestions(by=BEN, at=at(5), replies=(no,)), after=answered)
    assert "S07@EP-1" in {
        suggested_threat.id for suggested_threat in register(replay(stated)).suggested_threats
    }


def test_a_newer_catalog_changes_nothing_by_itself_and_proposes() -> None:
    events = shop(rating=Rating.HIGH)
    older = [
        replace(one, assumptions=ElementAssumptions(element=one.element, catalog=0, technology="amazon_s3"))
        if isinstance(one, FactsAssumed) and one.element == "CO-3"
        else one
        for one in events
    ]
    assert "Reports bucket" not in assumed(older)
    assert register(replay(older)).outdated == ("CO-3",)
    renamed = ReviseComponent(
        by=BEN,
        at=at(4),
        element=element_id("CO-3"),
        name="Report files",
        sort=_STORE,
        trust_level=element_id("TL-2"),
    )
    assert "Report files" not in assumed(decide_all(renamed, after=older))
    adopted = decide_all(AdoptCatalog(by=BEN, at=at(4)), after=older)
    assert assumed(adopted)["Reports bucket"] == ["encrypted_at_rest"]
    assert register(replay(adopted)).outdated == ()
    assert isinstance(refused(AdoptCatalog(by=BEN, at=at(5)), after=adopted), NothingChanged)


def test_before_there_were_assumptions_a_secure_protocol_decided_and_still_does() -> None:
    earlier = [one for one in shop(rating=Rating.HIGH) if not isinstance(one, FactsAssumed)]
    shown = register(replay(earlier))
    assert not asked(shown, "DF-1") & {"encrypted", "integrity_protected"}
    assert shown.assumed == ()
    assert set(shown.outdated) >= {"DF-1", "DF-2", "CO-3"}


def test_three_elements_with_nothing_answered_have_no_finding() -> None:
    shown = register(replay(shop(rating=Rating.HIGH)))
    assert shown.suggested_threats == ()


_names = st.sampled_from(
    ["Shop", "Orders db", "Browser", "Redis cache", "Files (S3)", "CDN", "Worker", "Stripe"]
)
_technologies = st.sampled_from(["", *BUILT_IN.entries])
_protocols = st.sampled_from(["", "by hand", *(one.name for one in BUILT_IN.protocols)])


@st.composite
def models(draw: st.DrawFn) -> list[RecordedEvent]:
    """A random model of up to six flows, placed at random, with technologies and protocols."""
    flows = [
        FlowByNames(
            source=source,
            target=target,
            assets=draw(st.lists(st.sampled_from(["Orders", "Passwords"]), unique=True).map(tuple)),
            protocol=draw(_protocols),
            entry_point=draw(st.sampled_from(["", "Pages"])),
            two_way=draw(st.booleans()),
            source_end=FlowEnd(technology=draw(_technologies)),
            target_end=FlowEnd(technology=draw(_technologies)),
        )
        for source, target in draw(
            st.lists(st.tuples(_names, _names).filter(lambda two: two[0] != two[1]), min_size=1, max_size=6)
        )
    ]
    rating = draw(st.sampled_from([None, *Rating]))
    events = decide_all(
        NameElements(by=ANA, at=at(1), trust_levels=("Visitors", "Services")),
        AddAsset(
            by=ANA, at=at(1), name="Orders", confidentiality=rating, integrity=rating, availability=rating
        ),
        DrawFlows(by=ANA, at=at(1), flows=tuple(flows)),
        after=[started()],
    )
    components = replay(events).of_kind(Kind.COMPONENT)
    placements = tuple(
        Placement(
            component=component.id,
            sort=draw(st.sampled_from([None, *ComponentKind])),
            trust_level=draw(st.sampled_from([None, element_id("TL-1"), element_id("TL-2")])),
            boundary=draw(st.sampled_from(["", "Network"])),
        )
        for component in components
    )
    return decide_all(PlaceComponents(by=ANA, at=at(2), placements=placements), after=events)


def answered_at_random(seed: int, model: ThreatModel, answers: Sequence[Answer]) -> ThreatModel:
    """The model after three rounds of answers to what is asked."""
    chance = random.Random(seed)
    for _ in range(3):
        for question in apply_rules(model).questions:
            reply = chance.choice([None, *answers])
            if reply is not None:
                model = replace(model, facts=model.facts.insert((question.element, question.fact), reply))
    return model


def without_assumptions(model: ThreatModel) -> ThreatModel:
    """The model with the same records of assumptions, all of them empty."""
    empty = {id: replace(one, facts=()) for id, one in model.assumed.items()}
    return replace(model, assumed=HashTrieMap(empty))


BY_PLACEMENT = {"X02"}
"""The rules that follow from stated placements alone: both ends lie within the same boundary."""


@examples(30)
@given(models(), st.integers(0, 999))
def test_no_technology_and_no_assumption_makes_a_finding(events: list[RecordedEvent], seed: int) -> None:
    model = answered_at_random(seed, replay(events), [answer for answer in Answer if answer is not Answer.NO])
    assert {
        suggested_threat.rule.id for suggested_threat in apply_rules(model).suggested_threats
    } <= BY_PLACEMENT


@examples(30)
@given(models(), st.integers(0, 999))
def test_assumptions_change_no_finding_and_each_finding_rests_on_a_stated_no(
    events: list[RecordedEvent], seed: int
) -> None:
    model = answered_at_random(seed, replay(events), list(Answer))
    found = apply_rules(model).suggested_threats
    assert found == apply_rules(without_assumptions(model)).suggested_threats
    for one in found:
        assert Answer.NO in {fact.answer for fact in one.facts} or one.rule.id in BY_PLACEMENT
        assert all((fact.element, fact.fact) in model.facts for fact in one.facts)


@examples(20)
@given(models())
def test_what_is_recorded_is_what_the_catalog_implies(events: list[RecordedEvent]) -> None:
    model = replay(events)
    assert outdated_elements(model) == ()
    for id, recorded in model.assumed.items():
        assert {(fact.fact, fact.answer) for fact in recorded.facts} == {
            (fact.fact, fact.answer) for fact in implied_facts(model, id)
        }
