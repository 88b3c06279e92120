"""What `/threatmodel` answers to each of its words."""

import re

import pytest

from bot.slack.handlers.slash_commands.command_table import WORDS
from domain.kernel.elements import Kind
from domain.register import register
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot


@pytest.mark.parametrize("line", ["/threatmodel", "/threatmodel help", "/threatmodel  HELP "])
def test_help_lists_every_word_for_the_asker_alone(there: RunningBot, line: str) -> None:
    there.command("ben", line)
    said = there.told("ben", "step by step")
    for word in set(WORDS) - {"help"}:
        assert re.search(rf"^{word}\b", said, re.MULTILINE), word
    assert there.whispers("ana") == []


def test_a_button_of_the_help_does_what_its_word_does(there: RunningBot) -> None:
    there.command("ben", "/threatmodel help")
    help_message = next(one for one in there.person("ben").sees("#house") if "step by step" in one.plain)
    there.know()
    there.person("ben").click(help_message, "Start")
    there.modal("ben", "New threat model")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("stats", "status"), ("hystory", "history"), ("strat", "start"), ("qestions", "questions")],
)
def test_an_unknown_word_is_answered_with_the_nearest(there: RunningBot, typed: str, meant: str) -> None:
    there.know()
    there.command("ben", f"/threatmodel {typed}")
    assert f"Did you mean {meant}?" in there.told("ben", f"I do not know “{typed}”")


def test_a_word_like_no_other_is_answered_with_help(there: RunningBot) -> None:
    there.know()
    there.command("ben", "/threatmodel <!channel> xyzzy")
    said = there.told("ben", "I do not know")
    assert "@channel" not in said


def test_start_takes_the_name_along(there: RunningBot) -> None:
    there.command("ana", "/threatmodel start The House & garage")
    form = there.modal("ana", "New threat model")
    assert form.values["Name"] == "The House & garage"
    assert form.values["Facilitator"] == there.person("ana").id


@pytest.mark.parametrize("word", ["status", "add", "questions", "history", "undo", "list"])
def test_where_there_is_no_model_yet_every_word_says_how_to_start(there: RunningBot, word: str) -> None:
    there.know()
    there.command("ben", f"/threatmodel {word}")
    there.told("ben", "No threat model in this channel yet")


def test_status_gives_a_copy_with_a_link_to_the_card(there: RunningBot) -> None:
    there.start()
    card = there.card("TM-1")
    there.wait(lambda: there.unit.cards.all()[0].ts == card.ts)
    there.command("ben", "/threatmodel status")
    said = there.told("ben", "The House · TM-1")
    assert "Go to the card" in said
    copy = next(one for one in there.person("ben").sees("#house") if one.ephemeral)
    (link,) = [one for block in copy.blocks for one in block.get("elements", []) if "url" in one]
    assert link["url"].endswith(f"/archives/{card.channel}/p{card.ts.replace('.', '')}")
    there.person("ben").click(copy, "Add")
    there.modal("ben", "Add external dependency")
    assert len(there.cards()) == 1


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
def test_add_opens_the_form_of_the_register(there: RunningBot, typed: str, title: str) -> None:
    there.start()
    there.command("ben", f"/threatmodel add {typed}")
    there.modal("ben", title)


def test_questions_says_when_there_is_none(there: RunningBot) -> None:
    there.start()
    there.command("ben", "/threatmodel questions")
    there.told("ben", "There is no open question just now")


