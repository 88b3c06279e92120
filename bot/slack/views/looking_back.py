"""The page of a model as it was when a day ended."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from bot.slack.kit import limits
from bot.slack.kit.blocks import Block, View, actions, button, context, divider, modal, section
from bot.slack.kit.text import escape, name
from bot.slack.kit.triggers import FormName, Page, StaleButton, Target, Trigger
from bot.slack.views.card import steps
from bot.slack.views.paging import leaf, turning
from bot.slack.views.planned import stands
from bot.slack.views.remedies import STATES
from bot.slack.views.showing import LookedBack, Showing
from bot.slack.views.wording import PHASE_WORDS, came_up, counted, day_words, heading, person
from domain.elements import Element, Kind
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
    """The names, in as many paragraphs as they need."""
    for item in items:
        line = f"\n• {name(item.name, _NAME)} · {item.id}"
        if len(text) + len(line) > limits.SECTION:
            yield section(text)
            text = line.strip()
        else:
            text += line
    yield section(text)


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
    """What came, changed and went until now, and how far the model is."""
    now, since = showing.register, past.since
    before = {one.id for one in past.then.threats}
    reported = [one for one in now.threats if one.id not in before]
    lines = [
        f"*{words}:* {_named(now, past.then, elements)}"
        for words, elements in (
            ("Came", since.added),
            ("Changed", tuple(new for _, new in since.revised)),
            ("Went", since.removed),
        )
        if elements
    ]
    if reported:
        lines.append(f"*Reported:* {_some([name(one.title, _SINCE) for one in reported])}")
    changed = [
        f"{id} {STATES[was.state]} → {STATES[now.standings[id].state]}"
        for id, was in past.then.standings.items()
        if id in now.standings and now.standings[id].state is not was.state
    ]
    if changed:
        lines.append(f"*Responses:* {_some(changed)}")
    if now.phase != past.then.phase:
        was, became = (PHASE_WORDS.get(one.phase, one.phase) for one in (past.then, now))
        lines.append(f"*Phase:* {was} → {became}")
    if now.name != past.then.name:
        lines.append(f"*Name:* now {name(now.name, _NAME)}")
    if now.facilitator != past.then.facilitator:
        lines.append(f"*Facilitator:* now {person(showing.naming, now.facilitator)}")
    if past.day == past.today and not lines:
        return []
    return [section("*Since then*\n" + ("\n".join(lines) or "Nothing in the lists has changed."))]


def _named(now: ThreatRegister, then: ThreatRegister, elements: tuple[Element, ...]) -> str:
    def called(element: Element) -> str:
        item: Item | None = now.item(element.id) or then.item(element.id)
        return name(item.name if item else element.name, _SINCE)

    return _some([called(one) for one in elements])


def _some(words: list[str]) -> str:
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more


def _honesty(past: LookedBack) -> Block:
    zone = escape(past.zone) if past.zone_known else "UTC, because Slack does not tell me your time zone"
    return context(f"Computed by today's rules. Days end in {zone}.")


_ON_A_PAGE = 60
_NAME = 80
_SINCE = 60
_NAMED = 12
