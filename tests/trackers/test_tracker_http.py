"""Calls to trackers: which answer becomes which fault, and that no text holds the token."""

import traceback

import msgspec
import pytest

from bot.settings import Secret
from bot.trackers.tracker import IssueMissing, TrackerBusy, TrackerFault, TrackerRefused, TrackerUnreachable
from bot.trackers.tracker_http import (
    TrackerAnswer,
    TrackerHttp,
    TrackerRequest,
    explanation,
    path_part,
    wait_of,
)
from tests.trackers.fake_transport import TOKEN, FakeTransport, answer, answers

DATE = "Sat, 28 Nov 2026 21:00:00 GMT"
AT_DATE = 1_795_899_600


class Keyed(msgspec.Struct):
    key: str


def http(transport: FakeTransport) -> TrackerHttp:
    return TrackerHttp(
        transport,
        product="Example",
        base="https://tracker.example/api/",
        token=Secret(TOKEN),
        headers={"Authorization": Secret(f"Bearer {TOKEN}")},
    )


def fault_of(*given: TrackerAnswer, method: str = "GET", issue: str = "#12") -> TrackerFault:
    with pytest.raises(TrackerFault) as raised:
        http(answers(*given)).call(method, "/issues/12", issue=issue)
    return raised.value


def test_a_call_sends_json_and_the_token_and_says_who_calls() -> None:
    transport = answers(answer({"key": "#12"}))
    given = http(transport).call("POST", "/issues", query={"q": "a b&c"}, content={"title": "é"})
    asked = transport.asked[0]
    assert given.body == b'{"key": "#12"}'
    assert asked.url == "https://tracker.example/api/issues?q=a+b%26c"
    assert asked.content == {"title": "é"}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["user-agent"].startswith("threatmodel-bot/")
    assert asked.headers["content-type"] == "application/json"


def test_each_answer_becomes_its_fault() -> None:
    later = {"retry-after": "7"}
    none_left = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT_DATE + 90), "date": DATE}
    cases: list[tuple[TrackerAnswer, type[TrackerFault], float]] = [
        (answer(status=401), TrackerRefused, 0),
        (answer(status=403), TrackerRefused, 0),
        (answer(status=422), TrackerRefused, 0),
        (answer(status=400, headers=later), TrackerRefused, 0),
        (answer(status=404), IssueMissing, 0),
        (answer(status=410), IssueMissing, 0),
        (answer(status=408), TrackerUnreachable, 0),
        (answer(status=500), TrackerUnreachable, 0),
        (answer(status=502, headers=later), TrackerUnreachable, 0),
        (answer(status=503), TrackerUnreachable, 0),
        (answer(status=503, headers=later), TrackerBusy, 7),
        (answer(status=429), TrackerBusy, 60),
        (answer(status=429, headers=later), TrackerBusy, 7),
        (answer(status=403, headers=later), TrackerBusy, 7),
        (answer(status=403, headers=none_left), TrackerBusy, 90),
        (answer({"message": "You have exceeded a secondary rate limit."}, status=403), TrackerBusy, 60),
    ]
    for given, kind, wait in cases:
        fault = fault_of(given)
        assert type(fault) is kind, given
        assert getattr(fault, "wait", 0) == wait, given
        assert getattr(fault, "unauthorized", False) is (given.status == 401)
        if isinstance(fault, TrackerRefused):
            assert fault.status == given.status
    assert type(fault_of(answer(status=404), issue="")) is TrackerRefused


def test_the_wait_is_measured_by_the_clock_of_the_tracker() -> None:
    cases: list[tuple[dict[str, str], float]] = [
        ({}, 60),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "999999"}, 3_600),
        ({"retry-after": "soon"}, 60),
        ({"retry-after": "-5"}, 60),
        ({"retry-after": "²"}, 60),
        ({"retry-after": "Sat, 28 Nov 2026 21:02:00 GMT", "date": DATE}, 120),
        ({"retry-after": "Sat, 28 Nov 2026 21:02:00 GMT"}, 60),
        ({"retry-after": "9", "x-ratelimit-reset": "30"}, 9),
        ({"ratelimit-reset": str(AT_DATE + 45), "date": DATE}, 45),
        ({"x-ratelimit-reset": str(AT_DATE - 45), "date": DATE}, 1),
        ({"x-ratelimit-reset": str(AT_DATE + 45)}, 60),
        ({"x-ratelimit-reset": str(AT_DATE + 45), "date": "today"}, 60),
        ({"x-ratelimit-requests-reset": f"{AT_DATE + 45}000", "date": DATE}, 45),
    ]
    for headers, wait in cases:
        assert wait_of(headers) == wait, headers


