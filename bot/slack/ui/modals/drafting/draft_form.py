"""Forms of a draft and of a file to import, and the texts of drafts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from bot.formats.import_preview import ImportPreview
from bot.slack.protocol.block_builders import button
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.targets import ButtonKind, DraftTarget, ImportTarget
from bot.slack.screens.open_draft import GROUPS, ConfirmedAnswer, DraftPage, OpenDraft
from bot.slack.ui.forms.form import FilePreview, Form, FormContext, FormData, FormSubmission, WriteEffect
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    TextField,
)
from bot.slack.ui.modals.steering.model_forms import shared_warning
from domain.built_in_catalog import BUILT_IN
from domain.commands import AcceptDraft
from domain.draft_comparison.choices import ANOTHER, LEAVE, is_confirmed, is_taken, resolution
from domain.draft_comparison.compared_draft import ComparedProposal, ItemState, SimilarThing
from domain.draft_comparison.differences import AnswerChoice, ComparedAnswer, key_name
from domain.drafts.draft import (
    DraftItem,
    ProposedAnswer,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
)
from domain.drafts.settlement import place_of
from domain.kernel.answer import Answer
from domain.kernel.elements import PLURAL, SINGULAR, Kind
from domain.kernel.length_limits import NAME
from domain.kernel.text_formatting import Naming, count_phrase, join_list
from domain.register import ThreatRegister
from domain.wording.collection import sources_phrase

GROUP_LABELS: Final[Mapping[str, str]] = {
    **{kind.value: PLURAL[kind].capitalize() for kind in Kind},
    "answer": "Answers",
    "threat": "Threats",
    "assumption": "Assumptions",
    "progress": "Progress of mitigations",
}


def draft_summary(opened: OpenDraft, naming: Naming | None = None) -> str:
    """Return how much of which sources is open, and who brought it, as a sentence without markup."""
    comparison = opened.comparison
    counts = (
        (len(comparison.new), "new"),
        (len(comparison.changed), "changed"),
        (len(comparison.gone), "no longer there"),
    )
    parts = [f"{count:,} {word}" for count, word in counts if count]
    known = len(comparison.in_state(ItemState.KNOWN))
    rejected = len(comparison.in_state(ItemState.REJECTED))
    if known:
        parts.append(f"{known:,} in the model already")
    if rejected:
        parts.append(f"{rejected:,} rejected before")
    by = opened.origin.brought_by
    who = f", proposed through {opened.origin.client}" if opened.origin.client else ""
    if who and by and naming:
        who += f" for {naming(by)}"
    return f"{sources_phrase(opened.draft.sources)}{who}: {', '.join(parts) if parts else 'nothing'}."


def proposal_text(compared: ComparedProposal, opened: OpenDraft, register: ThreatRegister) -> str:
    """Return the name of a proposal."""
    match compared.proposal:
        case DraftItem(kind=Kind.DATA_FLOW, name="") as item:
            names = {one.key: one.name for one in opened.draft.items}
            return " → ".join(names.get(end) or key_name(end) for end in (item.source, item.target))
        case DraftItem(name=name):
            return name
        case ProposedAnswer(element=element, answer=answer):
            known = register.item(element)
            return f"{known.name if known else element}: {question_text(answer.fact)}"
        case ProposedThreat(title=title):
            return title
        case ProposedAssumption(text=text):
            return text
        case ProposedProgress(mitigation=mitigation, implemented=implemented):
            return f"{mitigation} {'implemented' if implemented else 'started'}"


def proposal_details(compared: ComparedProposal) -> str:
    """Return where a proposal stands, and what it says besides its name."""
    proposal = compared.proposal
    details = [place_of(proposal).text]
    if compared.before:
        details.append("rejected before, changed")
    if compared.is_guess:
        details.append("a guess")
    if compared.state is ItemState.CHANGED:
        details += [
            f"{one.label}: {one.before or 'none'} → {one.now or 'not stated'}" for one in compared.differences
        ]
    elif isinstance(proposal, DraftItem):
        details += _attributes(proposal)
    elif isinstance(proposal, ProposedAnswer):
        details.append(proposal.answer.answer.label)
    elif isinstance(proposal, ProposedProgress) and proposal.evidence:
        details.append(proposal.evidence)
    if isinstance(proposal, DraftItem):
        answers = [answer for answer in compared.answers if not answer.choice.by_itself]
        missing = [answer for answer in answers if answer.answer is Answer.NO]
        # A missing control is why a person looks closer, so it comes before anything that may be cut off.
        details[1:1] = [f"{one.fact.replace('_', ' ')}: {one.answer.label}" for one in missing]
        if others := len(answers) - len(missing):
            details.append(count_phrase(others, "more answer" if missing else "answer"))
    return " · ".join(details)


def answer_text(compared: ComparedProposal, answer: ComparedAnswer, name: str) -> str:
    """Return an answer that is chosen by itself, with what it is about."""
    about = name if isinstance(compared.proposal, DraftItem) else name.rpartition(": ")[0]
    return f"{about}: {question_text(answer.fact)} {answer.answer.label.capitalize()}"


def answer_details(answer: ComparedAnswer) -> str:
    """Return where an answer stands, and why it has to be chosen by itself."""
    match answer.choice:
        case AnswerChoice.REPLACES:
            why = f"replaces the answer “{answer.known.label}”" if answer.known else "replaces an answer"
        case AnswerChoice.GUESS:
            why = "a guess"
        case AnswerChoice.CONTROL | AnswerChoice.WITH_ITEM:
            why = "says that a control is in place"
    return f"{answer.place.text} · {why}"


def question_text(fact: str) -> str:
    """Return the question of a fact."""
    known = BUILT_IN.facts.get(fact)
    return known.question if known else fact


def kind_text(compared: ComparedProposal) -> str:
    """Return the kind of an item in words."""
    proposal = compared.proposal
    return SINGULAR[proposal.kind] if isinstance(proposal, DraftItem) else "item"


def _attributes(item: DraftItem) -> list[str]:
    stated = (
        item.role.value.replace("_", " ") if item.role else "",
        BUILT_IN.technology_name(item.technology) if item.technology else "",
        f"exposure: {item.exposure.value}" if item.exposure else "",
        item.protocol,
        item.sort,
        item.data.value if item.data and item.data.value != item.sort.casefold() else "",
    )
    return [one for one in stated if one]


def notes_text(opened: OpenDraft) -> str:
    """Return the first notes on what was not read; empty without any."""
    notes = opened.draft.notes
    more = len(notes) - _NOTES
    shown = [*notes[:_NOTES], *([count_phrase(more, "more note")] if more > 0 else [])]
    return join_list(shown) if shown else ""


_NOTES = 4


def _parts(opening: FormContext) -> Sequence[FormPart]:
    file = opening.find(FilePreview)
    if file is None or (seen := file.preview) is None:
        return [Paragraph(text=_READING)]
    alike = f"*Probably the same thing under two names* ({len(seen.similar):,}), imported as two"
    left_out = f"*Changed or not imported* ({len(seen.notes):,})"
    operator = "; the operator of the bot can list all of them with `threatmodel import --all-notes`"
    return [
        *([Paragraph(text=shared_warning("Import"))] if file.shared else []),
        Paragraph(text=_preview_text(seen)),
        TextField(key="name", label="Name", required=True, limit=NAME, initial=seen.name),
        *(_listed(alike, seen.similar) if seen.similar else ()),
        *(
            _listed(left_out, seen.notes, more=operator)
            if seen.notes
            else [Paragraph(text="All content of the file can be imported.")]
        ),
    ]


def _preview_text(seen: ImportPreview) -> str:
    parts = [part for part in seen.parts if not part.startswith("0 ")]
    counts = "The model will always state that you imported it."
    if seen.sealed:
        author = "the people who stated them"
        counts = "This installation exported the file, so its approvals and votes come back as they were."
    elif seen.past:
        author = "the people named in the file (not verified)"
        counts += (
            " Approvals, verifications and votes in the file do not count; channel members whom it names for "
            "an approval are asked once whether it is theirs."
        )
    else:
        author = "you"
    return (
        f"The file was read as *{escape(seen.title, _TITLE)}*. It becomes "
        f"{', '.join(parts) if parts else 'an empty model'}, in {seen.events:,} events, attributed to "
        f"{author}. {counts} You become the facilitator. Nothing is stored until you press *Import*."
    )


def _listed(heading: str, texts: Sequence[str], *, more: str = "") -> Iterator[Paragraph]:
    """Yield the first texts as a list in paragraphs within Slack's limits."""
    left = len(texts) - MAX_NOTES
    lines = [heading, *(f"• {escape(text, _NOTE)}" for text in texts[:MAX_NOTES])]
    if left > 0:
        lines.append(f"… and {left:,} more{more}")
    for text in _paragraphs(lines):
        yield Paragraph(text=text)


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    text = ""
    for line in lines:
        if text and len(text) + len(line) + 1 > _PARAGRAPH:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    yield text


