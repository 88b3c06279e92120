"""Decisions whether external dependencies and components of the flows are the same thing."""

from msgspec.structs import replace

from domain.commands import AnswerLinks, LinkReply
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, require_element
from domain.element_links import linked_dependency
from domain.events import ElementsLinked, ElementsSeparated
from domain.kernel.elements import Component, ComponentKind, ElementId, Kind
from domain.model import ThreatModel
from domain.model.element_labels import quoted_label
from domain.rejections import ContentMissing, LinkedAlready, LinkedIsExternal


def answer_links(command: AnswerLinks, decision: Decision) -> Decision:
    """Record each answer that differs from the previous one.

    Both elements stay, with their answers and what was decided about them. A component that is an external
    dependency becomes an external entity, and what it was before when the two are separated.
    """
    if not command.replies:
        raise ContentMissing("Answer at least one question.")
    check_count("answers", len(command.replies))
    for reply in command.replies:
        require_element(decision.model, reply.dependency, Kind.EXTERNAL_DEPENDENCY)
        component = require_element(decision.model, reply.component, Kind.COMPONENT)
        known = decision.model.links.get((reply.dependency, reply.component))
        if isinstance(component, Component) and (known is None or known.same is not reply.same):
            decision = _answer(reply, component, decision)
    return decision


def check_sort(model: ThreatModel, component: ElementId, sort: ComponentKind | None) -> None:
    """Raise Rejected for a kind that a component cannot have because it is an external dependency."""
    dependency = linked_dependency(model, component)
    if dependency is not None and sort is not ComponentKind.EXTERNAL_ENTITY:
        raise LinkedIsExternal(quoted_label(model, component), quoted_label(model, dependency))


def _answer(reply: LinkReply, component: Component, decision: Decision) -> Decision:
    pair = {"dependency": reply.dependency, "component": reply.component}
    if reply.same:
        other = linked_dependency(decision.model, component.id)
        if other is not None:
            raise LinkedAlready(
                quoted_label(decision.model, component.id), quoted_label(decision.model, other)
            )
        decision = decision.record(ElementsLinked(**decision.header, **pair, former_sort=component.sort))
        return _with_sort(component, ComponentKind.EXTERNAL_ENTITY, decision)
    known = decision.model.links.get((reply.dependency, reply.component))
    decision = decision.record(ElementsSeparated(**decision.header, **pair))
    return _with_sort(component, known.former_sort, decision) if known else decision


def _with_sort(component: Component, sort: ComponentKind | None, decision: Decision) -> Decision:
    return decision if component.sort is sort else decision.revise(replace(component, sort=sort))
