"""What `/threatmodel` answers to each of its words."""

import re

import pytest

from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from domain.commands import BeginAnalysis
from domain.kernel.elements import ElementId, Kind
from domain.lifecycle import phase_of
from domain.register import register
from tests.slack.collected_house import answer_the_screening, create_collected_house
from tests.slack.question_steps import answer_one
from tests.slack.remediation_steps import execute_commands
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id


@pytest.mark.parametrize("line", ["/threatmodel", "/threatmodel help", "/threatmodel  HELP "])
def test_help_lists_every_word_for_the_asker_alone(team: SlackTeam, line: str) -> None:
    team.command("ben", line)
    said = team.private_message("ben", "followed by a command")
    for word in set(SLASH_WORDS) - {"help"}:
        assert re.search(rf"^{word}\b", said, re.MULTILINE), word
    assert team.private_messages("ana") == []


def test_a_button_of_the_help_does_what_its_word_does(team: SlackTeam) -> None:
    team.command("ben", "/threatmodel help")
    help_message = next(
        message for message in team.person("ben").sees("#house") if "followed by a command" in message.plain
    )
    team.read_channel()
    team.person("ben").click(help_message, "Start")
    team.modal("ben", "New threat model")


def test_a_word_like_no_other_is_answered_with_help(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ben", "/threatmodel <!channel> xyzzy")
    said = team.private_message("ben", "is not a command")
    assert "@channel" not in said


def test_start_takes_the_name_along(team: SlackTeam) -> None:
    team.command("ana", "/threatmodel start The House & garage")
    form = team.modal("ana", "New threat model")
    assert form.values["Name"] == "The House & garage"
    assert form.values["Facilitator"] == team.person("ana").id


@pytest.mark.parametrize("word", ["status", "add", "questions", "history", "undo", "list"])
def test_where_there_is_no_model_yet_every_word_says_how_to_start(team: SlackTeam, word: str) -> None:
    team.read_channel()
    team.command("ben", f"/threatmodel {word}")
    team.private_message("ben", "No threat model in this channel yet")


def test_status_gives_a_copy_with_a_link_to_the_card(team: SlackTeam) -> None:
    team.start()
    card = team.card("TM-1")
    team.wait(lambda: team.unit.cards.all()[0].ts == card.ts)
    team.command("ben", "/threatmodel status")
    said = team.private_message("ben", "The House · TM-1")
    assert "Go to the card" in said
    copy = next(message for message in team.person("ben").sees("#house") if message.ephemeral)
    (link,) = [one for block in copy.blocks for one in block.get("elements", []) if "url" in one]
    assert link["url"].endswith(f"/archives/{card.channel}/p{card.ts.replace('.', '')}")
    team.person("ben").click(copy, "Add external dependency")
    team.modal("ben", "Add external dependency")
    assert len(team.cards()) == 1


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("asset", "Add asset"),
        ("entry point", "Add entry point"),
        ("entrypoints", "Add entry point"),
        ("dependency", "Add external dependency"),
        ("trust levle", "Add trust level"),
        ("boundary", "Add trust boundary"),
        ("assumption", "Add assumption"),
        ("", "Lists"),
    ],
)
def test_add_opens_the_form_of_the_register(team: SlackTeam, typed: str, title: str) -> None:
    team.start()
    team.command("ben", f"/threatmodel add {typed}")
    team.modal("ben", title)


def test_questions_says_when_there_is_none(team: SlackTeam) -> None:
    team.start()
    team.command("ben", "/threatmodel questions")
    team.private_message("ben", "There are no open questions")


