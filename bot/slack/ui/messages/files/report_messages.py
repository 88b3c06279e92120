"""Messages about a report: its summary, its preparation, and a rejection by Slack."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from bot.report import REPORT_FORMATS, ReportFormat, available_format
from bot.slack.protocol.block_builders import Message, actions, button, link_button, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import WordTarget
from bot.slack.screens.report_days import Days, ReportOrder, report_argument
from bot.slack.ui.messages.notices import in_preparation
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.remediation_texts import due_text, threat_status_text
from domain.dread.scoring import Band
from domain.kernel.due_dates import short_day
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation
from domain.voting.scores import RankedThreat


def report_order_code(order: ReportOrder) -> str:
    """Return the order code of a report."""
    full = _FULL if order.full else ""
    since = f"{_SINCE}{order.days.since.isoformat()}" if order.days.since else ""
    as_of = f"{_AS_OF}{order.days.as_of.isoformat()}" if order.days.as_of else ""
    return f"{_REPORT}{order.form}{full}{since}{as_of}"


def ordered_report(word: str) -> ReportOrder | None:
    """Return the report of an order code; None if it is not a report's."""
    if not word.startswith(_REPORT):
        return None
    rest, _, as_of = word.removeprefix(_REPORT).partition(_AS_OF)
    chosen, _, since = rest.partition(_SINCE)
    form = chosen.removesuffix(_FULL)
    days = Days(*(date.fromisoformat(day) if day else None for day in (since, as_of)))
    return ReportOrder(form=form, days=days, full=form != chosen)


def report_comment(register: ThreatRegister, order: ReportOrder, *, note: str = "") -> str:
    """Return the comment above a report; without text of users, since it stays when the file is deleted."""
    days = order.days
    then = f", as it was at the end of {short_day(days.as_of)}" if days.as_of else ""
    begins = f", with what has changed since {short_day(days.since)}" if days.since else ""
    title = "Full report" if order.full else "Report"
    text = f"*{title}* · {register.key}, version {register.version}{then}{begins}"
    return f"{text}\n{note}" if note else text


def report_summary(
    register: ThreatRegister, naming: Naming, *, canvas: str = "", full: WordTarget | None = None
) -> Message:
    """Return the summary of a report.

    `canvas` is where it can be read in Slack; `full` orders the full report.
    """
    told = [
        *_headed("Highest risks", _worst(register, naming)),
        *_headed("Due next", _due(register, naming)),
        *_headed("Open", _open(register)),
    ]
    head = f"*Summary: {escape_name(register.name)}*"
    buttons = [link_button("Open as canvas", canvas)] if canvas else []
    if full is not None:
        spoken = "Full report, with each threat, registers, answers and history"
        buttons.append(button("Full report", ButtonKind.WORD, full, spoken=spoken))
    rows = [actions(*buttons)] if buttons else []
    parts = [section(one) for one in (head, *(told or ["No open items."]))]
    return message(f"Summary of the report of {register.key}", [*parts, *rows])


def report_coming(
    register: ThreatRegister, chosen: ReportFormat, permalink: str, *, full: bool = False
) -> Message:
    """Return the message that a report is being made, and where it will appear."""
    form = available_format(chosen)
    text = (
        f"A {'full report' if full else 'report'} of *{escape_name(register.name)}* · {register.key} will "
        f"appear in the card's thread as {form.title} shortly, with a summary below it. It contains no "
        "individual votes."
    )
    if form is not chosen:
        text += f"\n{PDF_UNAVAILABLE}"
    return in_preparation(f"A report of {register.key} will appear in the thread.", text, permalink)


def forms_message(register: ThreatRegister, target: WordTarget, wrong: str, *, full: bool = False) -> Message:
    """Return the forms of a report with a button each; `wrong` is an unknown form that was entered."""
    asked = f"There is no report format “{escape(wrong, _WORD)}”. Choose a format."
    buttons = [
        button(
            one.title,
            ButtonKind.WORD,
            replace(target, name="report", argument=report_argument(one.word, full=full)),
            suffix=one.word,
        )
        for one in REPORT_FORMATS.values()
    ]
    text = [section(f"{asked}\n*{escape_name(register.name)}* · {register.key}"), actions(*buttons)]
    return message("Choose a report format", text)


