"""Second look at answers about several elements: where a control differs, and what is confirmed by name.

Its rows come as keys: what is looked at, the fact and the element, such as `no/encrypted/DF-3`.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import SelectionTarget
from bot.slack.ui.forms.form import Form, FormContext, FormEnding, FormSubmission, WriteEffect
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    ChoiceField,
    FormPart,
    MultiSelectField,
    Option,
    Paragraph,
    ShownValue,
    SubmittedValues,
)
from bot.slack.ui.forms.row_pages import rows_that_fit
from bot.slack.ui.modals.analysis.controls_form import DIFFERS, LATER
from bot.slack.ui.texts.common_texts import list_heading
from domain.analysis.control_questions import needed_where
from domain.commands import AnswerOpenQuestions
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, kind_of_id
from domain.kernel.length_limits import LINES
from domain.kernel.text_formatting import join_list
from domain.register import ThreatRegister

SHOWN = "shown"
"""What a page before showed: no row, kept for the page that follows."""
_REST = (
    Option(value=Answer.NOT_APPLICABLE.value, text="Not applicable"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
    Option(value=LATER, text="Later"),
)

_Elements = dict[str, list[ElementId]]


def look_keys(what: str, fact: str, elements: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of some elements about which a fact is looked at again."""
    return tuple(f"{what}/{fact}/{element}" for element in elements)


def _parts(opening: FormContext) -> Sequence[FormPart]:
    asked = list(_rows(opening))
    if not asked:
        return [Paragraph(text=_NOTHING)]
    rows = rows_that_fit(_that_can_be_sent(asked), most_blocks=_PAGE_BLOCKS)
    more = [Paragraph(text="More follow on the next page.")] if len(rows) < len(asked) else []
    return [part for row in rows for part in row] + more


def _that_can_be_sent(rows: Sequence[list[FormPart]]) -> Iterator[list[FormPart]]:
    """Yield rows whose lists have no more elements than one command answers, at least one row."""
    listed = 0
    for row in rows:
        lists = [part for part in row if isinstance(part, MultiSelectField) and part.key.startswith("in/")]
        before, listed = listed, listed + sum(len(part.options) for part in lists)
        if before and listed > LINES:
            return
        yield row


def _rows(opening: FormContext) -> Iterator[list[FormPart]]:
    """Yield what is confirmed by name, then the controls that differ."""
    register = opening.required_register
    yield from _in_place(register, _elements(opening, Answer.YES))
    said = False
    for fact, elements in _elements(opening, Answer.NO).items():
        for start in range(0, len(elements), _TICKS):
            first = [] if said else [Paragraph(text=_MISSING)]
            said = True
            some = elements[start : start + _TICKS]
            yield [*first, _ticked(f"no/{fact}", f"{_question(register, fact)} No", register, some)]
    said = False
    for fact, elements in _elements(opening, DIFFERS).items():
        first = [] if said else [Paragraph(text=_DIFFERS)]
        said = True
        yield [*first, *_lists(register, fact, elements)]


def _in_place(register: ThreatRegister, by_fact: _Elements) -> Iterator[list[FormPart]]:
    """Yield the controls that are in place at the same exposed entry points together."""
    together: dict[tuple[ElementId, ...], list[str]] = {}
    for fact, elements in by_fact.items():
        together.setdefault(tuple(elements), []).append(fact)
    for number, (elements, facts) in enumerate(together.items()):
        names = clip(", ".join(one_line(register.name_of(one)) for one in elements), _NAMES)
        exposed, label = (_EXPOSED_ONE, "In place") if len(elements) == 1 else (_EXPOSED, _AT_ALL)
        options = tuple(Option(value=fact, text=_question(register, fact)) for fact in facts)
        for start in range(0, len(options), _TICKS):
            some = options[start : start + _TICKS]
            yield [
                Paragraph(text=f"*Exposed: {escape(names)}.* {exposed}"),
                CheckboxesField(
                    key=f"yes/{number}.{start}",
                    label=label,
                    options=some,
                    initial=tuple(option.value for option in some),
                ),
            ]


def _ticked(key: str, label: str, register: ThreatRegister, elements: Sequence[ElementId]) -> CheckboxesField:
    options = tuple(Option(value=one, text=register.name_of(one), means=one) for one in elements)
    return CheckboxesField(
        key=key, label=label, options=options, initial=tuple(option.value for option in options)
    )


def _lists(register: ThreatRegister, fact: str, elements: Sequence[ElementId]) -> Iterator[FormPart]:
    """Yield the two lists of a control; above a hundred elements, two for each register."""
    needed = needed_where(register.catalog, fact)
    yield Paragraph(text=f"*{escape(_question(register, fact))}*")
    kinds = list(dict.fromkeys(map(kind_of_id, elements))) if len(elements) > _MOST_TOGETHER else [None]
    for kind in kinds:
        suffix = f" ({list_heading(kind).lower()})" if kind else ""
        options = tuple(
            Option(value=one, text=one_line(register.name_of(one)))
            for one in elements
            if kind is None or kind_of_id(one) is kind
        )
        end = f"/{kind.value}" if kind else ""
        yield MultiSelectField(key=f"in/{fact}{end}", label=f"In place at{suffix}", options=options)
        yield MultiSelectField(
            key=f"missing/{fact}{end}",
            label=f"Missing at{suffix}",
            hint=f"Needed where {needed}." if needed else "",
            options=options,
        )
    yield ChoiceField(key=f"rest/{fact}", label="At the others", options=_REST, initial=LATER, required=True)


