"""Answers of a workspace as written to a file: no names, IDs or user text."""

from typing import Final, Generic, Literal, TypeAlias, TypeVar

import msgspec

FORMAT: Final = "threatmodel-slack-probe"
VERSION: Final = 1
"""Raised whenever a key changes its meaning or goes; new keys alone need no new version."""

OK: Final = "ok"

T = TypeVar("T")

Reason = Literal[
    "not_reached",  # the probe was ended before this question
    "alone",  # it takes a person, and none was asked for
    "no_person",  # no one pressed the button in time
    "no_channel",  # the option that names the second channel was not given
    "no_app_token",  # interactions of a person are received over Socket Mode only
    "no_connection",  # Socket Mode did not open
    "shared_connection",  # another process is connected and would hear some of it
    "no_answer",  # the person did not do this step within the time
]
"""Why a question was not asked."""


class Answered(msgspec.Struct, Generic[T], frozen=True, kw_only=True, tag="answered", tag_field="status"):
    """The workspace answered."""

    answer: T


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed", tag_field="status"):
    """The question could not be put: Slack's code for why, and what it says in addition."""

    code: str
    detail: str = ""


class Skipped(msgspec.Struct, frozen=True, kw_only=True, tag="skipped", tag_field="status"):
    """The question was not asked."""

    reason: Reason


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of one call: `ok`, or Slack's code with its detail."""

    code: str = OK
    detail: str = ""


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """The installation: scopes against those of the manifest, and whether it is on Enterprise Grid.

    `scopes_listed` says whether Slack names the granted scopes at all.
    """

    scopes_listed: bool
    missing_scopes: tuple[str, ...]
    extra_scopes: tuple[str, ...]
    enterprise: bool
    org_wide: bool


class FieldDifferences(msgspec.Struct, frozen=True, kw_only=True):
    """Differences between a response's fields and the recorded ones: paths with types, never values."""

    missing: tuple[str, ...]
    unknown: dict[str, str]
    other_type: dict[str, str]


class AnswerFields(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: name.replace("_", ".", 1)):  # pyrefly: ignore[implicit-any-lambda]
    """The fields of three answers."""

    conversations_info: FieldDifferences
    conversations_members: FieldDifferences
    users_info: FieldDifferences


class LargestCard(msgspec.Struct, frozen=True, kw_only=True):
    """Whether Slack accepts the largest card that the bot makes."""

    posted: Outcome
    updated: Outcome


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A text of as many characters as the limit says, and one of one character more."""

    at: Outcome
    over: Outcome


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """Texts of one kind of character each: `a`, `&amp;`, `&`, and an emoji outside the basic plane."""

    ascii: Edge
    escaped: Edge
    ampersand: Edge
    astral: Edge


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """Texts at their limits: a section's, a header's, and the text of an edited message."""

    section: Letters
    header: Letters
    edit: Letters


class DirectMessageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The direct message with a person: is metadata found in the history, also after an edit without any?"""

    info: Outcome
    metadata_found: bool
    metadata_kept: bool


Appeared = Literal["immediately", "later", "never"]
"""The time between the completed upload of a file and its appearance; `later` is within a minute."""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """A file in a thread: whether its upload was completed, and when it appeared."""

    completed: Outcome
    appeared: Appeared


class WithAndWithout(msgspec.Struct, frozen=True, kw_only=True):
    """The same file with an alternative text and without."""

    plain: Shared
    alt_text: Shared


class FileAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """Files by their kind."""

    png: WithAndWithout
    pdf: WithAndWithout
    json: WithAndWithout
    csv: WithAndWithout


class CanvasAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A report as a canvas of the channel."""

    created: Outcome
    replaced: Outcome
    deleted: Outcome


class TriggerAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of opening a form with an unusable trigger."""

    opened: Outcome


Place = Literal["thread", "channel", "nowhere"]
"""The place where a person saw an answer."""


class Replies(msgspec.Struct, frozen=True, kw_only=True):
    """The places where answers appear after a press in a thread."""

    response_url: Place
    ephemeral: Place


HandedIn = Literal["new", "old", "empty", "other"]
"""Of a field whose initial value changed while it was open: the value that came back."""


class FormAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A form updated with other initial values, then submitted untouched."""

    same_block_id: HandedIn
    new_block_id: HandedIn


Team = Literal["installation", "enterprise", "other", "absent"]
"""A team id in relation to the installation, in place of the id."""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """The teams that the event of a mention names.

    `authorization` is that of the first one listed; `authorizations` says whether any is.
    """

    outer: Team
    context: Team
    authorizations: Literal["listed", "empty", "absent"]
    authorization: Team
    actor: Team


Point: TypeAlias = Answered[T] | Failed | Skipped

_NOT_REACHED: Final = Skipped(reason="not_reached")


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """Every question, each by itself."""

    installation: Point[Installed] = _NOT_REACHED
    fields: Point[AnswerFields] = _NOT_REACHED
    largest_card: Point[LargestCard] = _NOT_REACHED
    texts: Point[Texts] = _NOT_REACHED
    files: Point[FileAnswers] = _NOT_REACHED
    canvas: Point[CanvasAnswer] = _NOT_REACHED
    unknown_trigger: Point[TriggerAnswer] = _NOT_REACHED
    direct_message: Point[DirectMessageAnswer] = _NOT_REACHED
    replies: Point[Replies] = _NOT_REACHED
    expired_trigger: Point[TriggerAnswer] = _NOT_REACHED
    form: Point[FormAnswer] = _NOT_REACHED
    mention: Point[Mention] = _NOT_REACHED
    mention_in_shared_channel: Point[Mention] = _NOT_REACHED


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    format: Literal["threatmodel-slack-probe"] = FORMAT
    version: Literal[1] = VERSION
    points: Points = Points()


def answers_json(points: Points) -> bytes:
    """Return the file's content: the same answers give the same bytes."""
    raw = msgspec.json.encode(Answers(points=points), order="deterministic")
    return msgspec.json.format(raw, indent=2) + b"\n"
