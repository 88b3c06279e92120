"""Question forms: answering one by one, with all four answers for each element, and asking a person."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import SelectionTarget, StaleButton, Target
from bot.slack.ui.forms.common_fields import URGENT_FIELD
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormCommand,
    FormContext,
    FormEnding,
    Saved,
)
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    ChoiceField,
    DateField,
    FormPart,
    ImpliedChange,
    MultiSelectField,
    Option,
    Paragraph,
    PersonField,
    SubmittedValues,
)
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import model_label
from domain.analysis.question_owners import usual_due
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerQuestions, AskPerson
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, PersonId
from domain.model import id_order
from domain.register import ThreatRegister

ASKED_OF_READER = "mine"
"""Selection of QUESTIONS: those assigned to the reader."""

OWNED = "owned"
"""Selection of QUESTIONS: all that have an owner."""


def _questions(opening: FormContext) -> Sequence[FormPart]:
    if opening.keys:
        return _shown_again(opening, opening.keys)
    to_ask = _open_questions(opening.required_register, opening.target)
    asked = to_ask[:_ON_A_PAGE]
    if not asked:
        return [Paragraph(text=_NO_QUESTIONS)]
    make = ModelButtons(opening.target.stream)
    (group,) = groups_of({asked[0].fact: asked})
    parts: list[FormPart] = [
        Paragraph(text=f"{model_label(opening.required_register)}\n{group_heading(group)}")
    ]
    for question in asked:
        element = question.element
        assign = make.opens(
            "Assign…", "ask", element, suffix=f"ask-{element}", spoken=f"Assign questions about {element}"
        )
        crossing = " · trust crossing" if question.crossing else ""
        heading = f"*{escape_name(question.element_name)}* ({element}){crossing}"
        answer = msgspec.structs.replace(field_of_group(question, group, opening.person), label="Answer")
        parts += [Paragraph(text=heading, pressed=assign), answer]
    rest = len(to_ask) - len(asked)
    return [*parts, *([Paragraph(text=f"{rest} more follow on the next page.")] if rest else [])]


def _shown_again(opening: FormContext, keys: Sequence[str]) -> Sequence[FormPart]:
    """Return the questions of a page shown before, including those answered since."""
    parts: list[FormPart] = []
    register, headed = opening.required_register, ""
    still_open = {answer_key(question): question for question in register.questions}
    for key in keys:
        element, _, name_of_fact = _row(key).partition("/")
        item, fact = register.item(ElementId(element)), register.catalog.facts.get(name_of_fact)
        if item is None or item.removed or fact is None:
            continue
        if element != headed:
            headed = element
            parts.append(Paragraph(text=f"*{escape_name(item.name)}* ({element})"))
        text = still_open[key].text if key in still_open else fact.question
        parts.append(answer_field(key, text, item.facts.get(fact.name)))
    return parts or [Paragraph(text=_NO_QUESTIONS)]


_NO_QUESTIONS = "There are no open questions."


def _open_questions(register: ThreatRegister, target: Target) -> tuple[Question, ...]:
    """Return the open questions about a fact: `target.page` counts those left open on earlier pages."""
    fact = SelectionTarget.of(target).selection
    return tuple(question for question in register.questions if question.fact == fact)[target.page :]


def group_heading(group: "FactQuestions") -> str:
    """Return the question that several elements share, and why it is asked."""
    return f"*{escape(group.text)}*" + (f"\nWhy? {escape(group.why)}" if group.why else "")


def field_of_group(question: Question, group: "FactQuestions", reader: PersonId) -> ChoiceField:
    """Return the question about one element; below the heading of a group, without what that says."""
    together = len(group.open) > 1
    text = "" if together and question.text == group.text else f": {question.text}"
    assumed = question.suggested
    hints = (
        _ASSIGNED[question.asked_of == reader] if question.asked_of else "",
        f"Assumed: {assumed.answer.label}, because {assumed.reason}." if assumed else "",
        f"Why? {' '.join(question.why)}" if question.why and not together else "",
    )
    answer = Answer.UNKNOWN if question.answered_unknown else None
    label = f"{question.element_name}{text}"
    return answer_field(answer_key(question), label, answer, " ".join(filter(None, hints)))


_ASSIGNED = {True: "Assigned to you.", False: "Assigned to someone else."}


def answer_field(key: str, text: str, answer: Answer | None, hint: str = "") -> ChoiceField:
    """Return a question about one element, with all four answers.

    An answer that is mostly left as it is takes one line; a new one is chosen with one press.
    """
    return ChoiceField(
        key=key,
        label=text,
        hint=hint,
        options=tuple(Option(value=one.value, text=ANSWER_LABELS[one]) for one in Answer),
        initial=answer.value if answer else None,
        radio=answer is None,
        blank="Later",
    )


def answer_key(question: Question) -> str:
    """Return the key of the field of a question about one element."""
    return f"answer/{question.element}/{question.fact}"


ANSWER_LABELS = {one: one.label.capitalize() for one in Answer}


def _after_answers(saved: Saved) -> Target | None:
    """Return the first question about the fact that was not on this page."""
    target = saved.target
    for place, question in enumerate(_open_questions(saved.register(), target)):
        if answer_key(question) not in saved.values.by_key:
            return replace(target, page=target.page + place)
    return None


def _answer(entry: Entry) -> FormCommand:
    replies: list[object] = []
    for key in entry.values.by_key:
        element, _, fact = _row(key).partition("/")
        if fact and (answer := entry.text(key)):
            replies.append({"element": element, "fact": fact, "answer": answer})
    return entry.command(AnswerQuestions, replies=replies)


def _row(key: str) -> str:
    """Return the question of an answer."""
    what, _, about = key.partition("/")
    return about if what == "answer" else ""


ANSWERS = Form(
    name="answers",
    target=SelectionTarget,
    command_type=AnswerQuestions,
    row=_row,
    title="Answer one by one",
    parts=_questions,
    build_command=_answer,
    next_form=_after_answers,
)


def _asking(opening: FormContext) -> Sequence[FormPart]:
    fact = SelectionTarget.of(opening.target).selection
    open_here = [
        question
        for question in opening.required_register.questions
        if (question.fact == fact if fact else question.element == opening.target.element)
    ]
    if not open_here:
        raise StaleButton("There is no open question about this element.")
    first, asked = open_here[0], open_here[:_MAX_ASKED]
    options = tuple(
        Option(
            value=f"{question.element}/{question.fact}",
            text=question.element_name if fact else question.text,
            means=question.element if fact else "",
        )
        for question in asked
    )
    field = CheckboxesField if len(options) <= _SEEN_AT_ONCE else MultiSelectField
    owners = {(question.asked_of, question.due) for question in asked}
    owner, due = owners.pop() if len(owners) == 1 else (None, None)
    usual = usual_due(opening.today) if opening.today else None
    about = f"*{escape(first.text)}*" if fact else f"*{escape_name(first.element_name)}* ({first.element})"
    return [
        Paragraph(text=about),
        PersonField(key="person", label="Owner", required=True, initial=owner),
        DateField(
            key="due",
            label="Due",
            hint="The owner is reminded as for a mitigation, until the question is answered.",
            required=True,
            initial=due or usual,
        ),
        field(
            key="questions",
            label="Elements" if fact else "Questions",
            hint=(
                "They are notified and find the questions on their Home tab. The thread shows the assignment."
            ),
            required=True,
            options=options,
            initial=tuple(option.value for option in options),
        ),
        URGENT_FIELD,
        *(
            ImpliedChange(  # the person asked before is no longer asked
                key=f"asked/{option.value}",
                label=f"Owner: {question.text}",
                initial=question.asked_of or "",
                new_value=partial(_assignee, option.value),
                person=True,
            )
            for question, option in zip(asked, options, strict=True)
        ),
    ]


def _assignee(about: str, values: SubmittedValues) -> str | None:
    return values.text("person") if about in values.many("questions") else None


ASK = Form(
    name="ask",
    target=SelectionTarget,
    command_type=AskPerson,
    ending=FormEnding.TEXT,
    title="Assign questions",
    submit="Assign",
    parts=_asking,
    build_command=lambda entry: entry.command(
        AskPerson,
        questions=[
            {"element": element, "fact": fact}
            for element, _, fact in (about.partition("/") for about in entry.values.many("questions"))
        ],
    ),
)


_ON_A_PAGE = 12
_SEEN_AT_ONCE = 10
_MAX_ASKED = 100


REST = "rest"
"""Selection of QUESTIONS: also those that can wait."""


class FactQuestions(msgspec.Struct, frozen=True, kw_only=True):
    """The open questions about one fact, each of another element."""

    fact: str
    text: str
    why: str
    open: tuple[Question, ...]


def facts_to_ask(register: ThreatRegister, target: Target, person: PersonId) -> tuple[FactQuestions, ...]:
    """Return the questions from which a page starts: `target.page` counts the facts left open before it.

    What is at stake comes first, alone; then all others. Questions answered with *don't know* come last,
    and those assigned to someone else come after those of the reader.
    """
    asked = _selected(register, SelectionTarget.of(target).selection, person)
    asked.sort(key=lambda one: (one.answered_unknown, one.asked_of not in (None, person)))
    by_fact: dict[str, list[Question]] = {}
    for one in asked:
        by_fact.setdefault(one.fact, []).append(one)
    return tuple(groups_of(by_fact))[target.page :]


def _selected(register: ThreatRegister, selection: str, person: PersonId) -> list[Question]:
    if selection == ASKED_OF_READER:
        return [question for question in register.questions if question.asked_of == person]
    if selection == OWNED:
        return [question for question in register.questions if question.asked_of is not None]
    unanswered = [question for question in register.questions if not question.answered_unknown]
    at_stake = [one for one in unanswered if one.at_stake]
    return (at_stake if selection != REST else []) or unanswered or list(register.questions)


def next_facts(
    register: ThreatRegister, target: SelectionTarget, person: PersonId, shown: Mapping[str, frozenset[str]]
) -> SelectionTarget | None:
    """Return the page after a submitted one: from the first fact with an element that was not shown.

    None if only questions are left that can wait, unless these were shown already.
    """
    for place, one in enumerate(facts_to_ask(register, target, person)):
        if all(question.element in shown.get(one.fact, ()) for question in one.open):
            continue
        at_stake = any(question.at_stake and not question.answered_unknown for question in one.open)
        if target.selection == "" and not at_stake:
            return None
        return replace(target, page=target.page + place)
    return None


def groups_of(by_fact: Mapping[str, Sequence[Question]]) -> Iterator[FactQuestions]:
    """Yield the questions of each fact, in groups that fit on a page."""
    for fact, questions in by_fact.items():
        declared = BUILT_IN.facts[fact]
        size = _ONE_BY_ONE if all(each.answered_unknown for each in questions) else _MOST_ELEMENTS
        for start in range(0, len(questions), size):
            group = questions[start : start + size]
            texts = {each.text for each in group}
            reasons = dict.fromkeys(reason for each in group for reason in each.why)
            yield FactQuestions(
                fact=fact,
                text=texts.pop() if len(texts) == 1 else declared.question,
                why=declared.why or " ".join(list(reasons)[:_REASONS]),
                open=tuple(sorted(group, key=lambda each: id_order(each.element))),
            )


_ONE_BY_ONE = 20
_MOST_ELEMENTS = 200
_REASONS = 2
