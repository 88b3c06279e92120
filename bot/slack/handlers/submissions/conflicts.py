"""What is asked before a form is saved: whose change counts, and whether two names mean one thing."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from itertools import accumulate
from typing import Any, Generic, TypeAlias, TypeVar

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
from bot.slack.ui.forms.duplicate_questions import (
    ANOTHER,
    PREFIX,
    REST,
    REST_SAME,
    DuplicateQuestion,
    name_digest,
)
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, FormData, OutsideCommand
from bot.slack.ui.forms.form_fields import (
    FieldConflict,
    FormPart,
    MergedValues,
    PlainValue,
    ShownValue,
    SideBySide,
    SubmittedValues,
    field_value_text,
    merge_values,
    shown_values,
)
from bot.slack.ui.modals.modal_registry import FORMS, find_form
from bot.slack.ui.texts.common_texts import first_lines
from bot.store import StreamId
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
from domain.rejections import LikelyDuplicates, Rejected
from domain.replay import replay
from domain.wording import touched_subjects
from domain.workspace_settings import WorkspaceEvent, WorkspaceSettings, evolve_settings

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
    for choice in command.choices:
        found = find_by_name(model, kind, choice.same) if choice.same and choice.kind is kind else None
        if found is not None and name_digest(choice.name) == name_digest(command.name):
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


class AuthoredClash(msgspec.Struct, frozen=True, kw_only=True):
    """A field that two people changed differently, with the author and time of the stored value, if known."""

    clash: FieldConflict
    by: PersonId | None = None
    at: datetime | None = None


class FormConflict(Exception):
    """Error: another person changed the same fields."""

    def __init__(self, clashes: Sequence[AuthoredClash]) -> None:
        super().__init__("another person was faster")
        self.clashes = clashes


class SubmittedForm(msgspec.Struct, frozen=True, kw_only=True):
    """A submitted form, and the command made from its submitted values."""

    request: ViewSubmission
    target: Target
    values: SubmittedValues
    command: FormCommand

    @property
    def form(self) -> Form:
        """The declaration of the form."""
        return FORMS[self.request.callback_id]


_State = TypeVar("_State", ThreatModel, WorkspaceSettings)
_Event: TypeAlias = RecordedEvent | WorkspaceEvent | None


class FormMerge(ABC, Generic[_State]):
    """Merge of a submitted form with what is stored when its command is executed."""

    def __init__(self, services: Services, submitted: SubmittedForm, stream: StreamId) -> None:
        self.services = services
        self.submitted = submitted
        self.stream = stream
        self.opened = services.form_snapshots.find(submitted.target.opened, stream)
        self.merged = MergedValues(values=submitted.values)

    @abstractmethod
    def parts(self, state: _State) -> Sequence[FormPart]:
        """Return the form's parts for the same rows at a version of its subject."""

    def is_as_shown(self, opened: FormSnapshot, state: _State) -> bool:
        """Return whether the form's subject is unchanged."""
        return opened.version == state.version

    @abstractmethod
    def versions(self, since: int, state: _State) -> tuple[Sequence[_Event], Sequence[_State]]:
        """Return the events since a version, and the state before the first and after each of them."""

    def command(self, state: _State) -> FormCommand:
        """Return the command, merged with others' changes; raises FormConflict, Rejected and StaleButton."""
        submitted, opened = self.submitted, self.opened
        now = None if opened is not None and self.is_as_shown(opened, state) else self.parts(state)
        self.merged = merge_values(submitted.values, opened.shown if opened else None, now)
        if clashes := list(self._of_others(state)):
            raise FormConflict(clashes)
        values, given = submitted.form.changed_rows_of(self.merged), submitted.command
        return submitted.form.command(values, submitted.target, by=given.by, at=given.at)

    def _of_others(self, state: _State) -> Iterator[AuthoredClash]:
        """Yield the conflicts with other people; a sender's changes in another window do not conflict."""
        if self.opened is None:
            yield from (AuthoredClash(clash=clash) for clash in self.merged.clashes)
            return
        if not self.merged.clashes:
            return
        events, states = self.versions(self.opened.version, state)

        # Each version of a model takes a whole register to compute, so only few are examined, each once.
        @cache
        def shown_at(number: int) -> Mapping[str, ShownValue]:
            try:
                return shown_values(self.parts(states[number]))
            except (StaleButton, Rejected):
                return {}  # the form could not be opened at that version

        for clash in self.merged.clashes:
            last = _last_change(events, partial(_stored, shown_at, clash.field.key))
            if last is None or isinstance(last, Erased):
                yield AuthoredClash(clash=clash)
            elif last.by != self.submitted.request.person:
                yield AuthoredClash(clash=clash, by=last.by, at=last.at)

    def side_by_side(self, conflict: FormConflict) -> View:
        """Return the form with both values of each clash side by side."""
        check_form_opens(self.services, self.submitted.request, self.submitted.target)
        naming, clashes = self.services.naming, conflict.clashes
        people = dict.fromkeys(naming(each.by) for each in clashes if each.by is not None)
        who = " and ".join(people) or "Someone else"
        what = field_list([_label(each.clash) for each in clashes])
        known = self.opened is not None
        values = self.submitted.values.by_key
        return load_form(
            self.services,
            self.submitted.target,
            self.submitted.request.person,
            note=CHANGED.format(who=who, what=what) if known else UNKNOWN + DIFFERING.format(what=what),
            warning=True,
            typed=SubmittedValues({key: values[key] for key in self.merged.touched}),
            keys=tuple(values),
            conflicts={
                each.clash.field.key: SideBySide(
                    label=_label(each.clash),
                    who=f"{escape(naming(each.by))}, {local_time(each.at)}" if each.by and each.at else "Now",
                    theirs=field_value_text(each.clash.field, each.clash.theirs, naming),
                    mine=field_value_text(each.clash.field, each.clash.mine, naming),
                )
                for each in clashes
            },
        )


