"""Three-way merge of a form: as it was shown, as it was submitted, and as it would be shown now.

A field that its sender left alone takes the stored value, so that it neither overwrites nor clears anything.
A field that only its sender changed is saved. Two different changes of the same field are a clash.
A list (people, options) is one value: two people's changes to it are not mixed, because an empty list often
means all participants.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    ChannelField,
    CheckboxesField,
    CheckboxField,
    ChoiceField,
    DateField,
    DateTimeField,
    Divider,
    Field,
    FilesField,
    FormPart,
    ImpliedChange,
    MultiSelectField,
    Paragraph,
    PeopleField,
    PersonField,
    SideBySide,
    TextField,
    TimeField,
)
from bot.slack.ui.forms.submitted_values import FieldValue, SubmittedValues

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
        case _:
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
            return field.initial if any(one.value == field.initial for one in field.options) else None
        case MultiSelectField() | CheckboxesField():
            return tuple(one.value for one in field.options if one.value in field.initial)
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
