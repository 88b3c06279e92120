"""Fields of forms: their declaration, the values submitted in them, and the merge with what is stored."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final, TypeAlias

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.escaping import clip, escape, local_time
from bot.slack.protocol.targets import StaleButton
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import Naming

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


BLANK: Final = "-"
"""The value of the option that leaves a choice open."""


class Paragraph(msgspec.Struct, frozen=True, kw_only=True):
    """Paragraph of mrkdwn between fields, optionally with a button; users' text is already escaped."""

    text: str
    pressed: Block | None = None


class ButtonRow(msgspec.Struct, frozen=True, kw_only=True):
    """Row of buttons between fields."""

    buttons: tuple[Block, ...]


class Divider(msgspec.Struct, frozen=True, kw_only=True):
    """Divider between fields."""


FieldValue: TypeAlias = str | tuple[str, ...] | date | time | None


class SubmittedValues(msgspec.Struct, frozen=True):
    """Values of a submitted form, by the keys of its fields."""

    by_key: Mapping[str, FieldValue]

    def text(self, key: str) -> str:
        """Return the text of a field; empty if there is none."""
        value = self.by_key.get(key)
        return value if isinstance(value, str) else ""

    def day(self, key: str) -> date | None:
        """Return the day of a field."""
        value = self.by_key.get(key)
        return value if isinstance(value, date) and not isinstance(value, datetime) else None

    def moment(self, key: str) -> datetime | None:
        """Return the moment of a field."""
        value = self.by_key.get(key)
        return value if isinstance(value, datetime) else None

    def time_of_day(self, key: str) -> time | None:
        """Return the time of day of a field."""
        value = self.by_key.get(key)
        return value if isinstance(value, time) else None

    def many(self, key: str) -> tuple[str, ...]:
        """Return the options chosen in a field."""
        value = self.by_key.get(key)
        return value if isinstance(value, tuple) else ()

    def person(self, key: str) -> PersonId | None:
        """Return the person of a field."""
        return PersonId(self.text(key)) if self.text(key) else None

    def people(self, key: str) -> tuple[PersonId, ...]:
        """Return the people of a field."""
        return tuple(PersonId(one) for one in self.many(key))

    @property
    def another(self) -> bool:
        """Whether the form should open again to add another element."""
        return bool(self.by_key.get("another"))


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

    Slack writes “(optional)” beside a field that may stay empty. A choice that is not required has an option
    for that instead, `blank`, which is preselected without an initial value and submitted as None.
    With `rerenders`, the form is rendered again after each choice; the options' values are then targets.
    """

    options: tuple[Option, ...]
    initial: str | None = None
    radio: bool = False
    rerenders: bool = False
    blank: str = "Not set"


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


def read_submitted_state(view: Block) -> dict[str, FieldValue]:
    """Return the values of a submitted view, by key; raises StaleButton for an unknown state."""
    found: dict[str, FieldValue] = {}
    try:
        for block_id, elements in view["state"]["values"].items():
            key = field_key(block_id)
            for element in elements.values():
                value = _READERS[element["type"]](element)
                earlier = found.get(key)
                # The boxes of one spread-out field come one after the other.
                if isinstance(earlier, tuple) and isinstance(value, tuple):
                    value = (*earlier, *value)
                found[key] = value
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StaleButton from error
    return found


def field_key(block_id: str) -> str:
    """Return the key of the field that a block id belongs to."""
    return block_id.partition("~")[0].partition("+")[0]


def _text(element: Block) -> FieldValue:
    return str(element.get("value") or "").strip()


def _selected(element: Block) -> FieldValue:
    option = element.get("selected_option")
    return str(option["value"]) if option and option["value"] != BLANK else None


def _selected_many(element: Block) -> FieldValue:
    return tuple(str(option["value"]) for option in element.get("selected_options") or ())


def _person(element: Block) -> FieldValue:
    return str(element["selected_user"]) if element.get("selected_user") else None


def _people(element: Block) -> FieldValue:
    return tuple(str(person) for person in element.get("selected_users") or ())


def _channel(element: Block) -> FieldValue:
    return str(element["selected_conversation"]) if element.get("selected_conversation") else None


def _day(element: Block) -> FieldValue:
    day = element.get("selected_date")
    return date.fromisoformat(day) if day else None


def _moment(element: Block) -> FieldValue:
    moment = element.get("selected_date_time")
    return datetime.fromtimestamp(int(moment), UTC) if moment else None


def _time(element: Block) -> FieldValue:
    moment = element.get("selected_time")
    return time.fromisoformat(moment) if moment else None


def _files(element: Block) -> FieldValue:
    return tuple(str(file["id"]) for file in element.get("files") or ())


_READERS: dict[str, Callable[[Block], FieldValue]] = {
    "plain_text_input": _text,
    "static_select": _selected,
    "radio_buttons": _selected,
    "multi_static_select": _selected_many,
    "checkboxes": _selected_many,
    "users_select": _person,
    "multi_users_select": _people,
    "conversations_select": _channel,
    "file_input": _files,
    "datepicker": _day,
    "datetimepicker": _moment,
    "timepicker": _time,
}


PlainValue = str | tuple[str, ...]
"""A value as it is compared and kept: text, or the sorted members of a list; empty for none."""


class ShownValue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value that a field showed, and the stored one; a suggestion is not stored."""

    value: PlainValue = ""
    stored: PlainValue = ""

    @property
    def suggested(self) -> bool:
        """Whether the field showed a value that is not stored."""
        return bool(self.value) and self.value != self.stored

    @property
    def hidden(self) -> bool:
        """Whether a value is stored that the form does not offer to this person."""
        return bool(self.stored) and not self.value