def test_questions_are_answered_in_a_checklist_that_says_why(team: SlackTeam) -> None:
    answer_the_screening(team, create_collected_house(team))
    team.command("ben", "/threatmodel questions")
    form = team.modal("ben", "Open questions")
    assert "Front door" in form.plain
    assert "Why? Anyone who can reach the receiver" in form.plain
    open_questions = len(register(team.model()).questions)
    answer_one_by_one(team, "No")
    found = register(team.model())
    assert "S01" in [suggested_threat.rule.id for suggested_threat in found.suggested_threats]
    assert len(found.questions) == open_questions - 1
    team.card(f"{found.question_progress.settled} of {found.question_progress.total} questions answered")


def answer_one_by_one(team: SlackTeam, answer: str) -> None:
    """Ben answers whether callers of the front door are authenticated, on the page of that question alone."""
    ben = team.person("ben")
    ben.click(team.modal("ben", "Open questions"), action_id="open:answers-caller_authenticated")
    answer_one(team, "ben", "EP-1/caller_authenticated", answer)
    team.submit("ben")
    team.wait(lambda: (ElementId("EP-1"), "caller_authenticated") in team.model().facts)


def test_dont_know_is_an_answer_and_keeps_the_question_listed(team: SlackTeam) -> None:
    create_collected_house(team)
    before = len(register(team.model()).questions)
    team.command("ben", "/threatmodel questions")
    answer_one_by_one(team, "Don't know")
    asked = register(team.model()).questions
    assert len(asked) == before
    assert [one.element for one in asked if one.answered_unknown] == ["EP-1"]


def test_history_shows_authors_and_contents(team: SlackTeam) -> None:
    team.start()
    add_an_entry_point(team)
    team.command("chi", "/threatmodel history")
    page = team.modal("chi", "History")
    assert "added the entry point “Front door”" in page.plain
    assert "Ana" in page.plain or "ana" in page.plain


def test_undo_takes_back_ones_own_last_answer_and_only_that(team: SlackTeam) -> None:
    team.start()
    add_an_entry_point(team, "ben", "Front door")
    add_an_entry_point(team, "chi", "Back door")
    team.command("ben", "/threatmodel undo")
    team.private_message("ben", "Front door")
    assert team.names() == {"Back door"}
    team.command("ben", "/threatmodel undo")
    team.private_message("ben", "no change left to undo")
    assert team.names() == {"Back door"}


def test_undo_after_a_phase_change_says_which_older_change_it_would_revert_and_that_the_phase_stays(
    team: SlackTeam,
) -> None:
    team.start()
    add_an_entry_point(team, "ana", "Front door")
    ana = person_id(team, "ana")
    execute_commands(team, BeginAnalysis(by=ana, at=team.now(), reason="we know it well"))
    before = team.model().version
    team.command("ana", "/threatmodel undo")
    said = team.private_message("ana", "This change is undone: you added the entry point “Front door”")
    assert "cannot be undone and stays: you moved to analysis" in said
    assert team.model().version == before, "nothing is undone before it is confirmed"
    asked = [message for message in team.person("ana").sees("#house") if "Front door" in message.plain][-1]
    team.person("ana").click(asked, "Undo")
    team.wait(lambda: not team.names())
    assert phase_of(team.model().step) == "analysis"


def test_the_history_asks_about_the_change_that_undo_would_revert(team: SlackTeam) -> None:
    team.start()
    add_an_entry_point(team, "ana", "Front door")
    ana = person_id(team, "ana")
    execute_commands(team, BeginAnalysis(by=ana, at=team.now(), reason="we know it well"))
    team.command("ana", "/threatmodel history")
    asked = str(team.modal("ana", "History").blocks)
    assert "you added the entry point “Front door”" in asked
    assert "stays: you moved to analysis" in asked
    team.person("ana").close()
    team.command("chi", "/threatmodel history")
    assert "Undo my last change" not in [button.label for button in team.modal("chi", "History").buttons]


def test_list_shows_every_model_of_the_channel(team: SlackTeam) -> None:
    team.start(name="The House")
    team.person("ana").close()
    team.start(name="The Garden")
    team.command("ben", "/threatmodel list")
    said = team.private_message("ben", "2 threat models in this channel")
    assert "The House · TM-1" in said
    assert "The Garden · TM-2" in said


