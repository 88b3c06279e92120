"""Form that adds elements of one kind by their names, one per line."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import FormPart, TextField
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.typed_lines import typed_names
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.commands import Command, NameElements
from domain.element_kinds import NAMES_IN
from domain.kernel.elements import PLURAL, Kind, PersonId


def name_elements_command(kind: Kind, text: str, *, by: PersonId, at: datetime) -> NameElements:
    """Return the command that adds elements of a kind by the names in a text, one per line."""
    names = {NAMES_IN[kind]: list(typed_names(text))}
    return msgspec.convert({**names, "by": by, "at": at}, NameElements)


def _kind(target: Target) -> Kind:
    if target.kind is None or target.kind not in NAMES_IN:
        raise StaleButton
    return target.kind


def _title(opening: FormContext) -> str:
    title = f"Add {PLURAL[_kind(opening.target)]}"
    # “Add external dependencies” is longer than Slack's titles.
    return title if len(title) <= slack_limits.MODAL_TITLE else f"Add {title.split()[-1]}"


def _parts(opening: FormContext) -> Sequence[FormPart]:
    _kind(opening.target)
    return [TextField(key="names", label="Names", hint="One per line.", lines=True, required=True)]


def _make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    return name_elements_command(_kind(target), values.text("names"), by=by, at=at)


ADD_NAMES = Form(
    name="add_names",
    writes=WriteEffect.ADDS,
    command_type=NameElements,
    ending=FormEnding.TEXT,
    title=_title,
    submit="Save",
    parts=_parts,
    build_command=_make,
)
