"""Merging of a submitted form with others' changes since it was opened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

from bot.slack.handlers.modal_loading import check_form_opens, load_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.escaping import clip, escape, local_time, one_line
from bot.slack.protocol.requests import ViewSubmission
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.form_snapshots import FormSnapshot
from bot.slack.queries.services import Services
from bot.slack.queries.tracker_queries import load_tracker_screen
from bot.slack.ui.forms.form import Form, FormContext, FormData, OutsideCommand
from bot.slack.ui.forms.form_fields import (
    FieldConflict,
    FormPart,
    MergedValues,
    ShownValue,
    SideBySide,
    SubmittedValues,
    field_value_text,
    merge_values,
    shown_values,
)
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import EventStore, StreamId
from domain.commands import Command
from domain.decide import decide
from domain.event_kinds import touched_subjects
from domain.events import Erased, RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import thing
from domain.kernel.text_formatting import join_list
from domain.model import ThreatModel, evolve
from domain.register import ThreatRegister
from domain.rejections import Rejected
from domain.replay import replay
from domain.workspace_settings import ChooseWorkspaceSettings

State = TypeVar("State")
EventOf = TypeVar("EventOf")


class FieldHistory(Generic[State, EventOf]):
    """Versions of the subject of a form since it was opened: one state more than events between them."""

    def __init__(
        self,
        events: Sequence[EventOf],
        states: Sequence[State],
        shown_at: Callable[[State], Mapping[str, ShownValue]],
    ) -> None:
        self._events = events
        self._states = states
        # Each version of a model takes a whole register to compute, so only few are examined, each once.
        self._shown_at = shown_at
        self._shown: dict[int, Mapping[str, ShownValue]] = {}

    def last_change_of(self, key: str, now: ShownValue) -> EventOf | None:
        """Return an event that set a field's current value; None if no event did."""
        before, after = 0, len(self._events)
        if self._holds(before, key, now) or not self._holds(after, key, now):
            return None
        while after - before > 1:
            middle = (before + after) // 2
            if self._holds(middle, key, now):
                after = middle
            else:
                before = middle
        return self._events[after - 1]

    def _holds(self, number: int, key: str, now: ShownValue) -> bool:
        if number not in self._shown:
            self._shown[number] = self._shown_at(self._states[number])
        return self._shown[number].get(key, ShownValue()).stored == now.stored


def model_versions(
    store: EventStore, stream: StreamId, since: int, until: int
) -> tuple[list[RecordedEvent], list[ThreatModel]]:
    """Return the events of a model between two versions, and the model before the first and after each."""
    events = list(store.events(stream, since, until))
    models = [replay(store.events(stream, until=since))]
    for event in events:
        models.append(evolve(models[-1], event))
    return events, models


CHANGED = (
    "{who} changed {what} in the meantime, so nothing is saved yet. The form still has your values. Save "
    "again to overwrite the current ones."
)
UNKNOWN = (
    "This form was opened too long ago to detect conflicting changes, so nothing is saved yet. The form "
    "still has your values. Save again to overwrite the current ones."
)
DIFFERING = " Compare {what}."
"""Appended to `UNKNOWN`; on a phone the fields may be far below the note."""

NAMED_FIELDS = 3
"""Maximum fields named in the note; the others are counted."""

_LABEL = 80
"""Maximum characters of a label in the note."""


class FormConflict(Exception):
    """Error: another person changed the same field; holds the form with both values side by side."""

    def __init__(self, view: View) -> None:
        super().__init__("another person was faster")
        self.view = view


class SubmittedForm(msgspec.Struct, frozen=True, kw_only=True):
    """A submitted form, and the command made from its submitted values."""

    request: ViewSubmission
    target: Target
    values: SubmittedValues
    command: Command | ChooseWorkspaceSettings

    @property
    def form(self) -> Form:
        """The declaration of the form."""
        return FORMS[self.request.callback_id]


