"""Behavior of a workspace where it can differ from Slack's documentation.

Each field is one point with a number from the list of known deviations (D1, D2, …). The default is Slack's
reported behavior. A test, or a file with answers of a real workspace, can set another value.
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Literal

from msgspec import Struct

from bot.sandbox.slack_json import ApiError


class SlackRefusal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An error code, and additional details from Slack."""

    code: str
    detail: str = ""

    def error(self) -> ApiError:
        """Return the refusal as an error to raise."""
        return ApiError(self.code, **({"detail": self.detail} if self.detail else {}))


class LengthCounting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counting of a text's characters where its length is limited."""

    ampersand: Literal["as_written", "escaped", "unescaped"] = "as_written"
    """Whether `&` counts as the five characters `&amp;`, or `&amp;` as the one character `&`."""
    astral_is_two: bool = False
    """Whether a character outside the basic plane, such as most emoji, counts as two."""
    limited: bool = True
    """Whether a text longer than the limit is refused at all."""

    def length(self, text: str) -> int:
        """Return the counted length of a text."""
        if not self.limited:
            return min(1, len(text))
        if self.ampersand == "escaped":
            text = _BARE_AMPERSAND.sub("&amp;", text)
        elif self.ampersand == "unescaped":
            text = unescape(text)
        return len(text) + (sum(letter > "\uffff" for letter in text) if self.astral_is_two else 0)


class FieldOverrides(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Differences of a response's fields: missing paths, and additional paths with their types."""

    missing: tuple[str, ...] = ()
    present: Mapping[str, str] = {}


class Behavior(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The points on which a workspace can behave in more than one way."""

    alt_text_hides_files: bool = True
    """D1: whether a file that is no image is accepted but never shared when it comes with `alt_txt`."""
    files_appear_after: float | None = 0.0
    """D1: the seconds after which an uploaded file is shared; None for a workspace that shares none."""
    response_url_reaches_thread: bool = False
    """D2: whether a new message by `response_url` appears in the thread of the message that was pressed;
    otherwise it appears in the channel."""
    response_url_replaces: bool = True
    """Whether a response with `replace_original` replaces the message that was pressed; otherwise it is
    another message."""
    response_url_uses: int = 5
    """The number of responses that a `response_url` accepts."""
    foreign_outer_team: bool = True
    """D3: whether the outer `team_id` of events in a shared channel is that of the other workspace."""
    enterprise: str | None = None
    """D4: the ID of the workspace's organization on Enterprise Grid, if there is one."""
    uninstall_is_repeated: bool = True
    """Whether the events of an uninstallation are delivered again after a new installation."""
    expired_trigger_in_detail: bool = False
    """D5: whether an expired trigger is `invalid_arguments` with the reason in `detail`.

    Otherwise the code is `expired_trigger_id`.
    """
    direct_info_takes_scope: bool = True
    """D6: whether `conversations.info` requires `im:read` for direct messages.

    Otherwise the right to open them suffices.
    """
    update_hands_in_initial_values: bool = False
    """D8: whether an update keeps the initial value of an untouched field.

    It concerns updates under the same block ID. Otherwise the field is submitted empty, although the client
    shows the initial value.
    """
    context_team_listed: bool = True
    """D3: whether an event names the team of the installation as `context_team_id`."""
    authorizations_listed: bool = True
    """D9: whether an event's `authorizations` names the installation; otherwise the list is empty."""
    canvas_refusals: Mapping[str, SlackRefusal] = {}
    """D12: which calls of `canvases.create`, `canvases.edit` and `canvases.delete` are refused, and how."""
    hidden_files: frozenset[str] = frozenset()
    """D1: kinds of files that are accepted but never shared, such as `csv`; with `+alt_txt` at the end, those
    that come with an alternative text."""
    missing_scopes: frozenset[str] = frozenset()
    """Scopes of the manifest that the installation was not granted; read at the start of the workspace."""
    extra_scopes: frozenset[str] = frozenset()
    """Additional scopes that it was granted; read at the start of the workspace."""
    fields: Mapping[str, FieldOverrides] = {}
    """Differences in the responses of `conversations.info`, `conversations.members` and `users.info`."""
    large_messages_taken: bool = True
    """Whether the blocks of a message may be as large as the bot makes them."""
    blocks_counting: LengthCounting = LengthCounting()
    """How the texts in the blocks of messages are counted."""
    edits_counting: LengthCounting = LengthCounting()
    """How the text of an edited message is counted."""
    metadata_in_history: bool = True
    """Whether the history of a direct message shows the metadata of messages."""
    metadata_survives_edit: bool = True
    """Whether a message that is edited without metadata keeps its metadata."""
    ephemeral_reaches_thread: bool = True
    """Whether an ephemeral message appears in the thread that it names."""
    unknown_trigger: SlackRefusal = SlackRefusal(code="invalid_trigger_id")
    """The refusal of a trigger that was never issued."""


_BARE_AMPERSAND = re.compile("&(?!(?:amp|lt|gt);)")
