"""Email addresses of people, as far as Slack shows them."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.sandbox.api import Behavior
from bot.slack.directory.directory_lookup import email_address
from bot.slack.protocol.app_ids import READ_EMAIL
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from domain.kernel.elements import PersonId
from tests.waiting import patient_sandbox

BEN = PersonId("U0BEN0002")


def answering(answer: dict[str, Any] | ApiRefused) -> SlackApi:
    """Return a client of a Slack that gives one answer."""

    def call(_method: str, **_arguments: str) -> dict[str, Any]:
        if isinstance(answer, ApiRefused):
            raise answer
        return answer

    return cast("SlackApi", SimpleNamespace(call=call))


def test_only_a_confirmed_address_of_an_active_account_counts() -> None:
    profile = {"email": "ben@example.org"}
    cases: list[tuple[dict[str, Any] | ApiRefused, str]] = [
        ({"user": {"profile": profile}}, "ben@example.org"),
        ({"user": {"profile": profile, "is_email_confirmed": True}}, "ben@example.org"),
        ({"user": {"profile": profile, "is_email_confirmed": False}}, ""),
        ({"user": {"profile": profile, "deleted": True}}, ""),
        ({"user": {"profile": {"email": None}}}, ""),
        ({"user": {}}, ""),
        ({}, ""),
        (ApiRefused("user_not_visible"), ""),
    ]
    told = [email_address(answering(answer), BEN) for answer, _ in cases]
    assert told == [expected for _, expected in cases]
    with pytest.raises(ApiRefused):
        email_address(answering(ApiRefused("ratelimited")), BEN)


def test_an_optional_scope_is_declined_unless_the_workspace_grants_it() -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["users:read", READ_EMAIL], "bot_optional": [READ_EMAIL]}}}
    found: list[str] = []
    for behavior in (None, Behavior(extra_scopes=frozenset({READ_EMAIL}))):
        with patient_sandbox(manifest=manifest, behavior=behavior) as sandbox:
            api = SlackApi(token=sandbox.bot_token, base_url=sandbox.url)
            found.append(email_address(api, PersonId(sandbox.person("ben").id)))
    assert found == ["", "ben@example.org"]
