"""Whoever asks for a report finds it in the card's thread, and as a canvas where Slack has canvases."""

import json
import re
import time
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec

import pytest
from msgspec.structs import replace

from bot.report import REPORT_FORMATS
from bot.sandbox.api import Canvas, VisibleMessage
from bot.slack.protocol.targets import WordTarget
from bot.slack.screens.page_data import Days, ReportOrder
from bot.slack.ui.messages.file_answers import (
    forms_message,
    ordered_report,
    report_coming,
    report_comment,
    report_order_code,
    report_rejected,
    report_summary,
)
from bot.store.repositories.file_slots import EXPORT_MESSAGE, FileSlots
from domain.commands import AddAsset
from domain.events import AssetAdded
from domain.kernel.elements import PersonId
from domain.register import register
from domain.replay import replay
from tests.examples import at
from tests.formats.export_sources import export_source_named
from tests.report.report_sources import NAMES, REMEDIED
from tests.slack.collected_house import answer_the_screening, create_collected_house
from tests.slack.limit_checks import message_faults
from tests.slack.slack_team import SlackTeam
from tests.slack.view_contents import view_text

SHARE = "files.completeUploadExternal"


def reports(team: SlackTeam) -> list[VisibleMessage]:
    """The messages with a report that are in the thread."""
    return [one for one in thread(team) if one.plain.startswith("Report · TM-1") and one.files]


def summaries(team: SlackTeam) -> list[VisibleMessage]:
    """What is told of reports below them."""
    return [one for one in thread(team) if one.plain.startswith("Summary: The House")]


def thread(team: SlackTeam) -> list[VisibleMessage]:
    return team.person("dee").thread("#house", team.card("The House").ts)


def asked(team: SlackTeam, words: str = "md", who: str = "dee") -> VisibleMessage:
    before = len(summaries(team))
    team.command(who, f"/threatmodel report {words}".strip())
    team.wait(lambda: len(summaries(team)) > before)
    # Slack shows it a moment before the bot has recorded it; until then the person still waits for it.
    team.wait(
        lambda: all(one.external_id or one.final for one in team.unit.deliveries.of_kind(EXPORT_MESSAGE))
    )
    return reports(team)[-1]


def content(team: SlackTeam, shown: VisibleMessage) -> bytes:
    (file,) = shown.files
    return team.sandbox.workspace.files.content(file.id)


def canvases(team: SlackTeam) -> tuple[Canvas, ...]:
    return team.sandbox.workspace.canvases.all()


def test_a_report_comes_into_the_thread_with_what_matters_above_it(team: SlackTeam) -> None:
    answer_the_screening(team, create_collected_house(team))
    shown = asked(team)
    assert "It contains no individual votes" in team.private_message(
        "dee", "will appear in the card's thread"
    )
    assert f"TM-1, version {team.model().version}" in shown.plain
    short = summaries(team)[0].plain
    assert re.search(r"Open\n• \d+ open questions\n• 1 suggested threat", short)
    assert [file.title for file in shown.files] == ["TM-1.report.md"]
    assert content(team, shown).startswith(b"# The House\n")


