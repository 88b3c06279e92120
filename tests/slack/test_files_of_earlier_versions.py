"""The bot on a file from before the files of models were slots: it posts what is owed, and nothing twice."""

from pathlib import Path

from bot.manifest import build_manifest
from bot.sandbox.api import VisibleMessage
from bot.slack.protocol.web_api_client import SlackApi
from bot.store.repositories.cards import Card
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.file_slots import FileParameters, file_parameters
from tests.running_database import only_on_a_file
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_bot
from tests.store.earlier import back_to_before
from tests.waiting import patient_sandbox

SHARE = "files.completeUploadExternal"


def thread(team: SlackTeam) -> list[VisibleMessage]:
    return team.person("dee").thread("#house", team.cards()[0].ts)


def files(team: SlackTeam) -> set[str]:
    """The ids of the files in the thread."""
    return {file.id for one in thread(team) for file in one.files}


def summaries(team: SlackTeam) -> list[VisibleMessage]:
    """The messages below reports."""
    return [one for one in thread(team) if one.plain.startswith("Summary: The House")]


@only_on_a_file
def test_what_an_earlier_version_owed_is_posted_once_and_what_it_showed_stays(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as workspace:
        path = tmp_path / "threatmodel.db"
        with run_bot(path, sandbox=workspace) as team:
            create_collected_house(team)
            diagram, replacing, report = shown_files(team)
            (summary,) = summaries(team)
            team.bot.stop()
            (card,) = team.unit.cards.all()
            api = SlackApi(token=workspace.bot_token, base_url=workspace.url)
            api.call("chat.delete", channel=card.channel, ts=summary.ts)
            back_to_files_in_tables(team, card, diagram, replacing, report)
        before = len(workspace.calls_of(SHARE))
        with run_bot(path, sandbox=workspace) as team:
            team.wait(lambda: summaries(team))
            team.wait(lambda: len(files(team)) == 3)
            team.wait(lambda: diagram.external_id not in files(team))
            team.wait_for_channels()
            assert {replacing.external_id, report.external_id} < files(team), "they stay where they were"
            assert len(summaries(team)) == 1
            assert len(workspace.calls_of(SHARE)) == before + 1, "the failed upload alone is shared again"


def shown_files(team: SlackTeam) -> tuple[DeliveryRecord, ...]:
    """A diagram, another picture, and a report in the thread of the model."""
    for line in ("diagram", "chart scores", "report md"):
        team.command("dee", f"/threatmodel {line}")

    def records() -> list[DeliveryRecord]:
        deliveries = team.unit.deliveries
        return [*deliveries.of_kind("diagram"), *deliveries.of_kind("export")]

    team.wait(lambda: summaries(team) and len(records()) == 3 and all(one.shown for one in records()))
    words = {file_parameters(one).word: one for one in records()}
    (report,) = (one for word, one in words.items() if word.startswith("report"))
    (chart,) = (one for word, one in words.items() if word.startswith("chart"))
    return words[""], chart, report


def back_to_files_in_tables(
    team: SlackTeam, card: Card, diagram: DeliveryRecord, replacing: DeliveryRecord, report: DeliveryRecord
) -> None:
    """Leave the rows of an earlier version.

    They hold a diagram that was replaced and not deleted yet, a report whose message is owed, and an export
    whose first upload never appeared.
    """
    tenant, _, _ = card.stream.partition("/")
    known: FileParameters = file_parameters(report)
    phase = file_parameters(diagram).phase
    with team.store.database.writing() as connection:
        back_to_before(connection, "cards_are_deliveries")
        connection.execute(
            "INSERT INTO slack_cards (tenant, stream, channel, ts, digest) VALUES (?, ?, ?, ?, ?)",
            (tenant, card.stream, card.channel, card.ts, "d"),
        )
        connection.execute(
            "INSERT INTO slack_diagrams (tenant, stream, key, asked, answered, shown, old, phase)"
            " VALUES (?, ?, 'asked', 1, 1, ?, ?, ?)",
            (tenant, card.stream, replacing.external_id, diagram.external_id, phase),
        )
        connection.executemany(
            "INSERT INTO slack_exports (tenant, place, stream, key, word, file, person, form)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (tenant, 1, card.stream, "owed", known.word, report.external_id, known.person, known.form),
                (tenant, 2, card.stream, "failed", "otm", "", known.person, "otm"),
            ],
        )
        connection.execute(
            "INSERT INTO slack_uploads (tenant, surface, stream, about, files, at, tries)"
            " VALUES (?, 'export', ?, 'failed', '', ?, 1)",
            (tenant, card.stream, team.now().isoformat()),
        )
