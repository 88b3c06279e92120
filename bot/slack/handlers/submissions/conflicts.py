"""What is asked before a form is saved: whose change counts, and whether two names mean one thing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from bot.slack.handlers.handler_responses import HandlerResponse, show_view
from bot.slack.handlers.modal_loading import check_form_opens, load_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.escaping import clip, escape, local_time, one_line
from bot.slack.protocol.requests import Request, ViewSubmission
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.form_snapshots import FormSnapshot
from bot.slack.queries.services import Services
from bot.slack.queries.tracker_queries import load_tracker_screen
from bot.slack.ui.forms.form import (
    ANOTHER,
    PREFIX,
    REST,
    REST_SAME,
    DuplicateQuestion,
    Form,
    FormContext,
    FormData,
    OutsideCommand,
    name_digest,
)
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
from bot.slack.ui.modals.modal_registry import FORMS, find_form
from bot.store import EventStore, StreamId
from domain.commands import AddCommand, Command, CreatingCommand
from domain.decide import decide
from domain.decide.input_checks import find_by_name
from domain.element_kinds import KIND_OF_COMMAND
from domain.events import ElementAdded, Erased, RecordedEvent, described_element
from domain.kernel.elements import ElementId, Kind, LikelyDuplicate, NameChoice, PersonId, SimilarName
from domain.kernel.event_subjects import thing
from domain.kernel.persistent_maps import values_of
from domain.kernel.text_formatting import join_list
from domain.model import ThreatModel, evolve
from domain.model.element_labels import same_name
from domain.register import ThreatRegister
from domain.rejections import LikelyDuplicates, Rejected
from domain.replay import replay
from domain.wording import touched_subjects
from domain.workspace_settings import ChooseWorkspaceSettings

_Result = TypeVar("_Result")


class NameAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of a submitted form about names, apart from its other values."""

    values: SubmittedValues
    by_key: dict[str, str]

    @property
    def rest(self) -> str:
        """The answer about all names that were not asked about one by one."""
        return self.by_key.get(REST, "")

    def given_to(self, command: Command, model: ThreatModel) -> Command:
        """Return the command with the answers; one about a name that is gone does not count."""
        if not isinstance(command, CreatingCommand):
            return command
        texts = {name_digest(text): text for text in _texts(msgspec.to_builtins(command))}
        choices = [
            choice
            for key, answer in self.by_key.items()
            if key != REST and (choice := _choice(key, answer, texts, model))
        ]
        return replace(command, choices=(*command.choices, *choices))


def split_name_answers(values: SubmittedValues) -> NameAnswers:
    """Return the values of the form itself, and beside them the answers about names."""
    own = {key: value for key, value in values.by_key.items() if not key.startswith(PREFIX)}
    answers = {key: values.text(key) for key in values.by_key if key.startswith(PREFIX) and values.text(key)}
    return NameAnswers(values=SubmittedValues(own), by_key=answers)


def execute_with_answers(
    command: Command, answers: NameAnswers, execute: Callable[[Command], _Result]
) -> _Result:
    """Execute a command; names that were not asked about one by one get the answer about all of them."""
    try:
        return execute(command)
    except LikelyDuplicates as asked:
        if not answers.rest or not isinstance(command, CreatingCommand):
            raise
        more = tuple(_answer_to(one, answers.rest) for one in asked.found)
    return execute_with_answers(replace(command, choices=(*command.choices, *more)), answers, execute)


def ask_about_names(
    services: Services,
    request: Request,
    target: Target,
    typed: SubmittedValues,
    command: Command,
    asked: LikelyDuplicates,
) -> HandlerResponse:
    """Show a form again with what was typed and the questions whether its names mean something that exists.

    Names that were answered before are shown as well, with what was chosen.
    """
    model = services.command_handler.model(services.stream(target))
    questions = tuple(
        DuplicateQuestion(
            duplicate=one, added_by=tuple(_recent_authors(services, target, one, request.person))
        )
        for one in _with_earlier(asked.found, command, model)
    )
    view = load_form(services, target, request.person, typed=typed, duplicates=questions)
    return show_view(request, view, again=target)


