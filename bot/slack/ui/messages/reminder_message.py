"""Reminder message to one person, which later shows the outcome."""

from collections.abc import Sequence
from datetime import timedelta

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    context,
    divider,
    json_size,
    message,
    section,
)
from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.screens.reminder import Reminder
from bot.slack.ui.messages.reminder_buttons import reminder_buttons
from bot.slack.ui.words.reminder_words import ABOUT_THE_MODEL, is_open, model_name, reminder_headline
from domain.kernel.text_formatting import count_phrase
from domain.reminders import Occasion
from domain.wording.secrecy_notices import attribution_words


def reminder_message(reminders: Sequence[Reminder]) -> Message:
    """Return a message of reminders by due time; those beyond Slack's limits get a line each."""
    reminders = sorted(reminders, key=_due)
    still = [one for one in reminders if is_open(one)]
    blocks: list[Block] = []
    if len(reminders) > 1:
        done = sum(bool(one.over) for one in reminders)
        put_off = len(reminders) - len(still) - done
        counts = [f"{count} {how}" for count, how in ((done, "done"), (put_off, "snoozed")) if count]
        blocks.append(section(" · ".join([f"*{count_phrase(len(reminders), 'reminder')} for you*", *counts])))
    if late := max((one.late for one in still), default=timedelta(0)):
        blocks.append(context(f"⏱ {_so_late(late, len(still))} I could not send it in time."))
    rest = _rest(reminders)
    for shown, one in enumerate(reminders, start=1):
        told = [*([divider()] if shown > 1 else []), *_blocks(one)]
        less = _rest(reminders[shown:])
        whole = [*blocks, *told, *less]
        if len(whole) > slack_limits.MESSAGE_BLOCKS or json_size(whole) > slack_limits.MESSAGE_CHARACTERS:
            break
        blocks += told
        rest = less
    return message(_text(reminders), [*blocks, *rest])


def _due(one: Reminder) -> tuple[bool, float]:
    """Sort key: by due time, reminders without one last."""
    return one.until is None, one.until.timestamp() if one.until else 0.0


def _blocks(one: Reminder) -> list[Block]:
    if not is_open(one):
        return [section(f"~{reminder_headline(one)}~\n{_outcome(one)}")]
    lines = [reminder_headline(one), *_details(one), *_lines(one)]
    pressed = reminder_buttons(one)
    return [section("\n".join(lines)), *([actions(*pressed)] if pressed else [])]


def _outcome(one: Reminder) -> str:
    if one.over:
        return f"✓ {escape(one.over, _SAID)}"
    return f"💤 Snoozed until {local_time(one.snoozed)}." if one.snoozed else ""


def _details(one: Reminder) -> list[str]:
    """Return the details: model and due date first, then subject and severity."""
    where = "" if one.occasion in ABOUT_THE_MODEL else model_name(one)
    tally, bad = one.tally, ""
    if tally is not None:
        bad = f"*{tally.band.capitalize()}*, {tally.total:g} points (mean {tally.mean:.1f})"
    against = ""
    if one.threat is not None:
        against = f"against {escape_name(one.threat.title)} ({one.threat.id})" if one.mitigation else ""
        bad = bad or "not scored yet"
    first = " · ".join(part for part in (where, _until(one), _whose(one), _since(one)) if part)
    second = " · ".join(part for part in (against, bad) if part)
    return [line for line in (first, second, _said(one)) if line]


def _said(one: Reminder) -> str:
    """Return the proposer's reason for an approver or verifier, or the secrecy notice for a voter."""
    if one.occasion in (Occasion.VOTE_OWED, Occasion.VOTE_ENDS):
        return attribution_words(one.panel) if one.panel else ""
    if one.proposal is not None and one.occasion.of_proposal:
        because = f": “{escape(one.proposal.reason, _SAID)}”" if one.proposal.reason else ""
        return f"{escape_name(one.by)} proposes it{because}"
    if one.occasion is Occasion.VERIFICATION_WAITS and one.mitigation is not None:
        shown = f"It can be seen by: “{escape(one.mitigation.evidence, _SAID)}”"
        return shown if one.mitigation.evidence else ""
    if one.occasion is Occasion.REVIEW:
        return "Does what was decided still hold? *Reopen* it to look at it again."
    return ""


