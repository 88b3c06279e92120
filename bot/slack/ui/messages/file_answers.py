"""Messages with files: charts, diagrams, exports and reports."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from bot.formats import FORMATS, ExportFormat, file_name
from bot.picture.diagram import Diagram, FlowRow, flow_rows
from bot.report import REPORT_FORMATS, ReportFormat, available_format
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    button_row,
    json_size,
    link_button,
    message,
    paragraphs,
    section,
    text_message,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.slack_limits import MESSAGE_CHARACTERS
from bot.slack.protocol.targets import ButtonKind, WordTarget
from bot.slack.screens.page_data import Days, ReportOrder, report_argument
from bot.slack.ui.messages.notices import in_preparation
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import first_lines, person_name
from bot.slack.ui.texts.remediation_texts import due_text, place_suffix, threat_status_text
from bot.slack.ui.texts.score_texts import severity_counts
from domain.kernel.due_dates import short_day
from domain.kernel.text_formatting import Naming, count_phrase
from domain.register import ThreatRegister


def diagram_coming(register: ThreatRegister, permalink: str) -> Message:
    """Return the message that the diagram is being drawn, and where it will appear."""
    said = (
        f"The diagram of *{escape_name(register.name)}* · {register.key} will appear in the card's thread "
        "shortly. It replaces the previous one and is redrawn at each change of phase."
    )
    return in_preparation(
        f"The diagram of {escape_name(register.name)} will appear in the thread.", said, permalink
    )


def diagram_comment(diagram: Diagram) -> str:
    """Return the comment above the diagram."""
    crossing = sum(flow.crosses for flow in diagram.flows)
    return (
        f"Data-flow diagram, version {diagram.version}: {count_phrase(len(diagram.nodes), 'component')}, "
        f"{count_phrase(len(diagram.flows), 'data flow')}, {crossing} of them crossing a trust boundary "
        "or trust level."
    )


def flows_message(diagram: Diagram, why: str) -> Message:
    """Return the data flows as text, and why there is no diagram; those beyond Slack's limits are counted."""
    lines = [_line(row) for row in flow_rows(diagram)]
    heading = f"{escape(why, _WHY)}\n*Data flows of {escape_name(diagram.name)}* · {diagram.key}"
    blocks = [section(heading)]
    shown = 0
    for further in paragraphs(lines[0], lines[1:]) if lines else ():
        if json_size([*blocks, further]) > MESSAGE_CHARACTERS - _RESERVED:
            break
        blocks.append(further)
        shown += further["text"]["text"].count("\n") + 1
    if shown < len(lines):
        blocks.append(section(f"…and {count_phrase(len(lines) - shown, 'more flow')}."))
    return message(f"Data flows of {escape_name(diagram.name)}", blocks)


def _line(row: FlowRow) -> str:
    through = ", ".join(escape_name(one, _NAME) for one in (row.name, row.entry_point) if one)
    arrow = "↔" if row.two_way else "→"
    ends = f"{escape_name(row.source, _NAME)} {arrow} {escape_name(row.target, _NAME)}"
    said = [
        f"*{escape_name(row.number)}* {ends}",
        f" through {through}" if through else "",
        f": {escape_name(row.assets, _ASSETS)}" if row.assets else "",
        " · *crosses*" if row.crosses else "",
        f" · {row.threats}" if row.threats else "",
    ]
    return "".join(said)


_NAME, _ASSETS, _WHY = 60, 120, 500
_RESERVED = 200
"""Characters of JSON reserved for the line about omitted flows."""


def _buttons(word: str, stream: str, labels: Mapping[str, str]) -> list[Block]:
    """Return a button for each argument of a command, with its label."""
    make = ModelButtons(stream)
    return [
        make.runs(label, WordTarget(name=word, argument=argument), suffix=argument)
        for argument, label in labels.items()
    ]


def _refused(register: ThreatRegister, kind: str, what: str, code: str, command: str) -> Message:
    """Return the message that Slack rejected a file, and what to do instead."""
    text = (
        f"Slack refused the {what} ({escape(code, _WORD)}). The operator of the bot can create it with "
        f"`threatmodel {command}`."
    )
    return text_message(text, short=f"Slack refused {kind} of {register.key}.")


