"""Submitted page of questions: its answers, and which of the other elements get which answer."""

from collections.abc import Container, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.targets import SelectionTarget
from bot.slack.ui.forms.form_fields import ShownValue, ShownValues, SubmittedValues
from bot.slack.ui.modals.analysis.controls_form import LATER
from bot.slack.ui.modals.analysis.open_questions_form import REST_SHOWN
from bot.slack.ui.modals.analysis.question_forms import REST
from domain.commands import BulkReply, MissingControl, Reply
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId


def selection_shown(target: SelectionTarget, kept: ShownValues) -> SelectionTarget:
    """Return the target of a page with the questions that it showed: those at stake, or also the others."""
    can_wait = target.selection == "" and REST_SHOWN in kept
    return replace(target, selection=REST) if can_wait else target


class AnsweredPage(msgspec.Struct, frozen=True, kw_only=True):
    """A submitted page: the answers of its author, and which of the other elements get which answer.

    `shown` are the elements that it showed for each fact, whether they were answered or not; `confirmed_no`
    those that get *no* without a second look.
    """

    replies: tuple[Reply, ...]
    missing: tuple[MissingControl, ...] = ()
    yes: dict[str, tuple[ElementId, ...]] = {}
    unknown: dict[str, tuple[ElementId, ...]]
    no: dict[str, tuple[ElementId, ...]]
    shown: dict[str, frozenset[str]]
    confirmed_no: dict[str, tuple[ElementId, ...]] = {}

    def with_no_confirmed(self) -> "AnsweredPage":
        """Return the page with its answers *no* taken as they are."""
        return replace(self, no={}, confirmed_no=self.no)

    def with_no_where_open(self, answered: Container[tuple[ElementId, str]]) -> "AnsweredPage":
        """Return the page with the answer *no* only for elements that no one has answered in the meantime."""
        left = {
            fact: tuple(element for element in elements if (element, fact) not in answered)
            for fact, elements in self.no.items()
        }
        return replace(self, no={fact: elements for fact, elements in left.items() if elements})

    @property
    def empty(self) -> bool:
        """Return whether it answers nothing."""
        return not (self.replies or self.missing or self.bulk or self.no)

    @property
    def bulk(self) -> tuple[BulkReply, ...]:
        """Return the bulk answers that need no second look."""
        return tuple(
            BulkReply(fact=fact, elements=elements, answer=answer)
            for answer, some in (
                (Answer.YES, self.yes),
                (Answer.UNKNOWN, self.unknown),
                (Answer.NO, self.confirmed_no),
            )
            for fact, elements in some.items()
        )


def asks_about_others(values: SubmittedValues) -> bool:
    """Return whether a page answers for elements that are not chosen: only what it showed says which."""
    return any(
        key.startswith(("others/", "all/")) and values.text(key) not in ("", LATER) for key in values.by_key
    )


def read_page(values: SubmittedValues, kept: ShownValues) -> AnsweredPage:
    """Return what a page answers; `kept` holds the elements that it showed."""
    replies: list[Reply] = []
    shown: dict[str, frozenset[str]] = {}
    others: dict[Answer, dict[str, tuple[ElementId, ...]]] = {Answer.UNKNOWN: {}, Answer.NO: {}}
    for key in values.by_key:
        what, _, about = key.partition("/")
        if what == "answer":
            element, _, fact = about.partition("/")
            shown[fact] = shown.get(fact, frozenset()) | {element}
            if answer := values.text(key):
                replies.append(Reply(element=ElementId(element), fact=fact, answer=Answer(answer)))
        elif what == "tick":
            ticked = values.many(key)
            replies += (Reply(element=ElementId(one), fact=about, answer=Answer.YES) for one in ticked)
            listed = kept.get(f"shown/{about}", ShownValue()).value
            elements = tuple(listed) if isinstance(listed, tuple) else ticked
            shown[about] = shown.get(about, frozenset()) | frozenset(elements)
            chosen = values.text(f"others/{about}")
            if chosen in (Answer.NO, Answer.UNKNOWN):
                left = tuple(ElementId(one) for one in elements if one not in ticked)
                if left:
                    others[Answer(chosen)][about] = left
    return AnsweredPage(
        replies=tuple(replies), unknown=others[Answer.UNKNOWN], no=others[Answer.NO], shown=shown
    )


def read_controls(values: SubmittedValues, kept: ShownValues) -> AnsweredPage:
    """Return what a page of controls answers; `kept` holds the elements that it showed.

    An exception from *yes* is a control that is missing; an exception from *no* is one that exists. *No* for
    a single element is an answer about it, for several it is confirmed first.
    """
    replies: list[Reply] = []
    missing: list[MissingControl] = []
    by_answer: dict[Answer, dict[str, tuple[ElementId, ...]]] = {answer: {} for answer in Answer}
    shown: dict[str, frozenset[str]] = {}
    for key in values.by_key:
        what, _, fact = key.partition("/")
        if what != "all":
            continue
        chosen, exceptions = values.text(key), values.many(f"except/{fact}")
        listed = kept.get(f"shown/{fact}", ShownValue()).value
        elements = listed if isinstance(listed, tuple) else exceptions
        shown[fact] = frozenset(elements)
        rest = tuple(ElementId(element) for element in elements if element not in exceptions)
        if chosen == Answer.NO.value:
            replies += (Reply(element=ElementId(one), fact=fact, answer=Answer.YES) for one in exceptions)
        else:
            missing += (MissingControl(element=ElementId(exception), fact=fact) for exception in exceptions)
        if chosen == Answer.NO.value and len(elements) == 1:
            missing += (MissingControl(element=one, fact=fact) for one in rest)
        elif chosen not in ("", LATER) and rest:
            by_answer[Answer(chosen)][fact] = rest
    replies += (
        Reply(element=element, fact=fact, answer=Answer.NOT_APPLICABLE)
        for fact, elements in by_answer[Answer.NOT_APPLICABLE].items()
        for element in elements
    )
    return AnsweredPage(
        replies=tuple(replies),
        missing=tuple(missing),
        yes=by_answer[Answer.YES],
        unknown=by_answer[Answer.UNKNOWN],
        no=by_answer[Answer.NO],
        shown=shown,
    )


def confirmed_no(values: SubmittedValues) -> tuple[BulkReply, ...]:
    """Return the bulk answers that were confirmed."""
    return tuple(
        BulkReply(
            fact=key.removeprefix("no/"),
            elements=tuple(ElementId(one) for one in values.many(key)),
            answer=Answer.NO,
        )
        for key in values.by_key
        if key.startswith("no/")
    )


def no_keys(no: Mapping[str, Sequence[ElementId]]) -> tuple[str, ...]:
    """Return the keys with which the elements are listed again."""
    return tuple(f"no/{fact}/{element}" for fact, elements in no.items() for element in elements)
