"""Pages of the history of a model, and of the model on an earlier day."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, takewhile

from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    confirm,
    context,
    divider,
    modal,
    paragraphs,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name, local_time, one_line
from bot.slack.protocol.targets import (
    LAST_CLOSING,
    Action,
    ButtonKind,
    DayTarget,
    StaleButton,
    Target,
    WordTarget,
)
from bot.slack.screens.page_data import PageData, PastModel
from bot.slack.ui.forms.form import Form, FormContext, FormSubmission, LazyRegister, WriteEffect
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    DateField,
    FormPart,
    Option,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.page_declaration import Page, PageSource, list_page, page_buttons
from bot.slack.ui.texts.common_texts import (
    day_text,
    findings_summary,
    imported_line,
    list_heading,
    person_name,
    phase_steps,
)
from bot.slack.ui.texts.remediation_texts import past_plan_rows, response_counts
from domain.changes import Change
from domain.commands import Undo
from domain.history import TimelineEntry
from domain.kernel.elements import Kind
from domain.kernel.person_names import Naming, with_names
from domain.kernel.text_formatting import count_phrase
from domain.register import RegisterItem, ThreatRegister


def change_blocks(changes: Sequence[Change], naming: Naming) -> list[Block]:
    """Return the changes by group, with old and new value and author; the first few if there are many."""
    return [
        section(_group(heading, list(some), naming))
        for heading, some in groupby(changes, key=lambda one: one.group.label)
    ]


def _group(heading: str, changes: list[Change], naming: Naming) -> str:
    text = f"*{heading}*"
    for place, one in enumerate(changes):
        line = f"\n• {_change_text(one, naming)}"
        left = len(changes) - place
        if place == _MAX_LINES or len(text) + len(line) > slack_limits.SECTION - len(_more(left)):
            return text + _more(left)
        text += line
    return text


def _more(left: int) -> str:
    return f"\nand {left} more"


def _change_text(one: Change, naming: Naming) -> str:
    """Return one change in words: `The cat · AS-5 added by Ben`, and its details."""

    def clipped(words: str, limit: int) -> str:
        return escape(with_names(one_line(words), one.people, lambda id: one_line(naming(id)) or id), limit)

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
    if showing.register.allows(Undo) and not shown.number:
        blocks.append(actions(_undo(target)))
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


def _undo(target: Target) -> Block:
    return button(
        "Undo my last change",
        ButtonKind.DO,
        Target(name=Action.UNDO, stream=target.stream),
        confirm=confirm(
            "Undo your last change?",
            "Your last change is reverted. It remains in the history, marked as undone.",
            yes="Undo",
        ),
    )


def _answer(entries: list[TimelineEntry], naming: Naming) -> Iterator[Block]:
    head = entries[0]
    who = person_name(naming, head.by) if head.by else "Someone"
    when = f" · {local_time(head.at)}" if head.at else ""
    undone = " · ✗ undone" if any(entry.undone for entry in entries) else ""
    mark = "• " if len(entries) > 1 else ""
    lines = (f"{mark}{_entry_text(entry, naming)}" for entry in entries)
    return paragraphs(f"*{who}*{when}{undone}", lines)


def _entry_text(entry: TimelineEntry, naming: Naming) -> str:
    """Return the history entry with the names of people."""
    text = with_names(one_line(entry.text), entry.people, lambda id: one_line(naming(id)) or id)
    return escape(text, _TEXT)


_ON_A_PAGE = 40
_TEXT = 300


def _day(opening: FormContext) -> Sequence[FormPart]:
    return [
        DateField(
            key="day",
            label="Day",
            hint="The page shows the model as it was at the end of that day.",
            required=True,
            initial=DayTarget.of(opening.target).day,
        )
    ]


def _page_of_day(values: SubmittedValues, target: Target, register: LazyRegister) -> Target:
    del register
    return DayTarget(name="as_of", stream=target.stream, day=values.day("day"))


LOOK_BACK = Form(
    name="look_back",
    target=DayTarget,
    submission=FormSubmission.PAGE,
    next_form=_page_of_day,
    writes=WriteEffect.READS,
    title="View past state",
    submit="Show",
    parts=_day,
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


def _changes(values: SubmittedValues, target: Target, register: LazyRegister) -> Target:
    del register
    about = DayTarget(name="changes", stream=target.stream)
    match values.text("since"):
        case "closing":
            return replace(about, version=LAST_CLOSING)
        case "version":
            return replace(about, version=int(values.text("version")))
        case _:
            return replace(about, day=values.day("day"))


_DAY, _VERSION = "day", "version"
_MOMENTS = (
    Option(value=_DAY, text="A day"),
    Option(value=_VERSION, text="A version"),
    Option(value="closing", text="The last time it was closed"),
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
    items = [item for kind in Kind for item in past.then.items(kind)]
    shown = list_page(items, target, _PAST_MODEL_ON_A_PAGE)
    blocks = [
        section(f"*{escape_name(past.then.name)}* · {past.then.key}\n{_when(past)}"),
        _days(target, past),
    ]
    if not shown.number:
        blocks += [
            context(phase_steps(past.then.phase)),
            *([context(imported)] if (imported := imported_line(past.then, showing.naming)) else []),
            section(_counts(showing, past.then)),
            *past_plan_rows(past.then, showing.naming),
            *_since(showing, past),
        ]
    blocks.append(divider())
    if not items:
        blocks.append(section("The model had no elements."))
    for kind, group in groupby(shown.items, key=lambda item: item.kind):
        blocks += _listed(f"*{list_heading(kind)}*  {len(past.then.items(kind))}", list(group))
    blocks += [*page_buttons(shown, target), _honesty(past)]
    return modal("Past state", blocks, target=target)


PAST_MODEL = Page(name="as_of", target=DayTarget, show=past_model_page, source=PageSource.PAST_MODEL)


def changes_page(showing: PageData) -> View:
    """Return what has changed in the model since a day, a version or its last closing."""
    past = showing.past
    if past is None:
        raise StaleButton
    head = section(f"*{escape_name(past.then.name)}* · {past.then.key}\n{_when(past)}")
    return modal("Changes", [head, *_since(showing, past), _honesty(past)], target=showing.target)


CHANGES = Page(name="changes", target=DayTarget, show=changes_page, source=PageSource.PAST_MODEL)


def _when(past: PastModel) -> str:
    if past.version:
        return f"At version {past.version}, of *{day_text(past.day)}*"
    today = " (today)" if past.day == past.today else ""
    return f"At the end of *{day_text(past.day)}*{today}"


def _days(target: Target, past: PastModel) -> Block:
    def turned(label: str, day: date, spoken: str) -> Block:
        about = DayTarget(name="as_of", stream=target.stream, day=day)
        return button(label, ButtonKind.TURN, about, suffix=spoken.split()[0].lower(), spoken=spoken)

    buttons: list[Block] = []
    if past.earlier:
        buttons.append(turned(f"← {past.earlier:%-d %b}", past.earlier, "Earlier day with answers"))
    if past.later:
        buttons.append(turned(f"{past.later:%-d %b} →", past.later, "Later day with answers"))
    if past.day != past.today:
        buttons.append(turned("Today", past.today, "Today"))
    asking = DayTarget(name="look_back", stream=target.stream, day=past.day)
    return actions(*buttons, button("Another day…", ButtonKind.TURN, asking))


def _listed(text: str, items: list[RegisterItem]) -> Iterator[Block]:
    return paragraphs(text, (f"• {escape_name(item.name, _PAST_MODEL_NAME)} · {item.id}" for item in items))


def _counts(showing: PageData, then: ThreatRegister) -> str:
    lines = [
        findings_summary(then) or "No findings",
        *(one for one in (response_counts(then), _overdue(then)) if one),
        f"Facilitator: {person_name(showing.naming, then.facilitator)}",
    ]
    return "\n".join(lines)


def _overdue(then: ThreatRegister) -> str:
    count = sum(one.overdue for one in then.mitigations)
    return f"⚠ {count_phrase(count, 'mitigation')} overdue" if count else ""


def _since(showing: PageData, past: PastModel) -> list[Block]:
    """Return the changes since then, with their authors."""
    changes = change_blocks(past.since, showing.naming)
    if changes:
        reporting = WordTarget(name="report", stream=showing.target.stream, day=past.day)
        report = actions(button("Report since then", ButtonKind.WORD, reporting))
        return [divider(), section("*Since then*"), *changes, report]
    if past.day == past.today and not past.version:
        return []
    return [section("*Since then*\nNo changes.")]


def _honesty(past: PastModel) -> Block:
    zone = escape(past.zone) if past.zone_known else "UTC, because Slack does not provide your time zone"
    return context(f"Evaluated with the current rules. Days end in {zone}.")


_PAST_MODEL_ON_A_PAGE = 60
_PAST_MODEL_NAME = 80