def _no_such(what: str, wrong: str) -> str:
    return f"There is no {what} “{escape(wrong, _WORD)}”. " if wrong else ""


def formats_message(register: ThreatRegister, stream: str, wrong: str = "") -> Message:
    """Return the formats with a button each; `wrong` is an unknown format that was entered."""
    asked = (
        f"{_no_such('export format', wrong)}Choose an export format for *{escape_name(register.name)}* · "
        f"{register.key}."
    )
    lines = [f"• `{one.word}`: {one.title}, for {_read_by(one)}" for one in FORMATS.values()]
    buttons = _buttons("export", stream, {word: word for word in FORMATS})
    rows = [actions(*buttons[:_IN_A_ROW]), actions(*buttons[_IN_A_ROW:])]
    return message("Choose an export format", [section(asked), section("\n".join(lines)), *rows])


def export_coming(register: ThreatRegister, chosen: ExportFormat, permalink: str) -> Message:
    """Return the message that an export is being made, and where it will appear."""
    text = (
        f"*{escape_name(register.name)}* · {register.key} will appear in the card's thread as "
        f"{chosen.title} shortly. All members of the channel can download it. "
        "It contains no individual votes."
    )
    return in_preparation(f"{register.key} will appear in the thread as {chosen.title}.", text, permalink)


def export_comment(register: ThreatRegister, chosen: ExportFormat) -> str:
    """Return the comment above an exported file."""
    version = f"{register.key}, version {register.version}, as {chosen.title}"
    left_out = f" Not included: {chosen.leaves_out}." if chosen.leaves_out else ""
    return f"{version}: for {_read_by(chosen)}.{left_out}"


def export_rejected(register: ThreatRegister, chosen: ExportFormat, code: str) -> Message:
    """Return the message that Slack rejected the file, and what to do instead."""
    command = f"export {register.key} --format {chosen.word}"
    return _refused(register, "a file", f"file {file_name(register.key, chosen)}", code, command)


def _read_by(one: ExportFormat) -> str:
    return one.read_by.replace("`threatmodel import`", "other workspaces")


_IN_A_ROW = 4
_WORD = 60


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
    groups = {
        "Highest risks": _worst(register, naming),
        "Due next": _due(register, naming),
        "Open": list(_open(register)),
    }
    parts = [
        "\n".join([f"*{heading}*", *(f"• {line}" for line in lines)])
        for heading, lines in groups.items()
        if lines
    ]
    head = f"*Summary: {escape_name(register.name)}*"
    buttons = [link_button("Open as canvas", canvas)] if canvas else []
    if full is not None:
        spoken = "Full report, with each threat, registers, answers and history"
        buttons.append(button("Full report", ButtonKind.WORD, full, spoken=spoken))
    blocks = [*map(section, (head, *(parts or ["No open items."]))), *button_row(*buttons)]
    return message(f"Summary of the report of {register.key}", blocks)


def _worst(register: ThreatRegister, naming: Naming) -> list[str]:
    lines: list[str] = []
    for threat in register.ranked:
        status = register.statuses[threat.threat.id]
        if threat.score and not status.state.over:
            score = f"*{threat.score.tally.band.capitalize()}* {threat.score.tally.mean:.1f}"
            head = f"{escape_name(threat.threat.title, _TITLE)} · {threat.threat.id} · {score}"
            lines.append(f"{head}\n\N{EM SPACE}{threat_status_text(status, naming)}")
    return first_lines(lines, _MAX_LINES)


def _due(register: ThreatRegister, naming: Naming) -> list[str]:
    live = [one for one in register.mitigations if one.mitigation.state.to_do and not one.orphan]
    live.sort(key=lambda one: (not one.overdue, one.mitigation.due or date.max))
    lines: list[str] = []
    for one in live:
        planned = one.mitigation
        who = person_name(naming, planned.owner) if planned.owner else "no owner"
        what = f"{escape_name(planned.title, _TITLE)} · {planned.id}{place_suffix(one)}"
        lines.append(f"{what} · {due_text(one)} · {who}")
    return first_lines(lines, _MAX_LINES)


