"""The installation that a payload belongs to; in a shared channel, the outer workspace may be another."""

import pytest

from bot.slack.protocol.payload_parsing import UnreadablePayload, payload_origins
from bot.slack.protocol.requests import Json

OURS, THEIRS, WHOLE = "T1OURS", "T2THEIRS", "E1"


@pytest.mark.parametrize(
    ("body", "origin"),
    [
        ({"command": "/threatmodel", "team_id": OURS}, ("", OURS)),
        ({"command": "/threatmodel", "team_id": OURS, "enterprise_id": WHOLE}, (WHOLE, OURS)),
        ({"type": "block_actions", "team": {"id": OURS}, "enterprise": None}, ("", OURS)),
        ({"type": "block_actions", "team": {"id": OURS}, "enterprise": {"id": WHOLE}}, (WHOLE, OURS)),
        ({"type": "shortcut", "team": None, "enterprise": {"id": WHOLE}}, (WHOLE, "")),
        (
            {"type": "view_submission", "team": {"id": THEIRS}, "view": {"app_installed_team_id": OURS}},
            ("", OURS),
        ),
        ({"type": "event_callback", "team_id": OURS}, ("", OURS)),
        ({"type": "event_callback", "team_id": THEIRS, "context_team_id": OURS}, ("", OURS)),
        (
            {"type": "event_callback", "team_id": THEIRS, "authorizations": [{"team_id": OURS}]},
            ("", OURS),
        ),
        (
            {
                "type": "event_callback",
                "team_id": THEIRS,
                "context_team_id": OURS,
                "authorizations": [{"team_id": None, "enterprise_id": WHOLE, "is_enterprise_install": True}],
            },
            (WHOLE, OURS),
        ),
    ],
)
def test_a_payload_belongs_to_the_workspace_of_the_installation(body: Json, origin: tuple[str, str]) -> None:
    assert payload_origins(body) == [origin]


def test_an_event_for_several_installations_names_each() -> None:
    body = {"team_id": "T9", "authorizations": [{"team_id": "T1"}, {"team_id": "T2"}]}
    assert payload_origins(body) == [("", "T1"), ("", "T2")]


@pytest.mark.parametrize("body", [{"team": "T1"}, {"team_id": 1}, {"authorizations": {}}, {"view": []}])
def test_a_malformed_payload_is_unreadable(body: Json) -> None:
    with pytest.raises(UnreadablePayload):
        payload_origins(body)
