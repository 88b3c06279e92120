"""Submitted page of questions: its answers, and which of the other elements get which answer."""

from collections.abc import Container, Mapping

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.targets import SelectionTarget, StaleButton
from bot.slack.ui.forms.form_fields import ShownValue, ShownValues, SubmittedValues
from bot.slack.ui.modals.analysis.confirm_answers_form import LISTED, look_keys
from bot.slack.ui.modals.analysis.controls_form import DIFFERS, LATER
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
    """A submitted page: the answers of its author, and those about several elements in one line.

    `shown` are the elements that it showed for each fact, whether they were answered or not. `no`, `exposed`
    and `differs` get a second look: elements that get *no*, exposed entry points that get *yes*, and those
    of a control that differs.
    """

    replies: tuple[Reply, ...] = ()
    missing: tuple[MissingControl, ...] = ()
    bulk: tuple[BulkReply, ...] = ()
    no: dict[str, tuple[ElementId, ...]] = {}
    exposed: dict[str, tuple[ElementId, ...]] = {}
    differs: dict[str, tuple[ElementId, ...]] = {}
    shown: dict[str, frozenset[str]] = {}

    def with_no_confirmed(self) -> "AnsweredPage":
        """Return the page with its answers *no* taken as they are."""
        return replace(self, no={}, bulk=(*self.bulk, *_bulk(self.no, Answer.NO)))

    def still_open(self, answered: Container[tuple[ElementId, str]]) -> "AnsweredPage":
        """Return the page with a second look only at what no one has answered in the meantime."""

        def left(by_fact: dict[str, tuple[ElementId, ...]]) -> dict[str, tuple[ElementId, ...]]:
            remaining = {
                fact: tuple(element for element in elements if (element, fact) not in answered)
                for fact, elements in by_fact.items()
            }
            return {fact: elements for fact, elements in remaining.items() if elements}

        return replace(self, no=left(self.no), exposed=left(self.exposed), differs=left(self.differs))

    @property
    def empty(self) -> bool:
        """Return whether it answers nothing."""
        return not (self.replies or self.missing or self.bulk or self.look_again)

    @property
    def look_again(self) -> tuple[str, ...]:
        """Return the rows of the page with the second look."""
        looks = ((Answer.YES, self.exposed), (Answer.NO, self.no), (DIFFERS, self.differs))
        return tuple(
            key
            for what, by_fact in looks
            for fact, elements in by_fact.items()
            for key in look_keys(what, fact, elements)
        )

    @property
    def to_confirm(self) -> tuple[BulkReply, ...]:
        """Return the answers that are saved once they are confirmed."""
        return (*_bulk(self.exposed, Answer.YES), *_bulk(self.no, Answer.NO))


def _bulk(by_fact: Mapping[str, tuple[ElementId, ...]], answer: Answer) -> tuple[BulkReply, ...]:
    return tuple(BulkReply(fact=fact, elements=elements, answer=answer) for fact, elements in by_fact.items())


def asks_about_others(values: SubmittedValues) -> bool:
    """Return whether a page answers for elements that are not chosen: only what it showed says which."""
    return any(
        key.startswith(("others/", "all/")) and values.text(key) not in ("", LATER) for key in values.by_key
    )


def read_page(values: SubmittedValues, kept: ShownValues) -> AnsweredPage:
    """Return what a page answers; `kept` holds the elements that it showed."""
    replies: list[Reply] = []
    shown: dict[str, frozenset[str]] = {}
    no: dict[str, tuple[ElementId, ...]] = {}
    bulk: list[BulkReply] = []
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
            left = tuple(ElementId(one) for one in elements if one not in ticked)
            if left and chosen == Answer.NO:
                no[about] = left
            elif left and chosen in _OF_THE_REST:
                bulk.append(BulkReply(fact=about, elements=left, answer=Answer(chosen)))
    return AnsweredPage(replies=tuple(replies), bulk=tuple(bulk), no=no, shown=shown)


