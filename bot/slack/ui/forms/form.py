"""Form: its declaration, its traits, and what it is opened with."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum, StrEnum, auto
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from bot.formats.import_preview import ImportPreview
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, View, clip_mrkdwn, modal
from bot.slack.protocol.escaping import clip, escape
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.screens.tracker_screen import TrackerScreen
from bot.slack.ui.forms.duplicate_questions import DuplicateQuestion, duplicate_fields
from bot.slack.ui.forms.field_blocks import field_blocks
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    ChannelField,
    CheckboxesField,
    CheckboxField,
    ChoiceField,
    DateField,
    DateTimeField,
    Divider,
    FilesField,
    FormPart,
    ImpliedChange,
    MergedValues,
    MultiSelectField,
    Option,
    Paragraph,
    PeopleField,
    PersonField,
    ShownValue,
    SideBySide,
    SubmittedValues,
    TextField,
    TimeField,
    field_key,
    read_submitted_state,
    shown_values,
)
from domain.commands import Command
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import Naming
from domain.register import ThreatRegister
from domain.rejections import Rejected
from domain.working_hours import USUAL, ChooseWorkingHours, WorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings, WorkspaceSettings


class FormData(Enum):
    """Data that a form needs."""

    MODEL = auto()
    """The model, if there is one."""
    WORKSPACE_SETTINGS = auto()
    """The settings of the workspace in place of a model, for its administrators only."""
    OWN_HOURS = auto()
    """Also the person's working hours and time zone."""
    PAPER = auto()
    """Only the person's ballot paper, because all voters may open theirs at the same time."""
    VOTERS = auto()
    """Also the default voters of a round, and its default deadline."""
    FILE = auto()
    """Also the preview of a file's import."""
    DRAFT = auto()
    """Also a draft, compared with the model."""
    TEMPLATES = auto()
    """Also the models that the person may start a new one from."""
    REMINDER = auto()
    """Also the reminder that it snoozes."""
    TRACKERS = auto()
    """Also the trackers that are connected to the workspace."""
    TRACKER_CONNECTION = auto()
    """The connected trackers in place of a model, for administrators of the workspace's settings only."""


class FormSubmission(Enum):
    """What submitting a form does."""

    COMMAND = auto()
    """Executes the form's command on the model."""
    NEW_MODEL = auto()
    """Starts a model, in a channel in which the bot can post."""
    CHOSEN_MODEL = auto()
    """Executes the command on the model that was chosen in the form."""
    BALLOT = auto()
    """Casts a ballot and opens the next one that the person owes."""
    QUESTIONS = auto()
    """Answers a page of questions; *no* for the others is confirmed first."""
    WORKING_HOURS = auto()
    """Saves the person's working hours, which belong to no model."""
    WORKSPACE_SETTINGS = auto()
    """Saves the settings of the workspace, which belong to no model."""
    IMPORT = auto()
    """Creates a model from the file that was previewed."""
    DRAFT = auto()
    """Accepts parts of a draft, and shows what is left of it."""
    FILES = auto()
    """Reads files as a draft, and shows it."""
    TRACKER = auto()
    """Requests something of a tracker of the workspace, and shows the page of trackers."""
    PAGE = auto()
    """Opens the page or form that follows, without a command."""


class FormEnding(Enum):
    """View after the submission of a form that no other form follows."""

    CLOSES = auto()
    """Nothing: the page from which it was opened shows the result."""
    TEXT = auto()
    """A confirmation with the next step."""
    TEXT_WITHOUT_PAGE = auto()
    """A confirmation only if it was opened from a message, which does not show the result."""
    SNOOZED = auto()
    """That the reminder was snoozed, and until when."""


class WriteEffect(StrEnum):
    """The data that submitting a form may change."""

    ADDS = "adds"
    """Adds data and replaces none, so other people's changes do not conflict."""
    ONCE = "once"
    """Records a decision that the domain accepts only once."""
    OWN = "own"
    """Changes this person's own data, which no one else can change."""
    READS = "reads"
    """Changes nothing."""
    REVISES = "revises"
    """Changes stored data: the values shown are stored, and compared on submission."""