def _whose(one: Reminder) -> str:
    if one.occasion.of_proposal:
        return (
            f"{escape_name(one.asked)} was asked"
            if one.asked and one.occasion is not Occasion.APPROVAL_WAITS
            else ""
        )
    if one.occasion is Occasion.VERIFICATION_WAITS:
        return f"put in place by {escape_name(one.by)}" if one.by else ""
    if one.mitigation is None:
        return f"accepted for {escape_name(one.owner)}" if one.threat is not None and one.owner else ""
    if one.occasion in (Occasion.ESCALATED, Occasion.OWNER_GONE):
        return f"{escape_name(one.owner)} owns it" if one.owner else "nobody owns it"
    return "" if one.mitigation.owner == one.about.to else "nobody owns it, so it comes to you"


def _since(one: Reminder) -> str:
    if one.since is None:
        return ""
    match one.occasion:
        case Occasion.UNTOUCHED:
            return f"last touched {local_time(one.since)}"
        case Occasion.REVIEW:
            return f"closed {local_time(one.since)}"
        case Occasion.VERIFICATION_WAITS:
            return f"waiting since {local_time(one.since)}"
        case _ if one.occasion.of_proposal:
            return f"waiting since {local_time(one.since)}"
        case _ if one.mitigation is not None:
            return (
                f"yours since {local_time(one.since)}"
                if one.mine
                else f"like that since {local_time(one.since)}"
            )
        case _:
            return f"since {local_time(one.since)}"


def _until(one: Reminder) -> str:
    if one.until is None:
        return ""
    if one.mitigation is not None:
        return f"*was due {local_time(one.until)}*" if one.is_over else f"due {local_time(one.until)}"
    return f"*ended {local_time(one.until)}*" if one.is_over else f"until {local_time(one.until)}"


def _lines(one: Reminder) -> list[str]:
    lines = (*one.lines, *one.waiting)
    more = [f"and {len(lines) - _DIGEST} more"] if len(lines) > _DIGEST else []
    return [*(f"• {escape(line, _LINE)}" for line in lines[:_DIGEST]), *more]


def _rest(reminders: Sequence[Reminder]) -> list[Block]:
    if not reminders:
        return []
    lines = [
        f"• {_plain(reminder_headline(one))} · {escape_name(one.model, _SHORT)}" for one in reminders[:_REST]
    ]
    more = [f"and {len(reminders) - _REST} more"] if len(reminders) > _REST else []
    where = "All of it is on my Home tab."
    return [section("\n".join(["*And also:*", *lines, *more, where]))]


def _text(reminders: Sequence[Reminder]) -> str:
    """Return the notification text: without markup and without numbers of a ballot."""
    still = [one for one in reminders if is_open(one)] or list(reminders)
    first = _plain(reminder_headline(still[0]))
    late = " (late)" if any(one.late for one in still) else ""
    return (
        first + late if len(still) == 1 else f"{count_phrase(len(still), 'reminder')}{late}, first: {first}"
    )


def _plain(marked: str) -> str:
    return marked.replace("*", "")


def _so_late(late: timedelta, count: int) -> str:
    return f"This comes {_long(late)} late:" if count == 1 else f"Some of it comes late, up to {_long(late)}:"


def _long(late: timedelta) -> str:
    hours = int(late.total_seconds()) // 3600
    return count_phrase(hours // 24, "day") if hours >= 24 else count_phrase(hours, "hour")


_REST = 12
_SHORT = 40
_DIGEST = 15
_LINE = 150
_SAID = 300
