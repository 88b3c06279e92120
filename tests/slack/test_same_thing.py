"""External dependencies that are components of the flows, in Slack: asked about, answered, and changed."""

from domain.commands import (
    AddExternalDependency,
    AnswerQuestions,
    DrawFlows,
    FlowByNames,
    FlowEnd,
    NameElements,
    PlaceComponents,
    Placement,
    Reply,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementId
from tests.examples import at
from tests.slack.slack_team import SlackTeam

AUTH0 = "“Auth0” is an external dependency and a component of the flows. Are they the same?"
OPENAI = (
    "“Azure OpenAI” is an external dependency, and “Language model” is a component of the flows. "
    "Are they the same?"
)
XD1, XD2, CO1, CO2, CO3 = (ElementId(id) for id in ("XD-1", "XD-2", "CO-1", "CO-2", "CO-3"))


def begin(team: SlackTeam) -> None:
    """An API that calls Auth0 and a language model, all placed, with nothing open on anyone's screen."""
    team.start()
    team.person("ana").close(all_of_them=True)
    by = team.model().facilitator
    flows = (
        FlowByNames(source="API", target="Auth0"),
        FlowByNames(source="API", target="Language model", target_end=FlowEnd(technology="openai")),
    )
    for command in (
        AddExternalDependency(by=by, at=at(1), name="Auth0"),
        AddExternalDependency(by=by, at=at(1), name="Azure OpenAI"),
        NameElements(
            by=by, at=at(1), assets=("Patient file",), entry_points=("Website",), trust_levels=("All",)
        ),
        DrawFlows(by=by, at=at(2), flows=flows),
        PlaceComponents(
            by=by,
            at=at(3),
            placements=tuple(
                Placement(component=one, sort=ComponentKind.PROCESS, trust_level=ElementId("TL-1"))
                for one in (CO1, CO2, CO3)
            ),
        ),
        AnswerQuestions(
            by=by,
            at=at(4),
            replies=(
                Reply(element=XD1, fact="patched_in_time", answer=Answer.YES),
                Reply(element=CO2, fact="patched_in_time", answer=Answer.NO),
            ),
        ),
    ):
        team.command_handler.execute(command, stream=team.streams[0], key=team.key())


def kind_of(team: SlackTeam, component: ElementId) -> ComponentKind | None:
    found = team.model().elements[component]
    assert isinstance(found, Component)
    return found.sort


def test_the_next_step_asks_and_the_answer_makes_an_external_entity(either_way: SlackTeam) -> None:
    team = either_way
    begin(team)
    card = team.card("State whether external dependencies are components of the flows: 2 pairs")
    ben = team.person("ben")
    ben.click(card, "Compare")
    form = team.modal("ben", "Link dependencies")
    assert list(form.labels) == [AUTH0, OPENAI]
    assert "XD-2 and CO-3. Technologies: OpenAI" in form.plain
    ben.choose(AUTH0, "same")
    ben.choose(OPENAI, "apart")
    team.submit("ben")
    team.wait(lambda: len(team.model().links) == 2)
    assert kind_of(team, CO2) is ComponentKind.EXTERNAL_ENTITY
    assert kind_of(team, CO3) is ComponentKind.PROCESS


def test_answers_that_differ_stand_side_by_side(team: SlackTeam) -> None:
    begin(team)
    team.person("ben").click(team.card("Compare"), "Compare")
    plain = team.modal("ben", "Link dependencies").plain
    assert "Differences:" in plain
    assert "“Auth0” (XD-1): yes · “Auth0” (CO-2): no" in plain.replace("*", "")
    assert "“Auth0” (XD-1): external entity · “Auth0” (CO-2): process" in plain.replace("*", "")


def test_two_people_answer_different_pairs_of_one_form(team: SlackTeam) -> None:
    begin(team)
    card = team.card("Compare")
    for who in ("ben", "chi"):
        team.person(who).click(card, "Compare")
        team.modal(who, "Link dependencies")
    team.person("ben").choose(AUTH0, "same")
    team.person("chi").choose(OPENAI, "same")
    team.submit("ben")
    team.wait(lambda: len(team.model().links) == 1)
    team.submit("chi")
    team.wait(lambda: len(team.model().links) == 2)
    assert all(link.same for link in team.model().links.values())


def test_a_link_is_changed_from_the_page_of_everything_and_shown_at_both(team: SlackTeam) -> None:
    begin(team)
    ben = team.person("ben")
    ben.click(team.card("Compare"), "Compare")
    team.modal("ben", "Link dependencies")
    ben.choose(AUTH0, "same")
    team.submit("ben")
    team.wait(lambda: len(team.model().links) == 1)
    ben.close(all_of_them=True)
    team.command("ben", "/threatmodel remove XD-1")
    assert "The same thing as Auth0 (CO-2)" in team.modal("ben", "External dependencies").plain
    ben.close(all_of_them=True)
    ben.click(team.card("More…"), "More…")
    ben.click(team.modal("ben", "More"), "Link dependencies")
    form = team.modal("ben", "Link dependencies")
    assert "'value': 'same'" in str(form.values[AUTH0])
    ben.choose(AUTH0, "apart")
    team.submit("ben")
    team.wait(lambda: kind_of(team, CO2) is ComponentKind.PROCESS)