def adds_or_revises(target: Target) -> WriteEffect:
    """Return REVISES for a form that was opened about an element, else ADDS."""
    return WriteEffect.REVISES if target.element else WriteEffect.ADDS


OutsideCommand = ChooseWorkingHours | ChooseWorkspaceSettings
"""Commands that concern no model."""

FormCommand = Command | OutsideCommand
"""Commands that forms create."""

LazyRegister = Callable[[], ThreatRegister]
"""Register that is computed on demand, because the time before the ack is short."""


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """What was entered in a form, and the subject of the form."""

    values: SubmittedValues
    target: Target

    def text(self, key: str) -> str:
        """Return the text of a field; empty if there is none."""
        return self.values.text(key)


_Made = TypeVar("_Made", bound=FormCommand)


class Entry(Entered, frozen=True, kw_only=True):
    """A submitted form, and who submitted it when."""

    by: PersonId
    at: datetime

    def command(self, command: type[_Made], about: str = "", /, **given: object) -> _Made:
        """Return a command of the fields with the names of its own, unless their values are `given`.

        `about` is its field for the element of the target. Numbers are read from texts. An empty field
        has the default of the command; a text without one is empty, and msgspec.ValidationError is raised for
        anything else that is missing.
        """
        made: dict[str, object] = {"by": self.by, "at": self.at}
        if about:
            made[about] = self.target.element
        for field in msgspec.structs.fields(command):
            value = self.values.by_key.get(field.name)
            if value:
                made[field.name] = True if field.type is bool else value
            elif field.required and field.type is str:
                made.setdefault(field.name, "")
        return msgspec.convert({**made, **given}, command, strict=False)


class Saved(Entered, frozen=True, kw_only=True):
    """A form whose command was executed, with the model as it is now."""

    register: LazyRegister


class PersonHours(msgspec.Struct, frozen=True, kw_only=True):
    """The working hours and the time zone of the person (OWN_HOURS)."""

    hours: WorkingHours = USUAL
    zone: str = ""


class OwedBallots(msgspec.Struct, frozen=True, kw_only=True):
    """The ballot paper of the person, or those of a page of short ballots (PAPER)."""

    paper: BallotPaper | None = None
    page: tuple[BallotPaper, ...] = ()


class RoundDefaults(msgspec.Struct, frozen=True, kw_only=True):
    """The default voters of a round, and its default deadline (VOTERS)."""

    voters: tuple[PersonId, ...] = ()
    deadline: datetime | None = None


class FilePreview(msgspec.Struct, frozen=True, kw_only=True):
    """The preview of an import, once its file was read, and whether other organizations see it (FILE)."""

    preview: ImportPreview | None = None
    shared: bool = False


class SnoozeChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The subject of a reminder as mrkdwn, and the moments until which it may be snoozed (REMINDER)."""

    about: str = ""
    moments: tuple[Option, ...] = ()


LoadedData = (
    PersonHours
    | OwedBallots
    | RoundDefaults
    | FilePreview
    | SnoozeChoice
    | WorkspaceSettings
    | OpenDraft
    | TrackerScreen
)
"""What is loaded for a form, as it `needs`."""

_Loaded = TypeVar("_Loaded", bound=LoadedData)


class FormContext(msgspec.Struct, frozen=True, kw_only=True):
    """Data with which a form is opened.

    `register` is None only if there is no model (yet), `today` only where the day makes no difference;
    `naming` gives the names of people; `note` is shown and escaped above the fields (“Added AS-3 Keys.”),
    after a tick unless it is a `warning`; `typed` restores the submitted values; `loaded` is what the
    form `needs` besides the model. Set for some: `missing`, the unmet conditions as ID and text (MOVE);
    `models`, those that a threat may belong to, or that a new model may start from. `keys` are the fields
    of a page of many rows, including those that would no longer be on it; `conflicts` are the fields that
    another person changed as well. `unread` are the problems of what could not be read of an earlier
    submission, whose rest was saved. `duplicates` are new names that are like others; whether they mean
    the same is asked above the fields.
    """

    target: Target
    person: PersonId
    register: ThreatRegister | None = None
    today: date | None = None
    naming: Naming = str
    note: str = ""
    missing: tuple[tuple[str, str], ...] = ()
    typed: SubmittedValues | None = None
    warning: bool = False
    models: tuple[Option, ...] = ()
    loaded: LoadedData | None = None
    keys: tuple[str, ...] = ()
    conflicts: Mapping[str, SideBySide] = {}
    duplicates: tuple[DuplicateQuestion, ...] = ()
    unread: tuple[str, ...] = ()

    def find(self, kind: type[_Loaded]) -> _Loaded | None:
        """Return what was loaded for the form, if it is of a kind."""
        return self.loaded if isinstance(self.loaded, kind) else None

    @property
    def required_register(self) -> ThreatRegister:
        """The model's register; raises StaleButton if there is no model."""
        if self.register is None:
            raise StaleButton
        return self.register


