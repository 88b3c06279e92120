"""What Slack says beside its code is read: why a form did not open, and why there is no canvas."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from bot.manifest import build_manifest
from bot.sandbox.api import Behavior, SlackRefusal
from bot.slack.protocol.web_api_client import EXPIRED_TRIGGER, ApiRefused, SlackApi
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_bot
from tests.waiting import PATIENCE, patient_sandbox

WHY = "'content' error: line 3: Unsupported block type (List) within block quote"


def test_a_trigger_whose_end_is_told_in_the_detail_offers_the_form_again(tmp_path: Path) -> None:
    late = Behavior(expired_trigger_in_detail=True)
    with (
        patient_sandbox(manifest=build_manifest("socket"), behavior=late) as sandbox,
        run_bot(tmp_path / "bot.db", sandbox=sandbox) as team,
    ):
        create_collected_house(team)
        with team.sandbox.faults.holding("views.open"):
            team.command("ben", "/threatmodel add asset")
            team.sandbox.clock.move(PATIENCE + 1)
        team.wait(lambda: team.sandbox.calls_of("views.open"))
        assert "three seconds that Slack allows" in team.private_message(
            "ben", "three seconds that Slack allows"
        )
        answer = team.sandbox.calls_of("views.open")[-1].answer
        assert (answer["error"], "expired" in answer["detail"]) == ("invalid_arguments", True)
        offered = next(one for one in team.person("ben").sees("#house") if one.ephemeral and one.buttons)
        team.person("ben").click(offered, offered.buttons[0].label)
        team.modal("ben", "Add asset")


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (SlackRefusal(code="invalid_arguments", detail="`trigger_id` expired"), EXPIRED_TRIGGER),
        (SlackRefusal(code="invalid_arguments", detail="trigger_id: expired_trigger_id"), EXPIRED_TRIGGER),
        (SlackRefusal(code="invalid_arguments", detail="view: too many blocks"), "invalid_arguments"),
    ],
)
def test_only_an_expired_trigger_is_read_out_of_the_detail(refusal: SlackRefusal, code: str) -> None:
    with patient_sandbox(behavior=Behavior(canvas_refusals={"canvases.create": refusal})) as sandbox:
        api = SlackApi(token=sandbox.bot_token, base_url=sandbox.url)
        with pytest.raises(ApiRefused) as refused:
            api.call("canvases.create", title="Plan")
        assert refused.value.code == code
        assert refused.value.detail == refusal.detail


def test_why_there_is_no_canvas_is_logged(team: SlackTeam) -> None:
    refusals: Mapping[str, SlackRefusal] = {
        "canvases.create": SlackRefusal(code="canvas_creation_failed", detail=WHY)
    }
    workspace = team.sandbox.workspace
    workspace.behavior = replace(workspace.behavior, canvas_refusals=refusals)
    create_collected_house(team)
    with capture_logs() as logged:
        team.command("ben", "/threatmodel report md")
        team.wait(lambda: any(WHY in str(one) for one in logged))
    assert any(one.get("code") == "canvas_creation_failed" and one.get("detail") == WHY for one in logged)
