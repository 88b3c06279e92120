"""Decoding of request bodies: JSON, or a form with JSON in its field `payload`."""

import json
from binascii import a2b_qp
from typing import cast
from urllib.parse import unquote_to_bytes

import msgspec

from bot.slack.protocol.requests import Json

_JSON = "application/json"
_PAYLOAD = "payload"


def decode_body(body: bytes, content_type: str) -> Json:
    """Return the payload of a body; raises ValueError, or RecursionError if it is nested too deeply."""
    if content_type.partition(";")[0] == _JSON or body.startswith(b"{"):
        return _read_object(body)
    fields = decode_form(body)
    payload = fields.get(_PAYLOAD)
    if payload is not None:
        return _read_object(payload)
    return {name: value.decode(errors="replace") for name, value in fields.items()}


def decode_form(body: bytes) -> dict[str, bytes]:
    """Decode form fields as `urllib.parse.parse_qsl` does; of repeated names the last counts."""
    fields: dict[str, bytes] = {}
    for pair in body.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            fields[_unquote(name).decode(errors="replace")] = _unquote(value)
    return fields


def _unquote(quoted: bytes) -> bytes:
    """Replace `+` by a space and `%XX` by its byte.

    The standard library knows this encoding in Python only, and a similar one for mail headers in C: there an
    escape is `=XX`, and a space is `_`.
    """
    escapes = quoted.count(b"%")
    if not escapes:
        return quoted.replace(b"+", b" ")
    if b"\n" not in quoted and b"\r" not in quoted:  # after an escape sign they would mean a wrapped line
        mail = quoted.replace(b"=", b"%3D").replace(b"_", b"%5F").replace(b"+", b"_").replace(b"%", b"=")
        decoded = a2b_qp(mail, header=True)
        # Each escape is two bytes shorter now. One that is not valid stands as it is, and the text is longer.
        if len(decoded) == len(quoted) - 2 * escapes:
            return decoded
    return unquote_to_bytes(quoted.replace(b"+", b" "))


def _read_object(text: bytes) -> Json:
    try:
        read = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Such as half characters, which JSON can name; they are replaced where the payload is read.
        read = json.loads(text.decode(errors="replace"))
    if not isinstance(read, dict):
        raise ValueError("no JSON object")
    return cast("Json", read)