def test_without_a_word_it_is_a_pdf_or_a_page_where_there_is_none(
    team: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_collected_house(team)
    if find_spec("typst"):
        assert content(team, asked(team, "")).startswith(b"%PDF-")
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    shown = asked(team, "")
    assert shown.files[0].title == "TM-1.report.html"
    assert "the optional PDF package" in shown.plain


def test_the_report_is_one_canvas_that_is_written_again(team: SlackTeam) -> None:
    create_collected_house(team)
    asked(team)
    (canvas,) = canvases(team)
    assert (canvas.title, canvas.channel) == ("TM-1 The House", team.model().channel)
    assert canvas.permalink in json.dumps(summaries(team)[0].blocks)
    assert "Valuables" in canvas.markdown
    kept = team.unit.deliveries.find("canvas/TM-1")
    assert kept is not None, "it is remembered, so that it can be taken away"
    assert kept.external_id == canvas.id
    more = AddAsset(by=PersonId(team.person("ben").id), at=at(0), name="The cat")
    team.command_handler.execute(more, stream=team.streams[0], key=team.key())
    asked(team, "html", "ben")
    (again,) = canvases(team)
    assert again.id == canvas.id
    assert "The cat" in again.markdown
    team.sandbox.workspace.canvases.delete(canvas.id)
    assert canvases(team) == ()
    asked(team)
    assert len(canvases(team)) == 1


@pytest.mark.parametrize("code", ["free_team_canvas_tab_already_exists", "missing_scope", "server_error"])
def test_where_slack_has_no_canvas_the_file_is_enough(team: SlackTeam, code: str) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next("canvases.create", code)
    asked(team)
    assert "canvas" not in summaries(team)[0].plain
    assert code not in "".join(one.plain for one in (*thread(team), *team.person("dee").sees("#house")))


def test_a_lost_answer_makes_no_second_file(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next(SHARE, "answer_lost")
    asked(team)
    time.sleep(0.7)  # longer than it takes to look through everything
    assert len(reports(team)) == len(summaries(team)) == len(canvases(team)) == 1


@pytest.mark.parametrize("trouble", ["dropped", "answer_lost"])
def test_a_summary_whose_answer_was_lost_is_never_missing(team: SlackTeam, trouble: str) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next("chat.postMessage", trouble, about="Summary%3A")
    asked(team)
    posted = {"dropped": 1, "answer_lost": 2}[trouble]
    team.wait(lambda: len(summaries(team)) == posted)
    assert len(reports(team)) == len(canvases(team)) == 1


def test_a_summary_that_slack_takes_later_comes_later(team: SlackTeam) -> None:
    create_collected_house(team)
    team.card("The House")
    team.sandbox.faults.fail_next("chat.postMessage", "ratelimited", retry_after=1, about="Summary%3A")
    asked(team)
    assert len(reports(team)) == len(summaries(team)) == 1
    assert not team.sandbox.faults.active


def test_where_slack_takes_no_files_the_thread_says_who_can_write_it(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next("files.getUploadURLExternal", "file_uploads_disabled", times=9)
    team.command("dee", "/threatmodel report html")

    def words() -> str:
        return "\n".join(one.plain for one in thread(team))

    team.wait(lambda: "Slack refused the file TM-1.report.html (file_uploads_disabled)" in words())
    assert "threatmodel report TM-1 -o TM-1.report.html" in words()


def test_report_and_canvas_go_once_words_of_the_model_are_erased(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first = asked(team).files[0].id
    added = [n for n, one in enumerate(team.store.events(stream), start=1) if isinstance(one, AssetAdded)]
    team.store.erase(stream, added[:1])
    team.wait(lambda: not team.sandbox.workspace.files.there([first]) and not canvases(team))
    team.wait(lambda: summaries(team) == [])
    assert b"Valuables" not in content(team, asked(team))
    assert "Valuables" not in canvases(team)[0].markdown
    team.store.erase_stream(stream)
    team.wait(lambda: not canvases(team))
    team.wait(lambda: FileSlots(team.unit.deliveries).of_model(stream) == [])


def test_another_form_is_offered_and_a_threat_is_reported_by_its_form(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel report docx")
    team.private_message("ben", "There is no report format “docx”")
    offered = next(message for message in team.person("ben").sees("#house") if message.ephemeral)
    team.person("ben").click(offered, "Markdown")
    team.wait(lambda: reports(team))
    team.command("ben", "/threatmodel report a threat")
    team.modal("ben", "Report a threat")


def test_a_report_begins_with_what_has_changed_since_a_day(team: SlackTeam) -> None:
    stream = create_collected_house(team, at=datetime.now(UTC) - timedelta(days=9))
    more = AddAsset(by=PersonId(team.person("ben").id), at=datetime.now(UTC), name="The cat")
    team.command_handler.execute(more, stream=stream, key=team.key())
    shown = asked(team, "md since yesterday", "ben")
    assert ", with what has changed since" in shown.plain
    first = content(team, shown).decode().partition("Summary\n")[0]
    assert re.search(r"Changes since .*The cat \(AS-5\) \| added \|.* Ben \|", first, re.DOTALL)
    past = asked(team, "md as-of yesterday", "ben")
    assert ", as it was at the end of " in past.plain
    assert "The cat" not in content(team, past).decode()
    assert "evaluated with the current rules" in content(team, past).decode()
    both = asked(team, "md since 8 days ago as of yesterday", "ben")
    assert ", as it was at the end of " in both.plain
    assert ", with what has changed since " in both.plain
    assert len(canvases(team)) == 1, "which tells how it is now"
    team.command("ben", "/threatmodel report as-of yesterday since today")
    team.private_message("ben", "The “since” day must be before")
    team.command("ben", "/threatmodel report since 2001-01-01")
    team.private_message("ben", "Choose that day or a later one")
    team.command("ben", "/threatmodel as-of yesterday")
    team.person("ben").click(team.modal("ben", "Past state"), "Report since then")
    team.wait(lambda: len(reports(team)) == 4)
    assert ", with what has changed since" in reports(team)[-1].plain


def test_the_full_report_is_one_press_or_one_word_away(team: SlackTeam) -> None:
    create_collected_house(team)
    short = content(team, asked(team)).decode()
    assert "</a>Gaps" in short
    assert "Appendix" not in short
    team.person("dee").click(summaries(team)[-1], "Full report")
    team.wait(lambda: full_reports(team))
    assert "</a>Appendix: Registers" in content(team, full_reports(team)[-1]).decode()
    team.wait(lambda: len(summaries(team)) == 2)
    assert "Full report" not in [button.label for button in summaries(team)[-1].buttons], "it is the full one"
    team.command("ben", "/threatmodel report full html since yesterday")
    team.wait(lambda: len(full_reports(team)) == 2)
    assert ", with what has changed since" in full_reports(team)[-1].plain
    assert full_reports(team)[-1].files[0].title == "TM-1.report.html"


def full_reports(team: SlackTeam) -> list[VisibleMessage]:
    return [one for one in thread(team) if one.plain.startswith("Full report · TM-1") and one.files]


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("days", [Days(), Days(date(2026, 3, 2)), Days(date(2026, 3, 2), date(2026, 3, 9))])
def test_an_order_is_read_as_it_was_written(days: Days, *, full: bool) -> None:
    order = ReportOrder(form="html", days=days, full=full)
    assert ordered_report(report_order_code(order)) == order


def test_more_has_a_button_for_it(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("ben").click(team.card("The House"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Report")
    team.wait(lambda: reports(team))


def test_the_summary_tells_the_worst_the_first_due_and_what_is_open() -> None:
    known = register(replay(REMEDIED), now=at(60 * 24 * 30))
    said = view_text(report_summary(known, lambda person: NAMES.get(person, person)))
    assert "Due next\n• A chain on the door · MI-2 · ⚠ overdue since 6 March 2026 · Dee" in said
    assert "Open\n• 3 threats: 3 unscored\n• 1 threat without a response" in said
    assert "• 1 risk acceptance waiting for approval" in said
    worst = view_text(report_summary(export_source_named("web-shop").register, str))
    assert "Highest risks\n• Injection into database queries: Shop pages · TH-2 · Critical 8.8\n" in worst


def test_above_the_file_there_are_no_words_of_people_as_they_stay_when_it_goes() -> None:
    known = replace(export_source_named("web-shop").register, name="Secret")
    assert "Secret" not in report_comment(known, ReportOrder(form="md", days=Days(date(2026, 3, 2))))


def test_what_is_said_of_reports_keeps_to_what_slack_takes() -> None:
    known = export_source_named("web-shop").register
    said = [forms_message(known, WordTarget(stream="T0SANDBOX/TM-1"), "<!channel>" * 99)]
    said += [report_coming(known, one, "https://x.example") for one in REPORT_FORMATS.values()]
    said += [report_rejected(known, "TM-1.report.pdf", "file_uploads_disabled")]
    assert [message_faults(one) for one in said] == [[] for _ in said]
    assert "<!channel>" not in json.dumps([one.blocks for one in said])
    assert (
        message_faults(
            report_summary(known, lambda _: "<!channel>" * 300, canvas="https://x.example/docs/T0/F0")
        )
        == []
    )
