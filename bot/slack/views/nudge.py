"""The message that reminds one person of one thing or several, and later shows what was done with them."""

from collections.abc import Sequence
from datetime import timedelta

from bot.slack.kit import limits
from bot.slack.kit.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    link,
    message,
    section,
    size,
)
from bot.slack.kit.moments import moment
from bot.slack.kit.text import escape, name
from bot.slack.kit.triggers import FormName, Page, Target, Trigger
from bot.slack.reading.reminders import Reminder
from bot.slack.views.wording import counted
from domain.reminders import Occasion


def nudge_message(reminders: Sequence[Reminder]) -> Message:
    """What somebody is reminded of, in the given order; what fits has buttons, the rest a line each."""
    still = [one for one in reminders if _is_open(one)]
    blocks: list[Block] = []
    if len(reminders) > 1:
        done = f" · {len(reminders) - len(still)} done" if len(still) < len(reminders) else ""
        blocks.append(section(f"*{counted(len(reminders), 'reminder')} for you*{done}"))
    if late := max((one.late for one in still), default=timedelta(0)):
        blocks.append(context(f"⏱ {_so_late(late, len(still))} I could not send it in time."))
    rest = _rest(reminders)
    for shown, one in enumerate(reminders, start=1):
        told = [*([divider()] if shown > 1 else []), *_blocks(one)]
        less = _rest(reminders[shown:])
        whole = [*blocks, *told, *less]
        if len(whole) > limits.MESSAGE_BLOCKS or size(whole) > limits.MESSAGE_CHARACTERS:
            break
        blocks += told
        rest = less
    return message(_text(reminders), [*blocks, *rest])


def headline(one: Reminder) -> str:
    """What somebody is reminded of, in one line of mark-up."""
    what = _what(one)
    match one.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY if one.is_over and _is_open(one):
            # It was put off until then, or comes late.
            return f"*Overdue:* {what}"
        case Occasion.DUE_SOON:
            return f"*Due soon:* {what}"
        case Occasion.DUE_TODAY:
            return f"*Due today:* {what}"
        case Occasion.OVERDUE:
            return f"*Overdue:* {what}"
        case Occasion.ESCALATED:
            return f"*Overdue for long:* {what}"
        case Occasion.OWNER_GONE:
            return f"*Its owner is not here any more:* {what}"
        case Occasion.VOTE_OWED:
            return f"*Your vote is wanted:* {_left(one, 'threat')}"
        case Occasion.VOTE_ENDS:
            return f"*The vote ends soon:* {_left(one, 'threat')}"
        case Occasion.ASKED:
            return f"*Questions for you:* {counted(one.count, 'question')} wait for your answer"
        case Occasion.ANSWERS_DUE:
            return f"*Answers were wanted by today:* {counted(one.count, 'question')} still open"
        case Occasion.ACCEPTANCE_ENDS:
            return f"*The acceptance of a risk ends soon:* {what}"
        case Occasion.ACCEPTANCE_OVER:
            return f"*The acceptance of a risk is over, so the threat is open again:* {what}"
        case Occasion.DIGEST:
            some = f"{counted(len(one.lines), 'mitigation')} of " if one.lines else ""
            return f"*Overdue:* {some}{_model(one)}"
        case Occasion.UNTOUCHED:
            return f"*Nobody has touched it for long:* {_model(one)}"
        case Occasion.REVIEW:
            return f"*Time to look at it again:* {_model(one)} was closed some time ago"
        case Occasion.NOT_REACHED if one.refused:
            return f"*I could not remind {name(one.owner)}:* Slack did not take it ({escape(one.refused)})"
        case Occasion.NOT_REACHED:
            return f"*I cannot write to {name(one.owner)}:* Slack does not take reminders to them"


def _is_open(one: Reminder) -> bool:
    return not one.over and one.snoozed is None


def _what(one: Reminder) -> str:
    if one.mitigation is not None:
        return f"{name(one.mitigation.title)} ({one.mitigation.id})"
    if one.threat is not None:
        return f"{name(one.threat.title)} ({one.threat.id})"
    return escape(one.about.subject, empty=name(one.model))


def _model(one: Reminder) -> str:
    return f"{name(one.model)} ({one.about.model})"


def _left(one: Reminder, what: str) -> str:
    left = counted(one.of, what)
    return f"{one.count} of {left} still wait for your ballot" if one.count < one.of else f"{left} to vote on"


def _blocks(one: Reminder) -> list[Block]:
    if not _is_open(one):
        return [section(f"~{headline(one)}~\n{_outcome(one)}")]
    lines = [headline(one), *_details(one), *_lines(one)]
    pressed = _buttons(one)
    return [section("\n".join(lines)), *([actions(*pressed)] if pressed else [])]


def _outcome(one: Reminder) -> str:
    if one.over:
        return f"✓ {escape(one.over)}"
    return f"💤 Snoozed until {moment(one.snoozed)}." if one.snoozed else ""


def _details(one: Reminder) -> list[str]:
    where = "" if one.occasion in OF_THE_MODEL else _model(one)
    tally, bad = one.tally, ""
    if tally is not None:
        bad = f"*{tally.band.capitalize()}*, {tally.total:g} points (mean {tally.mean:.1f})"
    against = ""
    if one.threat is not None:
        against = f"against {name(one.threat.title)} ({one.threat.id})" if one.mitigation else ""
        bad = bad or "not scored yet"
    details = [" · ".join(part for part in (where, against, bad) if part)]
    times = [part for part in (_whose(one), _since(one), _until(one)) if part]
    return [line for line in (*details, " · ".join(times)) if line]


