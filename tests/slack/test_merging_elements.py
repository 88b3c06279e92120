"""Two elements that are one, merged in Slack: what would follow is shown before it is saved."""

from bot.sandbox.api import VisibleView
from domain.commands import (
    AddComponent,
    AddDataFlow,
    AnswerQuestions,
    ChosenAnswer,
    Command,
    MergeElements,
    Reply,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import DataFlow, ElementId
from tests.slack.slack_team import SlackTeam
from tests.slack.test_revising import click_beside, look_through
from tests.slack.voting_steps import person_id

CO1, CO2, CO3, DF1, DF2 = map(ElementId, ("CO-1", "CO-2", "CO-3", "DF-1", "DF-2"))


def test_a_merge_shows_what_follows_and_asks_which_of_two_answers_stays(team: SlackTeam) -> None:
    site_with_search_twice(team)
    ben = team.person("ben")
    form = open_merge(team, "ben", "CO-2")
    assert "Finder · CO-2" in form.plain
    ben.choose("Which component is the same?", "Search (CO-1)")
    team.submit("ben")

    shown = team.modal("ben", "Merge CO-2")
    assert "Nothing is saved yet." in shown.plain
    assert "The component “Finder” (CO-2) becomes “Search” (CO-1)." in shown.plain
    assert "becomes DF-2: both are the same." in shown.plain
    assert "Choose which of the answers that contradict each other stay." in shown.plain
    assert CO2 in team.model().elements
    ben.choose("Is it encrypted in transit?", "No, as for Shop → Finder")
    team.submit("ben")

    team.wait(lambda: CO2 not in team.model().elements)
    model = team.model()
    assert [flow.id for flow in model.of_type(DataFlow)] == [DF2]
    assert model.facts[DF2, "encrypted"] is Answer.NO
    team.command("ben", "/threatmodel history")
    history = team.modal("ben", "History")
    assert "• merged the component “Finder” (CO-2) into “Search” (CO-1)" in history.plain


def test_a_merge_with_an_element_that_is_gone_is_refused_in_words(team: SlackTeam) -> None:
    site_with_search_twice(team)
    open_merge(team, "ben", "CO-2")
    choice = ChosenAnswer(element=DF1, fact="encrypted", answer=Answer.NO)
    by = person_id(team, "ana")
    merge = MergeElements(by=by, at=team.now(), element=CO1, into=CO2, answers=(choice,))
    team.command_handler.execute(merge, stream=team.streams[0], key=team.key())
    team.person("ben").choose("Which component is the same?", "Search (CO-1)")
    team.submit("ben")
    assert "CO-1" in " ".join(team.modal("ben", "Merge CO-2").errors.values())


def open_merge(team: SlackTeam, who: str, element: str) -> VisibleView:
    """Open the list of components on the card, and the form that merges one of them."""
    look_through(team, who, "Components (3)", "Components")
    click_beside(team, who, "Merge", element)
    return team.modal(who, f"Merge {element}")


def site_with_search_twice(team: SlackTeam) -> None:
    """“Search” and “Finder” are one; the calls of the shop to them are answered differently."""
    team.start()
    team.person("ana").close()
    ana, at = person_id(team, "ana"), team.now()
    commands: list[Command] = [
        *(AddComponent(by=ana, at=at, name=name) for name in ("Search", "Finder", "Shop")),
        *(AddDataFlow(by=ana, at=at, name="", source=CO3, target=target) for target in (CO2, CO1)),
        *(
            AnswerQuestions(by=ana, at=at, replies=(Reply(element=flow, fact="encrypted", answer=answer),))
            for flow, answer in ((DF1, Answer.NO), (DF2, Answer.YES))
        ),
    ]
    for command in commands:
        team.command_handler.execute(command, stream=team.streams[0], key=team.key())
