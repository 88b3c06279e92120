"""The page of a model as it was when a day ended."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from msgspec.structs import replace

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
from bot.slack.protocol.escaping import escape, name
from bot.slack.protocol.interactions import FormName, Page, StaleButton, Target, Trigger
from bot.slack.screens.page_data import LookedBack, Showing
from bot.slack.ui.modals.history.change_blocks import changed_blocks
from bot.slack.ui.modals.paging import leaf, turning
from bot.slack.ui.words.common_words import came_up, day_words, heading, person, steps
from bot.slack.ui.words.plan_words import plan_then, stands
from domain.elements import Kind
from domain.phrasing import counted
from domain.register import Item, ThreatRegister


def looking_back_page(showing: Showing) -> View:
    """The model on that day: how far it was, what was in it, and what has changed since."""
    target, past = showing.target, showing.past
    if past is None:
        raise StaleButton
    items = [item for kind in Kind for item in past.then.items(kind)]
    shown = leaf(items, target, _ON_A_PAGE)
    blocks = [section(f"*{name(past.then.name)}* · {past.then.key}\n{_when(past)}"), _days(target, past)]
    if not shown.number:
        blocks += [
            context(steps(past.then.phase)),
            section(_counts(showing, past.then)),
            *plan_then(past.then, showing.naming),
            *_since(showing, past),
        ]
    blocks.append(divider())
    if not items:
        blocks.append(section("Nothing was collected yet."))
    for kind, group in groupby(shown.items, key=lambda item: item.kind):
        blocks += _listed(f"*{heading(kind)}*  {len(past.then.items(kind))}", list(group))
    blocks += [*turning(shown, target), _honesty(past)]
    return modal("As it was", blocks, callback=Page.AS_OF, target=target)


def _when(past: LookedBack) -> str:
    today = " (today)" if past.day == past.today else ""
    return f"At the end of *{day_words(past.day)}*{today}"


def _days(target: Target, past: LookedBack) -> Block:
    def turned(label: str, day: date, spoken: str) -> Block:
        about = Target(what=Page.AS_OF, stream=target.stream, day=day)
        return button(label, Trigger.TURN, about, suffix=spoken.split()[0].lower(), spoken=spoken)

    buttons: list[Block] = []
    if past.earlier:
        buttons.append(turned(f"← {past.earlier:%-d %b}", past.earlier, "Earlier day with answers"))
    if past.later:
        buttons.append(turned(f"{past.later:%-d %b} →", past.later, "Later day with answers"))
    if past.day != past.today:
        buttons.append(turned("Today", past.today, "Today"))
    asking = Target(what=FormName.LOOK_BACK, stream=target.stream, day=past.day)
    return actions(*buttons, button("Another day…", Trigger.TURN, asking))


def _listed(text: str, items: list[Item]) -> Iterator[Block]:
    return paragraphs(text, (f"• {name(item.name, _NAME)} · {item.id}" for item in items))


def _counts(showing: Showing, then: ThreatRegister) -> str:
    lines = [
        came_up(then) or "Nothing had come up",
        *(one for one in (stands(then), _overdue(then)) if one),
        f"Facilitator: {person(showing.naming, then.facilitator)}",
    ]
    return "\n".join(lines)


def _overdue(then: ThreatRegister) -> str:
    count = sum(one.overdue for one in then.mitigations)
    return f"⚠ {counted(count, 'mitigation')} overdue" if count else ""


def _since(showing: Showing, past: LookedBack) -> list[Block]:
    """What is not as it was then, and by whom."""
    changes = changed_blocks(past.since, showing.naming)
    if changes:
        reporting = replace(showing.target, what="report", day=past.day)
        report = actions(button("Report since then", Trigger.WORD, reporting))
        return [divider(), section("*Since then*"), *changes, report]
    if past.day == past.today:
        return []
    return [section("*Since then*\nNothing in the model has changed.")]


def _honesty(past: LookedBack) -> Block:
    zone = escape(past.zone) if past.zone_known else "UTC, because Slack does not tell me your time zone"
    return context(f"Computed by today's rules. Days end in {zone}.")


_ON_A_PAGE = 60
_NAME = 80
