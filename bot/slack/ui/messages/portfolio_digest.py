"""Weekly digest of the portfolio: counts, without names of models and titles of threats."""

from collections.abc import Iterator

from bot.slack.protocol.block_builders import Message, actions, button, context, message, section
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import SelectionTarget
from domain.kernel.text_formatting import count_phrase
from domain.portfolio.weekly_changes import WeeklyChanges


def portfolio_digest(week: WeeklyChanges, chosen_by: str) -> Message:
    """Return the digest; `chosen_by` is the escaped name of the person whose channels it covers."""
    title = f"Threat models this week: {count_phrase(week.totals.models, 'model')}"
    blocks = [
        section("\n".join((f"*{title}*", *_lines(week)))),
        actions(button("Open portfolio", ButtonKind.SHOW, SelectionTarget(name="portfolio"))),
        context(
            f"Models of the channels of {chosen_by}. In the portfolio, you see those of your own channels."
        ),
    ]
    return message(title, blocks)


def _lines(week: WeeklyChanges) -> Iterator[str]:
    totals, before = week.totals, week.before.total
    change = totals.open.total - before
    yield f"• Open threats: {totals.open.total:,} ({totals.open.text}), {change:+,} in a week"
    if week.worse or week.better:
        more, fewer = count_phrase(week.worse, "model"), count_phrase(week.better, "model")
        yield f"• Critical and high threats: more in {more}, fewer in {fewer}"
    yield f"• Found: {week.found.total:,}" + (f" ({week.found.text})" if week.found.total else "")
    done = ", ".join(f"{number:,} {state.label}" for state, number in week.settled.items())
    yield f"• Done: {done or 'nothing'}"
    overdue = totals.overdue_mitigations + totals.overdue_approvals
    yield f"• Overdue: {count_phrase(overdue, 'mitigation or approval', 'mitigations and approvals')}"
    if week.expiring:
        yield f"• Accepted risks that expire within two weeks: {week.expiring:,}"
    if week.reviews:
        yield f"• Reviews due within a week: {week.reviews:,}"
    if week.untouched:
        yield f"• Without activity this week: {count_phrase(week.untouched, 'model')}"