def _question(register: ThreatRegister, fact: str) -> str:
    return register.catalog.facts[fact].question


def _elements(opening: FormContext, what: str) -> _Elements:
    """Return the elements of a kind of row that are still there, by fact."""
    found: _Elements = {}
    for key in opening.keys:
        asked, _, about = key.partition("/")
        fact, _, id = about.partition("/")
        item = opening.required_register.item(ElementId(id)) if asked == what and id else None
        if item is not None and not item.removed and fact in opening.required_register.catalog.facts:
            found.setdefault(fact, []).append(item.id)
    return found


def _kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return what earlier pages showed, the elements that are confirmed by control, and the rows to come."""
    fields = {part.key: part for part in parts if isinstance(part, CheckboxesField | MultiSelectField)}
    here = {f"{Answer.NO}/{key.partition('/')[2]}" for key in fields if key.startswith("no/")}
    here |= {f"{DIFFERS}/{key.split('/')[1]}" for key in fields if key.startswith("in/")}
    for key, field in fields.items():
        if key.startswith("yes/"):
            here |= {f"{Answer.YES}/{option.value}" for option in field.options}
    listed = {
        about
        for key, field in fields.items()
        if key.startswith("no/")
        for about in look_keys(Answer.NO, key.partition("/")[2], [option.value for option in field.options])
    }
    rows = [key for key in opening.keys if not key.startswith(f"{SHOWN}/")]
    later = [
        key
        for key in rows
        if key.rpartition("/")[0] not in here or (key.startswith(f"{Answer.NO}/") and key not in listed)
    ]
    shown: dict[str, list[str]] = {}
    for key in opening.keys:
        what, _, about = key.partition("/")
        fact, _, id = about.partition("/")
        if what in (SHOWN, Answer.YES) and id:
            shown.setdefault(f"{what}/{fact}", []).append(id)
    for key, field in fields.items():
        if key.startswith("in/"):
            shown.setdefault(f"{LISTED}/{key.split('/')[1]}", []).extend(one.value for one in field.options)
    return {LATER_ROWS: ShownValue(value=tuple(later))} | {
        key: ShownValue(value=tuple(ids)) for key, ids in shown.items()
    }


def in_both_lists(register: ThreatRegister, values: SubmittedValues) -> dict[str, str]:
    """Return an error for each control with an element in both of its lists, by the key of the second."""
    wrong: dict[str, str] = {}
    for key in values.by_key:
        what, _, about = key.partition("/")
        if what == "missing" and (both := {*values.many(key)} & {*values.many(f"in/{about}")}):
            names = [f"“{register.name_of(ElementId(one))}”" for one in values.many(key) if one in both]
            shown = [*names[:_NAMED], f"{len(names) - _NAMED} more"] if len(names) > _NAMED else names
            verb = "is" if len(names) == 1 else "are"
            wrong[key] = f"{join_list(shown)} {verb} in both lists. Remove it from one of them."
    return wrong


def _only_no(opening: FormContext) -> bool:
    return not any(key.startswith((f"{DIFFERS}/", f"{Answer.YES}/")) for key in opening.keys)


def rows_to_come(kept: Mapping[str, ShownValue]) -> tuple[str, ...]:
    """Return the rows that did not fit on a page."""
    value = kept.get(LATER_ROWS, ShownValue()).value
    return value if isinstance(value, tuple) else ()


LATER_ROWS = "later"
LISTED = "listed"
_NOTHING = "These elements were removed in the meantime."
_AT_ALL = "In place at all of them"
_EXPOSED_ONE = "Anyone may reach this entry point. Deselect the controls that are not in place."
_EXPOSED = "Anyone may reach these entry points. Deselect the controls that are not in place at all of them."
_MISSING = (
    "These elements get the answer *No*. Deselect those for which it is wrong; their questions stay open."
)
_DIFFERS = (
    "*It differs.* Select where each control is in place, and where it is needed and missing. The others "
    "stay open unless you choose for them."
)
_MOST_TOGETHER = 100
_PAGE_BLOCKS = 90
_TICKS = 200
_NAMES = 2_400
_NAMED = 5

CONFIRM_ANSWERS = Form(
    name="confirm_answers",
    target=SelectionTarget,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title=lambda opening: "Confirm answer “No”" if _only_no(opening) else "Check and complete",
    submit=lambda opening: "Answer No" if _only_no(opening) else "Save",
    close="Leave open",
    parts=_parts,
    kept=_kept,
)