ShownValues = Mapping[str, ShownValue]
"""The values that a form showed, by the keys of its fields."""


class FieldConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A field that two people changed differently: the stored value, and the submitted one."""

    field: Field | ImpliedChange
    theirs: FieldValue
    mine: FieldValue


class MergedValues(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a form merged with other people's changes.

    `changed_or_confirmed` are the keys of fields that the sender changed, or confirmed if they were only
    suggested; `touched` those that the sender changed.
    """

    values: SubmittedValues
    changed_or_confirmed: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    clashes: tuple[FieldConflict, ...] = ()


def plain_value(value: FieldValue) -> PlainValue:
    """Return a value as it is compared and kept."""
    match value:
        case None:
            return ""
        case str():
            return value
        case tuple():
            return tuple(sorted(value)) if value else ""
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()


def shown_values(parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return what the fields of a form show."""
    return {part.key: shown_value(part) for part in fields_of(parts)}


def shown_value(field: Field | ImpliedChange) -> ShownValue:
    """Return what a field shows."""
    value = plain_value(initial_value(field))
    if isinstance(field, PersonField) and field.hidden:
        return ShownValue(value=value, stored=field.hidden)
    suggested = not isinstance(field, ImpliedChange) and field.suggested
    return ShownValue(value=value, stored="" if suggested else value)


def fields_of(parts: Sequence[FormPart]) -> list[Field | ImpliedChange]:
    """Return the parts of a form that hold something."""
    return [part for part in parts if not isinstance(part, Paragraph | ButtonRow | Divider | SideBySide)]


def initial_value(field: Field | ImpliedChange) -> FieldValue:
    """Return the value that is submitted for an untouched field."""
    match field:
        case TextField():
            return clip(field.initial, slack_limits.INPUT).strip()
        case ChoiceField():
            return field.initial if any(option.value == field.initial for option in field.options) else None
        case MultiSelectField() | CheckboxesField():
            return tuple(option.value for option in field.options if option.value in field.initial)
        case CheckboxField():
            return ("yes",) if field.initial else ()
        case ChannelField() | FilesField():
            return None
        case DateTimeField():
            return field.initial and field.initial.replace(microsecond=0)
        case TimeField():
            return field.initial and field.initial.replace(second=0, microsecond=0)
        case PersonField() | PeopleField() | DateField() | ImpliedChange():
            return field.initial


def merge_values(
    submitted: SubmittedValues, shown: ShownValues | None, now: Sequence[FormPart] | None
) -> MergedValues:
    """Merge the submitted values with the stored ones.

    `shown` is None if it is no longer known what the form showed: then each difference from a stored value is
    a clash. `now` is None if nothing has changed since.
    """
    fields = {} if now is None else {field.key: field for field in fields_of(now)}
    values = dict(submitted.by_key)
    told: set[str] = set()
    touched: set[str] = set()
    clashes: list[FieldConflict] = []
    for key, value in submitted.by_key.items():
        base = None if shown is None else shown.get(key, ShownValue())
        here = shown_value(fields[key]) if key in fields else base
        mine = plain_value(value)
        if base is None:  # what the form showed is not known
            here = here or ShownValue()
            if mine != here.value or here.suggested:
                touched.add(key)
                # Also if the value is now empty: what the form showed may have been erased since.
                if mine != here.value and key in fields:
                    clashes.append(_clash(fields[key], here, value))
            continue
        assert here is not None  # noqa: S101 (for the type checker: it falls back on the base)
        changed = here.stored != base.stored
        if mine != base.value:
            touched.add(key)
            if changed and mine != here.stored and key in fields:
                clashes.append(_clash(fields[key], here, value))
        elif changed and here.hidden and key in fields:
            clashes.append(_clash(fields[key], here, value))  # the value cannot be taken over
        elif changed:
            values[key] = None if here.suggested else initial_value(fields[key])
        elif base.suggested:
            told.add(key)
    for key, field in fields.items():
        if isinstance(field, ImpliedChange):
            clashes += _implied(field, submitted, shown)
        elif key not in values:
            # It was added after the form was opened: the stored value stays.
            values[key] = None if shown_value(field).suggested else initial_value(field)
    return MergedValues(
        values=SubmittedValues(values),
        changed_or_confirmed=frozenset(told | touched),
        touched=frozenset(touched),
        clashes=tuple(clashes),
    )


def changed_values(shown: ShownValues | None, values: SubmittedValues) -> SubmittedValues:
    """Return the values that differ from what a form showed; all of them if that is unknown."""
    if shown is None:
        return values
    touched = merge_values(values, shown, None).touched
    return SubmittedValues({key: value for key, value in values.by_key.items() if key in touched})


def _implied(
    field: ImpliedChange, submitted: SubmittedValues, shown: ShownValues | None
) -> list[FieldConflict]:
    mine = field.new_value(submitted)
    before = None if shown is None else shown.get(field.key, ShownValue()).value
    if mine is None or not field.initial or field.initial in (mine, before):
        return []
    return [FieldConflict(field=field, theirs=field.initial, mine=mine)]


def _clash(field: Field | ImpliedChange, here: ShownValue, mine: FieldValue) -> FieldConflict:
    offered = None if here.suggested else initial_value(field)
    return FieldConflict(field=field, theirs=here.stored if here.hidden else offered, mine=mine)


def field_value_text(field: Field | ImpliedChange, value: FieldValue, naming: Naming) -> str:
    """Return a field's value as mark-up; “nothing” if it is empty."""
    return _words(field, value, naming) or "_nothing_"


def _words(field: Field | ImpliedChange, value: FieldValue, naming: Naming) -> str:
    match field:
        case ChoiceField():
            return _texts(field.options, (value,) if isinstance(value, str) else ())
        case MultiSelectField() | CheckboxesField():
            return _texts(field.options, value if isinstance(value, tuple) else ())
        case PersonField():
            return _field_value_text_people((value,) if isinstance(value, str) and value else (), naming)
        case PeopleField():
            return _field_value_text_people(value if isinstance(value, tuple) else (), naming)
        case ImpliedChange() if field.person:
            return _field_value_text_people((value,) if isinstance(value, str) and value else (), naming)
        case CheckboxField():
            return escape(field.text) if value else ""
        case (
            DateField()
            | DateTimeField()
            | TimeField()
            | TextField()
            | ChannelField()
            | FilesField()
            | ImpliedChange()
        ):
            return _written(value)


def _written(value: FieldValue) -> str:
    match value:
        case datetime():
            return local_time(value)
        case date():
            return short_day(value)
        case time():
            return f"{value:%H:%M}"
        case str():
            return escape(value, _SHOWN) if value else ""
        case tuple() | None:
            return ""


def _texts(options: tuple[Option, ...], chosen: tuple[str, ...]) -> str:
    return escape(", ".join(option.text for option in options if option.value in chosen), _SHOWN, empty="")


def _field_value_text_people(people: tuple[str, ...], naming: Naming) -> str:
    return escape(", ".join(naming(PersonId(person)) for person in people), _SHOWN, empty="")


_SHOWN = 600
