"""Help, the nearest word, and the choice among several models."""

import json
import re
from datetime import date

import pytest
from msgspec.structs import replace

from bot.sandbox.api import VisibleMessage, nested_objects
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.handlers.slash_commands.slash_word import nearest_word, take_word
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.targets import Target, WordTarget, decode_target
from bot.slack.screens.page_data import ModelListItem
from bot.slack.ui.messages.help_messages import help_message, opening_help, unknown_word
from bot.slack.ui.messages.model_choice_messages import model_list, model_picker, unknown_key
from bot.slack.ui.modals.modal_registry import PAGES
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
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, ElementId, Kind, ModelKey
from domain.register import register
from domain.replay import replay
from tests.examples import at, house
from tests.slack.slack_team import SlackTeam
from tests.slack.view_contents import CHANNEL, button_named, buttons_of, render_page, view_text


def lines(count: int) -> list[ModelListItem]:
    return [
        ModelListItem(
            stream=f"T0SANDBOX/TM-{number}",
            key=ModelKey(f"TM-{number}"),
            name=f"System {number}",
            phase="closed" if number == 1 else "collection",
            next="Place 3 components",
        )
        for number in range(1, count + 1)
    ]


def chosen(view: Message) -> list[WordTarget]:
    """What the buttons and menus of a message stand for."""
    options = [one["value"] for one in nested_objects(view.blocks) if set(one) == {"text", "value"}]
    return [
        decode_target(value, lambda _: WordTarget)
        for value in (*(button["value"] for button in buttons_of(view)), *options)
    ]


def test_help_has_a_button_for_every_word() -> None:
    assert {one.name for one in chosen(help_message(CHANNEL, SLASH_WORDS.values()))} == set(SLASH_WORDS) - {
        "help"
    }
    assert all(
        f"`{word}" in view_text(help_message(CHANNEL, SLASH_WORDS.values()))
        for word in SLASH_WORDS
        if word != "help"
    )
    assert {one.channel for one in chosen(help_message(CHANNEL, SLASH_WORDS.values()))} == {CHANNEL}


def test_every_word_is_described_and_stands_in_one_group() -> None:
    assert [name for name, word in SLASH_WORDS.items() if word.group is None] == ["help"]
    for name, word in SLASH_WORDS.items():
        assert word.does.endswith("."), name
        assert word.button_label[:1].isupper(), name
        assert (word.typed or word.name).startswith(name), name


def test_no_two_words_go_by_the_same_name() -> None:
    names = [name for word in SLASH_WORDS.values() for name in (word.name, *word.aliases)]
    assert sorted(names) == sorted(set(names))
    assert all(name == name.lower() for name in names)


def test_where_there_is_no_model_one_button_starts_one() -> None:
    assert [one.name for one in chosen(opening_help(CHANNEL))] == ["start", "help"]
    assert button_named(opening_help(CHANNEL), "Start")["style"] == "primary"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("statsu", "status"),
        ("HELP", "help"),
        ("qestion", "questions"),
        ("new", "start"),
        ("as-fo", "as-of"),
        ("setings", "settings"),
        ("round", "vote"),
        ("rate", "vote"),
        ("open", "vote"),
        ("xyzzy", None),
    ],
)
def test_the_nearest_word_is_found(typed: str, meant: str | None) -> None:
    near = nearest_word(typed, SLASH_WORDS)
    assert (near and near.name) == meant


def test_an_unknown_word_is_answered_with_a_button_for_the_nearest() -> None:
    here = Target(channel=CHANNEL)

    def answer_to(typed: str) -> Message:
        return unknown_word(typed, nearest_word(typed, SLASH_WORDS), here)

    assert "“<!channel>” is not a command" in view_text(answer_to("<!channel>"))
    assert [one.name for one in chosen(answer_to("stauts"))] == ["status", "help"]
    assert [one.name for one in chosen(answer_to("hlep"))] == ["help"]
    assert [one.name for one in chosen(answer_to("xyzzy"))] == ["help"]


