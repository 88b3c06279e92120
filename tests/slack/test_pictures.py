"""After a round's result comes a picture of how its ballots lie, once, and never instead of the words."""

import struct
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from structlog.testing import capture_logs

from bot.manifest import build_manifest
from bot.sandbox.api import VisibleMessage
from bot.slack.protocol.app_ids import SCOPES
from bot.slack.slots.model_files import COMMENT
from domain.commands import CastBallot
from domain.dread.metrics import Metric, Numbers
from domain.events import ThreatReported
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from tests.slack.conftest import SMALL
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.voting_steps import begin_analysis_with, open_round_for, person_id, published_results
from tests.waiting import patient_sandbox

ANNOUNCE = "files.getUploadURLExternal"


def voted(team: SlackTeam, ballots: Mapping[str, Sequence[int]]) -> None:
    """Everybody votes the same on every threat of one round but for the last metric."""
    one = open_round_for(team, *ballots)
    for who, numbers in ballots.items():
        for threat in sorted(team.model().threats):
            cast(team, one, who, threat, numbers)


def cast(
    team: SlackTeam, one: RoundId, who: str, threat: str, numbers: Sequence[int], *, reason: str = ""
) -> None:
    command = CastBallot(
        by=person_id(team, who),
        at=team.now(),
        round=one,
        threat=ThreatId(threat),
        numbers=Numbers(**dict(zip(Metric, numbers, strict=True))),
        reason=reason,
    )
    team.command_handler.execute(command, stream=team.streams[0], key=team.key())


BALLOTS = {"ana": (1, 10, 10, 10, 10), "ben": (1, 10, 9, 10, 10), "chi": (2, 10, 10, 10, 10)}


def pictures(team: SlackTeam) -> list[VisibleMessage]:
    return [one for one in team.person("dee").sees("#house") + _thread(team) if one.plain == COMMENT]


def _thread(team: SlackTeam) -> list[VisibleMessage]:
    return team.person("dee").thread("#house", team.card("The House").ts)


def test_a_picture_for_each_threat_follows_the_result_in_the_thread(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open", "Glue in the lock")
    voted(team, BALLOTS)
    team.wait(lambda: pictures(team))
    told = _thread(team)
    at = {one.plain.split("\n")[0][:20]: place for place, one in enumerate(told)}
    assert at[COMMENT[:20]] > next(place for place, one in enumerate(told) if "has ended" in one.plain)
    (shown,) = pictures(team)
    assert [file.title for file in shown.files] == ["TH-1 · Curtains left open", "TH-2 · Glue in the lock"]
    assert shown.files[0].alt_text == (
        "TH-1, 3 ballots, Medium, set by Damage (mean 8.2) · rank 1 of 2: Damage 1, from 1 to 2; "
        "Reproducibility 10, all on 10; Exploitability 10, from 9 to 10; Affected users 10, all on 10; "
        "Discoverability 10, all on 10."
    )
    content = team.sandbox.workspace.files.content(shown.files[0].id)
    assert struct.unpack(">4sII", content[12:24])[:2] == (b"IHDR", 480 * SMALL)


def test_the_page_of_the_threats_has_the_worst_first_with_what_was_said(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open", "Glue in the lock")
    one = open_round_for(team, "ana", "ben", "chi")
    for who in ("ana", "ben", "chi"):
        for threat, numbers in (("TH-1", (2, 2, 2, 2, 2)), ("TH-2", (9, 9, 9, 9, 9))):
            cast(team, one, who, threat, numbers, reason="seen it" if who == "ben" else "")
    team.wait(lambda: published_results(team))
    team.command("dee", "/threatmodel threats")
    page = team.modal("dee", "Threats").plain
    assert page.index("Glue in the lock") < page.index("Curtains left open")
    assert "Rank 1 of 2 · Critical · mean 9.0, total 45 · 3 ballots" in page.replace("*", "")
    assert "“seen it”" in page


def test_a_restart_shows_no_picture_twice(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "bot.db", sandbox=sandbox) as team:
            begin_analysis_with(team, "Curtains left open")
            voted(team, BALLOTS)
            team.wait(lambda: pictures(team))
        with run_bot(tmp_path / "bot.db", sandbox=sandbox) as team:
            time.sleep(1.2)  # longer than it takes to look through everything twice
            assert len(pictures(team)) == 1


def test_what_a_stopped_bot_owes_is_shown_by_the_next(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "bot.db", sandbox=sandbox) as team:
            begin_analysis_with(team, "Curtains left open")
            sandbox.faults.fail_next(ANNOUNCE, "ratelimited", times=50, retry_after=20)
            voted(team, BALLOTS)
            team.wait(lambda: published_results(team))
        sandbox.faults.clear()
        with run_bot(tmp_path / "bot.db", sandbox=sandbox) as team:
            team.wait(lambda: pictures(team))


def test_without_the_permission_the_words_stand_alone(tmp_path: Path) -> None:
    described = build_manifest("socket")
    fewer = {"scopes": {"bot": [scope for scope in SCOPES if scope != "files:write"]}}
    with (
        capture_logs() as logged,
        patient_sandbox(manifest={**described, "oauth_config": fewer}) as sandbox,
        run_bot(tmp_path / "bot.db", sandbox=sandbox) as team,
    ):
        begin_analysis_with(team, "Curtains left open")
        voted(team, BALLOTS)
        team.wait(lambda: published_results(team))
        time.sleep(1.2)
        assert not pictures(team)
        assert team.bot.readiness_problem() == ""
        team.command("ben", "/threatmodel status")
        team.wait(lambda: team.private_messages("ben"))
    assert [entry["event"] for entry in logged].count("file not shown") == 1


def test_erased_words_go_from_the_pictures_too(team: SlackTeam) -> None:
    begin_analysis_with(team, "Curtains left open", "Glue in the lock")
    voted(team, BALLOTS)
    team.wait(lambda: pictures(team) and pictures(team)[0].files)
    events = list(team.store.events(team.streams[0]))
    reported = [place for place, one in enumerate(events, start=1) if isinstance(one, ThreatReported)]
    team.store.erase(team.streams[0], reported[:1])
    team.wait(lambda: not pictures(team)[0].files)