def read_controls(values: SubmittedValues, kept: ShownValues) -> AnsweredPage:
    """Return what a page of controls answers; `kept` holds the elements that it showed.

    An answer for a single element is stated of it. *Missing everywhere*, and *in place everywhere* at exposed
    entry points, are confirmed first.
    """
    read = _ReadControls()
    for key in values.by_key:
        what, _, line = key.partition("/")
        if what != "all":
            continue
        chosen = values.text(key)
        if chosen and chosen not in (LATER, DIFFERS, *Answer):
            raise StaleButton
        for fact in _kept_texts(kept, f"line/{line}"):
            read.add(fact, chosen, kept)
    return AnsweredPage(
        replies=tuple(read.replies),
        missing=tuple(read.missing),
        bulk=tuple(read.bulk),
        no=read.no,
        exposed=read.exposed,
        differs=read.differs,
        shown=read.shown,
    )


class _ReadControls(msgspec.Struct):
    """What a page of controls answers so far."""

    replies: list[Reply] = []
    missing: list[MissingControl] = []
    bulk: list[BulkReply] = []
    no: dict[str, tuple[ElementId, ...]] = {}
    exposed: dict[str, tuple[ElementId, ...]] = {}
    differs: dict[str, tuple[ElementId, ...]] = {}
    shown: dict[str, frozenset[str]] = {}

    def add(self, fact: str, chosen: str, kept: ShownValues) -> None:
        """Add what was chosen for a control."""
        elements = _kept_elements(kept, f"shown/{fact}")
        self.shown[fact] = frozenset(elements)
        if chosen in ("", LATER) or not elements:
            return
        if chosen == DIFFERS:
            self.differs[fact] = elements
        elif len(elements) == 1 and chosen == Answer.NO:
            self.missing.append(MissingControl(element=elements[0], fact=fact))
        elif len(elements) == 1:
            self.replies.append(Reply(element=elements[0], fact=fact, answer=Answer(chosen)))
        elif chosen == Answer.NO:
            self.no[fact] = elements
        else:
            open_doors = _kept_elements(kept, f"exposed/{fact}") if chosen == Answer.YES else ()
            if open_doors:
                self.exposed[fact] = open_doors
            if rest := tuple(one for one in elements if one not in open_doors):
                self.bulk.append(BulkReply(fact=fact, elements=rest, answer=Answer(chosen)))


def _kept_elements(kept: ShownValues, key: str) -> tuple[ElementId, ...]:
    return tuple(map(ElementId, _kept_texts(kept, key)))


def _kept_texts(kept: ShownValues, key: str) -> tuple[str, ...]:
    listed = kept.get(key, ShownValue()).value
    return tuple(listed) if isinstance(listed, tuple) else ()


def read_confirmed(values: SubmittedValues, kept: ShownValues) -> AnsweredPage:
    """Return what a second look confirmed, and where controls that differ are in place or missing."""
    replies: list[Reply] = []
    missing: list[MissingControl] = []
    bulk: list[BulkReply] = []
    for key in values.by_key:
        what, _, about = key.partition("/")
        fact, chosen = about.partition("/")[0], tuple(map(ElementId, values.many(key)))
        match what:
            case "no" if chosen:
                bulk.append(BulkReply(fact=fact, elements=chosen, answer=Answer.NO))
            case "yes":
                confirmed = ((str(one), _kept_elements(kept, f"{Answer.YES}/{one}")) for one in chosen)
                bulk += (
                    BulkReply(fact=about, elements=elements, answer=Answer.YES)
                    for about, elements in confirmed
                    if elements
                )
            case "in":
                replies += (Reply(element=one, fact=fact, answer=Answer.YES) for one in chosen)
            case "rest" if values.text(key) in _OF_THE_REST:
                said = {one for other in values.by_key if _about(other) == fact for one in values.many(other)}
                listed = _kept_elements(kept, f"{LISTED}/{fact}")
                if left := tuple(one for one in listed if one not in said):
                    bulk.append(BulkReply(fact=fact, elements=left, answer=Answer(values.text(key))))
            case "missing":
                missing += (MissingControl(element=one, fact=fact) for one in chosen)
            case _:  # another field answers nothing
                pass
    return AnsweredPage(replies=tuple(replies), missing=tuple(missing), bulk=tuple(bulk))


def _about(key: str) -> str:
    """Return the fact of a list: `encrypted` of `in/encrypted/data_flow`."""
    what, _, about = key.partition("/")
    return about.partition("/")[0] if what in ("in", "missing") else ""


_OF_THE_REST = (Answer.UNKNOWN, Answer.NOT_APPLICABLE)
"""Answers that the elements that are not ticked, or in neither list of a control, can get together."""
