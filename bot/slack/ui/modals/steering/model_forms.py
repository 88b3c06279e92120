"""Forms of the model as a whole: start, scope, people, and phase changes."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from bot.slack.protocol.block_builders import button
from bot.slack.protocol.escaping import clip, escape, escape_name
from bot.slack.protocol.targets import (
    Action,
    ButtonKind,
    PhaseTarget,
    SelectionTarget,
    StaleButton,
    StartTarget,
    Target,
)
from bot.slack.ui.forms.common_fields import long_text
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormContext,
    FormData,
    FormEnding,
    FormSubmission,
    Saved,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import (
    ChannelField,
    ChoiceField,
    DateField,
    FilesField,
    FormPart,
    Paragraph,
    PeopleField,
    PersonField,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.analysis.question_forms import REST
from bot.slack.ui.texts.common_texts import first_names
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AcceptDraft,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ChooseLabels,
    ChooseParticipants,
    CloseThreatModel,
    Command,
    HandOver,
    PhaseMoveCommand,
    ReopenThreatModel,
    ReturnToAnalysis,
    ReturnToCollection,
    ReviseScope,
    StartThreatModel,
)
from domain.kernel.closing import ConditionReason
from domain.kernel.length_limits import NAME
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister


def reason_fields(condition: str, text: str, register: ThreatRegister) -> list[TextField]:
    """Return the fields for the reasons of an unmet condition."""
    facts = open_facts(register) if condition == "no_unknowns" else {}
    if not 0 < len(facts) <= MOST_FACTS:
        label = f"{text[:1].upper()}{text[1:]}"
        return [long_text(f"{REASON}{condition}", label, hint="Why continue anyway?", required=True)]
    return [
        TextField(
            key=f"{REASON}{condition}/{fact}",
            label=places[0].text,
            hint=f"Open for {first_names([place.element_name for place in places], _PLACES)}. "
            "Why can it remain open?",
            limit=_FACT_REASON,
            required=True,
        )
        for fact, places in facts.items()
    ]


def open_facts(register: ThreatRegister) -> dict[str, list[Question]]:
    """Return the open questions that keep a model from being closed, by fact."""
    found: dict[str, list[Question]] = {}
    for question in register.questions:
        if question.crossing:
            found.setdefault(question.fact, []).append(question)
    return found


def condition_reasons(values: SubmittedValues) -> dict[str, str]:
    """Return the reason for each condition; those for single facts are joined, each after its question."""
    found: dict[str, list[str]] = {}
    for key in values.by_key:
        if not key.startswith(REASON):
            continue
        condition, _, fact = key.removeprefix(REASON).partition("/")
        known, reason = BUILT_IN.facts.get(fact), values.text(key)
        reasons = found.setdefault(condition, [])
        if reason:
            reasons.append(f"{clip(known.question, _QUESTION)} {reason}" if known else reason)
    return {condition: "\n".join(reasons) for condition, reasons in found.items()}


REASON = "reason_"
MOST_FACTS = 12
"""Facts that get a reason of their own; more are passed with one."""
_FACT_REASON = 120
_QUESTION = 80
_PLACES = 3


MOVES: dict[Action, type[PhaseMoveCommand]] = {
    Action.BEGIN_ANALYSIS: BeginAnalysis,
    Action.BEGIN_REMEDIATION: BeginRemediation,
    Action.RETURN_TO_COLLECTION: ReturnToCollection,
    Action.RETURN_TO_ANALYSIS: ReturnToAnalysis,
    Action.CLOSE: CloseThreatModel,
    Action.REOPEN: ReopenThreatModel,
    Action.ARCHIVE: ArchiveThreatModel,
}
"""Actions that change the phase; if a guard refuses one, the form MOVE asks for a reason."""


DRAFT_FILES = FilesField(
    key="files",
    label="Have a compose file, a Kubernetes manifest or an OpenAPI description?",
    hint="Next, you see what the files propose, and accept what is right. At most ten files.",
    endings=("yaml", "yml", "json", "md", "mmd"),
)


FILES = Form(
    name="files",
    submission=FormSubmission.FILES,
    writes=WriteEffect.READS,
    command_type=AcceptDraft,
    title="Draft from files",
    submit="Read",
    parts=lambda _: [replace(DRAFT_FILES, required=True)],
)


def _start(opening: FormContext) -> Sequence[FormPart]:
    # Only a global shortcut has no channel, so the form asks for it.
    channel = [] if opening.target.channel else [ChannelField(key="channel", label="Channel", required=True)]
    shared = [Paragraph(text=shared_warning("Start"))] if StartTarget.of(opening.target).shown_warning else []
    return [
        *shared,
        *channel,
        *_scope_fields(None),
        _files(opening),
        *([replace(_TEMPLATE, options=opening.models)] if opening.models else ()),
        PersonField(
            key="facilitator",
            label="Facilitator",
            hint="Manages phases, settings and closing. Any participant can take over this role.",
            initial=opening.person,
        ),
        PeopleField(
            key="participants",
            label="Participants",
            hint="Who may answer. Leave empty for all members of the channel.",
        ),
        DateField(key="answers_by", label="Answers due"),
    ]


def _files(opening: FormContext) -> FormPart:
    """Return the field for files to draft from, or how many of a message will be read."""
    if picked := opening.target.element:
        files = count_phrase(picked.count(",") + 1, "file")
        return Paragraph(text=f"After *Start*, you see what your {files} propose, and accept what is right.")
    return DRAFT_FILES


def shared_warning(pressed: str) -> str:
    """Return who else would see a model, for an administrator, with the name of the button that allows it."""
    return (
        "*This channel is shared with another organization, or an invitation is pending.* Members of "
        "the other organization will see the card of this model and the messages in its thread. They "
        "cannot open the model, answer or change anything. As an administrator of this workspace, you "
        f"allow this by pressing *{pressed}*."
    )


def _scope_fields(known: ThreatRegister | None) -> list[FormPart]:
    return [
        TextField(
            key="name",
            label="Name",
            required=True,
            limit=NAME,
            initial=known.name if known else "",
            placeholder="payments-api",
        ),
        long_text("description", "Scope", known.description if known else ""),
        long_text(
            "out_of_scope",
            "Out of scope",
            known.out_of_scope if known else "",
            hint="Parts of the system that this model does not analyze.",
        ),
    ]


_TEMPLATE = ChoiceField(
    key="template",
    label="Start from another model",
    hint=(
        "Copies its elements, flows and answers, and answers about rare features. Threats, votes, decisions, "
        "owners and the assumptions that people recorded are not copied."
    ),
    options=(),
    blank="None",
)


START = Form(
    name="start",
    target=StartTarget,
    submission=FormSubmission.NEW_MODEL,
    needs=FormData.TEMPLATES,
    for_everyone=True,
    writes=WriteEffect.ADDS,
    title="New threat model",
    submit="Start",
    parts=_start,
    build_command=lambda entry: entry.command(
        StartThreatModel,
        channel=entry.target.channel or entry.text("channel"),
        template=entry.text("template") or None,
    ),
    next_form=lambda saved: Target(name="flows", stream=saved.target.stream),
)


def _scope(opening: FormContext) -> Sequence[FormPart]:
    known = opening.required_register
    return [
        *_scope_fields(known),
        DateField(key="answers_by", label="Answers due", initial=known.answers_by),
    ]


SCOPE = Form(
    name="scope",
    command_type=ReviseScope,
    title="Name and scope",
    parts=_scope,
)


LABELS = Form(
    name="labels",
    command_type=ChooseLabels,
    title="Labels",
    parts=lambda opening: [
        long_text(
            "labels",
            "Labels",
            "\n".join(opening.required_register.labels),
            hint="One label a line, such as “team: payments”, “system: checkout” or “PCI DSS”. The "
            "portfolio can be filtered by labels.",
        )
    ],
    build_command=lambda entry: entry.command(ChooseLabels, labels=entry.text("labels").split("\n")),
)


PARTICIPANTS = Form(
    name="participants",
    command_type=ChooseParticipants,
    title="Participants",
    parts=lambda opening: [
        PeopleField(
            key="participants",
            label="Participants",
            hint="Who may answer and vote. Leave empty for all members of the channel.",
            initial=opening.required_register.participants,
        )
    ],
)


HAND_OVER = Form(
    name="hand_over",
    command_type=HandOver,
    title="Reassign facilitator",
    submit="Reassign",
    parts=lambda opening: [
        PersonField(
            key="facilitator",
            label="Facilitator",
            required=True,
            initial=opening.required_register.facilitator or None,
        )
    ],
    build_command=lambda entry: entry.command(HandOver, facilitator=entry.text("facilitator") or entry.by),
)


def _move(opening: FormContext) -> Sequence[FormPart]:
    move, register = _phase_move(opening.target), opening.required_register
    # The guard's findings take precedence if the form was opened for them, or if there are more of them.
    still_open = dict((*_open_conditions(move, register), *opening.missing))
    parts: list[FormPart] = [
        Paragraph(text=f"*{escape_name(register.name)}* ({register.key}): {_WHAT_HAPPENS[move]}")
    ]
    parts += _open_questions(move, opening)
    if still_open:
        parts.append(Paragraph(text=f"*{_NOT_MET[len(still_open) > 1]}*"))
    else:
        parts.append(long_text("reason", "Reason"))
    for condition, text in still_open.items():
        parts += reason_fields(condition, text, register)
    return [*parts, *_second_person(move, register), *_review(move, opening)]


def _review(move: Action, opening: FormContext) -> list[FormPart]:
    """Return the field for the day of the next review, with the proposal of the workspace."""
    if move is not Action.CLOSE:
        return []
    days = opening.required_register.inherited.review_days
    proposed = None if opening.today is None else opening.today + timedelta(days=days)
    return [
        DateField(
            key="review",
            label="Next review",
            hint=f"The workspace settings propose {days} days after closing. The facilitator is reminded.",
            initial=proposed,
        )
    ]


def _open_questions(move: Action, opening: FormContext) -> list[FormPart]:
    """Return the first questions that are open when the team moves on, and the button to all of them."""
    if move not in _MOVES_ON:
        return []
    facts: dict[str, list[Question]] = {}
    for question in opening.required_register.questions:
        if not question.answered_unknown:
            facts.setdefault(question.fact, []).append(question)
    if not facts:
        return []
    rest = SelectionTarget(name="questions", stream=opening.target.stream, selection=REST)
    pressed = button("Answer questions", ButtonKind.OPEN, rest, suffix="rest")
    count = sum(map(len, facts.values()))
    lines = [f"*{count_phrase(count, 'question')} {'is' if count == 1 else 'are'} still open.*"]
    for questions in [*facts.values()][:_QUESTIONS_SHOWN]:
        places = first_names([question.element_name for question in questions], _PLACES)
        lines.append(f"• {escape(questions[0].text, _QUESTION)} ({escape(places, _QUESTION)})")
        count -= len(questions)
    if count:
        lines.append(f"and {count} more")
    return [Paragraph(text="\n".join(lines), pressed=pressed)]


def _second_person(move: Action, register: ThreatRegister) -> list[FormPart]:
    """Return the field for the person who confirms that critical threats are left open."""
    if move is not Action.CLOSE or not register.open_critical:
        return []
    critical = count_phrase(len(register.open_critical), "open threat")
    return [
        Paragraph(
            text=(
                f"⚠ *{critical}, critical or unscored:* "
                f"{first_names(register.open_critical, _THREATS_SHOWN)}.\n"
                "Someone else must confirm the closing; until then the model stays open. If no one else "
                "can, invite a colleague, respond to these threats, or archive the model."
            )
        ),
        PersonField(
            key="confirmer",
            label="Who should confirm it?",
            hint="They are notified by direct message. Any other participant can also confirm.",
        ),
    ]


def _phase_move(target: Target) -> Action:
    move = PhaseTarget.of(target).move
    if move not in MOVES:
        raise StaleButton
    return move


def _open_conditions(move: Action, register: ThreatRegister) -> list[tuple[str, str]]:
    """Return the unmet conditions of the move, as ID and text."""
    checked = (
        register.conditions
        if move is Action.CLOSE
        else register.conditions_before.get(_PHASE_AFTER.get(move, ""), ())
    )
    return [(condition.id, condition.text) for condition in checked if not condition.met]


def _make_move(entry: Entry) -> Command:
    move = _phase_move(entry.target)
    reasons = [
        ConditionReason(condition=condition, reason=reason)
        for condition, reason in condition_reasons(entry.values).items()
    ]
    return entry.command(MOVES[move], reasons=reasons, review_on=entry.values.day("review"))


def _moved_by(target: Target) -> type[Command] | None:
    return MOVES.get(target.move) if isinstance(target, PhaseTarget) else None


def _changes_to_review(saved: Saved) -> Target | None:
    """Return the page with what has changed, after a closed model was reopened."""
    reopened = _phase_move(saved.target) is Action.REOPEN
    if not reopened or saved.register().review is None:
        return None
    return Target(name="changes", stream=saved.target.stream)


MOVE = Form(
    name="move",
    target=PhaseTarget,
    writes=WriteEffect.ONCE,
    command_type=_moved_by,
    ending=FormEnding.TEXT,
    title=lambda opening: MOVE_LABELS[_phase_move(opening.target)],
    submit=lambda opening: PROPOSE if _needs_two(opening) else MOVE_LABELS[_phase_move(opening.target)],
    parts=_move,
    build_command=_make_move,
    kept=lambda *_: {},  # what is typed stays while the questions are open above
    next_form=_changes_to_review,
)


PROPOSE = "Propose closing"
"""Label of the button if another person has to confirm the closing."""


def _needs_two(opening: FormContext) -> bool:
    return _phase_move(opening.target) is Action.CLOSE and bool(opening.required_register.open_critical)


MOVE_LABELS: dict[Action, str] = {
    Action.BEGIN_ANALYSIS: "Begin analysis",
    Action.BEGIN_REMEDIATION: "Begin remediation",
    Action.RETURN_TO_COLLECTION: "Return to collection",
    Action.RETURN_TO_ANALYSIS: "Return to analysis",
    Action.CLOSE: "Close the model",
    Action.REOPEN: "Reopen the model",
    Action.ARCHIVE: "Archive the model",
}
"""Names of the moves on buttons and as titles."""

_WHAT_HAPPENS: dict[Action, str] = {
    Action.BEGIN_ANALYSIS: "the team reviews threats. Elements can still be added and changed.",
    Action.BEGIN_REMEDIATION: "the team decides on responses to the threats.",
    Action.RETURN_TO_COLLECTION: "the model returns to collection. No data is lost.",
    Action.RETURN_TO_ANALYSIS: "the model returns to analysis. No data is lost.",
    Action.CLOSE: "the model becomes read-only. It can be reopened at any time.",
    Action.REOPEN: "work continues in the phase before closing, with what is new since.",
    Action.ARCHIVE: "the model is hidden from lists. It can still be read and reopened.",
}
_MOVES_ON = (Action.BEGIN_ANALYSIS, Action.BEGIN_REMEDIATION, Action.CLOSE)
_QUESTIONS_SHOWN = 4
_PHASE_AFTER = {Action.BEGIN_ANALYSIS: "analysis", Action.BEGIN_REMEDIATION: "remediation"}
_NOT_MET = (
    "This condition is not met. Meet it, or give a reason to continue anyway.",
    "These conditions are not met. Meet them, or give a reason to continue for each.",
)
_THREATS_SHOWN = 12
