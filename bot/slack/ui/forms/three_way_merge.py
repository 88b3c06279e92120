"""Three states of a form: as it was shown, as it was handed in, and as it would be shown now.

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
    Beside,
    ChannelField,
    ChecksField,
    ChoiceField,
    DayField,
    Field,
    Implied,
    Line,
    ManyField,
    MomentField,
    Part,
    PeopleField,
    PersonField,
    TextField,
    TickField,
    TimeField,
    Words,
)
from bot.slack.ui.forms.submitted_values import Value, Values

Plain = str | tuple[str, ...]
"""A value as it is compared and kept: text, or the sorted members of a list; empty for none."""


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value that a field showed, and the stored one; a suggestion is not stored anywhere."""

    value: Plain = ""
    stored: Plain = ""

    @property
    def suggested(self) -> bool:
        """Whether the field showed a value that is not stored."""
        return bool(self.value) and self.value != self.stored

    @property
    def hidden(self) -> bool:
        """Whether a value is stored that the form does not offer to this person."""
        return bool(self.stored) and not self.value


Shown = Mapping[str, Held]
"""The values that a form showed, by the keys of its fields."""


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """A field that two people changed differently: the stored value, and the submitted one."""

    field: Field | Implied
    theirs: Value
    mine: Value


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """The values of a form after others' changes are taken into account.

    `told` are the keys of the fields that its sender changed, or confirmed if they were only suggested;
    `touched` those that they changed.
    """

    values: Values
    told: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    clashes: tuple[Clash, ...] = ()


def plain(value: Value) -> Plain:
    """A value as it is compared and kept."""
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


def shown_by(parts: Sequence[Part]) -> dict[str, Held]:
    """Return what the fields of a form show."""
    return {part.key: held_by(part) for part in fields_of(parts)}


def held_by(field: Field | Implied) -> Held:
    """Return what a field shows."""
    value = plain(initial_of(field))
    if isinstance(field, PersonField) and field.hidden:
        return Held(value=value, stored=field.hidden)
    suggested = not isinstance(field, Implied) and field.suggested
    return Held(value=value, stored="" if suggested else value)


def fields_of(parts: Sequence[Part]) -> list[Field | Implied]:
    """The parts of a form that hold something."""
    return [part for part in parts if not isinstance(part, Words | Line | Beside)]


def initial_of(field: Field | Implied) -> Value:
    """Return the value that is submitted for an untouched field."""
    match field:
        case TextField():
            return clip(field.initial, slack_limits.INPUT).strip()
        case ChoiceField():
            return field.initial if any(one.value == field.initial for one in field.options) else None
        case ManyField() | ChecksField():
            return tuple(one.value for one in field.options if one.value in field.initial)
        case TickField():
            return ("yes",) if field.initial else ()
        case ChannelField():
            return None
        case MomentField():
            return field.initial and field.initial.replace(microsecond=0)
        case TimeField():
            return field.initial and field.initial.replace(second=0, microsecond=0)
        case PersonField() | PeopleField() | DayField() | Implied():
            return field.initial


def merge(submitted: Values, shown: Shown | None, now: Sequence[Part] | None) -> Merged:
    """Merge the submitted values with the stored ones.

    `shown` is None if it is no longer known what the form showed: then each difference from a stored value is
    a clash. `now` is None if nothing has changed since.
    """
    fields = {} if now is None else {field.key: field for field in fields_of(now)}
    values = dict(submitted.by_key)
    told: set[str] = set()
    touched: set[str] = set()
    clashes: list[Clash] = []
    for key, value in submitted.by_key.items():
        base = None if shown is None else shown.get(key, Held())
        here = held_by(fields[key]) if key in fields else base
        mine = plain(value)
        if base is None:  # what the form showed is not known
            here = here or Held()
            if mine != here.value or here.suggested:
                touched.add(key)
                # Also where nothing stands: what the form showed may have been erased since.
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
            clashes.append(_clash(fields[key], here, value))  # it cannot simply be taken over
        elif changed:
            values[key] = None if here.suggested else initial_of(fields[key])
        elif base.suggested:
            told.add(key)
    for key, field in fields.items():
        if isinstance(field, Implied):
            clashes += _implied(field, submitted, shown)
        elif key not in values:
            # It was added after the form was opened: the stored value stays.
            values[key] = None if held_by(field).suggested else initial_of(field)
    return Merged(
        values=Values(values),
        told=frozenset(told | touched),
        touched=frozenset(touched),
        clashes=tuple(clashes),
    )


def touched_since(shown: Shown | None, values: Values) -> Values:
    """The values that differ from what a form showed; all of them where that is not known."""
    if shown is None:
        return values
    touched = merge(values, shown, None).touched
    return Values({key: value for key, value in values.by_key.items() if key in touched})


def _implied(field: Implied, submitted: Values, shown: Shown | None) -> list[Clash]:
    mine = field.becomes(submitted)
    before = None if shown is None else shown.get(field.key, Held()).value
    if mine is None or not field.initial or field.initial in (mine, before):
        return []
    return [Clash(field=field, theirs=field.initial, mine=mine)]


def _clash(field: Field | Implied, here: Held, mine: Value) -> Clash:
    offered = None if here.suggested else initial_of(field)
    return Clash(field=field, theirs=here.stored if here.hidden else offered, mine=mine)
