"""External dependencies that are components of the flows: proposed, linked, separated, and what follows."""

import pytest

from domain.analysis.rule_findings import apply_rules
from domain.changes import difference
from domain.commands import (
    AddAsset,
    AddExternalDependency,
    AnswerLinks,
    AnswerQuestions,
    Command,
    DrawFlows,
    FlowByNames,
    FlowEnd,
    LinkReply,
    NameElements,
    PlaceComponents,
    Placement,
    RemoveElement,
    Reply,
    ReportThreat,
    ReviseComponent,
    Undo,
)
from domain.element_links import DifferingAnswer, LinkReason
from domain.events import (
    ComponentRevised,
    ElementsLinked,
    ElementsSeparated,
    LinkWithdrawn,
    RecordedEvent,
)
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, DataKind, ElementId
from domain.kernel.threat import Stride
from domain.model import ThreatModel
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.rejections import ContentMissing, LinkedAlready, LinkedIsExternal, UndoBlocked, WrongKind
from domain.replay import replay
from tests.examples import ANA, BEN, at, decide_all, given, recorded, started

_ENTITY, _PROCESS, _STORE = ComponentKind
AUTH0, OPENAI, SENDGRID, BUCKET = (ElementId(f"XD-{n}") for n in range(1, 5))
API, LOGIN, MODEL, MAIL, FILES = (ElementId(f"CO-{n}") for n in range(1, 6))


def clinic(*placed: ComponentKind | None) -> list[RecordedEvent]:
    """An API that uses four services, which are components of its flows under the same or other names."""
    kinds = placed or (_PROCESS, _PROCESS, _PROCESS, _ENTITY, _STORE)
    return decide_all(
        *(
            AddExternalDependency(by=ANA, at=at(1), name=name)
            for name in ("Auth0", "Azure OpenAI", "SendGrid", "Amazon S3")
        ),
        AddAsset(by=ANA, at=at(1), name="Patient file", data=DataKind.PERSONAL),
        NameElements(by=ANA, at=at(1), entry_points=("Website",), trust_levels=("Staff", "Services")),
        DrawFlows(
            by=ANA,
            at=at(2),
            flows=(
                FlowByNames(source="API", target="Auth0"),
                FlowByNames(
                    source="API",
                    target="Language model",
                    target_end=FlowEnd(technology="openai"),
                    assets=("Patient file",),
                ),
                FlowByNames(source="API", target="Mail service"),
                FlowByNames(source="API", target="Documents", target_end=FlowEnd(technology="amazon_s3")),
            ),
        ),
        PlaceComponents(
            by=ANA,
            at=at(3),
            placements=tuple(
                Placement(component=ElementId(f"CO-{n}"), sort=kind, trust_level=ElementId("TL-2"))
                for n, kind in enumerate(kinds, start=1)
            ),
        ),
        after=[started()],
    )


CLINIC = clinic()
NEXT = len(CLINIC) + 1


def link(dependency: ElementId, component: ElementId, *, same: bool = True, minute: int = 10) -> AnswerLinks:
    reply = LinkReply(dependency=dependency, component=component, same=same)
    return AnswerLinks(by=BEN, at=at(minute), replies=(reply,))


def test_a_link_is_proposed_by_name_and_by_technology() -> None:
    found = {(one.dependency, one.component): one.reason for one in register(replay(CLINIC)).link_proposals}
    assert found == {
        (AUTH0, LOGIN): LinkReason.NAME,
        (OPENAI, MODEL): LinkReason.TECHNOLOGY,
        (SENDGRID, MAIL): LinkReason.TECHNOLOGY,
    }


def test_a_store_that_the_team_configures_is_not_proposed_by_its_technology() -> None:
    assert (BUCKET, FILES) not in {
        (proposal.dependency, proposal.component) for proposal in register(replay(CLINIC)).link_proposals
    }


def test_general_words_and_plurals_do_not_hide_a_name() -> None:
    events = decide_all(
        AddExternalDependency(by=ANA, at=at(4), name="Carrier APIs"),
        DrawFlows(by=ANA, at=at(5), flows=(FlowByNames(source="API", target="Carrier"),)),
        after=CLINIC,
    )
    assert ("XD-5", "CO-6") in {
        (proposal.dependency, proposal.component) for proposal in register(replay(events)).link_proposals
    }


