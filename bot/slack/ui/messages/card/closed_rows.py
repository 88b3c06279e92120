"""Rows of the card about a closed or archived model."""

from bot.slack.protocol.block_builders import Block, actions, button, section
from bot.slack.protocol.escaping import escape, one_line
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.ui.modals.next_step_buttons import next_step_button
from bot.slack.ui.texts.common_texts import PHASE_LABELS, day_text
from bot.slack.ui.texts.plan_texts import open_mitigation_count, response_counts
from domain.kernel.text_formatting import count_phrase
from domain.next_step.next_step_choice import NextStepKind
from domain.register import ThreatRegister


def closed_rows(stream: str, register: ThreatRegister) -> list[Block]:
    """Return why the model is closed, its retrospective, and its next review."""
    reason = escape(one_line(register.closing_reason), _REASON) if register.closing_reason else ""
    left = [one for one in register.passed if one.step == "closed"]
    because = f", reason: {reason}" if reason else "."
    if left:
        because = f" with {count_phrase(len(left), 'condition')} not met{because}"
    head = f"*{PHASE_LABELS.get(register.phase, 'Done')}*{because}"
    answered = len(register.retrospectives)
    match register.next.act:
        case NextStepKind.REVIEW:
            lines = [
                head,
                "The next review is due. If the system has changed, *reopen* the model to review it.",
            ]
        case NextStepKind.LOOK_BACK:
            lines = [
                head,
                *(one for one in (response_counts(register), open_mitigation_count(register)) if one),
            ]
            lines.append(f"Retrospective: {_answered(answered)}")
            if register.review_due is not None:
                lines.append(f"Next review: {day_text(register.review_due.date())}.")
        case _:
            lines = [head] if reason else [f"{head} No open tasks."]
    buttons = [pressed] if (pressed := next_step_button(stream, register)) else []
    if answered:
        page = Target(name="retrospectives", stream=stream)
        buttons.append(button("Read answers", ButtonKind.SHOW, page))
    return [section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def _answered(count: int) -> str:
    if not count:
        return "five short questions for you."
    return f"{count_phrase(count, 'person has', 'people have')} answered the five questions."


_REASON = 300
