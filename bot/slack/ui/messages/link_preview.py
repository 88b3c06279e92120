"""Preview of a link to a model or a threat: what the card says, without scores or ballots."""

from bot.slack.protocol.block_builders import Block, button, context, section
from bot.slack.protocol.escaping import escape, escape_name, one_line
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import SelectionTarget
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister


def link_preview(
    stream: str, register: ThreatRegister, threat: ThreatId | None, permalink: str
) -> list[Block]:
    """Return the preview; a threat that does not exist, or was merged or withdrawn, shows the model.

    That of a threat has a button that opens the threat, for those who may see it when they press it.
    """
    name = f"*{escape_name(register.name, _NAME)}* · {register.key}"
    card = f" · <{permalink}|Card>" if permalink else ""
    found = next((one for one in register.threats if one.id == threat), None)
    if found is None:
        text = f"{name}\n*Next:* {escape(one_line(register.next.text), _NEXT)}"
        return [section(text), context(f"Threat model in {register.phase}{card}")]
    state = register.statuses[found.id].state.label
    about = SelectionTarget(name="threats", stream=stream, selection=found.id)
    opened = button("Open", ButtonKind.SHOW, about, spoken=f"Open {found.id}")
    return [
        section(f"*{escape_name(found.title, _NAME)}* · {found.id}\nThreat in {name}", accessory=opened),
        context(f"{state[:1].upper()}{state[1:]}{card}"),
    ]


_NAME = 100
_NEXT = 300
