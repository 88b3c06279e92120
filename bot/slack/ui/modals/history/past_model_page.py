"""Page of a model at the end of a day."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    modal,
    paragraphs,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind, StaleButton
from bot.slack.protocol.targets import DayTarget, Target, WordTarget
from bot.slack.screens.page_data import PageData, PastModel
from bot.slack.ui.modals.history.change_blocks import change_blocks
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import (
    day_text,
    findings_summary,
    imported_line,
    list_heading,
    person_name,
    phase_steps,
)
from bot.slack.ui.texts.plan_texts import past_plan_rows, response_counts
from domain.kernel.elements import Kind
from domain.kernel.text_formatting import count_phrase
from domain.register import RegisterItem, ThreatRegister


def past_model_page(showing: PageData) -> View:
    """Return the model on that day: its phase, its content, and what has changed since."""
    target, past = showing.target, showing.past
    if past is None:
        raise StaleButton
    items = [item for kind in Kind for item in past.then.items(kind)]
    shown = list_page(items, target, _ON_A_PAGE)
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
    return paragraphs(text, (f"• {escape_name(item.name, _NAME)} · {item.id}" for item in items))


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


_ON_A_PAGE = 60
_NAME = 80
