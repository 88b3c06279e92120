"""Words that many messages and pages share."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import groupby

from bot.slack.protocol.escaping import clip, ended, escape, escape_name, one_line
from domain.history import UndoPreview
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PLURAL, SINGULAR, ElementId, Kind, PersonId, kind_of_id
from domain.kernel.text_formatting import Naming, count_phrase, join_list, join_names, with_names
from domain.register import RegisterItem, ThreatRegister
from domain.rules.rule import Control
from domain.screening.screened_facts import TopicStatus
from domain.wording.steering import import_sentence


def usual_controls(controls: Iterable[tuple[Control, str]]) -> str:
    """Return typical controls with their classes, each followed by the names of its places, if any."""
    classes = groupby(controls, key=lambda each: each[0].control_class)
    return "; ".join(
        f"{'; '.join(control.text + at for control, at in some)} ({sort})" for sort, some in classes
    )


PHASE_LABELS = {
    "collection": "Collection",
    "analysis": "Analysis",
    "remediation": "Remediation",
    "closed": "Closed",
    "archived": "Archived",
}
"""Names of the phases."""

STEPS = ("collection", "analysis", "remediation")
"""Phases that a team works through."""


def phase_steps(phase: str) -> str:
    """Return the three phases in a row, with marks for done, current and next.

    No-break spaces keep each mark beside its phase on a phone.
    """
    if phase not in STEPS:
        before = " → ".join(PHASE_LABELS[step] for step in STEPS)
        return f"{before} → ■ *{PHASE_LABELS.get(phase, 'Not started')}*"
    now = STEPS.index(phase)
    words: list[str] = []
    for place, step in enumerate(STEPS):
        if place < now:
            words.append(f"✓\N{NO-BREAK SPACE}{PHASE_LABELS[step]}")
        elif place == now:
            words.append(f"●\N{NO-BREAK SPACE}*{PHASE_LABELS[step]}*\N{NO-BREAK SPACE}(now)")
        else:
            words.append(f"○\N{NO-BREAK SPACE}{PHASE_LABELS[step]}")
    return " → ".join(words)


def elements_by_kind(elements: Sequence[ElementId]) -> str:
    """Return how many elements of which kinds these are, such as `5 entry points and 2 data flows`."""
    kinds = Counter(kind_of_id(element) for element in elements)
    return join_list([count_phrase(number, SINGULAR[kind]) for kind, number in kinds.items()])


def list_heading(kind: Kind) -> str:
    """Return the heading of a list: `Trust levels`."""
    return PLURAL[kind].capitalize()


def first_lines(lines: Sequence[str], most: int, more: str = "and {} more") -> list[str]:
    """Return the first lines, and how many more there are."""
    left = len(lines) - most
    return [*lines[:most], *([more.format(left)] if left > 0 else [])]


def first_names(names: Sequence[str], most: int) -> str:
    """Return the first names in a line, and how many more there are: `A, B and 3 more`."""
    left = len(names) - most
    return join_names(names[:most]) + (f" and {left} more" if left > 0 else "")


def findings_summary(register: ThreatRegister) -> str:
    """Return the number of questions, threats, suggested threats and warnings; empty if there are none."""
    counts = [
        count_phrase(len(found), word)
        for found, word in (
            (register.threats, "threat"),
            (register.suggested_threats, "suggested threat"),
            (register.warnings, "warning"),
        )
        if found
    ]
    return " · ".join([*_questions(register), *counts])


def _questions(register: ThreatRegister) -> list[str]:
    """Return how many questions are answered, and the others: open as the next step counts them, and so on.

    Those up to the total that are not asked now come up only if an answer raises them.
    """
    if not register.questions:
        return []
    if register.pending_screening:
        return [answered_questions(register)]
    unknown = sum(question.answered_unknown for question in register.questions)
    pressing = sum(question.at_stake and not question.answered_unknown for question in register.questions)
    can_wait = len(register.questions) - unknown - pressing
    progress = register.question_progress
    conditional = progress.total - progress.settled - pressing - can_wait - unknown
    counts = (
        (pressing, "open"),
        (can_wait, "can wait"),
        (unknown, "with “don't know”"),
        (conditional, "only if an answer raises them"),
    )
    told = ", ".join(f"{number:,} {what}" for number, what in counts if number > 0)
    return [f"{answered_questions(register)} ({told})"]


def owned_questions(register: ThreatRegister, naming: Naming) -> str:
    """Return how many open questions belong to whom, and the first day; empty if no one owns any."""
    owned = [(one.asked_of, one.due) for one in register.questions if one.asked_of and one.due]
    if not owned:
        return ""
    counts = Counter(owner for owner, _ in owned).most_common()
    first = f"first due {short_day(min(due for _, due in owned))}"
    total = count_phrase(len(owned), "open question")
    if len(counts) == 1:
        return f"*{total} for {person_name(naming, counts[0][0])}*, {first}"
    names = [f"{number:,} for {person_name(naming, owner)}" for owner, number in counts[:_OWNERS]]
    rest = sum(number for _, number in counts[_OWNERS:])
    return f"*{total}*: {join_list([*names, *([f'{rest:,} for others'] if rest else [])])}, {first}"


_OWNERS = 3


def model_label(register: ThreatRegister) -> str:
    """Return the name and the key of a model, for a form that may be opened from several models' cards."""
    return f"*{escape_name(register.name, _NAME)}* ({register.key})"


