"""Quick entry forms: flows as lines, and four lists of names."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import TYPED, SelectionTarget, Target
from bot.slack.ui.forms.form import Form, FormContext, FormEnding, LeftOver, Saved, WriteEffect
from bot.slack.ui.forms.form_fields import ButtonRow, FormPart, Paragraph, SubmittedValues, TextField
from bot.slack.ui.forms.typed_lines import FLOW_SYNTAX, parse_flows, typed_names
from bot.slack.ui.modals.collecting.component_placement_form import (
    TRUST_LEVELS,
    levels_command,
    stated_levels,
    trust_level_lines,
    unlisted_components,
    unlisted_protocols,
)
from bot.slack.ui.model_buttons import ModelButtons
from domain.commands import AcceptDraft, DrawFlows, NameElements
from domain.kernel.elements import Kind
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister

_BOXES = (
    (
        "external_dependencies",
        Kind.EXTERNAL_DEPENDENCY,
        "External dependencies",
        "Third-party services that the system relies on.",
        "Auth0",
    ),
    (
        "entry_points",
        Kind.ENTRY_POINT,
        "Entry points",
        "Points where data enters or leaves the system.",
        "Public REST API",
    ),
    ("assets", Kind.ASSET, "Assets", "Data and resources worth protecting.", "Customer emails"),
    (
        "trust_levels",
        Kind.TRUST_LEVEL,
        "Trust levels",
        "Groups of users by privilege, least trusted first.",
        "Anonymous users",
    ),
)


def _names(opening: FormContext) -> Sequence[FormPart]:
    there = {kind: _listed(opening.required_register, kind) for _, kind, *_ in _BOXES}
    return [
        Paragraph(text="Enter one name per line. Details can be added later, and every field is optional."),
        *(
            TextField(
                key=key,
                label=label,
                hint=f"{hint} Existing: {there[kind]}" if there[kind] else hint,
                placeholder=f"For example: {example}",
                lines=True,
            )
            for key, kind, label, hint, example in _BOXES
        ),
    ]


def _listed(register: ThreatRegister, kind: Kind) -> str:
    return clip(", ".join(one_line(item.name) for item in register.items(kind)), _NAMES_SHOWN)


def _no_names(values: SubmittedValues) -> bool:
    return not any(values.text(key) for key, *_ in _BOXES)


def _after_names(saved: Saved) -> Target | None:
    over_flows = saved.target.back == FLOWS.name
    if over_flows or _no_names(saved.values) or saved.register().items(Kind.DATA_FLOW):
        return None
    return Target(name=FLOWS.name, stream=saved.target.stream)


NAMES = Form(
    name="names",
    writes=WriteEffect.ADDS,
    command_type=NameElements,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title="Add elements",
    submit="Save and continue",
    close="Later",
    parts=_names,
    build_command=lambda entry: entry.command(
        NameElements, **{key: typed_names(entry.text(key)) for key, *_ in _BOXES}
    ),
    is_empty=_no_names,
    next_form=_after_names,
)


def flow_lines_values(text: str) -> SubmittedValues:
    """Return the values of the form with lines in its fields, as many of them as it takes."""
    fields = [""]
    for line in text.split("\n"):
        longer = f"{fields[-1]}\n{line}".strip("\n")
        if len(longer) > slack_limits.INPUT:
            fields.append(line)
        else:
            fields[-1] = longer
    return SubmittedValues({_field_key(number): field for number, field in enumerate(fields)})


def lines_left(text: str) -> LeftOver | None:
    """Return the lines of a text that cannot be saved, as values of the form; None if all can be."""
    _, unread = parse_flows(text)
    if not unread:
        return None
    values = flow_lines_values("\n".join(one.text for one in unread))
    return LeftOver(values=values, problems=tuple(one.message for one in unread))


def _field_key(number: int) -> str:
    return f"flows/{number + 1}" if number else "flows"


def _typed_flows(values: SubmittedValues) -> str:
    """Return the lines of all fields of the form."""
    return "\n".join(values.text(_field_key(number)) for number in range(_MOST_FIELDS)).strip("\n")


def _flows(opening: FormContext) -> Sequence[FormPart]:
    register, target = opening.required_register, opening.target
    typed = _typed_flows(opening.typed) if opening.typed else ""
    left = lines_left(typed)
    problems = opening.unread or (left.problems if left else ())
    filled = max(
        (n for n in range(_MOST_FIELDS) if opening.typed and opening.typed.text(_field_key(n))), default=0
    )
    fields = _MOST_FIELDS if target.page else filled + 1
    return [
        Paragraph(text=_problem_lines(problems) if problems else _SYNTAX),
        *(_lines_field(number, fields, register) for number in range(fields)),
        *_other_ways(target, register, more=fields < _MOST_FIELDS),
        *([trust_level_lines()] if not register.items(Kind.TRUST_LEVEL) else []),
    ]


def _lines_field(number: int, fields: int, register: ThreatRegister) -> TextField:
    if number:
        return TextField(
            key=_field_key(number), label=f"Data flows, continued ({number + 1} of {fields})", lines=True
        )
    there = [f"{label}: {_listed(register, kind)}" for label, kind in _KNOWN if register.items(kind)]
    room = f"A field takes {slack_limits.INPUT:,} characters, about 30 lines"
    more = (
        f", and the {fields} fields together {fields * slack_limits.INPUT:,}."
        if fields > 1
        else f". “{_MORE_ROOM}” gives you {_MOST_FIELDS} fields."
    )
    return TextField(
        key=_field_key(0),
        label="Data flows",
        lines=True,
        placeholder=FLOW_SYNTAX,
        hint=" · ".join((f"{room}{more}", *there)),
    )


def _problem_lines(problems: Sequence[str]) -> str:
    """Return what is wrong with each line as mrkdwn, as far as there is room."""
    shown: list[str] = []
    for problem in problems:
        line = f"• {escape(problem)}"
        if sum(map(len, shown)) + len(line) > _PROBLEMS_SHOWN:
            break
        shown.append(line)
    rest = len(problems) - len(shown)
    title = f"⚠ *Not saved yet: {count_phrase(len(problems), 'line')}.* Change or remove what is left below."
    return "\n".join([title, *shown, *([f"and {count_phrase(rest, 'more line')}"] if rest else [])])


def _other_ways(target: Target, register: ThreatRegister, *, more: bool) -> list[FormPart]:
    make = ModelButtons(target.stream, back=FLOWS.name)
    buttons = [make.opens("Add elements one by one", NAMES.name)]
    if register.allows(AcceptDraft):
        buttons.append(make.opens("Bring a file", "files"))
    if more:
        room = Target(name=FLOWS.name, back=target.back, page=1)
        buttons.append(make.turns(_MORE_ROOM, room, suffix="room"))
    return [ButtonRow(buttons=tuple(buttons))]


def _no_flows(values: SubmittedValues) -> bool:
    return not parse_flows(_typed_flows(values))[0] and not stated_levels(values).named


def _left_over(values: SubmittedValues) -> LeftOver | None:
    left = lines_left(_typed_flows(values))
    if left is None or TRUST_LEVELS not in values.by_key:
        return left
    return replace(
        left, values=SubmittedValues({**left.values.by_key, TRUST_LEVELS: values.text(TRUST_LEVELS)})
    )


def _after_flows(saved: Saved) -> Target | None:
    known, stream = saved.register(), saved.target.stream
    if _no_flows(saved.values):
        return None if known.items(Kind.DATA_FLOW) else Target(name=NAMES.name, stream=stream)
    if known.unplaced or unlisted_components(known) or unlisted_protocols(known):
        return SelectionTarget(name="place", stream=stream, selection=TYPED)
    return None


FLOWS = Form(
    name="flows",
    writes=WriteEffect.ADDS,
    command_type=DrawFlows,
    ending=FormEnding.TEXT,
    title="Add data flows",
    submit="Save and continue",
    close="Later",
    parts=_flows,
    build_command=lambda entry: levels_command(entry, parse_flows(_typed_flows(entry.values))[0]),
    is_empty=_no_flows,
    left_over=_left_over,
    kept=lambda *_: {},  # what is typed stays while another form is open above
    next_form=_after_flows,
)

_SYNTAX = (
    "Paste the data flows, one per line, for example\n"
    "`Browser -&gt; payments-api: card data via Public REST API`\n"
    "`payments-api [Python, in VPC] -&gt; Orders db [PostgreSQL]: orders (TLS)`\n"
    "“&lt;-&gt;” is a flow in both directions; the data returned follows a “|”. New components, assets and "
    "entry points are added to the model. Technologies and protocols that are not known are asked about next."
)
_KNOWN = (("Components", Kind.COMPONENT), ("Assets", Kind.ASSET), ("Entry points", Kind.ENTRY_POINT))
_NAMES_SHOWN = 400
_MORE_ROOM = "More room"
_MOST_FIELDS = 5
_PROBLEMS_SHOWN = 2_500
