"""Messages in a card's thread: sessions, and the closing of a model."""

from collections.abc import Sequence

from bot.slack.protocol.block_builders import Block, Message, actions, button, context, message, section
from bot.slack.protocol.escaping import ended, escape, escape_name, one_line
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.work_sessions import SessionEntry, WorkSession
from bot.slack.ui.modals.steering.closing_page import gate_rows
from bot.slack.ui.texts.common_texts import list_heading, person_name
from bot.slack.ui.texts.plan_texts import open_mitigation_count, response_counts
from domain.events import PhaseMoved, ThreatModelClosed
from domain.kernel.elements import REGISTERS
from domain.kernel.person_names import Naming, with_names
from domain.kernel.text_formatting import count_phrase
from domain.lifecycle import phase_of
from domain.register import ThreatRegister


def session_message(stream: str, session: WorkSession, naming: Naming) -> Message:
    """Return a session: a line for each person, and one for each change of phase."""
    if session.empty:
        return message(_NOTHING_LEFT, [section(f"_{_NOTHING_LEFT}_")])
    entries = [_line(entry, naming) for entry in session.entries]
    moves = [_line(entry, naming, mark="→ ") for entry in session.moves]
    shown, more = _lines_that_fit(entries, moves)
    blocks = [section("\n".join(shown))]
    if more:
        blocks += [context(f"and {more:,} more: see *History*"), actions(_history(stream))]
    return message(
        " ".join(_line(entry, naming, bold=False) for entry in (*session.entries, *session.moves)), blocks
    )


def short_session_message(stream: str) -> Message:
    """Return a shorter session message, within Slack's limits."""
    return message(_MUCH, [section(f"{_MUCH} See *History*."), actions(_history(stream))])


def closed_message(
    stream: str, register: ThreatRegister, event: ThreatModelClosed, naming: Naming
) -> Message:
    """Return the message for the channel that a model was closed, with its totals."""
    who = person_name(naming, event.by)
    because = escape(one_line(event.reason), _MAX_TEXT) if event.reason else ""
    model = f"{escape_name(register.name)} ({register.key})"
    there = [
        f"{list_heading(kind)} {len(register.items(kind))}" for kind in REGISTERS if register.items(kind)
    ]
    reason = (f"\nReason: {because}") if because else ""
    totals = "".join(f"\n{one}" for one in (_threat_status(register), open_mitigation_count(register)) if one)
    proposed = f", as *{person_name(naming, event.proposed_by)}* proposed" if event.proposed_by else ""
    blocks = [section(f"■ *{who}* closed the threat model *{model}*{proposed}.{reason}{totals}")]
    if event.overrides:
        blocks += [section("*Not met at closing*"), *gate_rows(event.overrides)]
    if there:
        blocks.append(context(" · ".join(there)))
    answering = Target(name="retrospective", stream=stream)
    blocks.append(actions(button("Answer retrospective", ButtonKind.OPEN, answering)))
    return message(f"{who} closed the threat model {model}.", blocks)


def moved_message(register: ThreatRegister, event: PhaseMoved, naming: Naming) -> Message:
    """Return the message for the channel that the team moved on past open gates."""
    who, phase = person_name(naming, event.by), phase_of(event.step)
    words = f"{who} moved {escape_name(register.name)} ({register.key}) to {phase}"
    unmet = count_phrase(len(event.overrides), "condition")
    because = (f"\nReason: {escape(one_line(event.reason), _MAX_TEXT)}") if event.reason else ""
    head = section(f"→ {words}, with {unmet} not met.{because}")
    return message(f"{words}, with {unmet} not met.", [head, *gate_rows(event.overrides)])


def _threat_status(register: ThreatRegister) -> str:
    """Return the status of the threats, including those without a response."""
    return response_counts(register) or (
        f"{count_phrase(len(register.threats), 'threat')}, all open" if register.threats else ""
    )


def _line(entry: SessionEntry, naming: Naming, *, mark: str = "", bold: bool = True) -> str:
    words = with_names(one_line(entry.text), entry.mentions, lambda id: one_line(naming(id)) or id)
    who = person_name(naming, entry.by)
    return f"{mark}{f'*{who}*' if bold else who} {ended(escape(words, _MAX_TEXT))}"


def _lines_that_fit(entries: Sequence[str], moves: Sequence[str]) -> tuple[list[str], int]:
    """Return the lines that fit, always with the phase changes, and the number of lines left out."""
    kept_moves = list(moves[-_MOVES:])
    room = _ROOM - sum(len(line) + 1 for line in kept_moves)
    shown: list[str] = []
    for line in entries:
        room -= len(line) + 1
        if room < 0 or len(shown) == _PEOPLE:
            break
        shown.append(line)
    return [*shown, *kept_moves], len(entries) - len(shown) + len(moves) - len(kept_moves)


def _history(stream: str) -> Block:
    return button("History", ButtonKind.SHOW, Target(name="history", stream=stream))


_NOTHING_LEFT = "These changes were undone."
_MUCH = "There are more changes than Slack shows in one message."
_PEOPLE = 25
_MOVES = 5
_MAX_TEXT = 300
_ROOM = 2_900
"""Characters for these lines, of a section's maximum of 3,000."""