def report_rejected(register: ThreatRegister, file: str, code: str) -> Message:
    """Return the message that Slack rejected the file, with the most important findings."""
    text = (
        f"Slack refused the file {file} ({escape(code, _WORD)}). The operator of the bot can create it "
        f"with `threatmodel report {register.key} -o {file}`."
    )
    return message(f"Slack refused a report of {register.key}.", [section(text)])


def _headed(heading: str, lines: Iterator[str]) -> list[str]:
    told = list(lines)
    return ["\n".join([f"*{heading}*", *(f"• {one}" for one in told)])] if told else []


def _worst(register: ThreatRegister, naming: Naming) -> Iterator[str]:
    left = [one for one in register.ranked if one.score and not register.statuses[one.threat.id].state.over]
    for one in left[:_MAX_LINES]:
        words = threat_status_text(register.statuses[one.threat.id], naming)
        title = escape_name(one.threat.title, _TITLE)
        yield f"{title} · {one.threat.id} · {_score(one)}\n\N{EM SPACE}{words}"
    if len(left) > _MAX_LINES:
        yield f"and {len(left) - _MAX_LINES} more"


def _score(one: RankedThreat) -> str:
    return f"*{one.score.tally.band.capitalize()}* {one.score.tally.mean:.1f}" if one.score else ""


def _due(register: ThreatRegister, naming: Naming) -> Iterator[str]:
    live = [one for one in register.mitigations if one.mitigation.state.to_do and not one.orphan]
    for one in sorted(live, key=_soonest)[:_MAX_LINES]:
        owner = one.mitigation.owner
        who = person_name(naming, owner) if owner else "no owner"
        yield f"{escape_name(one.mitigation.title, _TITLE)} · {one.mitigation.id} · {due_text(one)} · {who}"
    if len(live) > _MAX_LINES:
        yield f"and {len(live) - _MAX_LINES} more"


def _soonest(one: TrackedMitigation) -> tuple[bool, date]:
    return not one.overdue, one.mitigation.due or date.max


def _open(register: ThreatRegister) -> Iterator[str]:
    left = [one for one in register.ranked if not register.statuses[one.threat.id].state.over]
    if left:
        bands = Counter(one.score.tally.band if one.score else None for one in left)
        told = [f"{bands[band]} {band}" for band in reversed(Band) if bands[band]]
        told += [f"{bands[None]} unscored"] if bands[None] else []
        yield f"{count_phrase(len(left), 'threat')}: {', '.join(told)}"
    silent = sum(one.needs_response for one in register.statuses.values())
    if silent and silent != len(left):
        yield f"{count_phrase(silent, 'threat')} without a response"
    waiting = sum(one.waits_for_approval for one in register.statuses.values())
    if waiting:
        yield f"{count_phrase(waiting, 'risk acceptance')} waiting for approval"
    if register.pending_screening:
        yield register.pending_screening.text
    unknown = sum(one.answered_unknown for one in register.questions)
    left = len(register.questions) - unknown
    if left and not register.pending_screening:
        yield count_phrase(left, "open question")
    if unknown and not register.pending_screening:
        yield f"{count_phrase(unknown, 'question')} answered with “don't know”"
    if register.candidates:
        yield count_phrase(len(register.candidates), "suggested threat")
    unmet = sum(not one.met for one in register.gates)
    if unmet and register.phase == "remediation":
        yield f"{count_phrase(unmet, 'unmet condition')} for closing"


PDF_UNAVAILABLE = "Created as a web page because the optional PDF package (extra `[pdf]`) is not installed."

_REPORT, _FULL, _SINCE, _AS_OF = "report-", " full", " since ", " as-of "
"""Parts of an order code: before the form, after it, before each day."""

_MAX_LINES = 3
_TITLE = 80
_WORD = 60
