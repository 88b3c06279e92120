"""Webhooks of trackers: authentic ones are accepted; forged and stale ones are refused."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.settings import Secret
from bot.trackers.open_tracker import CLIENTS
from bot.trackers.webhooks import WebhookRefused, check_webhook
from domain.kernel.tracked_issue import TrackerKind

SECRET = "It's a Secret to Everybody"
NOW = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
BODY = json.dumps({"action": "update", "webhookTimestamp": int(NOW.timestamp() * 1_000)}).encode()


def signature(body: bytes = BODY, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def check(
    kind: TrackerKind,
    headers: Mapping[str, str],
    *,
    body: bytes = BODY,
    path: str = "",
    secret: str = SECRET,
    now: datetime = NOW,
) -> str:
    scheme = CLIENTS[kind].webhook
    return check_webhook(scheme, secret=Secret(secret), path_secret=path, headers=headers, body=body, now=now)


SIGNED = {
    TrackerKind.GITHUB: {"x-hub-signature-256": f"sha256={signature()}"},
    TrackerKind.JIRA_CLOUD: {"x-hub-signature": f"sha256={signature()}"},
    TrackerKind.JIRA_DATA_CENTER: {"x-hub-signature": f"sha256={signature()}"},
    TrackerKind.LINEAR: {"linear-signature": signature()},
}


def test_the_example_of_github_is_accepted() -> None:
    header = {
        "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    }
    assert check(TrackerKind.GITHUB, header, body=b"Hello, World!")


def test_signed_webhooks_are_accepted_and_have_an_id() -> None:
    for kind, headers in SIGNED.items():
        in_capitals = {name: one.replace(signature(), signature().upper()) for name, one in headers.items()}
        assert check(kind, headers) == check(kind, in_capitals) == signature()


def test_forged_webhooks_are_refused() -> None:
    for kind, headers in SIGNED.items():
        name, right = next(iter(headers.items()))
        for wrong in (
            "",
            "sha256=",
            signature(secret="other"),
            f"sha256={signature(secret='other')}",
            right[:-1],
            f"{right}0",
            right.replace("sha256=", "sha1="),
            "sha256=\u00e9",
            "\ud800",
        ):
            if wrong != right:
                with pytest.raises(WebhookRefused):
                    check(kind, {name: wrong}, path=SECRET)
        with pytest.raises(WebhookRefused):
            check(kind, headers, body=BODY + b" ")
        with pytest.raises(WebhookRefused):
            check(kind, headers, secret="other")
        with pytest.raises(WebhookRefused, match="no secret"):
            check(kind, {name: f"sha256={signature(secret='')}"}, secret="")
    for kind in (TrackerKind.GITHUB, TrackerKind.JIRA_CLOUD, TrackerKind.LINEAR):
        with pytest.raises(WebhookRefused, match="no signature"):
            check(kind, {}, path=SECRET)


def test_stale_webhooks_of_linear_are_refused() -> None:
    headers = SIGNED[TrackerKind.LINEAR]
    for seconds in (-60, 0, 60):
        assert check(TrackerKind.LINEAR, headers, now=NOW + timedelta(seconds=seconds))
    for seconds in (-61, 61, 86_400):
        with pytest.raises(WebhookRefused, match="stale"):
            check(TrackerKind.LINEAR, headers, now=NOW + timedelta(seconds=seconds))
    for body in (
        b"",
        b"{}",
        b"[]",
        b'{"webhookTimestamp": "now"}',
        b'{"webhookTimestamp": 99999999999999999999}',
    ):
        with pytest.raises(WebhookRefused, match="no time"):
            check(TrackerKind.LINEAR, {"linear-signature": signature(body)}, body=body)


def test_trackers_that_sign_nothing_send_the_secret() -> None:
    assert check(TrackerKind.GITLAB, {"x-gitlab-token": SECRET}) == ""
    for kind in (TrackerKind.REDMINE, TrackerKind.JIRA_DATA_CENTER):
        assert check(kind, {}, path=SECRET) == ""
    for wrong in ("", "other", SECRET[:-1], f"{SECRET} ", "\u00e9"):
        with pytest.raises(WebhookRefused, match="wrong"):
            check(TrackerKind.GITLAB, {"x-gitlab-token": wrong}, path=SECRET)
        for kind in (TrackerKind.REDMINE, TrackerKind.JIRA_DATA_CENTER):
            with pytest.raises(WebhookRefused, match="wrong"):
                check(kind, {"x-gitlab-token": SECRET}, path=wrong)
