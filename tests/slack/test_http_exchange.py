"""Usual requests are read as h11 reads them, and everything else is left to it."""

import random
from collections.abc import Iterator

import h11
import pytest

from bot.slack.transport import http_exchange
from bot.slack.transport.http_exchange import HEAD_BYTES, HttpExchange, Mark
from bot.slack.transport.http_messages import HttpResponse, RequestHead, RequestRefused
from tests.depth import SEED, count

BODY = b"payload=%7B%22type%22%3A%22view_submission%22%7D"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
HOST = b"Host: bot.example\r\n"
LINE = b"POST /slack/events?a=b%20c HTTP/1.1\r\n"
HEAD = LINE + HOST + b"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nX-Empty:\r\n"
SLACKS = HEAD + LENGTH + b"\r\n" + BODY
USUAL = {
    "Slack's": SLACKS,
    "nothing in it": LINE + HOST + b"content-length:0\r\n\r\n",
    "another one behind it": SLACKS + SLACKS,
    "others behind it that are not usual": SLACKS + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + SLACKS,
    "nonsense behind it": SLACKS + b"\0\r\n\r\n",
}
UNUSUAL = {
    "no host": LINE + LENGTH + b"\r\n" + BODY,
    "two hosts": LINE + HOST + HOST + LENGTH + b"\r\n" + BODY,
    "two lengths": HEAD + LENGTH + LENGTH + b"\r\n" + BODY,
    "two different lengths": HEAD + LENGTH + b"content-length: 1\r\n\r\n" + BODY,
    "a list of lengths": HEAD + b"Content-Length: 3, 3\r\n\r\nabc",
    "no length": HEAD + b"\r\n",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "a signed length": HEAD + b"Content-Length: +3\r\n\r\nabc",
    "a length that begins with 0": HEAD + b"Content-Length: 003\r\n\r\nabc",
    "an endless length": HEAD + b"Content-Length: 9999999999999\r\n\r\n",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "chunks and a length": HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "an expectation": HEAD + LENGTH + b"Expect: 100-continue\r\n\r\n" + BODY,
    "the end of the connection": HEAD + LENGTH + b"Connection: close\r\n\r\n" + BODY,
    "another protocol": HEAD + LENGTH + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n" + BODY,
    "HTTP/1.0": SLACKS.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a question": SLACKS.replace(b"POST", b"GET"),
    "a URL as its target": SLACKS.replace(b"/slack", b"https://bot.example/slack"),
    "ends of lines without a return": SLACKS.replace(b"\r\n", b"\n"),
    "returns without ends of lines": SLACKS.replace(b"\r\n", b"\r"),
    "an empty line before it": b"\r\n" + SLACKS,
    "a folded line": HEAD + b"X-Long: a\r\n b\r\n" + LENGTH + b"\r\n" + BODY,
    "a space before the colon": HEAD + b"X-Space : a\r\n" + LENGTH + b"\r\n" + BODY,
    "spaces around a value": HEAD + b"X-Space:  \t a \t \r\n" + LENGTH + b"\r\n" + BODY,
    "spaces in a value": HEAD + b"X-Space: a \t b\r\n" + LENGTH + b"\r\n" + BODY,
    "other characters": HEAD + b"X-Latin: \xe4\r\n" + LENGTH + b"\r\n" + BODY,
    "a header twice": HEAD + b"X-Two: a\r\nX-Two: b\r\n" + LENGTH + b"\r\n" + BODY,
    "control characters": HEAD + b"X-Null: a\0b\r\n" + LENGTH + b"\r\n" + BODY,
    "a long head": HEAD + b"X-Long: %b\r\n" % (b"a" * HEAD_BYTES) + LENGTH + b"\r\n" + BODY,
    "nonsense": b"\x16\x03\x01 hello",
}
"""Requests that h11 reads in its own way, or refuses."""


def read(*chunks: bytes) -> list[object]:
    """The requests in what arrives: the heads, the whole bodies, and what ends them."""
    exchange, told = HttpExchange(), list[object]()
    for chunk in chunks:
        exchange.receive(chunk)
        for part in parts(exchange):
            if isinstance(part, bytes) and told and isinstance(told[-1], bytes):
                told[-1] += part
            else:
                told.append(part)
    told.append(exchange.is_read)
    return told