def _whose(one: Reminder) -> str:
    if one.mitigation is None:
        return f"accepted for {name(one.owner)}" if one.threat is not None and one.owner else ""
    if one.occasion in (Occasion.ESCALATED, Occasion.OWNER_GONE):
        return f"{name(one.owner)} owns it" if one.owner else "nobody owns it"
    return "" if one.mitigation.owner == one.about.to else "nobody owns it, so it comes to you"


def _since(one: Reminder) -> str:
    if one.since is None:
        return ""
    match one.occasion:
        case Occasion.UNTOUCHED:
            return f"last touched {moment(one.since)}"
        case Occasion.REVIEW:
            return f"closed {moment(one.since)}"
        case _ if one.mitigation is not None:
            return f"yours since {moment(one.since)}" if one.mine else f"like that since {moment(one.since)}"
        case _:
            return f"since {moment(one.since)}"


def _until(one: Reminder) -> str:
    if one.until is None:
        return ""
    if one.mitigation is not None:
        return f"*was due {moment(one.until)}*" if one.is_over else f"due {moment(one.until)}"
    return f"*ended {moment(one.until)}*" if one.is_over else f"until {moment(one.until)}"


def _lines(one: Reminder) -> list[str]:
    more = [f"and {len(one.lines) - _DIGEST} more"] if len(one.lines) > _DIGEST else []
    return [*(f"• {escape(line, _LINE)}" for line in one.lines[:_DIGEST]), *more]


def _buttons(one: Reminder) -> list[Block]:
    """What may be done from here; what counts is checked at the press."""
    first: list[Block] = []
    match one.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY | Occasion.OVERDUE | Occasion.ESCALATED:
            first = [
                _press(one, "Done", Trigger.OPEN, FormName.IMPLEMENT, style=True),
                _press(one, "Reassign", Trigger.OPEN, FormName.REASSIGN),
            ]
        case Occasion.OWNER_GONE:
            first = [_press(one, "Reassign", Trigger.OPEN, FormName.REASSIGN, style=True)]
        case Occasion.VOTE_OWED | Occasion.VOTE_ENDS:
            first = [_press(one, "Vote", Trigger.WORD, "vote", style=True)]
        case Occasion.ASKED | Occasion.ANSWERS_DUE:
            first = [_press(one, "Answer", Trigger.OPEN, FormName.QUESTIONS, style=True)]
        case Occasion.ACCEPTANCE_ENDS | Occasion.ACCEPTANCE_OVER:
            first = [_press(one, "See the threat", Trigger.SHOW, Page.RESPONSE, style=True)]
        case Occasion.DIGEST:
            # Everybody reads it: who snoozed it would do so for all.
            return [button("Plan", Trigger.SHOW, Target(what=Page.PLAN, stream=one.stream), style="primary")]
        case Occasion.UNTOUCHED | Occasion.REVIEW | Occasion.NOT_REACHED:
            pass
    card = [link("Go to the card", one.permalink)] if one.permalink and not first else []
    snooze = _press(one, "Snooze", Trigger.OPEN, FormName.SNOOZE)
    return [*first, *card, snooze, _press(one, "Why this?", Trigger.SHOW, Page.WHY)]


def _press(one: Reminder, label: str, trigger: Trigger, what: str, *, style: bool = False) -> Block:
    subject = "" if what in ("vote", FormName.QUESTIONS) else one.about.subject
    deed = one.about.subject if what == "vote" else one.key
    return button(
        label,
        trigger,
        Target(what=what, stream=one.stream, element=subject, deed=deed),
        suffix=f"{what}-{one.key}"[-_SUFFIX:],
        style="primary" if style else None,
        spoken=f"{label}: {one.about.subject} of {one.about.model}",
    )


def _rest(reminders: Sequence[Reminder]) -> list[Block]:
    if not reminders:
        return []
    lines = [f"• {_plain(headline(one))} · {name(one.model, _SHORT)}" for one in reminders[:_REST]]
    more = [f"and {len(reminders) - _REST} more"] if len(reminders) > _REST else []
    where = "All of it is on my Home tab."
    return [section("\n".join(["*And also:*", *lines, *more, where]))]


def _text(reminders: Sequence[Reminder]) -> str:
    """What a notification shows: never a number of a ballot, and no mark-up."""
    still = [one for one in reminders if _is_open(one)] or list(reminders)
    first = _plain(headline(still[0]))
    late = " (late)" if any(one.late for one in still) else ""
    return first + late if len(still) == 1 else f"{counted(len(still), 'reminder')}{late}, first: {first}"


def _plain(marked: str) -> str:
    return marked.replace("*", "")


def _so_late(late: timedelta, count: int) -> str:
    return f"This comes {_long(late)} late:" if count == 1 else f"Some of it comes late, up to {_long(late)}:"


def _long(late: timedelta) -> str:
    hours = int(late.total_seconds()) // 3600
    return counted(hours // 24, "day") if hours >= 24 else counted(hours, "hour")


OF_THE_MODEL = (Occasion.DIGEST, Occasion.UNTOUCHED, Occasion.REVIEW)
"""What is about a model as a whole says so in its first line."""
_REST = 12
_SHORT = 40
_DIGEST = 15
_LINE = 150
_SUFFIX = 200
