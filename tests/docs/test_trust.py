"""The bot's own threat model can be opened, and the page about trust explains what the manifest asks for."""

import re
from pathlib import Path

import yaml

from bot.slack.protocol.app_ids import LINK_SCOPES
from deploy.docs.generator.own_model import OWN_MODEL
from deploy.docs.generator.pages import DOCS, ROOT
from tests.cli.conftest import runner_on

PAGE = (DOCS / "trust.md").read_text()


def test_the_own_model_is_imported_and_verified(tmp_path: Path) -> None:
    run = runner_on(tmp_path / "own.db")
    for words in (
        ("import", str(OWN_MODEL), "--channel", "C1", "--by", "U1", "--yes", "--workspace", "T1"),
        ("verify",),
    ):
        assert run(*words).exit_code == 0, run(*words).output
    shown = run("show", "TM-1").output
    assert "An operator reads ballots in the database" in shown


def test_every_scope_of_the_manifest_has_its_reason_and_no_other_does() -> None:
    manifest = yaml.safe_load((ROOT / "deploy/slack-manifest.yaml").read_text())
    asked = {*manifest["oauth_config"]["scopes"]["bot"], *LINK_SCOPES}
    section = PAGE.partition("## What it may do in Slack")[2].partition("\n## ")[0]
    reasons = dict(re.findall(r"^\| `([\w.:]+)` \| (\S.+) \|$", section, re.MULTILINE))
    assert set(reasons) == asked
    assert {scope for scope, why in reasons.items() if why.startswith("Only with `PUBLIC_URL`")} == {
        *LINK_SCOPES
    }
    assert {scope for scope, why in reasons.items() if why.startswith("Optional")} == {
        *manifest["oauth_config"]["scopes"]["bot_optional"]
    }


def test_the_security_policy_leads_to_existing_pages() -> None:
    policy = ROOT / ".github/SECURITY.md"
    linked = re.findall(r"\]\(([^)]+)\)", policy.read_text())
    assert linked
    assert [link for link in linked if not (policy.parent / link).resolve().exists()] == []


CALLERS = {
    "bot/slack/protocol/web_api_client.py": "Slack",
    "bot/slack/protocol/file_download.py": "Slack",
    "bot/slack/handlers/follow_ups.py": "Slack",
    "bot/slack/sinks/watched_cards.py": "Slack",
    "bot/slack/transport/socket_connection.py": "Slack",
    "bot/probe/interactive_questions.py": "Slack",
    "bot/cli/operations/doctor.py": "Slack",
    "bot/cli/operations/serving_health.py": "this machine",
    "bot/trackers/tracker_http.py": "trackers",
}
"""The modules that use a client of HTTP or of WebSockets, with the services that they call."""

CLIENT_MODULES = re.compile(
    r"^\s*(?:from|import) (?:urllib\.request|urllib3|slack_sdk\.(?:webhook|socket_mode\.builtin\.client)"
    r"|http\.client import .*Connection|requests|httpx|aiohttp|websockets?)\b"
    r"|^\s*from slack_sdk import WebClient",
    re.MULTILINE,
)


def test_only_these_modules_call_other_machines_as_the_promises_say() -> None:
    found = {
        str(file.relative_to(ROOT))
        for package in ("bot", "domain")
        for file in (ROOT / package).rglob("*.py")
        if "sandbox" not in file.parts and CLIENT_MODULES.search(file.read_text())
    }
    assert found == set(CALLERS)
    promises = " ".join((DOCS / "promises.md").read_text().split())
    assert "Nothing but calls to Slack, and to the trackers that an administrator connects." in promises