@pytest.mark.parametrize(
    ("typed", "word", "rest"),
    [
        ("as of 20 November", "as-of", "20 November"),
        ("asof yesterday", "as-of", "yesterday"),
        ("Time Travel last week", "as-of", "last week"),
        ("date", "as-of", ""),
        ("hours", "settings", ""),
        ("config", "settings", ""),
        ("shortcut", "help", ""),
        ("asoftware", "asoftware", ""),
        ("revert", "revert", ""),
        ("", "help", ""),
    ],
)
def test_a_word_by_another_name_is_meant_at_once_unless_it_would_change_something(
    typed: str, word: str, rest: str
) -> None:
    assert take_word(typed, SLASH_WORDS) == (word, rest)


def test_a_mistyped_key_is_answered_with_the_nearest_there_is() -> None:
    near = next(line for line in lines(9) if line.key == "TM-7")
    asked = unknown_key("TM-70", near, WordTarget(name="as-of", channel=CHANNEL, day=date(2026, 11, 20)))
    assert "no threat model TM-70 in this channel. Did you mean TM-7?" in view_text(asked)
    meant = chosen(asked)[0]
    assert (meant.name, meant.stream, meant.day) == ("as-of", near.stream, date(2026, 11, 20))


@pytest.mark.parametrize("count", [1, 5, 40])
def test_every_model_of_a_channel_can_be_chosen_the_open_ones_first(count: int) -> None:
    wanted = [f"T0SANDBOX/TM-{number}" for number in [*range(2, count + 1), 1]]
    listed = [one for one in chosen(model_list(lines(count), CHANNEL)) if one.name == "status"]
    assert [one.stream for one in listed] == wanted
    picked = chosen(model_picker(Target(name="add", channel=CHANNEL, kind=Kind.ASSET), lines(count)))
    assert [(one.name, one.stream, one.kind) for one in picked] == [
        ("add", one, Kind.ASSET) for one in wanted
    ]


def test_models_that_do_not_fit_can_still_be_named() -> None:
    said = view_text(model_list(lines(150), CHANNEL))
    assert re.search(r"\d+ more are not shown\. Add a key to the command: `/threatmodel status TM-1`", said)


def test_views_carry_ids_alone_and_no_words_of_people() -> None:
    model = replace(replay(house()), name="Secret project")
    for page in set(PAGES) - {"response"}:  # which is about a threat
        view = render_page(page, register(model), kind=Kind.ASSET, history=timeline(house()))
        carried = json.dumps([view["private_metadata"], *(button["value"] for button in buttons_of(view))])
        assert "Secret" not in carried
        assert "Valuables" not in carried


@pytest.mark.parametrize(
    ("typed", "kind", "names"),
    [
        ("asset Backup tapes", Kind.ASSET, ["Backup tapes"]),
        ("Assets: Backup tapes", Kind.ASSET, ["Backup tapes"]),
        ("entry point OIDC callback", Kind.ENTRY_POINT, ["OIDC callback"]),
        ("dependency payments-api", Kind.EXTERNAL_DEPENDENCY, ["payments-api"]),
        ("external dependency payments-api", Kind.EXTERNAL_DEPENDENCY, ["payments-api"]),
        ("component Job queue", Kind.COMPONENT, ["Job queue"]),
        ("trust level Support staff", Kind.TRUST_LEVEL, ["Support staff"]),
        ("boundary Private subnet", Kind.TRUST_BOUNDARY, ["Private subnet"]),
        ("aset Backup tapes", Kind.ASSET, ["Backup tapes"]),
        ("asset\nBackup tapes\nAudit log", Kind.ASSET, ["Backup tapes", "Audit log"]),
        ("asset <!channel> & *keys*", Kind.ASSET, ["<!channel> & *keys*"]),
        ("flow Browser -> API: orders via HTTPS", Kind.DATA_FLOW, ["Browser → API: orders"]),
        ("Browser -> API: orders", Kind.DATA_FLOW, ["Browser → API: orders"]),
    ],
)
def test_add_with_a_name_adds_it(team: SlackTeam, typed: str, kind: Kind, names: list[str]) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", f"/threatmodel add {typed}")
    team.private_message("ben", "✓ You added")
    items = register(team.model()).items(kind)
    assert [item.name for item in items] == names
    assert team.person("ben").modal is None