def test_where_there_are_several_models_a_word_asks_which_one(team: SlackTeam) -> None:
    team.start(name="The House")
    team.person("ana").close()
    team.start(name="The Garden")
    team.command("ben", "/threatmodel add asset")
    asked = next(message for message in team.person("ben").sees("#house") if "Choose one" in message.plain)
    team.person("ben").click(asked, "TM-2 The Garden")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Roses")
    team.submit("ben")
    assert [one.name for one in team.model(1).of_kind(Kind.ASSET)] == ["Roses"]


def test_a_key_says_which_one(team: SlackTeam) -> None:
    team.start(name="The House")
    team.person("ana").close()
    team.start(name="The Garden")
    team.command("ben", "/threatmodel status tm-2")
    assert "The Garden" in team.private_message("ben", "TM-2")
    team.command("ben", "/threatmodel add asset TM-1")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Valuables")
    team.submit("ben")
    assert [one.name for one in team.model(0).of_kind(Kind.ASSET)] == ["Valuables"]


def test_a_key_of_nothing_here_is_said_so(team: SlackTeam) -> None:
    team.start()
    team.command("ben", "/threatmodel status TM-9")
    team.private_message("ben", "There is no threat model TM-9 in this channel")


def test_a_mistyped_key_offers_the_nearest_and_keeps_what_was_asked(team: SlackTeam) -> None:
    team.start(name="The House")
    team.person("ana").close()
    team.command("ben", "/threatmodel add asset TM-10")
    team.private_message("ben", "There is no threat model TM-10 in this channel. Did you mean TM-1?")
    said = next(message for message in team.person("ben").sees("#house") if "Did you mean" in message.plain)
    team.person("ben").click(said, "TM-1 The House")
    team.modal("ben", "Add asset")


@pytest.mark.parametrize("typed", ["tm1", "TM 1", "tm_1", "TM-1"])
def test_a_key_is_read_however_it_is_written(team: SlackTeam, typed: str) -> None:
    team.start(name="The House")
    team.command("ben", f"/threatmodel status {typed}")
    team.private_message("ben", "The House · TM-1")


def test_anyone_who_is_looked_up_first_sees_the_answer_alone(team: SlackTeam) -> None:
    team.start(name="The House")
    team.person("ana").close()
    team.person("eve").join("#house")
    team.command("eve", "/threatmodel status")
    team.private_message("eve", "The House · TM-1")
    assert not [one for one in team.private_messages("eve") if "Checking that you are a member" in one]


def test_a_closed_model_leaves_the_word_to_the_open_one(team: SlackTeam) -> None:
    team.start(name="The House")
    team.person("ana").close()
    close(team)
    team.start(name="The Garden")
    team.command("ben", "/threatmodel status")
    assert "The Garden" in team.private_message("ben", "TM-2")


def test_the_shortcut_asks_for_the_channel(team: SlackTeam) -> None:
    team.read_channel()
    team.person("ana").shortcut("start_threat_model")
    team.modal("ana", "New threat model")
    team.person("ana").choose("Channel", "#house")
    team.person("ana").fill("Name", "The House")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    assert "The House" in team.card("TM-1").plain


def add_an_entry_point(team: SlackTeam, who: str = "ana", name: str = "Front door") -> None:
    team.command(who, "/threatmodel add entry point")
    team.modal(who, "Add entry point")
    team.person(who).fill("Name", name)
    team.submit(who)
    assert name in team.names()


def close(team: SlackTeam) -> None:
    team.person("ana").click(team.card("TM-1"), "More…")
    team.person("ana").click(team.modal("ana", "More"), "Close the model")
    team.modal("ana", "Close the model")
    team.explain_conditions("ana", "It was only a try")
    team.submit("ana")
    team.card("Closed")
    team.person("ana").close(all_of_them=True)
