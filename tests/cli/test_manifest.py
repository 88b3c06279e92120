"""The app's description is what Slack accepts, and the file in `deploy/` is the one the program writes."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator, validate

from bot.manifest import DeliveryMode, Manifest, build_manifest, manifest_yaml
from bot.slack.handlers.dispatch_table import EVENT_HANDLERS, LINK_SHARED
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.protocol.app_ids import SCOPES, needed_scopes

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT.parent / "shared/reference/slack/manifest-schema/schemas/manifest.schema.2.0.0.json"

SCOPES_OF_EVENTS = {
    "app_mention": "app_mentions:read",
    "channel_": "channels:read",
    "group_": "groups:read",
    "member_": "channels:read",
    "user_change": "users:read",
}

both_modes = pytest.mark.parametrize(
    ("mode", "request_url"), [("socket", None), ("http", "https://threats.example.org")]
)


@both_modes
def test_slack_accepts_the_manifest(mode: DeliveryMode, request_url: str | None) -> None:
    if not SCHEMA.exists():
        pytest.skip("Slack's manifest schema is not beside the project (../shared/reference/slack)")
    schema = json.loads(SCHEMA.read_text())
    validate(build_manifest(mode, request_url), schema, cls=Draft7Validator)
    many = build_manifest(mode, request_url, install_url="https://threats.example.org")
    validate(many, schema, cls=Draft7Validator)


@both_modes
def test_yaml_reads_back_as_what_was_written(mode: DeliveryMode, request_url: str | None) -> None:
    described = build_manifest(mode, request_url)
    assert yaml.safe_load(manifest_yaml(described)) == described


def test_yaml_keeps_awkward_values() -> None:
    awkward: Manifest = {
        "texts": ["no", "1e3", "a: b # c", 'quoted "word"', "two\nlines", "ümlaut ☂"],
        "lists": [{"first": 1, "second": [{"deep": True}, "x"]}],
    }
    assert yaml.safe_load(manifest_yaml(awkward)) == awkward


def test_the_file_in_deploy_is_the_one_the_program_writes() -> None:
    written = (ROOT / "deploy/slack-manifest.yaml").read_text()
    assert written == manifest_yaml(build_manifest("socket")), (
        "refresh it: threatmodel manifest > deploy/slack-manifest.yaml"
    )


def test_every_event_comes_with_the_scope_it_needs() -> None:
    assert LINK_SHARED in EVENT_HANDLERS
    assert {"links:read", "links:write"} <= {*needed_scopes("https://threats.example.org")}
    for event in EVENT_HANDLERS:
        for beginning, scope in SCOPES_OF_EVENTS.items():
            if event.startswith(beginning):
                assert scope in SCOPES, f"{event} needs {scope}"


def test_the_bot_reads_no_history_but_its_own_direct_messages() -> None:
    assert [scope for scope in SCOPES if scope.endswith(":history")] == ["im:history"]


def test_over_http_the_manifest_has_one_request_url() -> None:
    described = json.dumps(build_manifest("http", "https://threats.example.org/"))
    assert described.count('"https://threats.example.org/slack/events"') == 3
    assert "threats.example.org" not in json.dumps(build_manifest("socket"))


def test_a_request_url_belongs_to_http_only() -> None:
    with pytest.raises(ValueError, match="HTTP requires a request URL"):
        build_manifest("http")
    with pytest.raises(ValueError, match="Socket Mode takes none"):
        build_manifest("socket", "https://threats.example.org")


def test_an_app_for_many_workspaces_is_installed_by_oauth() -> None:
    public = "https://threats.example.org/"
    described = build_manifest("http", public, install_url=public)
    settings = described["settings"]
    assert described["oauth_config"] == {
        "redirect_urls": ["https://threats.example.org/slack/oauth_redirect"],
        "scopes": {"bot": [*SCOPES, "users:read.email"], "bot_optional": ["users:read.email"]},
    }
    assert isinstance(settings, dict)
    assert (settings["org_deploy_enabled"], settings["token_rotation_enabled"]) == (True, True)
    assert "team_access_granted" in json.dumps(settings)
    for_one = json.dumps(build_manifest("http", public))
    assert not [one for one in ("redirect_urls", "team_access", 'enabled": true, "token') if one in for_one]


def test_previews_of_links_are_asked_for_with_a_public_url_only() -> None:
    with_links = build_manifest("socket", public_url="https://threats.example.org:8443")
    told = json.dumps(with_links)
    assert '"unfurl_domains": ["threats.example.org"]' in told
    assert [word in told for word in ("link_shared", "links:read", "links:write")] == [True] * 3
    assert [word for word in ("link", "unfurl") if word in json.dumps(build_manifest("socket"))] == []
    if SCHEMA.exists():
        validate(with_links, json.loads(SCHEMA.read_text()), cls=Draft7Validator)


def test_the_usage_hint_offers_every_word_of_the_command() -> None:
    hint = next(line for line in manifest_yaml(build_manifest("socket")).splitlines() if "usage_hint" in line)
    assert [word for word in SLASH_WORDS if word not in hint] == []