def test_only_a_component_that_takes_part_in_flows_is_proposed() -> None:
    events = decide_all(
        AddExternalDependency(by=ANA, at=at(4), name="Twilio"),
        NameElements(by=ANA, at=at(4), components=("Twilio",)),
        after=CLINIC,
    )
    assert "XD-5" not in {proposal.dependency for proposal in register(replay(events)).link_proposals}


def test_the_next_step_asks_for_the_pairs_until_each_is_answered() -> None:
    before = register(replay(CLINIC)).next
    assert before.act is NextStepKind.LINK
    assert before.text == "State whether external dependencies are components of the flows: 3 pairs"
    answered = decide_all(
        link(AUTH0, LOGIN), link(OPENAI, MODEL, same=False), link(SENDGRID, MAIL), after=CLINIC
    )
    assert register(replay(answered)).next.act is not NextStepKind.LINK
    assert register(replay(answered)).link_proposals == ()


def test_a_linked_component_is_an_external_entity_and_keeps_its_id() -> None:
    component = replay(CLINIC).elements[LOGIN]
    assert isinstance(component, Component)
    given(*CLINIC).when(link(AUTH0, LOGIN)).then(
        recorded(ElementsLinked, dependency=AUTH0, component=LOGIN, former_sort=_PROCESS),
        recorded(
            ComponentRevised,
            component=Component(
                id=LOGIN,
                name="Auth0",
                sort=_ENTITY,
                trust_level=ElementId("TL-2"),
                technology=component.technology,
            ),
        ),
    )


def test_nobody_is_asked_to_harden_a_linked_component() -> None:
    def asked(events: list[RecordedEvent]) -> set[str]:
        return {one.fact for one in apply_rules(replay(events)).questions if one.element == LOGIN}

    assert asked(CLINIC)
    assert asked(decide_all(link(AUTH0, LOGIN), after=CLINIC)) == set()


def test_a_rule_about_dependencies_follows_the_link_whatever_the_names_are() -> None:
    """I05 did not see that personal data goes to “Language model”, which is Azure OpenAI."""

    def shared(events: list[RecordedEvent]) -> bool:
        verdicts = register(replay(events)).questions
        return any("I05" in question.rules for question in verdicts)

    assert not shared(CLINIC)
    linked = decide_all(link(OPENAI, MODEL), after=CLINIC)
    assert shared(linked)
    denied = AnswerQuestions(
        by=ANA,
        at=at(11),
        replies=(Reply(element=ElementId("DF-2"), fact="data_minimized", answer=Answer.NO),),
    )
    assert "I05@DF-2@AS-1" in {
        suggested_threat.id
        for suggested_threat in register(replay(decide_all(denied, after=linked))).suggested_threats
    }
    apart = decide_all(denied, link(OPENAI, MODEL, same=False, minute=12), after=linked)
    assert "I05@DF-2@AS-1" not in {
        suggested_threat.id for suggested_threat in register(replay(apart)).suggested_threats
    }


def test_the_counter_of_questions_follows_the_answer() -> None:
    """An external entity of the same product counts as the dependency, unless it was said to be another."""

    def counted(events: list[RecordedEvent]) -> frozenset[tuple[ElementId, str]]:
        return register(replay(events)).question_counter.possible

    data_minimized = (ElementId("DF-2"), "data_minimized")
    assert data_minimized not in counted(CLINIC)
    linked = decide_all(link(OPENAI, MODEL), after=CLINIC)
    assert data_minimized in counted(linked)
    assert {(one.element, one.fact) for one in register(replay(linked)).questions} <= counted(linked)
    outside = clinic(_PROCESS, _PROCESS, _ENTITY, _ENTITY, _STORE)
    assert data_minimized in counted(outside)
    assert data_minimized not in counted(decide_all(link(OPENAI, MODEL, same=False), after=outside))


def test_two_of_one_name_count_as_one_thing_until_they_are_separated() -> None:
    """Models of before there were links keep their meaning."""
    events = decide_all(
        DrawFlows(
            by=ANA, at=at(4), flows=(FlowByNames(source="API", target="Auth0", assets=("Patient file",)),)
        ),
        after=CLINIC,
    )

    def shared(after: list[RecordedEvent]) -> bool:
        return any("I05" in one.rules and one.element == "DF-5" for one in register(replay(after)).questions)

    assert shared(events)
    assert not shared(decide_all(link(AUTH0, LOGIN, same=False), after=events))


