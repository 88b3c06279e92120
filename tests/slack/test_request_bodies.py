"""What Slack posts is decoded as Bolt decodes it."""

import json
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_bolt.request import BoltRequest

from bot.slack.transport.request_signatures import decode_body

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_PAYLOADS: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), _PAYLOADS, max_size=4), st.booleans())
@example({"half a character": "\ud800"}, True)
@example({"no number": float("nan"), "large": 1 << 200}, False)
def test_a_payload_is_decoded_as_bolt_decodes_it(payload: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps({**payload, "type": "anything"}, ensure_ascii=ascii_only)
    posted = {JSON: text, FORM: "payload=" + quote_plus(text)}
    for content_type, body in posted.items():
        bolts = BoltRequest(body=body, headers={"content-type": content_type}).body
        # By what they say: a number that is none is not equal to itself.
        assert json.dumps(decode_body(body.encode(), content_type)) == json.dumps(bolts)


def test_a_command_may_speak_of_a_payload() -> None:
    said = {"command": "/threatmodel", "text": "add asset payload"}
    assert decode_body(urlencode(said).encode(), FORM) == said


@pytest.mark.parametrize("body", [b"payload=null", b"payload=[1]", b"payload=%5B", b"{", b"payload=%FF"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_body(body, FORM)
