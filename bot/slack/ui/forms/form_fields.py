"""Fields of forms, and what stands between them, as forms declare them."""

from collections.abc import Callable
from datetime import date, datetime, time

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block
from bot.slack.ui.forms.submitted_values import SubmittedValues

MAX_OPTIONS = 400
"""Options of one field: three such fields still fit in a view."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One option: its value, its text, and an explanation if all options are visible."""

    value: str
    text: str
    means: str = ""


class Paragraph(msgspec.Struct, frozen=True, kw_only=True):
    """A mrkdwn paragraph between the fields, perhaps with a button; text of users is escaped already."""

    text: str
    pressed: Block | None = None


class Divider(msgspec.Struct, frozen=True, kw_only=True):
    """A line between the fields."""


class ImpliedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A value that submitting the form changes without a field for it; it is invisible.

    `initial` is what stands now, in words or as the id of a `person`; `becomes` says what the handed-in
    values make of it, None where they leave it alone.
    """

    key: str
    label: str
    initial: str
    becomes: Callable[[SubmittedValues], str | None]
    person: bool = False


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """Two people's values of one field, as mrkdwn: the stored one, its author, and one's own."""

    label: str
    who: str
    theirs: str
    mine: str


class _Field(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes of all fields; with `suggested`, the initial value is a proposal that is not stored yet."""

    key: str
    label: str
    hint: str = ""
    required: bool = False
    suggested: bool = False


class TextField(_Field, frozen=True, kw_only=True):
    """A box to type in, `limit` characters at most; with `lines` it has several of them."""

    initial: str = ""
    placeholder: str = ""
    limit: int = slack_limits.INPUT
    lines: bool = False


class ChoiceField(_Field, frozen=True, kw_only=True):
    """One of several options; with `radio` all of them are seen at once (at most ten).

    With `redraws`, the form is shown again after each choice; the options' values are targets then.
    """

    options: tuple[Option, ...]
    initial: str | None = None
    radio: bool = False
    redraws: bool = False


class MultiSelectField(_Field, frozen=True, kw_only=True):
    """Any number of options; more than a hundred are spread over several boxes."""

    options: tuple[Option, ...]
    initial: tuple[str, ...] = ()


class CheckboxesField(_Field, frozen=True, kw_only=True):
    """Any number of a few options, all of them seen at once (at most ten)."""

    options: tuple[Option, ...]
    initial: tuple[str, ...] = ()


class CheckboxField(_Field, frozen=True, kw_only=True):
    """One box to tick."""

    text: str
    initial: bool = False


class PersonField(_Field, frozen=True, kw_only=True):
    """One person of the workspace; `hidden` is who stands there and is not offered."""

    initial: str | None = None
    hidden: str = ""


class PeopleField(_Field, frozen=True, kw_only=True):
    """Any number of people of the workspace."""

    initial: tuple[str, ...] = ()


class ChannelField(_Field, frozen=True, kw_only=True):
    """A channel; the one that the person looks at is filled in."""


class DateField(_Field, frozen=True, kw_only=True):
    """A day."""

    initial: date | None = None


class DateTimeField(_Field, frozen=True, kw_only=True):
    """A day and a time of day; Slack shows both in the zone of the person who fills it in."""

    initial: datetime | None = None


class TimeField(_Field, frozen=True, kw_only=True):
    """A time of day, in the zone of the person who fills it in."""

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
    | DateField
    | DateTimeField
    | TimeField
)
FormPart = Paragraph | Divider | SideBySide | ImpliedChange | Field
