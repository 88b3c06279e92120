"""Texts of a draft: its sources, and each proposal in a few words."""

from collections.abc import Mapping
from typing import Final

from bot.slack.screens.open_draft import OpenDraft
from domain.built_in_catalog import BUILT_IN
from domain.draft_comparison.compared_draft import ComparedProposal, ItemState
from domain.draft_comparison.differences import key_name
from domain.draft_comparison.proposed_answers import AnswerChoice, ComparedAnswer
from domain.drafts.draft import (
    DraftItem,
    ProposedAnswer,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
)
from domain.drafts.settlement import place_of
from domain.kernel.answer import Answer
from domain.kernel.elements import PLURAL, SINGULAR, Kind
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase, join_list
from domain.register import ThreatRegister
from domain.wording.drafts import sources_phrase

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
        answers = [one for one in compared.answers if not one.choice.by_itself]
        missing = [one for one in answers if one.answer is Answer.NO]
        # A missing control is why a person looks closer, so it comes before anything that may be cut off.
        details[1:1] = [f"{_short(one.fact)}: {one.answer.label}" for one in missing]
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
        case _:
            why = "says that a control is in place"
    return f"{answer.place.text} · {why}"


def question_text(fact: str) -> str:
    """Return the question of a fact."""
    known = BUILT_IN.find_fact(fact)
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


def _short(fact: str) -> str:
    return fact.replace("_", " ")


def notes_text(opened: OpenDraft) -> str:
    """Return the first notes on what was not read; empty without any."""
    notes = opened.draft.notes
    shown = list(notes[:_NOTES])
    more = len(notes) - len(shown)
    return join_list([*shown, count_phrase(more, "more note")] if more else shown) if shown else ""


_NOTES = 4
