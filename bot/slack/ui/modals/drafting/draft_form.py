"""Form of a draft: conflicts first, then the proposals by kind, with ticks that are kept while paging."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import DraftTarget
from bot.slack.screens.open_draft import GROUPS, ConfirmedAnswer, DraftPage, OpenDraft
from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
)
from bot.slack.ui.forms.form_traits import FormData, FormSubmission
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.drafting.draft_texts import (
    GROUP_LABELS,
    answer_details,
    answer_text,
    draft_summary,
    kind_text,
    notes_text,
    proposal_details,
    proposal_text,
)
from domain.commands import AcceptDraft
from domain.draft_comparison.choices import ANOTHER, LEAVE, is_confirmed, is_taken, resolution
from domain.draft_comparison.compared_draft import SimilarThing
from domain.drafts.draft import SourceKey
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister

TAKE: Final = "take"
"""The key of the ticks of a group is `take/` and its name."""
CONFIRM: Final = "confirm"
REMOVE: Final = "remove"
SAME: Final = "same"
"""The key of the resolution of a conflict is `same/` and the number of the item."""

ALL: Final = "all"
NONE: Final = "none"
NEXT: Final = "next"
BACK: Final = "back"

READING: Final = (
    "Reading the files. The draft appears here shortly; nothing is added to the model before you accept it. "
    "If it does not appear within a minute, close this form and choose *Draft from file* again in the menu "
    "of a message with the files."
)


def _parts(opening: FormContext) -> Sequence[FormPart]:
    opened = opening.draft
    if opened is None:
        return [Paragraph(text=READING)]
    register, pages = opening.required_register, opened.pages
    target = DraftTarget.of(opening.target)
    number = min(target.page, len(pages) - 1)
    target = replace(target, name=DRAFT.name, page=number, opened="", round=0)
    page = pages[number]
    return [
        Paragraph(text=_heading(opened)),
        *_notes(opened),
        *_conflicts(page, opened, register),
        *_groups(page, opened, register, target),
        *_confirmations(page, opened, register),
        *_gone(page, opened, register),
        *_turning(target, len(pages)),
    ]


def _heading(opened: OpenDraft) -> str:
    summary = escape(draft_summary(opened))
    if opened.comparison.is_empty:
        return f"{summary}\nNothing is left to decide in this draft."
    return (
        f"{summary}\nNothing is added to the model before you press *Accept*. What you leave unticked is not "
        "proposed again until it changes."
    )


def _notes(opened: OpenDraft) -> list[FormPart]:
    notes = notes_text(opened)
    return [Paragraph(text=f"*Not read:* {escape(notes)}")] if notes else []


def _conflicts(page: DraftPage, opened: OpenDraft, register: ThreatRegister) -> Iterator[FormPart]:
    numbers = opened.numbers
    for one in page.conflicts:
        name = proposal_text(one, opened, register)
        options = [
            Option(value=conflict_value(similar, numbers), text=f"Same as {_similar(similar)}")
            for similar in one.similar
        ]
        chosen = resolution(one, opened.choices)
        yield ChoiceField(
            key=f"{SAME}/{numbers[one.key]}",
            label=f"{kind_text(one).capitalize()} “{name}”: same or another?",
            hint=proposal_details(one),
            required=True,
            radio=True,
            options=(
                *options,
                Option(value=ANOTHER, text=f"Another {kind_text(one)}"),
                Option(value=LEAVE, text="Leave out"),
            ),
            initial=_initial(chosen, numbers),
        )


def _similar(similar: SimilarThing) -> str:
    return f"“{similar.name}” ({similar.element})" if similar.element else f"“{similar.name}” in this draft"


def conflict_value(similar: SimilarThing, numbers: dict[SourceKey, int]) -> str:
    """Return the value of the option that an item is the same as an element, or as another item."""
    return f"same {similar.element}" if similar.element else f"item {numbers[similar.key]}"


def _initial(chosen: str, numbers: dict[SourceKey, int]) -> str | None:
    if chosen in (ANOTHER, LEAVE):
        return chosen
    if chosen.startswith("item "):
        return f"item {numbers[SourceKey(chosen.removeprefix('item '))]}"
    return chosen or None


def _groups(
    page: DraftPage, opened: OpenDraft, register: ThreatRegister, target: DraftTarget
) -> Iterator[FormPart]:
    numbers = opened.numbers
    for name in GROUPS:
        some = page.group(name)
        if not some:
            continue
        yield CheckboxesField(
            key=f"{TAKE}/{name}",
            label=GROUP_LABELS[name],
            options=tuple(
                Option(
                    value=str(numbers[one.key]),
                    text=proposal_text(one, opened, register),
                    means=proposal_details(one),
                )
                for one in some
            ),
            initial=tuple(str(numbers[one.key]) for one in some if is_taken(one, opened.choices)),
        )
        if len(some) > 1:
            yield ButtonRow(buttons=_all_or_none(name, len(some), target))


def _all_or_none(name: str, count: int, target: DraftTarget) -> tuple[Block, ...]:
    label = GROUP_LABELS[name].lower()
    return (
        button(
            f"All {count}",
            ButtonKind.DRAFT,
            replace(target, selection=f"{ALL} {name}"),
            suffix=f"{ALL}-{name}",
            spoken=f"Tick all {label}",
        ),
        button(
            "None",
            ButtonKind.DRAFT,
            replace(target, selection=f"{NONE} {name}"),
            suffix=f"{NONE}-{name}",
            spoken=f"Tick no {label}",
        ),
    )


def _confirmations(page: DraftPage, opened: OpenDraft, register: ThreatRegister) -> Iterator[FormPart]:
    confirmations = page.confirmations
    if confirmations:
        numbers = opened.numbers
        yield CheckboxesField(
            key=CONFIRM,
            label="Confirm one by one",
            hint="A file cannot show that a control works, and an answer of a person is replaced only if you "
            "choose so.",
            options=tuple(
                Option(
                    value=confirmation_value(one, numbers),
                    text=answer_text(one.compared, one.answer, proposal_text(one.compared, opened, register)),
                    means=answer_details(one.answer),
                )
                for one in confirmations
            ),
            initial=tuple(
                confirmation_value(one, numbers)
                for one in confirmations
                if is_confirmed(one.compared, one.answer, opened.choices)
            ),
        )


def confirmation_value(one: ConfirmedAnswer, numbers: dict[SourceKey, int]) -> str:
    """Return the value of an answer that is chosen by itself."""
    return f"{numbers[one.compared.key]} {one.answer.fact}"


def _gone(page: DraftPage, opened: OpenDraft, register: ThreatRegister) -> Iterator[FormPart]:
    if page.gone:
        yield CheckboxesField(
            key=REMOVE,
            label="No longer in the source: remove from the model",
            hint="An element that you leave unticked stays, and you are not asked about it again.",
            options=tuple(
                Option(
                    value=one.element,
                    text=item.name if (item := register.item(one.element)) else one.element,
                    means=f"{one.element} · was at {one.place.text}",
                )
                for one in page.gone
            ),
            initial=tuple(one.element for one in page.gone if one.key in opened.choices.removed),
        )


def _turning(target: DraftTarget, pages: int) -> Iterator[FormPart]:
    if pages == 1:
        return
    buttons: list[Block] = []
    if target.page:
        earlier = replace(target, page=target.page - 1, selection=BACK)
        buttons.append(button("Previous page", ButtonKind.DRAFT, earlier, suffix=BACK))
    if target.page + 1 < pages:
        later = replace(target, page=target.page + 1, selection=NEXT)
        buttons.append(button("Next page", ButtonKind.DRAFT, later, suffix=NEXT))
    seen = "*Accept* counts for the pages that you have seen."
    yield Paragraph(text=f"Page {target.page + 1} of {pages}. {seen}")
    yield ButtonRow(buttons=tuple(buttons))


def _title(opening: FormContext) -> str:
    if opening.draft is None:
        return "Reading the files"
    return f"Draft of {count_phrase(len(opening.draft.comparison.open), 'item')}"[:24]


DRAFT = Form(
    name="draft",
    target=DraftTarget,
    submission=FormSubmission.DRAFT,
    writes=WriteEffect.ADDS,
    needs=FormData.DRAFT,
    command_type=AcceptDraft,
    title=_title,
    submit="Accept",
    close="Later",
    parts=_parts,
)
