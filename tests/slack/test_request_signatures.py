"""What anybody may send to the bot: only what Slack signed just now is read, and nothing breaks it."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.metrics import RequestResult
from bot.slack.transport.http_messages import HttpRequest, RequestHead, RequestRefused
from bot.slack.transport.http_sites import ONLY_REFUSED_SECONDS, RequestResults, SlackSignatures
from bot.store import Verified
from tests.slack.slack_team import SlackTeam, run_bot

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

SECRET, NOW = "s" * 32, 1_800_000_000

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


@pytest.mark.parametrize(
    ("secret", "seconds", "result", "logged"),
    [
        ("another" * 8, 0, "signature", "check SLACK_SIGNING_SECRET, unless Slack did not send it. None"),
        ("another" * 8, 420, "signature", "check SLACK_SIGNING_SECRET, unless Slack did not send it. None"),
        (SECRET, 420, "clock", "check the clock of this machine. 420"),
        (SECRET, -420, "clock", "check the clock of this machine. -420"),
    ],
)
def test_a_wrong_secret_and_a_wrong_clock_are_counted_and_logged_apart(
    secret: str, seconds: int, result: RequestResult, logged: str
) -> None:
    counted: list[RequestResult] = []
    signatures = SlackSignatures(SECRET, RequestResults(counted.append), now=lambda: NOW + seconds)
    with pytest.raises(RequestRefused, match="invalid or too old") as refused:
        admit(signatures, signed_with(secret, command("help")))
    assert counted == [result]
    assert f"{refused.value.logged} {refused.value.details.get('ahead_seconds')}".find(logged) > 0, (
        "to operators only"
    )


def test_what_is_not_signed_is_counted_apart_from_wrong_signatures() -> None:
    counted: list[RequestResult] = []
    signatures = SlackSignatures(SECRET, RequestResults(counted.append), now=lambda: NOW)
    for headers in ({}, {"x-slack-signature": "v0=1"}, {"x-slack-request-timestamp": "soon"}):
        with pytest.raises(RequestRefused):
            admit(signatures, request_of(command("help"), headers))
    with pytest.raises(RequestRefused):
        admit(signatures, signed_with(SECRET, b"payload=nope"))
    admit(signatures, signed_with(SECRET, command("help")))
    assert counted == ["unsigned", "unsigned", "unsigned", "body"], "Bolt's app counts what it accepts"


def test_only_refusals_for_two_minutes_are_named_until_a_request_is_accepted() -> None:
    now = [0.0]
    results = RequestResults(lambda _: None, clock=lambda: now[0])
    results.record("clock", ahead_seconds=420)
    now[0] += ONLY_REFUSED_SECONDS - 1
    assert results.problem == ""
    now[0] += 61
    assert results.problem == (
        "requests of Slack: all refused for 3 minutes, the last 180 s ago: the clock of this machine is "
        "420 s ahead of Slack's. Turn on time synchronization"
    )
    results.record("signature")
    assert "ago: SLACK_SIGNING_SECRET is not the app's" in results.problem
    results.record("accepted")
    assert results.problem == ""
    for anyone in ("unsigned", "body"):
        results.record(anyone)
        now[0] += 2 * ONLY_REFUSED_SECONDS
        assert results.problem == "", "what anyone can send is no sign of a fault"


def admit(signatures: SlackSignatures, request: HttpRequest) -> None:
    assert signatures.max_body_bytes(request.head) >= len(request.body)
    signatures.verified(request)


def signed_with(secret: str, body: bytes) -> HttpRequest:
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(NOW), body=body)
    return request_of(body, {"x-slack-request-timestamp": str(NOW), "x-slack-signature": str(signature)})


def request_of(body: bytes, headers: Mapping[str, str]) -> HttpRequest:
    sent = {"content-type": FORM["Content-Type"], "content-length": str(len(body)), **headers}
    head = RequestHead(method="POST", path="/slack/events", query="", headers=sent)
    return HttpRequest(head=head, body=body)


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
