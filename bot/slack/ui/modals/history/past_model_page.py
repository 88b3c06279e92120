"""Pages of the history of a model, and of the model on an earlier day."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby, takewhile

from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button_row,
    confirm,
    context,
    divider,
    modal,
    paragraphs,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name, local_time
from bot.slack.protocol.targets import (
    LAST_CLOSING,
    Action,
    DayTarget,
    StaleButton,
    Target,
    WordTarget,
)
from bot.slack.screens.page_data import PageData, PastModel
from bot.slack.ui.forms.form import Form, FormContext, FormSubmission, Saved, WriteEffect
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    DateField,
    FormPart,
    Option,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.next_step_buttons import next_step_button
from bot.slack.ui.modals.page_declaration import Page, PageSource, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import (
    day_text,
    findings_summary,
    imported_line,
    list_heading,
    person_name,
    phase_steps,
    undo_sentences,
    with_person_names,
)
from bot.slack.ui.texts.remediation_texts import past_plan_rows, response_counts
from domain.changes import Change
from domain.commands import Undo
from domain.history import TimelineEntry
from domain.kernel.elements import Kind
from domain.kernel.text_formatting import Naming, count_phrase
from domain.next_step.next_step_choice import NextStepKind


def change_blocks(changes: Sequence[Change], naming: Naming) -> list[Block]:
    """Return the changes by group, with old and new value and author; the first few if there are many."""
    return [
        section(_group(heading, list(some), naming))
        for heading, some in groupby(changes, key=lambda change: change.group.label)
    ]


def _group(heading: str, changes: list[Change], naming: Naming) -> str:
    text = f"*{heading}*"
    for place, one in enumerate(changes):
        line, more = f"\n• {_change_text(one, naming)}", f"\nand {len(changes) - place} more"
        if place == _MAX_LINES or len(text) + len(line) > slack_limits.SECTION - len(more):
            return text + more
        text += line
    return text


def _change_text(one: Change, naming: Naming) -> str:
    """Return one change in words: `The cat · AS-5 added by Ben`, and its details."""

    def clipped(words: str, limit: int) -> str:
        return escape(with_person_names(words, one.people, naming), limit)

    by = ", ".join(person_name(naming, id) for id in one.by)
    head = f"{clipped(one.called, _NAME)} {one.how}{f' by {by}' if by else ''}"
    details = [clipped(detail.text, _DETAIL) for detail in one.details[:_DETAILS]]
    if len(one.details) > _DETAILS:
        details.append(f"{count_phrase(len(one.details) - _DETAILS, 'more change')}")
    return f"{head}: {'; '.join(details)}" if details else head


_MAX_LINES = 12
_NAME = 90
_DETAIL = 160
_DETAILS = 4


def history_page(showing: PageData) -> View:
    """Return the history, answer by answer; undone answers stay, with a mark."""
    target = showing.target
    shown = list_page(_beginning_as_one(showing.history)[::-1], target, _ON_A_PAGE)
    blocks = [section(f"*{count_phrase(shown.of, 'entry')}*, newest first.")]
    if imported := imported_line(showing.register, showing.naming):
        blocks.append(context(imported))
    if (undo := showing.undo) is not None and showing.register.allows(Undo) and not shown.number:
        reverts, stays = undo_sentences(undo, showing.naming)
        asked = confirm(
            "Undo this change?",
            f"{reverts} It remains in the history, marked as undone. {stays}".strip(),
            yes="Undo",
        )
        make = ModelButtons(target.stream)
        blocks.append(actions(make.does("Undo my last change", Action.UNDO, confirm=asked)))
    for _, group in groupby(shown.items, key=lambda entry: (entry.answer, entry.undoes)):
        # Within one answer, entries keep their original order.
        blocks += _answer(list(group)[::-1], showing.naming)
    return modal("History", [*blocks, *page_buttons(shown, target)], target=target)


def _beginning_as_one(history: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Return the history with everything from a template as one entry: it may be hundreds."""
    if not history or not history[0].from_template:
        return tuple(history)
    first, copied = history[0], list(takewhile(lambda one: one.answer == history[0].answer, history[1:]))
    entries = count_phrase(len(copied), "element or answer", "elements and answers")
    begun = replace(first, text=f"{first.text}: {entries}")
    return (begun, *history[1 + len(copied) :])


