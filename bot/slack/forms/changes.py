"""What differs between a form as it was opened and as it would open now."""

from collections.abc import Sequence

from bot.slack.forms.fields import (
    ChannelField,
    ChecksField,
    Choice,
    ChoiceField,
    Field,
    Line,
    ManyField,
    Part,
    PeopleField,
    PersonField,
    TextField,
    TickField,
    Words,
)
from bot.slack.kit.text import clip, one_line
from domain.elements import PersonId
from domain.naming import Naming


def changes(before: Sequence[Part], after: Sequence[Part], naming: Naming) -> list[str]:
    """A few words for each field that holds something else: `Name: “Keys” → “Key ring”`."""
    held = {part.key: _held(part, naming) for part in before if not isinstance(part, Words | Line)}
    found: list[str] = []
    for part in after:
        if isinstance(part, Words | Line) or part.key not in held:
            continue
        now = _held(part, naming)
        if now != held[part.key]:
            label = part.label.rstrip("?…")
            found.append(f"{label}: {_quoted(held[part.key])} → {_quoted(now)}")
    return found


def _held(field: Field, naming: Naming) -> str:
    match field:
        case TextField():
            return field.initial
        case ChoiceField():
            return _texts(field.options, (field.initial,) if field.initial else ())
        case ManyField() | ChecksField():
            return _texts(field.options, field.initial)
        case PersonField():
            return naming(PersonId(field.initial)) if field.initial else ""
        case PeopleField():
            return ", ".join(naming(PersonId(one)) for one in field.initial)
        case TickField() | ChannelField():
            return ""
        case _:
            return str(field.initial or "")


def _texts(options: tuple[Choice, ...], chosen: tuple[str, ...]) -> str:
    return ", ".join(one.text for one in options if one.value in chosen)


def _quoted(text: str) -> str:
    return f"“{clip(one_line(text), _SHOWN)}”" if text else "nothing"


_SHOWN = 120