def answered_questions(register: ThreatRegister) -> str:
    """Return `34 of 52 questions answered`, or how much of the screening is open if it comes first."""
    if register.pending_screening:
        return register.pending_screening.text
    progress = register.question_progress
    return f"{progress.settled:,} of {count_phrase(progress.total, 'question')} answered"


def person_name(naming: Naming, id: PersonId) -> str:
    """Return a person's name for mrkdwn, without a mention."""
    return escape_name(naming(id), _PERSON)


def with_person_names(text: str, people: Collection[PersonId], naming: Naming) -> str:
    """Return a text on one line with names in place of the IDs of people; it is not escaped."""
    return with_names(one_line(text), people, lambda id: one_line(naming(id)) or id)


def undo_sentences(undo: UndoPreview, naming: Naming) -> tuple[str, str]:
    """Return what undo would revert, and which later change stays, if any; neither is escaped."""
    reverts = clip(with_person_names(undo.reverts, undo.people, naming), _CHANGE)
    stays = clip(with_person_names(undo.stays, undo.people, naming), _CHANGE)
    return (
        ended(f"This change is undone: you {reverts}"),
        ended(f"A later change of yours cannot be undone and stays: you {stays}") if stays else "",
    )


_CHANGE = 90


def imported_line(register: ThreatRegister, naming: Naming) -> str:
    """Return who imported the model and what that means; empty if it was not imported."""
    mark = register.imported
    return f"⚠ {import_sentence(mark, person_name(naming, mark.importer))}." if mark else ""


def element_name(register: ThreatRegister, id: ElementId) -> str:
    """Return an element's name for mrkdwn; its ID if it no longer exists."""
    item = register.item(id)
    return item_name(item) if item else escape(id)


def item_name(item: RegisterItem) -> str:
    """Return an element's name for mrkdwn, marked if it was removed."""
    return escape_name(item.name) + (" (removed)" if item.removed else "")


def day_text(day: date) -> str:
    """Return a day in words: `Friday, 20 November 2026`."""
    return f"{day:%A, %-d %B %Y}"


_NAME = 80
_PERSON = 60


def screened_out_text(register: ThreatRegister, naming: Naming) -> str:
    """Return the features that were screened out, grouped by who did and who confirmed it; empty if none."""
    groups: dict[str, list[str]] = {}
    for one in register.screening:
        if one.answer is None or not one.screened_out:
            continue
        confirmed = one.answer.confirmed_by
        second = f", confirmed by {person_name(naming, confirmed)}" if confirmed else ", not confirmed yet"
        by = f"by {person_name(naming, one.answer.by)}{second}"
        groups.setdefault(by, []).append(escape(one.topic.label))
    return "\n".join(f"*Screened out* {by}: {', '.join(labels)}." for by, labels in groups.items())


def reopening_text(status: TopicStatus) -> str:
    """Return which elements suggest a topic that was screened out before them; empty if none do."""
    if not status.reopened_by:
        return ""
    names = [name for _, name in status.reopened_by[:_NAMED]]
    more = len(status.reopened_by) - len(names)
    listed = join_list([*names, f"{more} more"] if more else names)
    verb = "was" if len(status.reopened_by) == 1 else "were"
    return f"{listed} {verb} added: {status.topic.suggested}"


_NAMED = 3