HISTORY = Page(name="history", show=history_page, source=PageSource.HISTORY)


def _answer(entries: list[TimelineEntry], naming: Naming) -> Iterator[Block]:
    head = entries[0]
    who = person_name(naming, head.by) if head.by else "Someone"
    when = f" · {local_time(head.at)}" if head.at else ""
    undone = " · ✗ undone" if any(entry.undone for entry in entries) else ""
    mark = "• " if len(entries) > 1 else ""
    texts = (escape(with_person_names(entry.text, entry.people, naming), _TEXT) for entry in entries)
    return paragraphs(f"*{who}*{when}{undone}", (f"{mark}{text}" for text in texts))


_ON_A_PAGE = 40
_TEXT = 300


LOOK_BACK = Form(
    name="look_back",
    target=DayTarget,
    submission=FormSubmission.PAGE,
    next_form=lambda saved: DayTarget(name="as_of", stream=saved.target.stream, day=saved.values.day("day")),
    writes=WriteEffect.READS,
    title="View past state",
    submit="Show",
    parts=lambda opening: [
        DateField(
            key="day",
            label="Day",
            hint="The page shows the model as it was at the end of that day.",
            required=True,
            initial=DayTarget.of(opening.target).day,
        )
    ],
)


def _moments(opening: FormContext) -> Sequence[FormPart]:
    week_ago = opening.today - timedelta(days=7) if opening.today else None
    return [
        ChoiceField(key="since", label="Since", required=True, options=_MOMENTS, initial=_DAY),
        DateField(key="day", label="Day", hint="The changes after the end of that day.", initial=week_ago),
        TextField(key="version", label="Version", hint="Reports and exports state their version.", limit=9),
    ]


def _missing(values: SubmittedValues) -> dict[str, str]:
    since = values.text("since")
    if since == _DAY and values.day("day") is None:
        return {"day": "Choose a day."}
    version = values.text("version").strip()
    if since == _VERSION and not (version.isdecimal() and int(version)):
        return {"version": "Enter the number of a version, such as 57."}
    return {}


def _changes(saved: Saved) -> Target:
    about = DayTarget(name="changes", stream=saved.target.stream)
    since = saved.text("since")
    if since == _CLOSING:
        return replace(about, version=LAST_CLOSING)
    if since == _VERSION:
        return replace(about, version=int(saved.text("version")))
    return replace(about, day=saved.values.day("day"))


_DAY, _VERSION, _CLOSING = "day", "version", "closing"
_MOMENTS = (
    Option(value=_DAY, text="A day"),
    Option(value=_VERSION, text="A version"),
    Option(value=_CLOSING, text="The last time it was closed"),
)

CHANGES_SINCE = Form(
    name="changes_since",
    submission=FormSubmission.PAGE,
    next_form=_changes,
    validate=_missing,
    writes=WriteEffect.READS,
    title="Changes since",
    submit="Show",
    parts=_moments,
)


def past_model_page(showing: PageData) -> View:
    """Return the model on that day: its phase, its content, and what has changed since."""
    target, past = showing.target, showing.past
    if past is None:
        raise StaleButton
    then = past.then
    items = [item for kind in Kind for item in then.items(kind)]
    shown = list_page(items, target, _PAST_MODEL_ON_A_PAGE)
    blocks = [_head(past), actions(*_days(ModelButtons(target.stream), past))]
    if not shown.number:
        overdue = sum(mitigation.overdue for mitigation in then.mitigations)
        lines = (
            findings_summary(then) or "No findings",
            response_counts(then),
            f"⚠ {count_phrase(overdue, 'mitigation')} overdue" if overdue else "",
            f"Facilitator: {person_name(showing.naming, then.facilitator)}",
        )
        blocks += [
            context(phase_steps(then.phase)),
            *([context(imported)] if (imported := imported_line(then, showing.naming)) else []),
            section("\n".join(filter(None, lines))),
            *past_plan_rows(then, showing.naming),
            *_since(showing, past),
        ]
    blocks.append(divider())
    if not items:
        blocks.append(section("The model had no elements."))
    for kind, group in groupby(shown.items, key=lambda item: item.kind):
        listed = (f"• {escape_name(item.name, _PAST_MODEL_NAME)} · {item.id}" for item in group)
        blocks += paragraphs(f"*{list_heading(kind)}*  {len(then.items(kind))}", listed)
    return modal("Past state", [*blocks, *page_buttons(shown, target), _foot(past)], target=target)