def parts(exchange: HttpExchange) -> Iterator[object]:
    while True:
        try:
            part = exchange.next()
        except RequestRefused as refused:
            yield (refused.status, str(refused))
            return
        match part:
            case Mark.MORE:
                return
            case Mark.CLOSED:
                yield part
                return
            case Mark.END:
                yield part
                response = HttpResponse(body=b"ok", keep_alive=True)
                yield ["answered", exchange.respond(response, method="POST", keep_alive=True)]
                if not exchange.is_reusable:
                    return
                exchange.start_next()
            case RequestHead():
                yield part
                yield ["interim", exchange.go_on()]
            case _:
                yield part


def unusual(_: bytes) -> None:
    return None


def h11_reads(monkeypatch: pytest.MonkeyPatch, *chunks: bytes) -> list[object]:
    with monkeypatch.context() as patch:
        patch.setattr(http_exchange, "_usual_head", unusual)
        return read(*chunks)


def test_what_is_usual_is_read_without_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, request in USUAL.items():
        assert read(request) == h11_reads(monkeypatch, request), name
    monkeypatch.setattr(h11.Connection, "receive_data", None)
    told = read(SLACKS + SLACKS)
    assert [type(one) for one in told].count(RequestHead) == 2
    assert told[2] == BODY


def test_everything_else_is_left_to_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, request in UNUSUAL.items():
        # The answers alone cannot show who has read a request.
        assert http_exchange._usual_head(request) is None, name  # pyright: ignore[reportPrivateUsage]
        assert read(request) == h11_reads(monkeypatch, request), name


def test_it_makes_no_difference_in_which_pieces_a_request_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = SLACKS + SLACKS
    expected = h11_reads(monkeypatch, whole)
    for place in range(1, len(whole)):
        assert read(whole[:place], whole[place:]) == expected, place
    assert read(*(bytes([one]) for one in whole)) == expected


def test_damaged_requests_are_read_as_by_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(SEED)
    alphabet = (
        b"\r",
        b"\n",
        b" ",
        b"\t",
        b":",
        b",",
        b"0",
        b"\0",
        b"\x7f",
        b"\xff",
        b"",
        b"\r\n",
        HOST,
        LENGTH,
    )
    for _ in range(count(300, deep=20_000)):
        request = chance.choice((*USUAL.values(), *UNUSUAL.values()))[:1_000]
        for _ in range(chance.randint(1, 3)):
            place, length = chance.randrange(len(request)), chance.choice((0, 0, 1, 1, 2))
            request = request[:place] + chance.choice(alphabet) + request[place + length :]
        place = chance.randint(0, len(request))
        chunks = [one for one in (request[:place], request[place:]) if one]
        assert read(*chunks) == h11_reads(monkeypatch, *chunks), chunks


@pytest.mark.parametrize("keep_alive", [True, False])
def test_a_response_is_written_as_by_h11(monkeypatch: pytest.MonkeyPatch, *, keep_alive: bool) -> None:
    responses = [
        HttpResponse(),
        HttpResponse(status=401, headers={"Content-Type": "text/plain", "X-Two": "a"}, body=b"no\n"),
        HttpResponse(status=503, body=b"\xff\0"),
    ]

    def written(response: HttpResponse) -> bytes:
        exchange = HttpExchange()
        exchange.receive(SLACKS)
        while exchange.next() is not Mark.END:
            pass
        return exchange.respond(response, method="POST", keep_alive=keep_alive)

    ours = [written(one) for one in responses]
    monkeypatch.setattr(http_exchange, "_usual_head", unusual)
    assert ours == [written(one) for one in responses]


def test_a_response_with_a_line_in_a_header_is_refused() -> None:
    exchange = HttpExchange()
    exchange.receive(SLACKS)
    with pytest.raises(Exception, match="Illegal header value"):
        exchange.respond(HttpResponse(headers={"a": "b\r\nc: d"}), method="POST", keep_alive=True)