def test_redirects_are_followed_within_the_tracker_only() -> None:
    def moved(to: str, status: int = 301) -> TrackerAnswer:
        return answer(status=status, headers={"location": to})

    here = answers(moved("/api/repositories/9/issues/3"), answer({"ok": True}))
    http(here).call("GET", "/issues/12")
    assert here.asked[1].url == "https://tracker.example/api/repositories/9/issues/3"

    for status in (307, 308):
        kept = answers(moved("https://tracker.example:443/api/new", status), answer({}))
        http(kept).call("POST", "/issues", content={"a": 1})
        assert (kept.asked[1].line, kept.asked[1].content) == ("POST /api/new", {"a": 1})

    for method, given in (
        ("GET", moved("https://evil.example/api/issues/12")),
        ("GET", moved("http://tracker.example/api/issues/12")),
        ("GET", moved("https://tracker.example:8443/api")),
        ("GET", moved("//evil.example/x")),
        ("GET", moved("https://tracker.example:port/")),
        ("POST", moved("/api/new", 302)),
    ):
        transport = answers(given)
        with pytest.raises(TrackerRefused, match="redirects to another address"):
            http(transport).call(method, "/issues/12")
        assert len(transport.asked) == 1
    around = answers(*[moved("/api/issues/12")] * 9)
    with pytest.raises(TrackerRefused, match="redirects"):
        http(around).call("GET", "/issues/12")
    assert len(around.asked) == 3


def test_an_answer_that_is_not_the_expected_json_may_have_been_a_success() -> None:
    for body in (b"<html>Sign in</html>", b"\xff\xfe", b"[1]", b""):
        client = http(answers(answer(body)))
        with pytest.raises(TrackerUnreachable, match="cannot be read"):
            client.get("/issues", dict[str, str])


def test_json_that_is_nested_too_deeply_is_no_answer() -> None:
    deep = b"[" * 100_000
    with pytest.raises(TrackerUnreachable, match="cannot be read"):
        http(answers(answer(b'{"key": "#1", "more": %b' % deep))).get("/issues", Keyed)
    assert str(fault_of(answer(deep, status=422))) == "Example refused the call: HTTP 422"


def test_the_words_of_the_tracker_are_kept_short_and_on_one_line() -> None:
    cases: list[tuple[object, str | None]] = [
        ({"message": "Validation Failed", "errors": [{"field": "title", "code": "missing"}]}, None),
        ({"message": {"title": ["is too long"]}}, "title: is too long"),
        ({"errors": ["Subject cannot be blank"]}, "Subject cannot be blank"),
        ({"errorMessages": ["No."], "errors": {"project": "is required"}}, None),
        ({"error": "invalid_token", "error_description": "Expired"}, None),
        ({"message": ["a", {"b": "c"}]}, "a; b: c"),
        ({"other": "x"}, ""),
        ("x", "x"),
        ([], ""),
    ]
    for said, words in cases:
        found = explanation(answer(said))
        assert found == words or (words is None and len(found.split("; ")) > 1), said
    assert explanation(answer(b"<html>")) == ""
    fault = fault_of(answer({"message": f"a\n\u202eb {'x' * 999}"}, status=422))
    assert "\n" not in str(fault)
    assert "\u202e" not in str(fault)
    assert len(str(fault)) < 400


def test_no_text_holds_the_token() -> None:
    said = {"message": f"Bad header 'Bearer {TOKEN}', token {TOKEN}"}
    for status in (400, 401, 403, 429, 500):
        fault = fault_of(answer(said, status=status))
        assert TOKEN not in "".join(traceback.format_exception(fault))
        assert TOKEN not in repr(fault)
    client = http(answers())
    request = TrackerRequest(method="GET", url="https://x.example", headers={"A": Secret(TOKEN)})
    assert TOKEN not in f"{client!r} {request!r} {vars(client)!r}"


def test_a_part_of_a_path_stays_one_part() -> None:
    assert path_part("a/../b?c#d%") == "a%2F..%2Fb%3Fc%23d%25"
    for elsewhere in ("", ".", ".."):
        with pytest.raises(TrackerRefused):
            path_part(elsewhere)