class SubmissionMerge:
    """Merge of a submitted form with the current model at its execution."""

    def __init__(self, services: Services, handed: SubmittedForm) -> None:
        self._services = services
        self._handed = handed
        self._stream = services.stream(handed.target)
        self.opened = services.form_snapshots.find(handed.target.opened, self._stream)
        self.merged = MergedValues(values=handed.values)

    def command(self, model: ThreatModel) -> Command:
        """Return the command, merged with others' changes; raises Overtaken, Rejected and StaleButton."""
        handed = self._handed
        shown = self.opened.shown if self.opened else None
        if self.opened is not None and self._stands_as_shown(self.opened, model):
            self.merged = merge_values(handed.values, shown, None)
        else:
            register = self._services.register_of(model)
            self.merged = merge_values(handed.values, shown, self._parts(register, model))
            clashes = list(self._of_others(model, register))
            if clashes:
                raise FormConflict(self._side_by_side(clashes, register))
        changed_rows = handed.form.changed_rows_of(self.merged)
        command = handed.form.command(changed_rows, handed.target, by=handed.command.by, at=handed.command.at)
        if isinstance(command, OutsideCommand):
            raise StaleButton
        return command

    def _stands_as_shown(self, opened: FormSnapshot, model: ThreatModel) -> bool:
        """Return whether the form's subject is unchanged, so that no register is computed before the ack."""
        if opened.version == model.version:
            return True
        if not self._handed.form.single_element:
            return False
        subject = thing(self._handed.target.element)
        since = self._services.store.events(self._stream, opened.version, model.version)
        return all(
            not isinstance(event, Erased) and subject not in touched_subjects(event) for event in since
        )

    def _parts(self, register: ThreatRegister, model: ThreatModel | None = None) -> Sequence[FormPart]:
        """Return the form's parts for the same rows at another version of the model."""
        opening = FormContext(
            target=self._handed.target,
            person=self._handed.request.person,
            register=register,
            keys=tuple(self._handed.values.by_key),
        )
        if self._handed.form.needs is FormData.TRACKERS:
            screen = load_tracker_screen(self._services, opening.target, opening.person)
            opening = replace(opening, trackers=screen)
        try:
            return self._handed.form.parts(opening)
        except StaleButton:
            if model is not None and not isinstance(self._handed.command, OutsideCommand):
                decide(self._handed.command, model)  # it no longer exists, and the rejection explains why
            raise

    def _of_others(self, model: ThreatModel, register: ThreatRegister) -> Iterator["AuthoredClash"]:
        """Return the conflicts with other people; a sender's changes in another window do not conflict."""
        if self.opened is None:
            yield from (AuthoredClash(clash=one) for one in self.merged.clashes)
            return
        if not self.merged.clashes:
            return
        since = self.opened.version
        history = FieldHistory(
            *model_versions(self._services.store, self._stream, since, model.version), self._shown_at
        )
        now = shown_values(self._parts(register))
        for clash in self.merged.clashes:
            said = history.last_change_of(clash.field.key, now.get(clash.field.key, ShownValue()))
            if said is None or isinstance(said, Erased):
                yield AuthoredClash(clash=clash)
            elif said.by != self._handed.request.person:
                yield AuthoredClash(clash=clash, by=said.by, at=said.at)

    def _shown_at(self, model: ThreatModel) -> dict[str, ShownValue]:
        try:
            return shown_values(self._parts(self._services.register_of(model)))
        except (StaleButton, Rejected):
            return {}  # the form could not be opened at that version

    def _side_by_side(self, clashes: Sequence["AuthoredClash"], register: ThreatRegister) -> View:
        check_form_opens(self._services, self._handed.request, self._handed.target)
        return conflict_view(
            self._services,
            self._handed,
            self.merged,
            clashes,
            known=self.opened is not None,
            register=register,
        )


class AuthoredClash(msgspec.Struct, frozen=True, kw_only=True):
    """A field that two people changed differently, with the author and time of the stored value, if known."""

    clash: FieldConflict
    by: PersonId | None = None
    at: datetime | None = None


def conflict_view(
    services: Services,
    handed: SubmittedForm,
    merged: MergedValues,
    clashes: Sequence[AuthoredClash],
    *,
    known: bool,
    register: ThreatRegister | None = None,
) -> View:
    """Return the form with both values of each clash side by side.

    `known` if it is known what the form showed when it was opened.
    """
    naming = services.naming
    people = dict.fromkeys(naming(one.by) for one in clashes if one.by is not None)
    who = " and ".join(people) or "Someone else"
    what = field_list([_label(one.clash) for one in clashes])
    note = CHANGED.format(who=who, what=what) if known else UNKNOWN + DIFFERING.format(what=what)
    values = handed.values.by_key
    return load_form(
        services,
        handed.target,
        handed.request.person,
        register=register,
        note=note,
        warning=True,
        typed=SubmittedValues({key: values[key] for key in merged.touched}),
        keys=tuple(values),
        conflicts={
            one.clash.field.key: SideBySide(
                label=_label(one.clash),
                who=f"{escape(naming(one.by))}, {local_time(one.at)}" if one.by and one.at else "Now",
                theirs=field_value_text(one.clash.field, one.clash.theirs, naming),
                mine=field_value_text(one.clash.field, one.clash.mine, naming),
            )
            for one in clashes
        },
    )


def field_list(labels: Sequence[str]) -> str:
    """Return the first labels in words: `“Name”, “Owner”, “Due” and 2 more`."""
    listed = [f"“{clip(one_line(label), _LABEL)}”" for label in dict.fromkeys(labels)]
    more = len(listed) - NAMED_FIELDS
    return join_list([*listed[:NAMED_FIELDS], f"{more} more"] if more > 0 else listed)


def _label(clash: FieldConflict) -> str:
    return clash.field.label.rstrip("?…")
