"""The arguments of one Web API call."""

import base64
import json
from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qsl

from bot.sandbox.slack_json import ApiError, Json


class ApiArguments:
    """Arguments of a call, as text or JSON, in any form that Slack accepts."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = dict(values)

    @classmethod
    def read(cls, *, query: str, content_type: str, body: bytes) -> "ApiArguments":
        """Read a request's arguments from its query and its form or JSON body; raises ApiError."""
        values: dict[str, object] = dict(parse_qsl(query, keep_blank_values=True))
        if content_type.startswith("application/json"):
            values |= _json_object(body)
        elif body:
            try:
                text = body.decode()
            except UnicodeDecodeError as not_utf8:
                raise ApiError("invalid_charset") from not_utf8
            values |= dict(parse_qsl(text, keep_blank_values=True))
        return cls(values)

    def with_basic(self, authorization: str) -> "ApiArguments":
        """Return the arguments with an app's ID and secret from Basic authorization, if present."""
        kind, _, written = authorization.partition(" ")
        if kind != "Basic":
            return self
        try:
            client_id, _, secret = base64.b64decode(written).decode().partition(":")
        except ValueError as broken:
            raise ApiError("invalid_auth") from broken
        return ApiArguments({**self.values, "client_id": client_id, "client_secret": secret})

    def text(self, name: str) -> str | None:
        """Return an argument as text, or None if it is missing or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        return str(value)

    def required(self, name: str) -> str:
        """Return an argument as text; raises ApiError if it is missing."""
        value = self.text(name)
        if value is None:
            raise ApiError("invalid_arguments", (f"[ERROR] missing required field: {name}",))
        return value

    def flag(self, name: str) -> bool:
        """Return an argument as a boolean."""
        return str(self.values.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """Return an argument as an integer; raises ApiError."""
        value = self.text(name)
        if value is None:
            return default
        try:
            return int(value)
        except ValueError as no_number:
            raise ApiError(f"invalid_{name}") from no_number

    def data(self, name: str, *, error: str) -> object:
        """Return an argument that is JSON or JSON text; raises ApiError with the given code."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError as broken:
            raise ApiError(error) from broken


def _json_object(body: bytes) -> Json:
    try:
        read: object = json.loads(body or b"{}")
    except (json.JSONDecodeError, UnicodeDecodeError) as broken:
        raise ApiError("invalid_json") from broken
    if not isinstance(read, dict):
        raise ApiError("json_not_object")
    return cast("Json", read)