def _stored(shown_at: Callable[[int], Mapping[str, ShownValue]], key: str, number: int) -> PlainValue:
    return shown_at(number).get(key, ShownValue()).stored


def _last_change(events: Sequence[_Event], stored: Callable[[int], PlainValue]) -> _Event:
    """Return an event that set a field's current value; None if no event did."""
    before, after = 0, len(events)
    now = stored(after)
    if stored(before) == now:
        return None
    while after - before > 1:
        middle = (before + after) // 2
        if stored(middle) == now:
            after = middle
        else:
            before = middle
    return events[after - 1]


class ModelMerge(FormMerge[ThreatModel]):
    """Merge of a form about a model."""

    def parts(self, state: ThreatModel) -> Sequence[FormPart]:
        """Return the form's parts for the same rows at another version of the model."""
        submitted = self.submitted
        opening = FormContext(
            target=submitted.target,
            person=submitted.request.person,
            register=self.services.register_of(state),
            keys=tuple(submitted.values.by_key),
        )
        if submitted.form.needs is FormData.TRACKERS:
            screen = load_tracker_screen(self.services, opening.target, opening.person)
            opening = replace(opening, loaded=screen)
        try:
            return submitted.form.parts(opening)
        except StaleButton:
            if not isinstance(submitted.command, OutsideCommand):
                decide(submitted.command, state)  # it no longer exists, and the rejection explains why
            raise

    def is_as_shown(self, opened: FormSnapshot, state: ThreatModel) -> bool:
        """Return whether the form's subject is unchanged, so that no register is computed before the ack."""
        if opened.version == state.version:
            return True
        subject = thing(self.submitted.target.element)
        return self.submitted.form.single_element and all(
            not isinstance(event, Erased) and subject not in touched_subjects(event)
            for event in self.services.store.events(self.stream, opened.version, state.version)
        )

    def versions(self, since: int, state: ThreatModel) -> tuple[Sequence[_Event], Sequence[ThreatModel]]:
        """Return the events of a model since a version, and its states."""
        store = self.services.store
        events = list(store.events(self.stream, since, state.version))
        before = replay(store.events(self.stream, until=since))
        return events, list(accumulate(events, evolve, initial=before))


class SettingsMerge(FormMerge[WorkspaceSettings]):
    """Merge of the form of the workspace's settings."""

    def parts(self, state: WorkspaceSettings) -> Sequence[FormPart]:
        """Return the form's parts with other settings."""
        person = self.submitted.request.person
        opening = FormContext(target=self.submitted.target, person=person, loaded=state)
        return self.submitted.form.parts(opening)

    def versions(
        self, since: int, state: WorkspaceSettings
    ) -> tuple[Sequence[_Event], Sequence[WorkspaceSettings]]:
        """Return the events of the settings since a version, and the settings before and after each."""
        settings, tenant = self.services.command_handler.settings, self.services.installation.team
        events = settings.events(tenant, until=state.version)
        states = list(accumulate(events, evolve_settings, initial=WorkspaceSettings()))
        return events[since:], states[since:]


def field_list(labels: Sequence[str]) -> str:
    """Return the first labels in words: `“Name”, “Owner”, “Due” and 2 more`."""
    listed = [f"“{clip(one_line(label), _LABEL)}”" for label in dict.fromkeys(labels)]
    return join_list(first_lines(listed, NAMED_FIELDS, "{} more"))


def _label(clash: FieldConflict) -> str:
    return clash.field.label.rstrip("…")