class LeftOver(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be read of a submission: values to show again, and what is wrong with them."""

    values: SubmittedValues
    problems: tuple[str, ...]


class FieldErrors(Exception):
    """Error: invalid fields; `errors` maps block IDs to sentences, as Slack expects."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def _nothing_wrong(values: SubmittedValues) -> dict[str, str]:
    del values
    return {}


def _nothing_next(saved: Saved) -> Target | None:
    del saved
    return None


def _never_empty(values: SubmittedValues) -> bool:
    del values
    return False


def _nothing_left(values: SubmittedValues) -> LeftOver | None:
    del values
    return None


def _unchanged(values: SubmittedValues) -> SubmittedValues:
    return values


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """Declaration of a form.

    `writes` is the effect of a submission on stored data; by default conflicts are detected. `validate`
    returns validation errors by key; `next_form` returns the form that comes next. If the rows of a form are
    submitted individually, `row` returns the row of a field's key, and untouched rows are left out (keys
    without a row are included). A form without input fields has no submit button. Its command is made of its
    fields, unless `build_command` makes it; `about` is the command's field for the element of the target.
    """

    name: str
    target: type[Target] = Target
    """The type of its target, which a button that opens it carries."""
    writes: WriteEffect | Callable[[Target], WriteEffect] = WriteEffect.REVISES
    title: str | Callable[[FormContext], str]
    submit: str | Callable[[FormContext], str] = "Save"
    parts: Callable[[FormContext], Sequence[FormPart]]
    about: str = ""
    build_command: Callable[[Entry], FormCommand] | None = None
    validate: Callable[[SubmittedValues], dict[str, str]] = _nothing_wrong
    next_form: Callable[[Saved], Target | None] = _nothing_next
    is_empty: Callable[[SubmittedValues], bool] = _never_empty
    """Return whether there is nothing to save, which is no error: what follows is shown without a command."""
    left_over: Callable[[SubmittedValues], LeftOver | None] = _nothing_left
    """Return what could not be read: the rest is saved, and the form stays open with this."""
    shows_effects: bool = False
    """Whether it shows what a change leads to before it is saved; its target is a SelectionTarget then."""
    row: Callable[[str], str] | None = None
    close: str = "Cancel"
    command_type: type[Command] | Callable[[Target], type[Command] | None] | None = None
    """The command it creates, or one of several: people who may not execute it now get the refusal before
    the form opens. None if the form may always open."""
    needs: FormData = FormData.MODEL
    """Data that it needs besides its target."""
    single_element: bool = False
    """Whether it is about the element `target.element` alone, which every relevant event touches."""
    submission: FormSubmission = FormSubmission.COMMAND
    """Effect of submitting it."""
    nothing_open: Callable[[ThreatRegister], str] | None = None
    """Return the message shown in place of a form without anything to ask for; empty otherwise."""
    kept: Callable[[FormContext, Sequence[FormPart]], dict[str, ShownValue]] | None = None
    """Return what is kept of a form that was opened, for its submission: by default the values shown by the
    fields of a form that revises something, and nothing of others."""
    set_by_buttons: tuple[str, ...] = ()
    """The keys of fields that a button or menu in the form sets; the others keep what was entered in them."""
    as_revision: Callable[[SubmittedValues], SubmittedValues] = _unchanged
    """Convert the values of an addition to the fields of the form that revises it."""
    from_reminders: bool = False
    """Whether reminders open it; its target is a `ReminderTarget` then."""
    ending: FormEnding = FormEnding.CLOSES
    """View after its submission if no other form follows."""
    for_everyone: bool = False
    """Whether everyone who has an account may open it, because it shows at most names of the person's models.

    All other forms are for the members of the channel that they are about.
    """
    secret: bool = False
    """Whether it asks for a secret, so that nothing that was entered is kept or shown again."""

    def command_asked(self, target: Target) -> type[Command] | None:
        """Return the command that the form leads to; None if nothing speaks against opening it."""
        return (
            self.command_type
            if self.command_type is None or isinstance(self.command_type, type)
            else self.command_type(target)
        )

    def keeps(self, opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue] | None:
        """Return what is kept of the opened form; None if nothing."""
        if self.kept is not None:
            return self.kept(opening, parts)
        return shown_values(parts) if self.does(opening.target) is WriteEffect.REVISES else None

    def does(self, target: Target) -> WriteEffect:
        """Return the effect of submitting the form on stored data."""
        return self.writes if isinstance(self.writes, WriteEffect) else self.writes(target)

    def render(self, opening: FormContext, parts: Sequence[FormPart] | None = None) -> View:
        """Return the modal with the stored values; raises StaleButton if its subject no longer exists.

        `parts` are the form's own for this opening, where the caller has them already.
        """
        shown = self.parts(opening) if parts is None else parts
        target = replace(opening.target, name=str(self.name))
        mark = "⚠" if opening.warning else "✓"
        blocks = field_blocks(Paragraph(text=f"{mark} {escape(opening.note, _NOTE)}")) if opening.note else []
        room = slack_limits.VIEW_BLOCKS - len(blocks) - sum(len(field_blocks(part)) for part in shown)
        for part in duplicate_fields(opening.duplicates, room):
            blocks += field_blocks(_filled(part, opening.typed), target.round, target.opened)
        for part in _side_by_side(shown, opening.conflicts, slack_limits.VIEW_BLOCKS - len(blocks)):
            blocks += field_blocks(_filled(part, opening.typed), target.round, target.opened)
        fillable = any(block["type"] == "input" for block in blocks)
        depends = self.kept is not None or self.does(target) is WriteEffect.REVISES
        if not depends and not any(map(_initial, blocks)):
            target = replace(target, opened="")  # nothing depends on it
        return modal(
            _worded(self.title, opening),
            blocks,
            target=target,
            submit=_worded(self.submit, opening) if fillable else None,
            close=self._leaving(opening, fillable=fillable),
        )

    def parse(self, view: View) -> SubmittedValues:
        """Return the values of a submitted view; raises FieldErrors, or StaleButton for another view."""
        values = self.read(view)
        self.refuse(view, self.validate(values))
        return values

    def refuse(self, view: View, wrong: Mapping[str, str]) -> None:
        """Raise FieldErrors for sentences by the keys of fields; do nothing without any."""
        if wrong:
            raise FieldErrors(
                {
                    block_id: clip(wrong[field_key(block_id)], slack_limits.FIELD_ERROR)
                    for block_id in _block_ids(view)
                    if field_key(block_id) in wrong
                }
            )

    def read(self, view: View) -> SubmittedValues:
        """Return the values of a submitted view, without checking them; raises StaleButton."""
        return SubmittedValues(read_submitted_state(view))

    def command(self, values: SubmittedValues, target: Target, *, by: PersonId, at: datetime) -> FormCommand:
        """Return the command that the values ask for; raises StaleButton if they make none."""
        entry = Entry(values=values, target=self.target.of(target), by=by, at=at)
        try:
            if self.build_command is not None:
                return self.build_command(entry)
            if isinstance(self.command_type, type):
                return entry.command(self.command_type, self.about)
        except msgspec.ValidationError as error:
            raise StaleButton from error
        raise StaleButton

    def changed_rows_of(self, merged: MergedValues) -> SubmittedValues:
        """Return the submitted values; in a form of many rows, only changed or confirmed rows."""
        if self.row is None:
            return merged.values
        rows = {self.row(key) for key in merged.changed_or_confirmed} - {""}
        by_key = merged.values.by_key
        return SubmittedValues({key: value for key, value in by_key.items() if self.row(key) in {*rows, ""}})

    def errors_of(self, view: View, rejected: Rejected, sentence: str) -> dict[str, str]:
        """Return a rejection by block ID: of its field, or of the first one; {} if there is no field."""
        block_ids = _block_ids(view)
        field = rejected.field
        about = [one for one in block_ids if field and field_key(one) == field]
        about += [one for one in block_ids if field and field_key(one).partition("/")[0] == field]
        return {one: clip(sentence, slack_limits.FIELD_ERROR) for one in (about or block_ids)[:1]}

    def after(self, values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
        """Return what replaces the submitted form (a form's name is in `what`); None closes it.

        `target` is that of the form, with the stream of the new model after START; `register` is as it is
        after the command.
        """
        return self.next_form(Saved(values=values, target=target, register=register))

    def _leaving(self, opening: FormContext, *, fillable: bool) -> str:
        """Return the label of the close button: earlier steps are saved, only this one is cancelled."""
        kept_open = opening.target.round and not opening.target.from_message and not opening.unread
        if not fillable or kept_open:
            return "Done"
        return "Later" if opening.note and not opening.warning else self.close


_NOTE = 1_500


def _worded(text: str | Callable[[FormContext], str], opening: FormContext) -> str:
    return text if isinstance(text, str) else text(opening)


def _block_ids(view: View) -> list[str]:
    """Return the IDs of the input blocks, in reading order."""
    return [str(block["block_id"]) for block in view.get("blocks", ()) if block.get("type") == "input"]


def _initial(block: Block) -> bool:
    return any(key.startswith("initial_") for key in block.get("element", {}))


def _side_by_side(parts: Sequence[FormPart], beside: Mapping[str, SideBySide], room: int) -> list[FormPart]:
    """Return the parts, with others' changes above each field; those without room are listed above."""
    if not beside:
        return list(parts)
    left = room - sum(len(field_blocks(part)) for part in parts)
    inline = len(beside) if left >= len(beside) else max(0, left - 1)
    shown: list[FormPart] = []
    listed: list[str] = []
    for part in parts:
        found = (
            None if isinstance(part, Paragraph | ButtonRow | Divider | SideBySide) else beside.get(part.key)
        )
        if found is not None and inline:
            inline -= 1
            shown.append(found)
        elif found is not None:
            theirs, mine = clip_mrkdwn(found.theirs, _SHORT), clip_mrkdwn(found.mine, _SHORT)
            listed.append(f"⚠ *{escape(found.label)}*: {found.who}: {theirs}; you: {mine}")
        shown.append(part)
    return [Paragraph(text="\n".join(listed)), *shown] if listed else shown


_SHORT = 40


def _filled(part: FormPart, typed: SubmittedValues | None) -> FormPart:
    if (
        typed is None
        or isinstance(part, Paragraph | ButtonRow | Divider | SideBySide | ImpliedChange)
        or part.key not in typed.by_key
    ):
        return part
    value = typed.by_key[part.key]
    match part:
        case TextField():
            return replace(part, initial=typed.text(part.key))
        case ChoiceField() | PersonField():
            return replace(part, initial=typed.text(part.key) or None)
        case MultiSelectField() | CheckboxesField() | PeopleField():
            return replace(part, initial=typed.many(part.key))
        case CheckboxField():
            return replace(part, initial=bool(value))
        case DateField():
            return replace(part, initial=typed.day(part.key))
        case DateTimeField():
            return replace(part, initial=typed.moment(part.key))
        case TimeField():
            return replace(part, initial=typed.time_of_day(part.key))
        case ChannelField() | FilesField():
            return part
