"""Values of fields in words."""

from datetime import date, datetime, time

from bot.slack.protocol.date_markup import moment
from bot.slack.protocol.escaping import escape
from bot.slack.ui.forms.form_fields import (
    ChannelField,
    ChecksField,
    Choice,
    ChoiceField,
    DayField,
    Field,
    Implied,
    ManyField,
    MomentField,
    PeopleField,
    PersonField,
    TextField,
    TickField,
    TimeField,
)
from bot.slack.ui.forms.submitted_values import Value
from domain.due_dates import short_day
from domain.elements import PersonId
from domain.naming import Naming


def in_words(field: Field | Implied, value: Value, naming: Naming) -> str:
    """Return a field's value as mark-up; “nothing” if it is empty."""
    return _words(field, value, naming) or "_nothing_"


def _words(field: Field | Implied, value: Value, naming: Naming) -> str:
    match field:
        case ChoiceField():
            return _texts(field.options, (value,) if isinstance(value, str) else ())
        case ManyField() | ChecksField():
            return _texts(field.options, value if isinstance(value, tuple) else ())
        case PersonField():
            return _people((value,) if isinstance(value, str) and value else (), naming)
        case PeopleField():
            return _people(value if isinstance(value, tuple) else (), naming)
        case Implied() if field.person:
            return _people((value,) if isinstance(value, str) and value else (), naming)
        case TickField():
            return escape(field.text) if value else ""
        case DayField() | MomentField() | TimeField() | TextField() | ChannelField() | Implied():
            return _written(value)


def _written(value: Value) -> str:
    match value:
        case datetime():
            return moment(value)
        case date():
            return short_day(value)
        case time():
            return f"{value:%H:%M}"
        case str() if value:
            return escape(value, _SHOWN)
        case _:
            return ""


def _texts(options: tuple[Choice, ...], chosen: tuple[str, ...]) -> str:
    return escape(", ".join(one.text for one in options if one.value in chosen), _SHOWN, empty="")


def _people(people: tuple[str, ...], naming: Naming) -> str:
    return escape(", ".join(naming(PersonId(one)) for one in people), _SHOWN, empty="")


_SHOWN = 600
