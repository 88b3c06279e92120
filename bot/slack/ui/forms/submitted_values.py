"""Values of a submitted form: the state of its blocks, by the keys of its fields."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import TypeAlias

import msgspec

from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.interactions import StaleButton
from domain.kernel.elements import PersonId

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
    return str(option["value"]) if option else None


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