def _open(register: ThreatRegister) -> Iterator[str]:
    left = [threat for threat in register.ranked if not register.statuses[threat.threat.id].state.over]
    if left:
        yield f"{count_phrase(len(left), 'threat')}: {severity_counts(left)}"
    silent = sum(status.needs_response for status in register.statuses.values())
    if silent and silent != len(left):
        yield f"{count_phrase(silent, 'threat')} without a response"
    waiting = sum(status.waits_for_approval for status in register.statuses.values())
    if waiting:
        yield f"{count_phrase(waiting, 'risk acceptance')} waiting for approval"
    if register.pending_screening:
        yield register.pending_screening.text
    else:
        unknown = sum(question.answered_unknown for question in register.questions)
        if len(register.questions) > unknown:
            yield count_phrase(len(register.questions) - unknown, "open question")
        if unknown:
            yield f"{count_phrase(unknown, 'question')} answered with “don't know”"
    if register.suggested_threats:
        yield count_phrase(len(register.suggested_threats), "suggested threat")
    unmet = sum(not condition.met for condition in register.conditions)
    if unmet and register.phase == "remediation":
        yield f"{count_phrase(unmet, 'unmet condition')} for closing"


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
            report_format.title,
            ButtonKind.WORD,
            replace(target, name="report", argument=report_argument(report_format.word, full=full)),
            suffix=report_format.word,
        )
        for report_format in REPORT_FORMATS.values()
    ]
    text = f"{asked}\n*{escape_name(register.name)}* · {register.key}"
    return text_message(text, *buttons, short="Choose a report format")


def report_rejected(register: ThreatRegister, file: str, code: str) -> Message:
    """Return the message that Slack rejected the file, and what to do instead."""
    return _refused(register, "a report", f"file {file}", code, f"report {register.key} -o {file}")


PDF_UNAVAILABLE = "Created as a web page because the optional PDF package (extra `[pdf]`) is not installed."

_REPORT, _FULL, _SINCE, _AS_OF = "report-", " full", " since ", " as-of "
"""Parts of an order code: before the form, after it, before each day."""

_MAX_LINES = 3
_TITLE = 80


CHARTS: Final = {
    "scores": "Threats by score",
    "coverage": "Coverage by STRIDE",
    "open-threats": "Open threats over time",
}
"""Charts by their names on the command line."""


def chart_order(word: str) -> str:
    """Return the order code of a chart."""
    return f"chart-{word}"


def charts_message(register: ThreatRegister, stream: str, wrong: str = "") -> Message:
    """Return the charts with a button each; `wrong` is an unknown chart that was entered."""
    about = f"*{escape_name(register.name)}* · {register.key}"
    asked = f"{_no_such('chart', wrong)}Choose a chart of {about}. It is posted in the card's thread."
    return text_message(asked, *_buttons("chart", stream, CHARTS), short="Choose a chart")


def chart_coming(register: ThreatRegister, word: str, permalink: str) -> Message:
    """Return the message that a chart is being drawn, and where it will appear."""
    chart = f"*{CHARTS[word]}* of {escape_name(register.name)} · {register.key}"
    text = f"{chart} will appear in the card's thread shortly."
    return in_preparation(f"A chart of {register.key} will appear in the thread.", text, permalink)


def chart_comment(register: ThreatRegister, word: str) -> str:
    """Return the comment above a chart."""
    return f"*{CHARTS[word]}* · {register.key}, version {register.version}"


def chart_text(register: ThreatRegister, word: str, description: str) -> Message:
    """Return the content of a chart in words."""
    return text_message(escape(description, _TOLD), short=f"{CHARTS[word]} of {register.key} as text")


def chart_rejected(register: ThreatRegister, word: str, code: str) -> Message:
    """Return the message that Slack rejected the picture, and what to do instead."""
    image, command = f"image *{CHARTS[word].lower()}*", f"chart {register.key} {word}"
    return _refused(register, "an image", image, code, command)


_TOLD = 1500
