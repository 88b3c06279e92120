"""Values of fields in words."""

from datetime import date, datetime, time

from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import escape
from bot.slack.ui.forms.form_fields import (
    ChannelField,
    CheckboxesField,
    CheckboxField,
    ChoiceField,
    DateField,
    DateTimeField,
    Field,
    FilesField,
    ImpliedChange,
    MultiSelectField,
    Option,
    PeopleField,
    PersonField,
    TextField,
    TimeField,
)
from bot.slack.ui.forms.submitted_values import FieldValue
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming


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
            return _people((value,) if isinstance(value, str) and value else (), naming)
        case PeopleField():
            return _people(value if isinstance(value, tuple) else (), naming)
        case ImpliedChange() if field.person:
            return _people((value,) if isinstance(value, str) and value else (), naming)
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
        case str() if value:
            return escape(value, _SHOWN)
        case _:
            return ""


def _texts(options: tuple[Option, ...], chosen: tuple[str, ...]) -> str:
    return escape(", ".join(one.text for one in options if one.value in chosen), _SHOWN, empty="")


def _people(people: tuple[str, ...], naming: Naming) -> str:
    return escape(", ".join(naming(PersonId(one)) for one in people), _SHOWN, empty="")


_SHOWN = 600
