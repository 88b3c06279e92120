"""A form: one declaration that renders the modal, reads what was submitted and makes the command."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeAlias

import msgspec

from bot.slack.blocks import View
from bot.slack.triggers import FormName, Target
from domain.commands import Command
from domain.elements import PersonId
from domain.register import ThreatRegister
from domain.rejections import Rejected

Value: TypeAlias = "str | tuple[str, ...] | date | None"


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a form is opened with.

    `register` is None only for START; `note` is shown above the fields ("Added AS-3 “Keys”.");
    `missing` is what a guard said is missing (MOVE); `typed` puts earlier words back into the fields.
    """

    target: Target
    person: PersonId
    register: ThreatRegister | None = None
    note: str = ""
    missing: tuple[str, ...] = ()
    typed: "Values | None" = None


class Values(msgspec.Struct, frozen=True):
    """What a submitted form holds, by the keys of its fields."""

    by_key: Mapping[str, Value]

    def text(self, key: str) -> str:
        """The text of a field, stripped; empty where there is none."""
        value = self.by_key.get(key)
        return value.strip() if isinstance(value, str) else ""

    @property
    def another(self) -> bool:
        """Whether the form is wanted again, to add another."""
        return bool(self.by_key.get("another"))


class FieldErrors(Exception):
    """Fields that cannot be read; `errors` has a sentence by block id, as Slack wants it."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of a form."""

    name: FormName

    def render(self, opening: Opening) -> View:
        """The modal, filled with what is known."""
        raise NotImplementedError

    def parse(self, view: View) -> Values:
        """What a submitted view holds; raises FieldErrors."""
        raise NotImplementedError

    def command(self, values: Values, target: Target, *, by: PersonId, at: datetime) -> Command:
        """The command that the values ask for."""
        raise NotImplementedError

    def beside(self, view: View, rejected: Rejected, sentence: str) -> dict[str, str]:
        """A refusal beside the field it is about, by block id, or beside the first field; {} without any."""
        raise NotImplementedError
