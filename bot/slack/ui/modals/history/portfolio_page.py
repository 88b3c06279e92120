"""Page of the portfolio: totals, filter and order, and one row for each model."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    modal,
    plain_text,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, StaleButton, Target, action_id
from bot.slack.screens.page_data import PageData
from bot.slack.screens.portfolio_screen import (
    CONDITIONS,
    CRITICAL,
    FACILITATED,
    HIGH,
    LABEL,
    MINE,
    OVERDUE,
    PHASE,
    PortfolioScreen,
    PortfolioSelection,
    label_id,
    read_conditions,
    read_selection,
)
from bot.slack.ui.modals.page_declaration import Page, PageSource, list_page, page_buttons
from bot.slack.ui.texts.common_texts import PHASE_LABELS, person_name
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import Naming, count_phrase
from domain.portfolio.portfolio_entry import PortfolioEntry, days_since
from domain.portfolio.portfolio_filter import PortfolioOrder


def portfolio_page(showing: PageData) -> View:
    """Return the portfolio; of open rounds it shows the turnout alone."""
    screen, now = showing.portfolio, showing.now
    if screen is None or now is None:
        raise StaleButton
    shown = list_page(screen.entries, showing.target, _ON_A_PAGE)
    rows = [_row(item, screen, showing.naming, now) for item in shown.items]
    if not rows:
        rows = [
            section(
                "No model matches the filter." if screen.models else "There are no models in your channels."
            )
        ]
    blocks = [
        section("\n".join(_totals(screen))),
        _filters(screen),
        *_unlisted_labels(screen),
        actions(_orders(screen), *_reset(screen, showing.target)),
        divider(),
        *rows,
        *page_buttons(shown, showing.target),
        *_missing(screen, showing.target),
    ]
    return modal("Portfolio", blocks, target=showing.target)


def choose_in_menu(target: Target, menu: str, values: tuple[str, ...]) -> Target:
    """Return the target of the page after options were chosen in its menu of filters or of orders."""
    selection = read_selection(SelectionTarget.of(target).selection)
    match menu:
        case "conditions":
            selection = replace(selection, conditions=read_conditions(values))
        case "order":
            selection = replace(selection, order=read_selection(f"|{''.join(values)}").order)
        case _:  # the page has no other menu
            raise StaleButton
    return _page_of(selection, target)


PORTFOLIO = Page(
    name="portfolio",
    target=SelectionTarget,
    show=portfolio_page,
    source=PageSource.PORTFOLIO,
    filtered=choose_in_menu,
)


def _totals(screen: PortfolioScreen) -> Iterator[str]:
    totals = screen.totals
    left = screen.models - totals.models
    more = f", {screen.missing} still being calculated" if screen.missing else ""
    yield f"*{count_phrase(totals.models, 'model')}*" + (f" of {screen.models}" if left else "") + more
    yield f"Open threats: *{totals.open.total:,}* ({totals.open.text})"
    if any(number for _, number in screen.weeks) or totals.open.total:
        weeks = ", ".join(f"{count_phrase(ago, 'week')} ago {number:,}" for ago, number in screen.weeks)
        yield f"Before: {weeks}"
    overdue = (
        (totals.overdue_mitigations, "mitigation"),
        (totals.overdue_approvals, "approval"),
        (totals.overdue_reviews, "review"),
    )
    late = ", ".join(count_phrase(number, what) for number, what in overdue if number)
    yield f"Overdue: {late or 'nothing'}"
    if totals.accepted:
        until = f", the next expires on {short_day(totals.next_expiry.date())}" if totals.next_expiry else ""
        yield f"Accepted risks: {totals.accepted:,}{until}"
    if totals.in_place.total:
        yield totals.in_place.sentence
        yield totals.checks.sentence
    if totals.remediation_days:
        days = ", ".join(f"{band} {days:g}" for band, days in totals.remediation_days.items())
        yield f"Median days from found to mitigated: {days}"


def _row(one: PortfolioEntry, screen: PortfolioScreen, naming: Naming, now: datetime) -> Block:
    key = one.key
    pressed = button(
        "Open",
        ButtonKind.SHOW,
        Target(name="more", stream=f"{screen.tenant}/{key}"),
        suffix=key,
        spoken=f"More about {key}",
    )
    return section("\n".join(_lines(one, screen, naming, now)), accessory=pressed)


def _lines(one: PortfolioEntry, screen: PortfolioScreen, naming: Naming, now: datetime) -> Iterator[str]:
    phase = PHASE_LABELS.get(one.phase, one.phase)
    channel = screen.channels.get(one.channel, "")
    where = f" · #{escape(channel, _NAME)}" if channel else ""
    yield f"*{escape_name(one.name, _NAME)}* · {one.key} · {phase}{where}"
    yield " · ".join(_facts(one, now))
    if one.next:
        people = ", ".join(person_name(naming, person) for person in one.waits_for)
        yield f"Next: {escape(one_line(one.next), _NEXT)}{f' ({people})' if people else ''}"
    if one.labels:
        yield f"_{escape_name(', '.join(one.labels), _LABELS)}_"


def _facts(one: PortfolioEntry, now: datetime) -> Iterator[str]:
    yield f"Open: {one.open.text}" if one.threats else "No threats yet"
    if one.highest is not None:
        yield f"highest {one.highest:.1f}"
    if number := one.overdue(now):
        yield f"*{number} overdue*"
    if one.review_due is not None:
        overdue = " (overdue)" if one.review_overdue(now) else ""
        yield f"review {short_day(one.review_due.date())}{overdue}"
    if (days := days_since(one.oldest_open_at, now)) is not None:
        yield f"oldest open {count_phrase(days, 'day')}"
    if (days := days_since(one.last_activity_at, now)) is not None:
        yield "active today" if not days else f"last activity {count_phrase(days, 'day')} ago"


def _filters(screen: PortfolioScreen) -> Block:
    """Return the menu of conditions, which are combined; the values of labels are their IDs."""
    groups = (
        ("Needs attention", _CONDITIONS),
        ("Phase (one of these)", {f"{PHASE}{phase}": label for phase, label in PHASE_LABELS.items()}),
        ("Labels (all of these)", {f"{LABEL}{label_id(one)}": one for one in _listed_labels(screen)}),
    )
    options = {value: _option(value, text) for _, choices in groups for value, text in choices.items()}
    menu: Block = {
        "type": "multi_static_select",
        "action_id": action_id(ButtonKind.FILTER, "conditions"),
        "placeholder": plain_text("Choose conditions", slack_limits.PLACEHOLDER),
        "max_selected_items": CONDITIONS,
        "option_groups": [
            {
                "label": plain_text(label, slack_limits.OPTION),
                "options": [options[value] for value in choices],
            }
            for label, choices in groups
            if choices
        ],
    }
    chosen = [options[condition] for condition in screen.selection.conditions if condition in options]
    if chosen:
        menu["initial_options"] = chosen
    shown = "; ".join(escape(one_line(condition), _NAME) for condition in screen.conditions)
    block = section(f"*Filter*\n{shown[:1].upper()}{shown[1:]}" if shown else _UNFILTERED, accessory=menu)
    # Slack keeps what was chosen in a block with the same ID, also after a reset.
    return {**block, "block_id": f"filter-{label_id(screen.selection.code)}"}


def _listed_labels(screen: PortfolioScreen) -> list[str]:
    """Return the labels within the limit of a menu, the chosen ones in any case."""
    chosen = [label for label in screen.labels if f"{LABEL}{label_id(label)}" in screen.selection.conditions]
    others = [label for label in screen.labels if label not in chosen]
    kept = {*chosen, *others[: slack_limits.OPTIONS - len(chosen)]}
    return [label for label in screen.labels if label in kept]


def _unlisted_labels(screen: PortfolioScreen) -> list[Block]:
    left = len(screen.labels) - len(_listed_labels(screen))
    if not left:
        return []
    typed = f"`{COMMAND} portfolio LABEL`"
    return [context(f"{count_phrase(left, 'more label')} not in the menu: type {typed}.")]


def _orders(screen: PortfolioScreen) -> Block:
    options = {one: _option(str(one), text) for one, text in _ORDERS.items()}
    return {
        "type": "static_select",
        "action_id": action_id(ButtonKind.FILTER, "order"),
        "placeholder": plain_text("Order", slack_limits.PLACEHOLDER),
        "options": list(options.values()),
        "initial_option": options[screen.selection.order],
    }


def _option(value: str, text: str) -> Block:
    return {
        "text": plain_text(clip(one_line(text), slack_limits.OPTION), slack_limits.OPTION),
        "value": value,
    }


def _reset(screen: PortfolioScreen, target: Target) -> list[Block]:
    if not screen.selection.conditions:
        return []
    everything = _page_of(replace(screen.selection, conditions=()), target)
    return [button("Reset filter", ButtonKind.TURN, everything, suffix="reset")]


def _page_of(selection: PortfolioSelection, target: Target) -> SelectionTarget:
    return SelectionTarget(name="portfolio", selection=selection.code, behind=target.behind)


def _missing(screen: PortfolioScreen, target: Target) -> list[Block]:
    if not screen.missing:
        return []
    return [
        context(f"{count_phrase(screen.missing, 'model')} not shown yet: the numbers are being calculated."),
        actions(button("Refresh", ButtonKind.TURN, target, suffix="refresh")),
    ]


_CONDITIONS = {
    OVERDUE: "Something is overdue",
    CRITICAL: "Critical threats are open",
    HIGH: "High or critical threats are open",
    MINE: "Waits for me",
    FACILITATED: "Facilitated by me",
}
_UNFILTERED = "*Filter*\nAll but archived models"
_ORDERS = {
    PortfolioOrder.RISK: "Highest risk first",
    PortfolioOrder.OVERDUE: "Most overdue first",
    PortfolioOrder.AGE: "Oldest open threat first",
    PortfolioOrder.ACTIVITY: "Longest inactive first",
    PortfolioOrder.REVIEW: "Next review first",
    PortfolioOrder.NAME: "By name",
}
_ON_A_PAGE = 10
_NAME = 60
_NEXT = 120
_LABELS = 150