def test_separating_brings_the_former_kind_back() -> None:
    linked = decide_all(link(AUTH0, LOGIN), after=CLINIC)
    apart = decide_all(link(AUTH0, LOGIN, same=False, minute=11), after=linked)
    assert replay(apart).elements == replay(CLINIC).elements
    assert isinstance(apart[-2], ElementsSeparated)


def test_a_link_can_be_undone_and_the_proposal_comes_back() -> None:
    linked = decide_all(link(AUTH0, LOGIN), after=CLINIC)
    undone = decide_all(Undo(by=BEN, at=at(11)), after=linked)
    assert isinstance(undone[-1], LinkWithdrawn)
    assert replay(undone).links == replay(CLINIC).links
    assert replay(undone).elements == replay(CLINIC).elements
    assert register(replay(undone)).link_proposals == register(replay(CLINIC)).link_proposals


def test_undoing_a_separation_links_again() -> None:
    linked = decide_all(link(AUTH0, LOGIN), after=CLINIC)
    undone = decide_all(link(AUTH0, LOGIN, same=False, minute=11), Undo(by=BEN, at=at(12)), after=linked)
    assert replay(undone).elements == replay(linked).elements
    (link_now,) = register(replay(undone)).links
    assert link_now.same
    assert link_now.former_sort is _PROCESS


def test_an_element_that_was_linked_since_is_not_undone() -> None:
    added = decide_all(AddExternalDependency(by=ANA, at=at(4), name="Documents service"), after=CLINIC)
    linked = decide_all(link(ElementId("XD-5"), FILES), after=added)
    given(*linked).when(Undo(by=ANA, at=at(12))).then_refused(UndoBlocked, "XD-5")


def test_what_was_decided_about_both_remains() -> None:
    threat = ReportThreat(by=ANA, at=at(4), title="Stolen tokens", stride=(Stride.SPOOFING,), element=LOGIN)
    linked = decide_all(threat, link(AUTH0, LOGIN), after=CLINIC)
    model = replay(linked)
    assert [one.element for one in register(model).threats] == [LOGIN]
    assert {AUTH0, LOGIN} <= set(model.elements)


def test_coverage_has_one_row_for_one_thing() -> None:
    threat = ReportThreat(by=ANA, at=at(4), title="Stolen tokens", stride=(Stride.SPOOFING,), element=LOGIN)
    rows = {
        row.element: row
        for row in register(replay(decide_all(threat, link(AUTH0, LOGIN), after=CLINIC))).coverage.rows
    }
    assert LOGIN not in rows
    assert rows[AUTH0].name == "Auth0 (also CO-2)"
    spoofing = next(cell for cell in rows[AUTH0].cells if cell.category is Stride.SPOOFING)
    assert spoofing.threats == ("TH-1",)


def differing(model: ThreatModel, dependency: ElementId, component: ElementId) -> tuple[DifferingAnswer, ...]:
    """What differs between the elements of a link, or of a pair that is proposed."""
    known, pair = register(model), (dependency, component)
    assert pair in {*model.links, *((one.dependency, one.component) for one in known.link_proposals)}
    return known.differing.get(pair, ())


def test_answers_that_differ_are_shown_side_by_side() -> None:
    events = decide_all(
        AnswerQuestions(
            by=ANA,
            at=at(4),
            replies=(
                Reply(element=AUTH0, fact="patched_in_time", answer=Answer.YES),
                Reply(element=LOGIN, fact="patched_in_time", answer=Answer.NO),
            ),
        ),
        after=CLINIC,
    )
    found = differing(replay(events), AUTH0, LOGIN)
    assert [(one.of_dependency, one.of_component) for one in found] == [
        ("yes", "no"),
        ("external entity", "process"),
    ]
    assert found[1] == DifferingAnswer(
        subject="Type", of_dependency="external entity", of_component="process"
    )
    kept = replay(decide_all(link(AUTH0, LOGIN), after=events))
    assert (kept.facts[AUTH0, "patched_in_time"], kept.facts[LOGIN, "patched_in_time"]) == (
        Answer.YES,
        Answer.NO,
    )
    assert [one.subject for one in differing(kept, AUTH0, LOGIN)] == [found[0].subject]