def test_what_was_added_by_a_word_can_be_described_from_there_and_is_added_once(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.sandbox.faults.repeats = 1
    team.command("ben", "/threatmodel add asset Backup tapes")
    team.private_message("ben", "✓ You added the asset “Backup tapes” (AS-1)")
    added = next(message for message in team.person("ben").sees("#house") if "You added" in message.plain)
    team.person("ben").click(added, "Add details")
    assert team.modal("ben", "Revise asset").values["Name"] == "Backup tapes"
    assert len(register(team.model()).items(Kind.ASSET)) == 1


def test_a_name_that_is_there_already_is_refused_in_words(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add asset Backup tapes")
    team.private_message("ben", "✓ You added")
    team.command("chi", "/threatmodel add asset backup tapes")
    team.private_message("chi", "All of these elements already exist.")


def test_a_flow_that_cannot_be_read_comes_back_in_its_form(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add flow Browser to API")
    form = team.modal("ben", "Add data flows")
    assert "the line has no arrow" in form.plain
    assert form.values["Data flows"] == "Browser to API"
    assert not register(team.model()).items(Kind.DATA_FLOW)


def test_what_has_no_kind_is_asked_about_and_not_lost(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add zebra crossing")
    said = team.private_message("ben", "Enter the type of “zebra crossing”")
    assert "/threatmodel add asset zebra crossing" in said


@pytest.mark.parametrize(
    ("typed", "title", "words"),
    [
        ("threat Forged webhook", "Report a threat", "Forged webhook"),
        ("assumption The network is trusted", "Add assumption", "The network is trusted"),
    ],
)
def test_what_needs_more_than_a_name_opens_its_form_with_the_words(
    team: SlackTeam, typed: str, title: str, words: str
) -> None:
    team.start()
    team.command("ben", f"/threatmodel add {typed}")
    assert words in team.modal("ben", title).values.values()


def test_where_there_are_several_models_what_is_added_needs_a_key_and_is_repeated(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.start(name="The shed")
    team.person("ana").close()
    team.command("ben", "/threatmodel add asset Backup tapes")
    assert "/threatmodel add TM-2 asset Backup tapes" in team.private_message(
        "ben", "There are 2 models here"
    )
    team.command("ben", "/threatmodel add TM-2 asset Copy of TM-1 tapes")
    team.private_message("ben", "✓ You added the asset “Copy of TM-1 tapes” (AS-1)")
    assert [element.name for element in team.model(1).elements.values()] == ["Copy of TM-1 tapes"]


@pytest.mark.parametrize(
    ("word", "named"),
    [("remove", "AS-1"), ("delete", "as-1"), ("rm", "Backup tapes"), ("Delete", "“backup tapes”")],
)
def test_remove_leads_to_the_page_of_the_element_and_removes_nothing(
    team: SlackTeam, word: str, named: str
) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add asset\nBackup tapes\nAudit log")
    team.command("ben", f"/threatmodel {word} {named}")
    page = team.modal("ben", "Assets")
    assert "Backup tapes" in page.plain
    assert "Audit log" not in page.plain
    assert len(register(team.model()).items(Kind.ASSET)) == 2
    team.person("ben").click(page, "Remove")
    team.wait(lambda: "Audit log" in team.modal("ben", "Assets").plain)
    assert [one.name for one in register(team.model()).items(Kind.ASSET)] == ["Audit log"]


def test_remove_of_what_is_not_there_changes_nothing_and_leads_to_the_lists(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    before = team.model().version
    team.command("ben", "/threatmodel delete everything")
    team.private_message("ben", "“everything” is not in this model.")
    team.command("ben", "/threatmodel remove")
    team.modal("ben", "Lists")
    assert team.model().version == before


@pytest.mark.parametrize("rest", ["everything", "the last three"])
def test_undo_with_more_than_the_word_asks_first(team: SlackTeam, rest: str) -> None:
    team.start()
    team.person("ana").close()
    team.command("ana", "/threatmodel add asset Backup tapes")
    before = team.model().version
    team.command("ana", f"/threatmodel undo {rest}")
    team.private_message("ana", "Undo reverts your changes one at a time.")
    assert team.model().version == before
    asked = [message for message in team.person("ana").sees("#house") if "one at a time" in message.plain][-1]
    team.person("ana").click(asked, "Undo")
    team.wait(lambda: not team.names())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("as-of the day before the fire", "“the day before the fire” is not a date."),
        ("report pdf since Smarch 3", "“Smarch 3” is not a date."),
        ("report as-of 2026-02-30", "“2026-02-30” is not a date."),
        ("export csv as-of yesterday", "shows the current model only"),
        ("diagram since Monday", "shows the current model only"),
        ("close as of tomorrow", "shows the current model only"),
    ],
)
def test_a_day_that_cannot_be_used_is_refused_before_anything_is_run(
    team: SlackTeam, typed: str, sentence: str
) -> None:
    team.start()
    team.person("ana").close()
    before = team.model().version
    team.command("ben", f"/threatmodel {typed}")
    team.private_message("ben", sentence)
    assert team.model().version == before
    assert team.person("ben").modal is None


def test_an_unknown_word_with_something_after_it_is_asked_about(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel dat AS-3")
    team.private_message("ben", "“dat” is not a command.")


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("add asset", "Add asset"),
        ("add", "Lists"),
        ("start The Garden", "New threat model"),
        ("history", "History"),
        ("threats", "Threats"),
        ("as of", "View past state"),
        ("as-of today", "Past state"),
        ("settings", "Settings"),
        ("close", "Close the model"),
    ],
)
def test_what_would_open_a_form_is_answered_with_a_button_that_opens_it(
    team: SlackTeam, said: str, title: str
) -> None:
    started(team)
    answer = mention(team, "ana", said)
    assert "Press the button to open" in answer.plain
    team.person("ana").click(answer, title)
    team.modal("ana", title)


def test_a_mistyped_word_is_answered_with_the_nearest(team: SlackTeam) -> None:
    started(team)
    assert "Did you mean settings?" in mention(team, "ben", "setings").plain


def test_in_the_thread_of_a_card_its_model_is_meant(team: SlackTeam) -> None:
    started(team)
    first = team.card("The House")
    team.start("ana", "The Garden")
    team.person("ana").close()
    team.card("The Garden")
    ben = team.person("ben")
    ben.say("#house", "@threatmodel status", thread=first.ts)
    team.wait(lambda: [one for one in ben.thread("#house", first.ts) if one.ephemeral])
    said = next(one for one in ben.thread("#house", first.ts) if one.ephemeral)
    assert "The House · TM-1" in said.plain
    assert "Choose one" in mention(team, "ben", "status").plain


def started(team: SlackTeam) -> None:
    team.start("ana", "The House")
    team.person("ana").close()
    team.card("TM-1")


def mention(team: SlackTeam, who: str, words: str) -> VisibleMessage:
    """Write to the bot in the channel; what it answers that person alone."""
    before = len(team.private_messages(who))
    team.person(who).say("#house", f"@threatmodel {words}")
    team.wait(lambda: len(team.private_messages(who)) > before)
    return [message for message in team.person(who).sees("#house") if message.ephemeral][-1]


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