def test_questions_are_answered_in_a_checklist_that_says_why(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("ben", "/threatmodel questions")
    form = there.modal("ben", "Open questions")
    assert "Front door" in form.plain
    assert "Why? Whoever is let in unasked" in form.plain
    open_questions = len(register(there.model()).questions)
    there.person("ben").choose("answer/EP-1/caller_authenticated", "No")
    there.submit("ben")
    found = register(there.model())
    assert "S01" in [one.rule.id for one in found.candidates]
    assert len(found.questions) == open_questions - 1
    there.card(f"{open_questions - 1} open question")


def test_dont_know_is_an_answer_and_keeps_the_question_listed(there: RunningBot) -> None:
    create_collected_house(there)
    before = len(register(there.model()).questions)
    there.command("ben", "/threatmodel questions")
    there.modal("ben", "Open questions")
    there.person("ben").choose("answer/EP-1/caller_authenticated", "Don't know")
    there.submit("ben")
    asked = register(there.model()).questions
    assert len(asked) == before
    assert [one.element for one in asked if one.said_unknown] == ["EP-1"]


def test_history_tells_who_said_what(there: RunningBot) -> None:
    there.start()
    add_an_entry_point(there)
    there.command("chi", "/threatmodel history")
    page = there.modal("chi", "History")
    assert "added the entry point “Front door”" in page.plain
    assert "Ana" in page.plain or "ana" in page.plain


def test_undo_takes_back_ones_own_last_answer_and_only_that(there: RunningBot) -> None:
    there.start()
    add_an_entry_point(there, "ben", "Front door")
    add_an_entry_point(there, "chi", "Back door")
    there.command("ben", "/threatmodel undo")
    there.told("ben", "Front door")
    assert there.names() == {"Back door"}
    there.command("ben", "/threatmodel undo")
    there.told("ben", "no answer of yours left")
    assert there.names() == {"Back door"}


def test_list_shows_every_model_of_the_channel(there: RunningBot) -> None:
    there.start(name="The House")
    there.person("ana").close()
    there.start(name="The Garden")
    there.command("ben", "/threatmodel list")
    said = there.told("ben", "2 threat models in this channel")
    assert "The House · TM-1" in said
    assert "The Garden · TM-2" in said


def test_where_there_are_several_models_a_word_asks_which_one(there: RunningBot) -> None:
    there.start(name="The House")
    there.person("ana").close()
    there.start(name="The Garden")
    there.command("ben", "/threatmodel add asset")
    asked = next(one for one in there.person("ben").sees("#house") if "Which one do you mean" in one.plain)
    there.person("ben").click(asked, "TM-2 The Garden")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "Roses")
    there.submit("ben")
    assert [one.name for one in there.model(1).of_kind(Kind.ASSET)] == ["Roses"]


def test_a_key_says_which_one(there: RunningBot) -> None:
    there.start(name="The House")
    there.person("ana").close()
    there.start(name="The Garden")
    there.command("ben", "/threatmodel status tm-2")
    assert "The Garden" in there.told("ben", "TM-2")
    there.command("ben", "/threatmodel add asset TM-1")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "Valuables")
    there.submit("ben")
    assert [one.name for one in there.model(0).of_kind(Kind.ASSET)] == ["Valuables"]


def test_a_key_of_nothing_here_is_said_so(there: RunningBot) -> None:
    there.start()
    there.command("ben", "/threatmodel status TM-9")
    there.told("ben", "There is no threat model TM-9 in this channel")


def test_a_mistyped_key_offers_the_nearest_and_keeps_what_was_asked(there: RunningBot) -> None:
    there.start(name="The House")
    there.person("ana").close()
    there.command("ben", "/threatmodel add asset TM-10")
    there.told("ben", "There is no threat model TM-10 in this channel. Did you mean TM-1?")
    said = next(one for one in there.person("ben").sees("#house") if "Did you mean" in one.plain)
    there.person("ben").click(said, "TM-1 The House")
    there.modal("ben", "Add asset")


@pytest.mark.parametrize("typed", ["tm1", "TM 1", "tm_1", "TM-1"])
def test_a_key_is_read_however_it_is_written(there: RunningBot, typed: str) -> None:
    there.start(name="The House")
    there.command("ben", f"/threatmodel status {typed}")
    there.told("ben", "The House · TM-1")


def test_whoever_is_looked_up_first_sees_the_answer_alone(there: RunningBot) -> None:
    there.start(name="The House")
    there.person("ana").close()
    there.person("eve").join("#house")
    there.command("eve", "/threatmodel status")
    there.told("eve", "The House · TM-1")
    assert not [one for one in there.whispers("eve") if "One moment" in one]


def test_a_closed_model_leaves_the_word_to_the_open_one(there: RunningBot) -> None:
    there.start(name="The House")
    there.person("ana").close()
    close(there)
    there.start(name="The Garden")
    there.command("ben", "/threatmodel status")
    assert "The Garden" in there.told("ben", "TM-2")


def test_the_shortcut_asks_for_the_channel(there: RunningBot) -> None:
    there.know()
    there.person("ana").shortcut("start_threat_model")
    there.modal("ana", "New threat model")
    there.person("ana").choose("Channel", "#house")
    there.person("ana").fill("Name", "The House")
    there.submit("ana")
    there.modal("ana", "Name what there is")
    assert "The House" in there.card("TM-1").plain


def add_an_entry_point(there: RunningBot, who: str = "ana", name: str = "Front door") -> None:
    there.command(who, "/threatmodel add entry point")
    there.modal(who, "Add entry point")
    there.person(who).fill("Name", name)
    there.submit(who)
    assert name in there.names()


def close(there: RunningBot) -> None:
    there.person("ana").click(there.card("TM-1"), "More…")
    there.person("ana").click(there.modal("ana", "More"), "Close the model")
    there.modal("ana", "Close the model")
    there.explain_gates("ana", "It was only a try")
    there.submit("ana")
    there.card("Closed")
    there.person("ana").close(all_of_them=True)
