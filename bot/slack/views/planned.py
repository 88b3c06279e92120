"""What is done about the threats, in short, as the card shows it while a team remedies."""

from bot.slack.forms.responding import band_of
from bot.slack.kit.blocks import Block, section
from bot.slack.kit.text import name
from bot.slack.views.remedies import standing_words
from domain.naming import Naming
from domain.register import ThreatRegister


def plan_rows(register: ThreatRegister, naming: Naming) -> list[Block]:
    """The worst threats with how each stands, whose it is, until when; nothing before remediation."""
    if register.phase != "remediation" or not register.threats:
        return []
    lines: list[str] = []
    for one in register.ranked[:_MOST]:
        threat = one.threat
        lines += [
            f"*{name(threat.title, _TITLE)}* · {threat.id}{band_of(register, threat.id)}",
            f"\N{EM SPACE}{standing_words(register.standings[threat.id], naming)}",
        ]
    if len(register.ranked) > _MOST:
        lines.append(f"and {len(register.ranked) - _MOST} more: see *Plan*")
    return [section("\n".join(lines))]


_MOST = 8
_TITLE = 80