PAST_MODEL = Page(name="as_of", target=DayTarget, show=past_model_page, source=PageSource.PAST_MODEL)


def changes_page(showing: PageData) -> View:
    """Return what has changed in the model since a day, a version or its last closing."""
    past = showing.past
    if past is None:
        raise StaleButton
    blocks = [_head(past), *_since(showing, past), *_review_rows(showing), _foot(past)]
    return modal("Changes", blocks, target=showing.target)


def _review_rows(showing: PageData) -> list[Block]:
    """Return how to record what has changed, and the next step; of a closed model, how to begin a review."""
    register, make = showing.register, ModelButtons(showing.target.stream, back="changes")
    if register.phase == "closed":
        return [divider(), section(_BEGIN), actions(make.does("Reopen", Action.REOPEN, primary=True))]
    if register.review is None:
        return []
    ways = [make.opens(label, form) for form, label in _WAYS]
    restate = register.next.act is not NextStepKind.RESTATE and register.to_restate
    following = next_step_button(make.stream, register, in_place=True)
    return [
        divider(),
        section(_RECORD),
        actions(*ways),
        *([section(_RESTATE, accessory=make.opens("Review answers", "still_true"))] if restate else []),
        section(f"*Next: {escape(register.next.text)}*"),
        *button_row(following),
    ]


_BEGIN = "Has the system changed? *Reopen* the model to record it. Work continues where it was closed."
_RECORD = (
    "*What else has changed?* Record it from files or by hand. You are asked and vote only about what is new."
)
_RESTATE = "*Are the answers still true?* Elements were revised since the closing."
_WAYS = (("files", "Draft from files"), ("flows", "Add data flows"), ("names", "Add elements"))


CHANGES = Page(name="changes", target=DayTarget, show=changes_page, source=PageSource.PAST_MODEL)


def _head(past: PastModel) -> Block:
    when = f"At the end of *{day_text(past.day)}*{' (today)' if past.day == past.today else ''}"
    if past.version:
        when = f"At version {past.version}, of *{day_text(past.day)}*"
    return section(f"*{escape_name(past.then.name)}* · {past.then.key}\n{when}")


def _foot(past: PastModel) -> Block:
    zone = escape(past.zone) if past.zone_known else "UTC, because Slack does not provide your time zone"
    return context(f"Evaluated with the current rules. Days end in {zone}.")


def _days(make: ModelButtons, past: PastModel) -> Iterator[Block]:
    for label, day, spoken in (
        (f"← {past.earlier:%-d %b}" if past.earlier else "", past.earlier, "Earlier day with answers"),
        (f"{past.later:%-d %b} →" if past.later else "", past.later, "Later day with answers"),
        ("Today", None if past.day == past.today else past.today, "Today"),
    ):
        if day:
            about = DayTarget(name="as_of", day=day)
            yield make.turns(label, about, suffix=spoken.split()[0].lower(), spoken=spoken)
    yield make.turns("Another day…", DayTarget(name="look_back", day=past.day))


def _since(showing: PageData, past: PastModel) -> list[Block]:
    """Return the changes since then, with their authors."""
    changes = change_blocks(past.since, showing.naming)
    if changes:
        reporting = WordTarget(name="report", day=past.day)
        report = ModelButtons(showing.target.stream).runs("Report since then", reporting)
        return [divider(), section("*Since then*"), *changes, actions(report)]
    if past.day == past.today and not past.version:
        return []
    return [section("*Since then*\nNo changes.")]


_PAST_MODEL_ON_A_PAGE = 60
_PAST_MODEL_NAME = 80