_READING = (
    "Reading the file. A preview appears here shortly; nothing is stored yet. If it does not appear "
    "within a minute, close this form and choose *Import as threat model* again."
)
MAX_NOTES = 40
_TITLE = 100
_NOTE = 240
_PARAGRAPH = 2_500

IMPORT = Form(
    name="import",
    target=ImportTarget,
    submission=FormSubmission.IMPORT,
    writes=WriteEffect.ADDS,
    needs=FormData.FILE,
    title=lambda opening: (
        "Import threat model" if (file := opening.find(FilePreview)) and file.preview else "Reading the file"
    ),
    submit="Import",
    parts=_parts,
)


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

_DRAFT_READING: Final = (
    "Reading the files. The draft appears here shortly; nothing is added to the model before you accept it. "
    "If it does not appear within a minute, close this form and choose *Draft from file* again in the menu "
    "of a message with the files."
)


def _draft_parts(opening: FormContext) -> Sequence[FormPart]:
    opened = opening.find(OpenDraft)
    if opened is None:
        return [Paragraph(text=_DRAFT_READING)]
    register, pages = opening.required_register, opened.pages
    target = DraftTarget.of(opening.target)
    number = min(target.page, len(pages) - 1)
    target = replace(target, name=DRAFT.name, page=number, opened="", round=0)
    page, notes = pages[number], notes_text(opened)
    text = (
        "Nothing is left to decide in this draft."
        if opened.comparison.is_empty
        else "Nothing is added to the model before you press *Accept*. What you leave unticked is not "
        "proposed again until it changes."
    )
    return [
        Paragraph(text=f"{escape(draft_summary(opened))}\n{text}"),
        *([Paragraph(text=f"*Not read:* {escape(notes)}")] if notes else []),
        *_conflicts(page, opened, register),
        *_groups(page, opened, register, target),
        *_confirmations(page, opened, register),
        *_gone(page, opened, register),
        *_turning(target, len(pages)),
    ]


