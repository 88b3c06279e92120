"""Forms of open questions and of screening."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip_before, escape
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.forms.field_blocks import parts_size
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormCommand,
    FormContext,
    FormEnding,
    FormSubmission,
    Saved,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    ChoiceField,
    FormPart,
    ImpliedChange,
    MultiSelectField,
    Option,
    Paragraph,
    ShownValue,
    SubmittedValues,
)
from bot.slack.ui.forms.row_pages import PAGE_CHARACTERS, element_of_key
from bot.slack.ui.modals.analysis.controls_form import LATER, WORTH_A_PAGE, controls_page, following_page
from bot.slack.ui.modals.analysis.question_forms import (
    ASKED_OF_READER,
    REST,
    FactQuestions,
    facts_to_ask,
    field_of_group,
    group_heading,
    groups_of,
)
from bot.slack.ui.modals.collecting.assumptions_page import assumptions_to_confirm
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import answered_questions, model_label, reopening_text
from domain.analysis.rule_findings import Question
from domain.built_in_catalog import BUILT_IN
from domain.commands import AnswerOpenQuestions, AnswerScreening
from domain.facts.screening_topics import SCREENING_GROUPS, ScreeningTopic
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, PersonId
from domain.kernel.text_formatting import join_list
from domain.register import RegisterItem, ThreatRegister
from domain.screening.screened_facts import ScreeningLine, TopicStatus, screening_lines

Feature = tuple[ScreeningTopic, str]
"""What may exist at some elements: a fact, and the screening topic that asks whether it exists at all."""


def _parts(opening: FormContext) -> Sequence[FormPart]:
    groups = _shown_again(opening) or facts_to_ask(opening.required_register, opening.target, opening.person)
    if not groups:
        return [Paragraph(text="There are no open questions.")]
    parts: list[FormPart] = [Paragraph(text=_heading(opening, groups)), *_other_forms(opening)]
    page = _REVIEW_PAGE_BLOCKS if opening.required_register.review else _PAGE_BLOCKS
    left, shown = page - _FRAME, list[str]()
    for group in groups:
        fields = _fields(group, opening)
        needed = sum(map(_blocks, fields))
        if needed > left or group.fact in shown:
            break
        parts += fields
        left -= needed
        shown.append(group.fact)
    return [*parts, *(following_page(len(groups) - len(shown)) or [Paragraph(text=_OPENED)])]


def _shown_again(opening: FormContext) -> tuple[FactQuestions, ...]:
    """Return the questions of a page that is shown again, as far as any is still open."""
    asked: dict[str, list[Question]] = {key.rpartition("/")[2]: [] for key in opening.keys}
    for question in opening.required_register.questions:
        if question.fact in asked:
            asked[question.fact].append(question)
    return tuple(groups_of({fact: questions for fact, questions in asked.items() if questions}))


def _other_forms(opening: FormContext) -> Iterator[FormPart]:
    """Yield the buttons to what answers several questions: screening, suggested answers, controls.

    The screening is among them if it comes first, or if later elements suggest its topics.
    """
    known, make = opening.required_register, ModelButtons(opening.target.stream)
    again = " ".join(reopening_text(topic) for topic in known.screening if topic.reopened_by)
    words = " ".join(filter(None, (_FIRST if known.pending_screening else "", again)))
    if words:
        pressed = make.opens("Screening…", "screening", primary=bool(known.pending_screening))
        yield Paragraph(text=f"⚠ {escape(words, _TEXT)}" if again else words, pressed=pressed)
    if any(question.suggested is not None for question in known.questions):
        number = len(assumptions_to_confirm(known))  # as many as the form lists
        follow = "answer follows" if number == 1 else "answers follow"
        confirm = make.opens(
            "Confirm…", "confirm_assumptions", suffix="assumed", spoken="Confirm assumptions"
        )
        yield Paragraph(text=f"{number} {follow} from technologies and protocols.", pressed=confirm)
    number = len(known.control_questions)
    if number >= WORTH_A_PAGE:
        page = controls_page(opening.target)
        pressed = make.opens("Controls…", page, primary=not known.pending_screening)
        yield Paragraph(text=f"{number} controls can be answered once for the whole system.", pressed=pressed)


def _heading(opening: FormContext, groups: Sequence[FactQuestions]) -> str:
    """Return the counter, and what kind of questions these are."""
    known, first = opening.required_register, groups[0].open
    if SelectionTarget.of(opening.target).selection == ASKED_OF_READER:
        about = "Assigned to you."
    elif all(question.answered_unknown for question in first):
        about = "These were answered with *don't know*."
    elif any(question.at_stake for question in first):
        about = _TICK if any(len(group.open) > 1 for group in groups) else _CHOOSE
    else:
        about = "Optional: enough is answered to begin analysis."
    return f"{model_label(known)} · *{answered_questions(known)}.* {about}"


def _fields(group: FactQuestions, opening: FormContext) -> list[FormPart]:
    make, (first, *others) = ModelButtons(opening.target.stream), group.open
    assign, fact = SelectionTarget(name="ask", element=first.element, selection=group.fact), group.fact
    asking = make.opens("Assign…", assign, suffix=f"ask-{fact}", spoken=f"Assign: {group.text}")
    if not others or all(question.answered_unknown for question in group.open):
        fields = [field_of_group(question, group, opening.person) for question in group.open]
        if not others:
            return [*fields, ButtonRow(buttons=(asking,))]
        return [Paragraph(text=group_heading(group), pressed=asking), *fields]
    one_by_one = make.opens(
        "Answer one by one",
        SelectionTarget(name="answers", selection=fact),
        suffix=f"answers-{fact}",
        spoken=f"Answer one by one: {group.text}",
    )
    return [
        CheckboxesField(
            key=f"tick/{fact}",
            label=group.text,
            hint=f"Why? {group.why}" if group.why else "",
            options=tuple(_option(question, opening.person) for question in group.open),
        ),
        field_for_others(fact, _OTHERS),
        ButtonRow(buttons=(one_by_one, asking)),
    ]


def field_for_others(fact: str, options: Sequence[Option], initial: str = LATER) -> ChoiceField:
    """Return the choice of what the elements get that are not ticked."""
    return ChoiceField(
        key=f"others/{fact}",
        label="All other elements",
        options=tuple(options),
        initial=initial,
        required=True,
    )


def _option(question: Question, reader: PersonId) -> Option:
    """Return an element on one line, and on a second one what is known of the question there."""
    asked = _assignment(question, reader)
    assumed = f"assumed: {question.suggested.answer.label}" if question.suggested else ""
    text = clip_before(question.element_name, f" · {question.element}", slack_limits.OPTION)
    return Option(value=question.element, text=text, means=" · ".join(filter(None, (asked, assumed))))


def _assignment(question: Question, reader: PersonId) -> str:
    if question.asked_of is None:
        return ""
    return "assigned to you" if question.asked_of == reader else "assigned to someone else"


def _blocks(part: FormPart) -> int:
    """Return the number of blocks that a part takes."""
    return -(-len(part.options) // slack_limits.CHECKBOXES) if isinstance(part, CheckboxesField) else 1


def _kept(opening: FormContext, parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return the elements that the page shows for each fact, and whether they can wait."""
    register = opening.required_register
    can_wait = not any(question.at_stake and not question.answered_unknown for question in register.questions)
    rest = {REST_SHOWN: ShownValue(value=REST)} if can_wait else {}
    return rest | elements_shown(parts)