def show_existing(
    services: Services,
    request: Request,
    target: Target,
    values: SubmittedValues,
    existing: ElementId,
    note: str,
) -> HandlerResponse:
    """Show the form of an existing element with what was typed for a new one, to be saved as a change."""
    about = replace(Target.of(target), element=existing, round=0)
    typed = {key: value for key, value in values.by_key.items() if value and key not in _ONLY_NEW}
    changed = find_form(about.name).as_revision(SubmittedValues(typed))
    return show_view(request, load_form(services, about, request.person, note=note, typed=changed))


def chosen_element(command: Command, model: ThreatModel) -> ElementId | None:
    """Return the existing element that the name of a new one was said to mean."""
    if not isinstance(command, AddCommand):
        return None
    kind = KIND_OF_COMMAND[type(command)]
    for one in command.choices:
        found = find_by_name(model, kind, one.same) if one.same and one.kind is kind else None
        if found is not None and name_digest(one.name) == name_digest(command.name):
            return found.id
    return None


def recent_author(services: Services, target: Target, element: ElementId, but: PersonId) -> PersonId | None:
    """Return the other person who added an element among the latest events."""
    stream = services.stream(target)
    version = services.command_handler.model(stream).version
    for event in services.store.events(stream, max(0, version - _RECENT), version):
        if isinstance(event, Erased) or not isinstance(event, ElementAdded) or event.by == but:
            continue
        if described_element(event).id == element:
            return event.by
    return None


def _with_earlier(
    found: tuple[LikelyDuplicate, ...], command: Command, model: ThreatModel
) -> Iterator[LikelyDuplicate]:
    """Yield the names that were answered before, then those that were found now, each once."""
    new = {(one.kind, same_name(one.name)): one for one in found}
    for choice in command.choices if isinstance(command, CreatingCommand) else ():
        others = tuple(_similar(model, choice.kind, name) for name in choice.others)
        now = new.pop((choice.kind, same_name(choice.name)), None)
        closer = now.others if now else ()
        yield LikelyDuplicate(
            kind=choice.kind, name=choice.name, others=tuple(dict.fromkeys((*closer, *others)))
        )
    yield from new.values()


def _similar(model: ThreatModel, kind: Kind, name: str) -> SimilarName:
    there = find_by_name(model, kind, name)
    return SimilarName(name=name, element=there.id if there else None)


def _recent_authors(
    services: Services, target: Target, one: LikelyDuplicate, but: PersonId
) -> Iterator[tuple[ElementId, str]]:
    for other in one.others:
        author = recent_author(services, target, other.element, but) if other.element else None
        if other.element is not None and author is not None:
            yield other.element, services.naming(author)


def _choice(key: str, answer: str, texts: dict[str, str], model: ThreatModel) -> NameChoice | None:
    kind_text, _, rest = key.removeprefix(PREFIX).partition("/")
    digest, _, others = rest.partition("/")
    if kind_text not in set(Kind) or digest not in texts:
        return None
    kind = Kind(kind_text)
    known = {**texts, **{name_digest(one.name): one.name for one in values_of(model.elements) if one.name}}
    return NameChoice(
        kind=kind,
        name=texts[digest],
        others=tuple(known[one] for one in others.split(",") if one in known),
        same="" if answer == ANOTHER else known.get(answer, ""),
    )


def _answer_to(one: LikelyDuplicate, answer: str) -> NameChoice:
    return NameChoice(
        kind=one.kind,
        name=one.name,
        others=tuple(other.name for other in one.others),
        same=one.others[0].name if answer == REST_SAME else "",
    )


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a command, on one line."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        for one in value.values():  # pyright: ignore[reportUnknownVariableType]  any JSON value
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:  # pyright: ignore[reportUnknownVariableType]  any JSON value
            yield from _texts(one)


_ONLY_NEW = frozenset({"name", "another", "parent", "above"})
_RECENT = 50
"""How many of the latest events are searched for who added an element a moment ago."""


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
