"""Parts of forms: fields, paragraphs and dividers, as forms declare them."""

from collections.abc import Callable
from datetime import date, datetime, time

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block
from bot.slack.ui.forms.submitted_values import SubmittedValues

MAX_OPTIONS = 400
"""Maximum options of one field, so that three such fields fit in a view."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """Option: value, text, and an explanation shown if all options are visible.

    Options with a `group` are shown under its heading in a menu; then every option of the field has one.
    """

    value: str
    text: str
    means: str = ""
    group: str = ""


class Paragraph(msgspec.Struct, frozen=True, kw_only=True):
    """Paragraph of mrkdwn between fields, optionally with a button; users' text is already escaped."""

    text: str
    pressed: Block | None = None


class ButtonRow(msgspec.Struct, frozen=True, kw_only=True):
    """Row of buttons between fields."""

    buttons: tuple[Block, ...]


class Divider(msgspec.Struct, frozen=True, kw_only=True):
    """Divider between fields."""


class ImpliedChange(msgspec.Struct, frozen=True, kw_only=True):
    """Value that a submission changes without a visible field.

    `initial` is the stored value, as text or the ID of a `person`; `new_value` returns the new value for the
    submitted ones, None for no change.
    """

    key: str
    label: str
    initial: str
    new_value: Callable[[SubmittedValues], str | None]
    person: bool = False


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """Conflicting values of a field as mrkdwn: the stored value, its author, and the submitted value."""

    label: str
    who: str
    theirs: str
    mine: str


class _Field(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes of all fields; with `suggested`, the initial value is a suggestion that is not stored."""

    key: str
    label: str
    hint: str = ""
    required: bool = False
    suggested: bool = False


class TextField(_Field, frozen=True, kw_only=True):
    """Text field of at most `limit` characters; multiline with `lines`."""

    initial: str = ""
    placeholder: str = ""
    limit: int = slack_limits.INPUT
    lines: bool = False


class ChoiceField(_Field, frozen=True, kw_only=True):
    """Single choice; with `radio` as radio buttons (at most ten options).

    With `rerenders`, the form is rendered again after each choice; the options' values are then targets.
    """

    options: tuple[Option, ...]
    initial: str | None = None
    radio: bool = False
    rerenders: bool = False


class MultiSelectField(_Field, frozen=True, kw_only=True):
    """Multiple choice; more than a hundred options are spread over several menus."""

    options: tuple[Option, ...]
    initial: tuple[str, ...] = ()


class CheckboxesField(_Field, frozen=True, kw_only=True):
    """Group of checkboxes; more than ten are spread over several groups."""

    options: tuple[Option, ...]
    initial: tuple[str, ...] = ()


class CheckboxField(_Field, frozen=True, kw_only=True):
    """Single checkbox."""

    text: str
    initial: bool = False


class PersonField(_Field, frozen=True, kw_only=True):
    """Person of the workspace; `hidden` is a stored person who cannot be chosen."""

    initial: str | None = None
    hidden: str = ""


class PeopleField(_Field, frozen=True, kw_only=True):
    """People of the workspace."""

    initial: tuple[str, ...] = ()


class ChannelField(_Field, frozen=True, kw_only=True):
    """Channel; defaults to the channel that the person has open."""


class FilesField(_Field, frozen=True, kw_only=True):
    """Files that the person uploads, at most `most` of them; endings without a dot restrict the choice."""

    most: int = slack_limits.FILES
    endings: tuple[str, ...] = ()


class DateField(_Field, frozen=True, kw_only=True):
    """Date."""

    initial: date | None = None


class DateTimeField(_Field, frozen=True, kw_only=True):
    """Date and time, in the time zone of the person who fills it in."""

    initial: datetime | None = None


class TimeField(_Field, frozen=True, kw_only=True):
    """Time of day, in the time zone of the person who fills it in."""

    initial: time | None = None


Field = (
    TextField
    | ChoiceField
    | MultiSelectField
    | CheckboxesField
    | CheckboxField
    | PersonField
    | PeopleField
    | ChannelField
    | FilesField
    | DateField
    | DateTimeField
    | TimeField
)
FormPart = Paragraph | ButtonRow | Divider | SideBySide | ImpliedChange | Field
