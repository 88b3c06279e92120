"""What anybody may send to the bot: only what Slack signed just now is read, and nothing breaks it."""

import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.store import Verified
from tests.slack.slack_team import SlackTeam, run_bot

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

GARBAGE = (
    (JSON, b"{nope"),
    (JSON, b"[1, 2]"),
    (JSON, b"3"),
    (JSON, b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    (JSON, b'{"a": ' + b"9" * 10_000 + b"}"),
    (JSON, b'{"type": "event_callback", "event": null}'),
    (JSON, b'{"type": "event_callback", "event": {"type": "app_mention"}, "authorizations": 5}'),
    (FORM, b"payload=nope"),
    (FORM, b"payload=null"),
    (FORM, b"payload=" + b"[" * 50_000),
    (FORM, b"\xff\xfe payload"),
)


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Generator[SlackTeam]:
    path: Path = tmp_path_factory.mktemp("signed")
    with run_bot(path / "threatmodel.db", transport="http") as running:
        yield running


@pytest.mark.parametrize(("kind", "body"), GARBAGE)
def test_garbage_is_refused_signed_or_not(over_http: SlackTeam, kind: Mapping[str, str], body: bytes) -> None:
    signed = over_http.sandbox.http.signed(body)
    assert post(over_http, body, kind) == 401
    assert post(over_http, body, {**kind, **signed}) in (400, 401)
    assert post(over_http, command("help"), signed_for(over_http, command("help"))) == 200


def test_slacks_check_of_the_certificate_is_let_through_unsigned(over_http: SlackTeam) -> None:
    assert over_http.sandbox.check_certificate()


@pytest.mark.parametrize("timestamp", ["soon", "1e9", "-1", "", "9" * 5000])
def test_a_timestamp_that_is_none_is_no_signature(over_http: SlackTeam, timestamp: str) -> None:
    headers = signed_for(over_http, command("help"))
    assert post(over_http, command("help"), {**headers, "X-Slack-Request-Timestamp": timestamp}) == 401


def test_a_signature_of_other_letters_is_no_signature(over_http: SlackTeam) -> None:
    headers = signed_for(over_http, command("help"))
    assert post(over_http, command("help"), {**headers, "X-Slack-Signature": "v0=é"}) == 401


def test_what_is_too_large_is_not_read(over_http: SlackTeam) -> None:
    large = {**FORM, "Content-Length": "9" * 12}
    assert post(over_http, b"", large) == 401, "nor is it told how large it may be"
    assert post(over_http, b"", {**signed_for(over_http, b""), **large}) == 413
    assert post(over_http, b"", {**signed_for(over_http, b""), **FORM, "Content-Length": "2000001"}) == 413


def test_the_check_of_the_certificate_is_answered_though_it_is_not_signed(over_http: SlackTeam) -> None:
    check = urlencode({"token": "made-up", "ssl_check": "1"}).encode()
    assert post(over_http, check, FORM) == 200
    old = {**signed_for(over_http, check), "X-Slack-Request-Timestamp": "1"}
    forged = {**signed_for(over_http, check), "X-Slack-Signature": f"v0={'0' * 64}"}
    for headers in (old, forged):
        assert post(over_http, check, headers) == 401, "what is signed must be signed well"


@pytest.mark.parametrize(
    "body", [b"text=ssl_check%3D1", b"no_ssl_check=1", b"text=ssl_check=1", b"ssl_check=12"]
)
def test_words_that_only_contain_the_check_of_the_certificate_must_be_signed(
    over_http: SlackTeam, body: bytes
) -> None:
    assert post(over_http, body, FORM) == 401


def test_a_request_with_an_old_signature_is_refused_before_its_body_is_read(over_http: SlackTeam) -> None:
    old = {**signed_for(over_http, b""), "X-Slack-Request-Timestamp": str(int(time.time()) - 600)}
    assert post(over_http, b"", {**old, "Content-Length": "90000"}) == 401


def test_what_is_not_signed_is_not_logged(over_http: SlackTeam, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert post(over_http, command("add asset secret-of-ben"), FORM) == 401
    assert "secret-of-ben" not in caplog.text


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\x00b", "\u202e"])
def test_half_characters_and_nuls_are_answered_in_words(over_http: SlackTeam, text: str) -> None:
    said = {"type": "block_actions", "user": {"id": f"U{text}"}, "trigger_id": text}
    button = {"type": "button", "action_id": text, "block_id": text, "value": text, "action_ts": text}
    body = urlencode({"payload": json.dumps({**said, "actions": [button]})}).encode()
    assert post(over_http, body, signed_for(over_http, body)) == 200


def command(text: str) -> bytes:
    said = {"command": "/threatmodel", "text": text, "user_id": "U0BEN0002", "channel_id": "C0HOUSE01"}
    return urlencode(said).encode()


def signed_for(team: SlackTeam, body: bytes) -> dict[str, str]:
    return {**FORM, **team.sandbox.http.signed(body)}


def post(team: SlackTeam, body: bytes, headers: Mapping[str, str]) -> int:
    request = urllib.request.Request(str(team.sandbox.http.bot_url), data=body, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


@pytest.mark.parametrize("name", ["half \ud800 a word", "\udfff", "a\x00b"])
def test_a_name_with_half_a_character_is_kept_without_it(team: SlackTeam, name: str) -> None:
    team.start()
    team.person("ana").fill("Assets", name)
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.card("Assets  1")
    (asset,) = team.model().elements.values()
    assert asset.name.encode(), "a whole word"
    assert isinstance(team.store.verify(), Verified)


def test_half_characters_of_someone_not_yet_known_are_kept_too(team: SlackTeam) -> None:
    team.start()
    eve = team.person("eve")
    assert team.command("eve", "/threatmodel undo \ud800").acked
    team.private_message("eve", "Only members")
    assert eve.id not in team.model().participants