def _conflicts(page: DraftPage, opened: OpenDraft, register: ThreatRegister) -> Iterator[FormPart]:
    numbers = opened.numbers
    for conflict in page.conflicts:
        kind, chosen = kind_text(conflict), resolution(conflict, opened.choices)
        if chosen.startswith("item "):
            chosen = f"item {numbers[SourceKey(chosen.removeprefix('item '))]}"
        options: dict[str, str] = {}
        for similar in conflict.similar:
            where = f" ({similar.element})" if similar.element else " in this draft"
            options[conflict_value(similar, numbers)] = f"Same as “{similar.name}”{where}"
        options |= {ANOTHER: f"Another {kind}", LEAVE: "Leave out"}
        yield ChoiceField(
            key=f"{SAME}/{numbers[conflict.key]}",
            label=f"{kind.capitalize()} “{proposal_text(conflict, opened, register)}”: same or another?",
            hint=proposal_details(conflict),
            required=True,
            radio=True,
            options=tuple(Option(value=value, text=text) for value, text in options.items()),
            initial=chosen or None,
        )


def conflict_value(similar: SimilarThing, numbers: dict[SourceKey, int]) -> str:
    """Return the value of the option that an item is the same as an element, or as another item."""
    return f"same {similar.element}" if similar.element else f"item {numbers[similar.key]}"


def _groups(
    page: DraftPage, opened: OpenDraft, register: ThreatRegister, target: DraftTarget
) -> Iterator[FormPart]:
    numbers = opened.numbers
    for name in GROUPS:
        some, label = page.group(name), GROUP_LABELS.get(name, "")
        if not some:
            continue
        yield CheckboxesField(
            key=f"{TAKE}/{name}",
            label=label,
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
            buttons = (
                button(
                    text,
                    ButtonKind.DRAFT,
                    replace(target, selection=f"{which} {name}"),
                    suffix=f"{which}-{name}",
                    spoken=f"Tick {'all' if which is ALL else 'no'} {label.lower()}",
                )
                for which, text in ((ALL, f"All {len(some)}"), (NONE, "None"))
            )
            yield ButtonRow(buttons=tuple(buttons))


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
                confirmation_value(confirmation, numbers)
                for confirmation in confirmations
                if is_confirmed(confirmation.compared, confirmation.answer, opened.choices)
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
    buttons = [
        button(label, ButtonKind.DRAFT, replace(target, page=page, selection=name), suffix=name)
        for name, label, page in (
            (BACK, "Previous page", target.page - 1),
            (NEXT, "Next page", target.page + 1),
        )
        if 0 <= page < pages
    ]
    seen = "*Accept* counts for the pages that you have seen."
    yield Paragraph(text=f"Page {target.page + 1} of {pages}. {seen}")
    yield ButtonRow(buttons=tuple(buttons))


DRAFT = Form(
    name="draft",
    target=DraftTarget,
    submission=FormSubmission.DRAFT,
    writes=WriteEffect.ADDS,
    needs=FormData.DRAFT,
    command_type=AcceptDraft,
    title=lambda opening: (
        f"Draft of {count_phrase(len(opened.comparison.open), 'item')}"[:24]
        if (opened := opening.find(OpenDraft))
        else "Reading the files"
    ),
    submit="Accept",
    close="Later",
    parts=_draft_parts,
)
