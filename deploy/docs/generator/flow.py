"""Drawings of the flow from a request to a message, and of a deployment."""

from typing import Final

from deploy.docs.generator.svg import Svg

_WIDE: Final = 176
_HIGH: Final = 86


def flow() -> str:
    """Draw the flow from a request in Slack to the messages that show its result."""
    svg = Svg(1040, 452, "From an answer in Slack to what everyone sees")
    _legend(svg)
    _step(svg, 16, 70, "Slack", ("command, button,", "form, event"), kind="slack")
    _step(svg, 216, 70, "Transport", ("verify the signature,", "parse the payload"))
    _step(svg, 416, 70, "Handler", ("who may do this?", "payload → command"))
    _step(svg, 616, 70, "Command handler", ("load ▸ decide ▸ append", "retry on a conflict"))
    _step(svg, 816, 70, "Event store", ("one transaction,", "on disk"), kind="store")
    for x in (192, 392, 592, 792):
        svg.line([(x, 113), (x + 24, 113)])
    svg.box(626, 184, 156, 44, kind="pure")
    svg.text(704, 202, "decide", size=13, anchor="middle", kind="strong")
    svg.text(704, 219, "events, or a rejection", size=12, anchor="middle")
    svg.line([(690, 156), (690, 184)])
    svg.line([(718, 184), (718, 156)])
    svg.line([(904, 70), (904, 38), (104, 38), (104, 70)])
    svg.text(504, 30, "acknowledged when it is on disk", size=12, anchor="middle", kind="muted")
    _step(svg, 816, 270, "Model", ("evolve: the events,", "applied in order"), kind="pure")
    _step(svg, 616, 270, "Register", ("questions, suggested threats,", "scores, due dates"), kind="pure")
    _step(svg, 416, 270, "Projectors", ("pure functions: slots", "and what they show"))
    _step(svg, 216, 270, "Reconciler", ("compare with shown", "content; call a sink"))
    _step(svg, 16, 270, "Slack", ("card, thread, files,", "Home, messages"), kind="slack")
    svg.line([(904, 156), (904, 270)])
    svg.text(914, 217, "replay", size=12, kind="muted")
    for x in (816, 616, 416, 216):
        svg.line([(x, 313), (x - 24, 313)])
    svg.line([(304, 406), (304, 356)])
    svg.text(314, 386, "claim", size=12, kind="muted")
    svg.line([(704, 356), (704, 406)])
    svg.text(714, 386, "changes by time alone", size=12, kind="muted")
    svg.line([(992, 113), (1020, 113), (1020, 423), (792, 423)])
    svg.text(906, 416, "the same transaction", size=12, anchor="middle", kind="muted")
    svg.box(216, 406, 576, 34, kind="store")
    svg.text(504, 428, "Work queue: what may have changed, and when to look again", size=13, anchor="middle")
    svg.line([(104, 270), (104, 156)])
    svg.text(114, 217, "people read and answer", size=12, kind="muted")
    return svg.done()


def _step(svg: Svg, x: float, y: float, title: str, lines: tuple[str, str], *, kind: str = "box") -> None:
    svg.box(x, y, _WIDE, _HIGH, kind=kind)
    svg.text(x + _WIDE / 2, y + 27, title, size=15, anchor="middle", kind="strong")
    for place, line in enumerate(lines):
        svg.text(x + _WIDE / 2, y + 50 + 18 * place, line, size=12, anchor="middle")


def _legend(svg: Svg) -> None:
    svg.box(290, 196, 14, 14, kind="pure", round_=3)
    svg.text(310, 208, "domain: pure, without input or output", size=12, kind="muted")
    svg.box(290, 220, 14, 14, kind="box", round_=3)
    svg.text(310, 232, "bot: everything that touches the world", size=12, kind="muted")


def deployment() -> str:
    """Draw Slack, the bot and its database, with the ports that each uses."""
    svg = Svg(1000, 330, "What a deployment consists of")
    _step(svg, 16, 100, "Slack", ("your workspace", ""), kind="slack")
    svg.box(400, 30, 250, 270, kind="group")
    svg.text(525, 52, "threatmodel serve", size=15, anchor="middle", kind="strong")
    _step(svg, 437, 70, "Bot", ("Socket Mode, or HTTP", "on PORT (3000)"))
    _step(svg, 437, 196, "Operations", ("/readyz and /metrics", "on METRICS_PORT (3001)"))
    svg.line([(437, 98), (192, 118)])
    svg.text(296, 88, "Socket Mode: the bot connects", size=12, anchor="middle", kind="muted")
    svg.line([(192, 162), (437, 138)])
    svg.text(306, 176, "HTTP: Slack connects,", size=12, anchor="middle", kind="muted")
    svg.text(306, 192, "through your TLS proxy", size=12, anchor="middle", kind="muted")
    _step(svg, 800, 70, "threatmodel.db", ("SQLite: all events", "(and its key file)"), kind="store")
    svg.line([(613, 113), (800, 113)])
    svg.text(726, 104, "one writer", size=12, anchor="middle", kind="muted")
    _step(svg, 800, 196, "Prometheus", ("or another monitor", ""))
    svg.line([(800, 239), (613, 239)])
    svg.text(726, 230, "this machine only,", size=12, anchor="middle", kind="muted")
    svg.text(726, 256, "by default", size=12, anchor="middle", kind="muted")
    return svg.done()


def replicas() -> str:
    """Draw several replicas with one PostgreSQL database, and what is beside it."""
    svg = Svg(1000, 400, "Several replicas of the bot")
    _step(svg, 16, 96, "Slack", ("workspaces of", "one region"), kind="slack")
    _step(svg, 246, 40, "TLS proxy", ("Ingress, or nginx", "(HTTP only)"))
    svg.box(476, 16, 220, 250, kind="group")
    svg.text(586, 38, "threatmodel serve", size=15, anchor="middle", kind="strong")
    for y, name in ((52, "Replica 1"), (124, "Replica 2"), (196, "Replica 3")):
        svg.box(498, y, _WIDE, 56)
        svg.text(586, y + 24, name, size=14, anchor="middle", kind="strong")
        svg.text(586, y + 43, "claims its part of the work", size=12, anchor="middle")
    svg.line([(192, 118), (246, 92)])
    svg.line([(422, 83), (476, 83)])
    svg.line([(476, 196), (192, 158)])
    svg.text(330, 208, "Socket Mode: each replica", size=12, anchor="middle", kind="muted")
    svg.text(330, 224, "connects, at most nine", size=12, anchor="middle", kind="muted")
    _step(svg, 808, 96, "PostgreSQL", ("events, work,", "what is shown"), kind="store")
    svg.line([(696, 139), (808, 139)])
    svg.text(752, 130, "up to 16 each", size=12, anchor="middle", kind="muted")
    _step(svg, 808, 290, "Standby, archive", ("dumps and", "recovery to a moment"), kind="store")
    svg.line([(896, 182), (896, 290)])
    _step(svg, 498, 290, "Prometheus", ("alerts, dashboard", "from METRICS_PORT"))
    svg.line([(586, 290), (586, 266)])
    return svg.done()