def test_a_product_and_its_category_do_not_differ() -> None:
    linked = decide_all(link(SENDGRID, MAIL), after=CLINIC)
    assert differing(replay(linked), SENDGRID, MAIL) == ()
    other = ReviseComponent(
        by=ANA, at=at(11), element=MAIL, name="Mail service", sort=_ENTITY, technology="twilio"
    )
    (found,) = differing(replay(decide_all(other, after=linked)), SENDGRID, MAIL)
    assert found.subject == "Technology"


@pytest.mark.parametrize(
    "command",
    [
        PlaceComponents(by=ANA, at=at(11), placements=(Placement(component=LOGIN, sort=_PROCESS),)),
        ReviseComponent(by=ANA, at=at(11), element=LOGIN, name="Auth0", sort=_PROCESS),
    ],
)
def test_a_linked_component_cannot_be_placed_as_something_else(command: Command) -> None:
    linked = decide_all(link(AUTH0, LOGIN), after=CLINIC)
    given(*linked).when(command).then_refused(
        LinkedIsExternal, "is the same thing as the external dependency “Auth0” (XD-1)", field="sort"
    )


def test_a_component_is_at_most_one_dependency() -> None:
    linked = decide_all(link(AUTH0, LOGIN), after=CLINIC)
    given(*linked).when(link(OPENAI, LOGIN)).then_refused(LinkedAlready, "“Auth0” (CO-2) is already the same")


def test_a_dependency_may_be_several_components() -> None:
    linked = decide_all(link(AUTH0, LOGIN), link(AUTH0, API, minute=11), after=CLINIC)
    assert {one.component for one in register(replay(linked)).links} == {LOGIN, API}


def test_the_same_answer_again_changes_nothing() -> None:
    linked = decide_all(link(AUTH0, LOGIN), after=CLINIC)
    given(*linked).when(link(AUTH0, LOGIN, minute=11)).then_nothing_happens()


def test_a_link_needs_a_dependency_and_a_component() -> None:
    given(*CLINIC).when(link(LOGIN, AUTH0)).then_refused(WrongKind, "CO-2 is not an external dependency")
    given(*CLINIC).when(AnswerLinks(by=BEN, at=at(9), replies=())).then_refused(
        ContentMissing, "at least one"
    )


def test_a_link_is_not_in_force_without_one_of_its_elements() -> None:
    linked = decide_all(link(AUTH0, LOGIN), RemoveElement(by=ANA, at=at(11), element=AUTH0), after=CLINIC)
    placed = PlaceComponents(by=ANA, at=at(12), placements=(Placement(component=LOGIN, sort=_PROCESS),))
    found = replay(decide_all(placed, after=linked)).of_type(Component)
    assert [one.sort for one in found if one.id == LOGIN] == [_PROCESS]
    assert register(replay(linked)).links == ()


def test_the_history_says_what_was_stated() -> None:
    events = decide_all(
        link(AUTH0, LOGIN), link(OPENAI, MODEL, same=False), Undo(by=BEN, at=at(12)), after=CLINIC
    )
    told = [one.text for one in timeline(events)[len(CLINIC) :]]
    pair = "the external dependency “Azure OpenAI” (XD-2) and the component “Language model” (CO-3)"
    linked = "the external dependency “Auth0” (XD-1) and the component “Auth0” (CO-2)"
    assert told == [
        f"stated that {linked} are the same thing",
        "placed the component “Auth0” (CO-2)",
        f"stated that {pair} are two things",
        f"undid: left open whether {pair} are the same thing",
    ]


def test_a_comparison_of_two_versions_tells_of_links() -> None:
    events = decide_all(link(AUTH0, LOGIN), link(OPENAI, MODEL, same=False), after=CLINIC)
    before, after = (register(replay(some)) for some in (CLINIC, events))
    told = [(one.name, one.how, one.by) for one in difference(before, after, events) if one.group == "links"]
    assert told == [
        ("Auth0 (XD-1) and Auth0 (CO-2)", "the same thing", (BEN,)),
        ("Azure OpenAI (XD-2) and Language model (CO-3)", "two things", (BEN,)),
    ]
    assert [one.how for one in difference(after, before, events) if one.group == "links"] == ["left open"] * 2
