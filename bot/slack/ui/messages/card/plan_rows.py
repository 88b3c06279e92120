"""Card rows during remediation: counts, and the worst open threats with a button each."""

from collections import Counter
from collections.abc import Iterator

from bot.slack.protocol.block_builders import Block, button, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.ui.texts.remediation_texts import threat_status_text
from domain.dread.scoring import Band
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import RankedThreat

WORST = 3
"""Number of threats with a row; the plan page has all of them."""


def plan_rows(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return the counts and the worst open threats; nothing before remediation."""
    if register.phase != "remediation" or not register.threats:
        return []
    worst = _open_threats(register)[:WORST]
    return [
        section("\n".join(_counts(register))),
        *(_threat(stream, register, one, naming) for one in worst),
    ]


def _open_threats(register: ThreatRegister) -> list[RankedThreat]:
    return [one for one in register.ranked if not register.statuses[one.threat.id].state.over]


def _counts(register: ThreatRegister) -> Iterator[str]:
    """Yield the threats by state and severity, then what is missing or late."""
    states = Counter(one.state for one in register.statuses.values())
    unfinished = _open_threats(register)
    bands = Counter(one.score.tally.band if one.score else None for one in unfinished)
    severities = [f"{bands[band]} {band}" for band in reversed(Band) if bands[band]]
    severities += [f"{bands[None]} unscored"] if bands[None] else []
    counts = [f"{len(unfinished)} open ({', '.join(severities)})" if unfinished else "none open"]
    counts += [f"{states[state]} {state.label}" for state in ThreatState if state.over and states[state]]
    yield f"*{count_phrase(len(register.threats), 'threat')}:* {' · '.join(counts)}"
    silent = sum(one.needs_response for one in register.statuses.values())
    asked_for = sum(one.waits_for_approval for one in register.statuses.values())
    live = [one for one in register.mitigations if not one.orphan and one.mitigation.state.to_do]
    late = sum(one.overdue for one in live)
    asked = sum(one.proposal is not None for one in register.mitigations if not one.orphan)
    rest = [
        f"{silent} without a response" if silent else "",
        f"{asked_for} waiting for approval" if asked_for else "",
        f"{count_phrase(len(live), 'mitigation')} to do" if live else "",
        f"⚠ *{late} overdue*" if late else "",
        f"{count_phrase(asked, 'issue')} to decide on" if asked else "",
    ]
    if any(rest):
        yield " · ".join(one for one in rest if one)


def _threat(stream: str, register: ThreatRegister, one: RankedThreat, naming: Naming) -> Block:
    threat, status = one.threat, register.statuses[one.threat.id]
    score = f" · {one.score.tally.band.capitalize()} {one.score.tally.mean:.1f}" if one.score else ""
    label = "Respond" if status.state.unanswered else "Open"
    opened = button(
        label,
        ButtonKind.SHOW,
        Target(name="response", stream=stream, element=threat.id),
        suffix=f"worst-{threat.id}",
        spoken=f"{label}: {threat.id}",
    )
    text = f"*{escape_name(threat.title, _TITLE)}* · {threat.id}{score}\n{threat_status_text(status, naming)}"
    return section(text, accessory=opened)


_TITLE = 80