def elements_shown(parts: Sequence[FormPart]) -> dict[str, ShownValue]:
    """Return the elements that a page shows for each fact."""
    return {
        part.key.replace("tick/", "shown/"): ShownValue(value=tuple(option.value for option in part.options))
        for part in parts
        if isinstance(part, CheckboxesField | MultiSelectField)
    }


REST_SHOWN = "rest"
_ELSEWHERE = (
    Option(value=LATER, text="Answer later"),
    Option(value=Answer.NO.value, text="No"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
)
"""What the other elements get where a feature exists at some: it exists there or does not."""
_OTHERS = (*_ELSEWHERE, Option(value=Answer.NOT_APPLICABLE.value, text="Not applicable"))
_FIRST = "Answer the screening first: it removes questions that do not apply."
_TICK = "Select each element for which the answer is yes."
_CHOOSE = "Answer those that you know."
_OPENED = "_Answers can lead to follow-up questions, also about the elements above._"
_PAGE_BLOCKS = 30
_REVIEW_PAGE_BLOCKS = 60
"""The few questions of a review are mostly about single elements, of one person in one sitting."""
_FRAME = 6
"""Blocks around the questions: a note, the heading, the screening, suggestions, controls, the end."""
_TEXT = 1_000

NO_QUESTIONS = "There are no open questions. New ones are added as the model grows."

QUESTIONS = Form(
    name="questions",
    target=SelectionTarget,
    nothing_open=lambda register: "" if register.questions else NO_QUESTIONS,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title=lambda opening: (
        "My questions"
        if SelectionTarget.of(opening.target).selection == ASKED_OF_READER
        else "Open questions"
    ),
    close="Later",
    parts=_parts,
    kept=_kept,
)


def _topics(opening: FormContext) -> Sequence[FormPart]:
    screening = opening.required_register.screening
    left_out = [status for status in screening if status.absent and not status.answer]
    asked = (part for line in screening_lines(screening) for part in _group(line, opening))
    return [Paragraph(text=_INTRODUCTION), *asked, *_left_out(left_out)]


def _left_out(topics: Sequence[TopicStatus]) -> Iterator[FormPart]:
    """Yield which topics are not asked and why, so that people can object by correcting the model."""
    if topics:
        listed = "; ".join(f"{topic.topic.label} ({topic.absent})" for topic in topics)
        yield Paragraph(text=f"{LEFT_OUT} {escape(listed, _TEXT)}.")


def _group(line: ScreeningLine, opening: FormContext) -> Iterator[FormPart]:
    """Yield the topics of a group as one line; a topic that came up again is asked about alone."""
    alone = [one for one in line.topics if one.reopened_by or f"topic/{one.topic.id}" in opening.keys]
    together = [one for one in line.topics if one not in alone]
    if together:
        said = {one.topic.id: one.answer.answer if one.answer else None for one in together}
        options = tuple(
            Option(value=one.topic.id, text=one.topic.label, means=one.topic.question) for one in together
        )
        yield CheckboxesField(
            key=f"exists/{line.group.id}",
            label=line.group.question,
            options=options,
            initial=tuple(id for id, answer in said.items() if answer is Answer.YES),
        )
        yield MultiSelectField(
            key=f"unsure/{line.group.id}",
            label="Don't know",
            options=options,
            initial=tuple(id for id, answer in said.items() if answer is Answer.UNKNOWN),
        )
        rest = {answer for answer in said.values() if answer in (None, Answer.NO)}
        mixed = len(rest) > 1
        initial = _AS_ANSWERED.value if mixed else Answer.NO.value if Answer.NO in rest else LATER
        yield ChoiceField(
            key=f"others/{line.group.id}",
            label="All others in this list",
            options=(*_OF_OTHERS, *([_AS_ANSWERED] if mixed else [])),
            initial=initial,
            required=True,
        )
        for one in together:  # several fields decide one topic
            yield ImpliedChange(
                key=f"said/{one.topic.id}",
                label=one.topic.label,
                initial=one.answer.answer.label if one.answer else "",
                new_value=partial(_said_about, one.topic.id),
            )
    yield from map(_topic, alone)


def _said_about(topic: str, values: SubmittedValues) -> str | None:
    answer = dict(_screening_answers(values)).get(topic)
    return Answer(answer).label if answer else None


def _topic(status: TopicStatus) -> ChoiceField:
    known = status.answer
    return ChoiceField(
        key=f"topic/{status.topic.id}",
        label=status.topic.question,
        hint=reopening_text(status),
        options=_ANSWERS,
        initial=known.answer.value if known else None,
        suggested=bool(status.reopened_by),
        radio=True,
        blank="Later",
    )


def _answer_screening(entry: Entry) -> FormCommand:
    answers = dict(_screening_answers(entry.values))
    groups = (group for group in SCREENING_GROUPS if f"exists/{group.id}" in entry.values.by_key)
    shown = (id for group in groups for id in group.topics if f"topic/{id}" not in entry.values.by_key)
    return entry.command(
        AnswerScreening,
        replies=[{"topic": topic, "answer": answer} for topic, answer in answers.items()],
        left_open=[topic for topic in shown if topic not in answers],
    )


def _screening_answers(values: SubmittedValues) -> Iterator[tuple[str, str]]:
    """Yield the answer about each topic; what is left for later gets none."""
    for group in SCREENING_GROUPS:
        exists = values.many(f"exists/{group.id}")
        unsure = values.many(f"unsure/{group.id}")
        for topic in group.topics:
            if alone := values.text(f"topic/{topic}"):
                yield topic, alone
            elif topic in exists:
                yield topic, Answer.YES.value
            elif topic in unsure:
                yield topic, Answer.UNKNOWN.value
            elif values.text(f"others/{group.id}") == Answer.NO:
                yield topic, Answer.NO.value


def _after_screening(saved: Saved) -> Target | None:
    """Return the page that asks where the features exist, else the controls, else the open questions."""
    known, target = saved.register(), saved.target
    said = dict(_screening_answers(saved.values))
    features = features_of({BUILT_IN.topics[id]: Answer(answer) for id, answer in said.items()})
    asked = [(topic, fact) for topic, fact in features if _elements(known, fact) or _no_place(known, topic)]
    following = SelectionTarget(name=WHERE.name, stream=target.stream, back=target.back)
    if asked:
        return replace(following, selection=selected_features(asked))
    if len(known.control_questions) >= WORTH_A_PAGE:
        return controls_page(target)
    return replace(following, name="questions") if known.questions else None


SCREENING = Form(
    name="screening",
    command_type=AnswerScreening,
    ending=FormEnding.TEXT,
    row=element_of_key,
    title="Screening",
    close="Later",
    parts=_topics,
    build_command=_answer_screening,
    next_form=_after_screening,
)


def _places(opening: FormContext) -> Sequence[FormPart]:
    """Return the elements at which each feature may exist, as many features as fit on a page."""
    parts: list[FormPart] = [Paragraph(text="Select the elements that have each feature.")]
    left, size = _SCREENING_PAGE_BLOCKS - len(parts) - 2, 0
    features = features_asked(SelectionTarget.of(opening.target))
    topics = dict.fromkeys(topic for topic, _ in features)
    unsure = {one.topic.id for one in opening.required_register.screening if one.unsure}
    left_out = [topic.label for topic in topics if _no_place(opening.required_register, topic)]
    for topic, fact in features:
        items = _elements(opening.required_register, fact)[:_MOST_ELEMENTS]
        if not items:
            continue
        options = tuple(Option(value=item.id, text=item.name) for item in items)
        label = f"{topic.label}: {opening.required_register.catalog.facts[fact].question}"
        fields = [
            MultiSelectField(key=f"tick/{fact}", label=label, options=options),
            field_for_others(fact, _ELSEWHERE, (Answer.UNKNOWN if topic.id in unsure else Answer.NO).value),
        ]
        needed = parts_size(fields)
        if len(fields) > left or size + needed > PAGE_CHARACTERS:
            continue
        left, size = left - len(fields), size + needed
        parts += fields
    if left_out:
        said = Paragraph(text=f"*Not asked*: {escape(join_list(left_out), _TEXT)}. {_NO_ELEMENT}")
        return [*parts, said] if len(parts) > 1 else [said]
    return parts


def features_of(answers: Mapping[ScreeningTopic, Answer]) -> list[Feature]:
    """Return what answers about screening topics ask where it exists: each fact once, with its first topic.

    Of a topic that is not known to exist, only the fact without which the others do not hold is asked about.
    """
    pairs = [
        (topic, fact)
        for topic, answer in answers.items()
        for fact in (topic.facts if answer is Answer.YES else topic.facts[:1])
        if fact in BUILT_IN.facts and answer in (Answer.YES, Answer.UNKNOWN)
    ]
    return [pair for place, pair in enumerate(pairs) if pair[1] not in {fact for _, fact in pairs[:place]}]


def selected_features(features: Iterable[Feature]) -> str:
    """Return the selection of a page that asks where features exist."""
    return ",".join(f"{topic.id}.{fact}" for topic, fact in features)


def features_asked(target: SelectionTarget) -> list[Feature]:
    """Return the features of a selection."""
    pairs = (entry.partition(".")[::2] for entry in target.selection.split(","))
    return [
        (BUILT_IN.topics[topic], fact)
        for topic, fact in pairs
        if topic in BUILT_IN.topics and fact in BUILT_IN.facts
    ]


def next_places(register: ThreatRegister, target: SelectionTarget, shown: set[str]) -> SelectionTarget | None:
    """Return the page with the features that did not fit on this one; None if there are none."""
    features = features_asked(target)
    left = [(topic, fact) for topic, fact in features if fact not in shown and _elements(register, fact)]
    if not left or len(left) == len(features):
        return None
    return replace(target, selection=selected_features(left))


def features_without_place(
    register: ThreatRegister, target: SelectionTarget, values: SubmittedValues
) -> dict[str, str]:
    """Return an error for each feature that exists and would be denied for every element, by field."""
    wrong: dict[str, str] = {}
    facts = (pair for kind in Kind for item in register.items(kind) for pair in item.facts.items())
    answered = {fact for fact, answer in facts if answer is Answer.YES}
    unsure = {one.topic.id for one in register.screening if one.unsure}
    for topic in dict.fromkeys(topic for topic, _ in features_asked(target)):
        asked = [fact for fact in topic.facts if f"tick/{fact}" in values.by_key]
        if topic.id in unsure:
            continue
        denied = all(
            not values.many(f"tick/{fact}") and values.text(f"others/{fact}") == Answer.NO for fact in asked
        )
        if asked and denied and answered.isdisjoint(topic.facts):
            wrong[f"tick/{asked[0]}"] = _NO_PLACE
    return wrong


def _elements(register: ThreatRegister, fact: str) -> list[RegisterItem]:
    """Return the elements without an answer at which some rule looks for the feature."""
    asked = register.question_counter.possible
    items = (item for kind in sorted(register.catalog.facts[fact].kinds) for item in register.items(kind))
    return [item for item in items if fact not in item.facts and (item.id, fact) in asked]


def _no_place(register: ThreatRegister, topic: ScreeningTopic) -> bool:
    """Return whether no rule looks for a feature of the topic at any element of the model."""
    facts = [fact for fact in topic.facts if fact in register.catalog.facts]
    return not any(
        fact in item.facts or (item.id, fact) in register.question_counter.possible
        for fact in facts
        for kind in register.catalog.facts[fact].kinds
        for item in register.items(kind)
    )


WHERE = Form(
    name="where",
    target=SelectionTarget,
    writes=WriteEffect.ADDS,
    command_type=AnswerOpenQuestions,
    submission=FormSubmission.QUESTIONS,
    ending=FormEnding.TEXT,
    title="Feature locations",
    close="Later",
    parts=_places,
    kept=lambda _, parts: elements_shown(parts),
)

_ANSWERS = (
    Option(value=Answer.YES.value, text="Yes"),
    Option(value=Answer.NO.value, text="No"),
    Option(value=Answer.UNKNOWN.value, text="Don't know"),
)
_OF_OTHERS = (
    Option(value=Answer.NO.value, text="Do not exist"),
    Option(value=LATER, text="Answer later"),
)
_AS_ANSWERED = Option(value="as_answered", text="As answered before")
_INTRODUCTION = (
    "Select what exists anywhere in the system: the next page asks where. What does not exist is not asked "
    "about until a new element suggests it. What you leave for later stays open."
)
LEFT_OUT = "*Not asked*, since the model rules it out; correct the model if it is wrong:"
_NO_ELEMENT = (
    "No element of the model can have it as far as the model says. Its questions are asked when an element "
    "can: add or correct the element if one is missing."
)
_NO_PLACE = (
    "The screening says that this exists. Select at least one element, or choose Answer later or Don't know "
    "for the other elements."
)
_MOST_ELEMENTS = 100
_SCREENING_PAGE_BLOCKS = 30
