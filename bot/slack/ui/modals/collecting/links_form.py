"""Form that asks whether external dependencies and components of the flows are the same thing."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Option, Paragraph
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerLinks
from domain.element_links import DifferingAnswer, LinkReason
from domain.kernel.elements import Component, ElementId, ExternalDependency, PersonId
from domain.register import ThreatRegister


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    rows = [
        *((one.dependency, one.component, one.reason) for one in register.link_proposals),
        *((one.dependency, one.component, None) for one in register.links),
    ]
    if not rows:
        return [Paragraph(text="No external dependency resembles a component of the flows.")]
    return [Paragraph(text=_INTRODUCTION), *_rows(register, rows)]


def _rows(
    register: ThreatRegister, rows: Iterable[tuple[ElementId, ElementId, LinkReason | None]]
) -> list[FormPart]:
    answers = {(one.dependency, one.component): one.same for one in register.links}
    parts: list[FormPart] = []
    for dependency, component, reason in list(rows)[:_MOST]:
        known = answers.get((dependency, component))
        differing = register.differing.get((dependency, component), ())
        parts.append(
            ChoiceField(
                key=f"link/{dependency}/{component}",
                label=clip(_question(register, dependency, component), slack_limits.LABEL),
                hint=clip(_reason(register, dependency, component, reason), slack_limits.HINT),
                options=_OPTIONS,
                initial={True: "same", False: "apart", None: None}[known],
                radio=True,
            )
        )
        if differing:
            parts.append(Paragraph(text=_side_by_side(register, dependency, component, differing)))
    return parts


def _question(register: ThreatRegister, dependency: ElementId, component: ElementId) -> str:
    one, other = (_quoted(register, id) for id in (dependency, component))
    if register.name_of(dependency) == register.name_of(component):
        return f"{one} is an external dependency and a component of the flows. Are they the same?"
    return f"{one} is an external dependency, and {other} is a component of the flows. Are they the same?"


def _reason(
    register: ThreatRegister, dependency: ElementId, component: ElementId, reason: LinkReason | None
) -> str:
    ids = f"{dependency} and {component}"
    if reason is not LinkReason.TECHNOLOGY:
        return ids
    items = (register.item(id) for id in (dependency, component))
    keys = [
        one.element.technology
        for one in items
        if one is not None and isinstance(one.element, ExternalDependency | Component)
    ]
    return f"{ids}. Technologies: {', '.join(dict.fromkeys(map(BUILT_IN.technology_name, keys)))}"


def _side_by_side(
    register: ThreatRegister,
    dependency: ElementId,
    component: ElementId,
    differing: Sequence[DifferingAnswer],
) -> str:
    """Return the answers that differ as mrkdwn, one line for each."""
    one, other = (escape(_quoted(register, id)) for id in (dependency, component))
    lines = [
        f"• {escape(it.subject)}  {one} ({dependency}): *{escape(it.of_dependency)}* · "
        f"{other} ({component}): *{escape(it.of_component)}*"
        for it in differing[:_MOST_DIFFERING]
    ]
    return "\n".join(["Differences:", *lines])


def _quoted(register: ThreatRegister, id: ElementId) -> str:
    return f"“{clip(one_line(register.name_of(id)), _NAME)}”"


def _make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    replies = [
        {"dependency": key.split("/")[1], "component": key.split("/")[2], "same": values.text(key) == "same"}
        for key in values.by_key
        if key.count("/") == _SLASHES and values.text(key)
    ]
    return msgspec.convert({"replies": replies, "by": by, "at": at}, AnswerLinks)


LINKS = Form(
    name="links",
    writes=WriteEffect.REVISES,
    command_type=AnswerLinks,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    row=lambda key: key.partition("/")[2],
    title=lambda _: "Link dependencies",
    submit="Save",
    close="Later",
    parts=_parts,
    build_command=_make,
)

_OPTIONS = (
    Option(
        value="same",
        text="Yes, link them",
        means=("A third party operates it: an external entity in the flows"),
    ),
    Option(
        value="apart", text="No, keep both", means=("For example, your own component that uses the service")
    ),
)
_INTRODUCTION = (
    "An external dependency often is a component of the flows. Both keep their IDs, answers and "
    "findings. If they are the same, questions about hardening the component are skipped, and data that "
    "flows to it counts as shared with the dependency. Leave open what you do not know."
)
_MOST = 30
_MOST_DIFFERING = 8
_NAME = 80
_SLASHES = 2
