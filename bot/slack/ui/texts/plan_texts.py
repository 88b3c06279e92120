"""Summary of the plan in words."""

from collections import Counter

from bot.slack.protocol.block_builders import Block, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.ui.texts.remediation_texts import threat_status_text
from bot.slack.ui.texts.score_texts import band_suffix
from domain.commands import ChooseResponse
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState


def has_plan(register: ThreatRegister) -> bool:
    """Return whether the plan page has any content."""
    return bool(register.mitigations) or (bool(register.threats) and register.allows(ChooseResponse))


def response_counts(register: ThreatRegister) -> str:
    """Return the threats by status: `6 threats: 2 mitigated, 1 accepted`; empty without a response."""
    states = Counter(one.state.label for one in register.statuses.values())
    if not states or set(states) == {ThreatState.OPEN.label}:
        return ""
    states_text = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return f"{count_phrase(len(register.threats), 'threat')}: {states_text}"


def open_mitigation_count(register: ThreatRegister) -> str:
    """Return the number of open mitigations; empty if there are none."""
    left = sum(one.mitigation.state.to_do and not one.orphan for one in register.mitigations)
    if not left:
        return ""
    return "1 mitigation is still open." if left == 1 else f"{left} mitigations are still open."


def past_plan_rows(register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return the worst threats of a past model with their status; empty without a response."""
    return [_worst(register, naming)] if response_counts(register) else []


def _worst(register: ThreatRegister, naming: Naming) -> Block:
    lines: list[str] = []
    for one in register.ranked[:_MAX_LINES]:
        threat = one.threat
        lines += [
            f"*{escape_name(threat.title, _TITLE)}* · {threat.id}{band_suffix(register, threat.id)}",
            f"\N{EM SPACE}{threat_status_text(register.statuses[threat.id], naming)}",
        ]
    if len(register.ranked) > _MAX_LINES:
        lines.append(f"and {len(register.ranked) - _MAX_LINES} more")
    return section("\n".join(lines))


_MAX_LINES = 8
_TITLE = 80
