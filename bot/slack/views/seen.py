"""The page of what could go wrong: threats that people reported, and what the rules found."""

from bot.slack.kit.blocks import Block, View, actions, button, confirm, context, divider, link, modal, section
from bot.slack.kit.text import clip, escape, name, one_line
from bot.slack.kit.triggers import ALL, Deed, FormName, Page, Target, Trigger
from bot.slack.views.paging import leaf, turning
from bot.slack.views.showing import Showing
from bot.slack.views.wording import came_up, element
from domain.commands import AddAsset, AnswerQuestions, PlaceComponents, ReportThreat
from domain.elements import SINGULAR, Component, DataFlow, ElementId, Kind, kind_of_id
from domain.facts import Answer
from domain.own_threats import Threat
from domain.register import ThreatRegister
from domain.threats import Candidate, FactUsed
from domain.warnings import Warning  # noqa: A004 (the word people read)


def seen_page(showing: Showing) -> View:
    """Reported threats, candidates with what fired them and what usually helps, warnings about the model."""
    target, register = showing.target, showing.register
    found: tuple[_Found, ...] = (*register.threats, *register.candidates, *register.warnings)
    shown = leaf(found, target, _ON_A_PAGE)
    counts = came_up(register)
    blocks = [section(counts)] if counts else []
    top = _onward(target.stream, register)
    if top:
        blocks.append(actions(*top))
    if not found:
        blocks.append(
            section(
                "Nothing came up so far. The rules look at the model after every answer; "
                "report whatever you see yourself."
            )
        )
    before: type[_Found] | None = None
    for one in shown.items:
        if type(one) is not before:
            blocks += [divider(), section(_HEADINGS[type(one)])]
        elif not isinstance(one, Warning):
            blocks.append(divider())
        before = type(one)
        match one:
            case Threat():
                blocks += _threat(target.stream, register, one)
            case Candidate():
                blocks += _candidate(target.stream, register, one)
            case Warning():
                blocks.append(_warning(target.stream, register, one))
    return modal("What came up", [*blocks, *turning(shown, target)], callback=Page.SEEN, target=target)


def _onward(stream: str, register: ThreatRegister) -> list[Block]:
    """What settles most of it: answers, and a second look at where components belong."""
    buttons: list[Block] = []
    if register.allows(ReportThreat):
        reporting = Target(what=FormName.THREAT, stream=stream, back=Page.SEEN)
        buttons.append(button("Report a threat", Trigger.OPEN, reporting))
    if register.questions and register.allows(AnswerQuestions):
        asking = Target(what=FormName.QUESTIONS, stream=stream, back=Page.SEEN)
        buttons.append(button("Answer questions", Trigger.OPEN, asking))
    if register.items(Kind.COMPONENT) and register.allows(PlaceComponents):
        deed = "" if register.unplaced else ALL
        placing = Target(what=FormName.PLACE, stream=stream, deed=deed, back=Page.SEEN)
        buttons.append(button("Place components", Trigger.OPEN, placing))
    return buttons


def _threat(stream: str, register: ThreatRegister, one: Threat) -> list[Block]:
    about = f" · {one.element} {element(register, one.element)}" if one.element else ""
    lines = [
        f"*{name(one.title, _TEXT)}* · {one.id}",
        f"{', '.join(category.words for category in one.stride)}{about}",
    ]
    if one.description:
        lines.append(escape(one.description, _TEXT))
    buttons = [link("Go to the message", one.link)] if one.link else []
    if register.allows(ReportThreat):
        buttons += _changing(stream, one)
    return [section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def _changing(stream: str, one: Threat) -> list[Block]:
    revising = Target(what=FormName.THREAT, stream=stream, element=one.id, back=Page.SEEN)
    withdrawal = Target(what=Deed.WITHDRAW_THREAT, stream=stream, element=one.id)
    asked = confirm(
        f"Withdraw {one.id}?",
        f"“{clip(one_line(one.title), _ASKED)}” is no threat after all? Undo brings it back.",
        yes="Withdraw",
        danger=True,
    )
    return [
        button("Revise", Trigger.OPEN, revising, spoken=f"Revise {one.id}"),
        button("Withdraw", Trigger.DO, withdrawal, spoken=f"Withdraw {one.id}", confirm=asked),
    ]


def _candidate(stream: str, register: ThreatRegister, one: Candidate) -> list[Block]:
    rule = one.rule
    usual = "; ".join(f"{control.text} ({control.control_class})" for control in rule.controls)
    lines = [
        f"*{rule.title}* · {rule.category.words}",
        f"{one.element} {name(one.element_name)}",
        *_fired_by(register, one),
        f"*Why it matters:* {rule.why}",
        f"*Usual control:* {usual}",
    ]
    known = [f"CWE-{number}" for number in rule.cwe] + [f"CAPEC-{number}" for number in rule.capec]
    return [
        section("\n".join(lines), accessory=_revise(stream, register, one.element)),
        context(" · ".join((f"Rule {rule.id}", *known)), f"A false alarm if: {rule.false_alarm}"),
    ]


def _fired_by(register: ThreatRegister, one: Candidate) -> list[str]:
    """The facts that fired the rule; of a flow also where its ends are, which is a fact of the model."""
    ends = _ends(register, one.element)
    said = [_said(register, fact) for fact in one.facts]
    return [f"*Because:* {'; '.join([*([ends] if ends else []), *said])}"] if ends or said else []


def _said(register: ThreatRegister, fact: FactUsed) -> str:
    return f"“{fact.statement}”: *{_ANSWERS[fact.answer]}* ({element(register, fact.element)})"


def _ends(register: ThreatRegister, id: ElementId) -> str:
    item = register.item(id)
    if item is None or not isinstance(item.element, DataFlow):
        return ""
    return f"{_place(register, item.element.source)} → {_place(register, item.element.target)}"


def _place(register: ThreatRegister, id: ElementId) -> str:
    item = register.item(id)
    if item is None or not isinstance(item.element, Component):
        return element(register, id)
    level, boundary = item.element.trust_level, item.element.boundary
    where = [
        f"trusted as {element(register, level)}" if level else "no trust level",
        f"in {element(register, boundary)}" if boundary else "in no boundary",
    ]
    return f"{name(item.name)} ({', '.join(where)})"


def _warning(stream: str, register: ThreatRegister, one: Warning) -> Block:
    return section(f"⚠ {escape(one.text, _TEXT)}", accessory=_revise(stream, register, one.element))


def _revise(stream: str, register: ThreatRegister, id: ElementId | None) -> Block | None:
    item = register.item(id) if id else None
    if id is None or item is None or item.removed or not register.allows(AddAsset):
        return None
    kind = kind_of_id(id)
    target = Target(what=FormName.ELEMENT, stream=stream, kind=kind, element=id, back=Page.SEEN)
    return button(
        "Revise",
        Trigger.OPEN,
        target,
        suffix=f"revise-{id}",
        spoken=f"Revise {SINGULAR[kind]} {id}",
    )


_Found = Threat | Candidate | Warning

_HEADINGS: dict[type[_Found], str] = {
    Threat: "*Reported threats*: what people saw.",
    Candidate: "*Candidates*: threats that follow from your answers.",
    Warning: "*Warnings*: where the model itself may not be right yet.",
}
_ANSWERS = {
    Answer.YES: "yes",
    Answer.NO: "no",
    Answer.UNKNOWN: "nobody knows",
    Answer.NOT_APPLICABLE: "does not apply",
}
_ON_A_PAGE = 15
_TEXT = 500
_ASKED = 200
