"""Requests are read in whatever pieces they arrive, and ambiguous ones are refused."""

import pytest

from bot.slack.transport.http_messages import (
    HEAD_BYTES,
    HttpExchange,
    HttpResponse,
    Mark,
    RequestHead,
    RequestRefused,
)

BODY = b"payload=%7B%22type%22%3A%22view_submission%22%7D"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
HEAD = b"POST /slack/events?a=b%20c HTTP/1.1\r\nHost: bot.example\r\nX-Empty:\r\nX-Two: a\r\nX-Two: b\r\n"
REQUEST = HEAD + LENGTH + b"\r\n" + BODY
REFUSED = {
    "two different lengths": HEAD + LENGTH + b"content-length: 1\r\n\r\n" + BODY,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "a signed length": HEAD + b"Content-Length: +3\r\n\r\nabc",
    "no host": b"POST / HTTP/1.1\r\n" + LENGTH + b"\r\n" + BODY,
    "two hosts": HEAD + b"Host: other.example\r\n" + LENGTH + b"\r\n" + BODY,
    "a space before the colon": HEAD + b"X-Space : a\r\n" + LENGTH + b"\r\n" + BODY,
    "control characters": HEAD + b"X-Null: a\0b\r\n" + LENGTH + b"\r\n" + BODY,
    "a long head": HEAD + b"X-Long: " + b"a" * HEAD_BYTES,
    "nonsense": b"\x16\x03\x01 hello",
}


def read(*chunks: bytes) -> list[object]:
    """The heads and whole bodies of the requests in what arrives; each is answered."""
    exchange, found = HttpExchange(), list[object]()
    for chunk in chunks:
        exchange.receive(chunk)
        while (part := exchange.next()) is not Mark.MORE:
            if part is Mark.END:
                exchange.respond(HttpResponse(body=b"ok"), method="POST", keep_alive=True)
                exchange.start_next()
            elif isinstance(part, bytes) and isinstance(found[-1], bytes):
                found[-1] += part
            else:
                found.append(part)
    return found


def test_it_makes_no_difference_in_which_pieces_a_request_arrives() -> None:
    whole = REQUEST + REQUEST
    expected = read(whole)
    headers = {"host": "bot.example", "x-empty": "", "x-two": "a, b", "content-length": f"{len(BODY)}"}
    head = RequestHead(method="POST", path="/slack/events", query="a=b%20c", headers=headers)
    assert expected == [head, BODY, head, BODY]
    for place in range(1, len(whole)):
        assert read(whole[:place], whole[place:]) == expected, place


@pytest.mark.parametrize("name", REFUSED)
def test_a_malformed_or_ambiguous_request_is_refused(name: str) -> None:
    with pytest.raises(RequestRefused, match="Malformed HTTP request"):
        read(REFUSED[name])


def test_a_response_with_a_line_in_a_header_is_refused() -> None:
    exchange = HttpExchange()
    exchange.receive(REQUEST)
    with pytest.raises(Exception, match="Illegal header value"):
        exchange.respond(HttpResponse(headers={"a": "b\r\nc: d"}), method="POST", keep_alive=True)
