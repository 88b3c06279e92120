"""Drafts from the arguments of agents, checked against the model."""

import hashlib
from typing import Final, assert_never

import msgspec

from bot.mcp_server.call_refusals import ArgumentsInvalid
from bot.mcp_server.proposals.proposal_arguments import (
    AnswerProposal,
    ElementProposal,
    Proposal,
    ProposeAnswers,
    ProposedFact,
    ProposeElements,
    ProposeThreats,
    ReportMitigationProgress,
    ThreatProposal,
)
from bot.mcp_server.said_text import visible_text
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import (
    AGENT,
    Certainty,
    Draft,
    DraftAnswer,
    DraftItem,
    DraftSource,
    ProposedAnswer,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
    SourcePlace,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind
from domain.kernel.mitigation import MitigationId
from domain.register import RegisterItem, ThreatRegister

_COMMIT: Final = "@"
"""Separates a repository from a commit in the source of a proposal."""


def proposed_draft(proposal: Proposal, register: ThreatRegister) -> Draft:
    """Return the draft that a proposal makes for a model; raises ArgumentsInvalid.

    The digest of its source is that of everything proposed, so that the same proposal is the same draft.
    """
    content = msgspec.json.encode((type(proposal).__name__, proposal), order="deterministic")
    sources = (
        DraftSource(
            name=visible_text(proposal.source) or AGENT,
            format=AGENT,
            sha256=hashlib.sha256(content).hexdigest(),
        ),
    )
    match proposal:
        case ProposeElements():
            return Draft(sources=sources, items=_items(proposal))
        case ProposeAnswers():
            answers = {one.key: one for one in (_answer(one, register) for one in proposal.answers)}
            return Draft(sources=sources, answers=tuple(answers.values()))
        case ProposeThreats():
            threats = {one.key: one for one in (_threat(one, register) for one in proposal.threats)}
            return Draft(sources=sources, threats=tuple(threats.values()))
        case ReportMitigationProgress():
            return Draft(sources=sources, progress=_progress(proposal, register))
        case _:
            assert_never(proposal)


def _items(proposal: ProposeElements) -> tuple[DraftItem, ...]:
    keys = [one.key for one in proposal.elements]
    if twice := sorted({one for one in keys if keys.count(one) > 1} if len({*keys}) < len(keys) else ()):
        raise ArgumentsInvalid(f"The key {twice[0]} occurs twice. Give each element a key of its own.")
    scope = visible_text(proposal.source).partition(_COMMIT)[0].strip()
    items = tuple(_item(one, scope) for one in proposal.elements)
    known = {one.key for one in items}
    for one in items:
        if missing := [key for key in one.referred if key not in known]:
            key, named = (text.removeprefix(_key("", scope)) for text in (one.key, missing[0]))
            raise ArgumentsInvalid(
                f"The element {key} refers to {named}, which is not in this call. Propose it as well; an "
                "element that the model has is recognized by its name."
            )
        if one.kind is Kind.DATA_FLOW and not (one.source and one.target):
            raise ArgumentsInvalid(
                "A data_flow needs source and target, each the key of an element of this call."
            )
    return items


def _item(one: ElementProposal, scope: str) -> DraftItem:
    """Return an element; its keys belong to what was read, as another agent may name another thing so."""
    kind = Kind(one.kind)
    return DraftItem(
        key=_key(one.key, scope),
        kind=kind,
        name=_text(one.name, "name"),
        place=_place(one.evidence),
        certainty=Certainty(one.certainty),
        description=visible_text(one.description),
        role=one.role,
        technology=visible_text(one.technology),
        boundary=_reference(one.boundary, scope),
        parent=_reference(one.parent, scope),
        component=_reference(one.component, scope),
        exposure=one.exposure,
        protocol=visible_text(one.protocol),
        source=_reference(one.source, scope),
        target=_reference(one.target, scope),
        data=one.data,
        stored_in=tuple(_key(key, scope) for key in one.stored_in),
        answers=tuple(_fact(fact, kind, Certainty(one.certainty)) for fact in one.answers),
    )


def _fact(one: ProposedFact, kind: Kind, certainty: Certainty) -> DraftAnswer:
    _check_fact(one.fact, kind)
    return DraftAnswer(fact=one.fact, answer=one.answer, place=_place(one.evidence), certainty=certainty)


def _answer(one: AnswerProposal, register: ThreatRegister) -> ProposedAnswer:
    item = _element(register, one.element)
    _check_fact(one.fact, item.kind)
    return ProposedAnswer(
        key=_key(f"{item.id}/{one.fact}"),
        element=item.id,
        answer=DraftAnswer(
            fact=one.fact,
            answer=Answer(one.answer),
            place=_place(one.evidence),
            certainty=Certainty(one.certainty),
        ),
    )


def _threat(one: ThreatProposal, register: ThreatRegister) -> ProposedThreat:
    title = _text(one.title, "title")
    element = _element(register, one.element).id if one.element else None
    named = hashlib.sha256(f"{title.casefold()}\n{element or ''}".encode()).hexdigest()[:16]
    return ProposedThreat(
        key=_key(f"threat/{named}"),
        title=title,
        stride=tuple(dict.fromkeys(one.stride)),
        place=_place(one.evidence),
        description=visible_text(one.description),
        element=element,
        certainty=Certainty(one.certainty),
    )


def _progress(proposal: ReportMitigationProgress, register: ThreatRegister) -> tuple[ProposedProgress, ...]:
    planned = {one.mitigation.id for one in register.mitigations}
    found: dict[SourceKey, ProposedProgress] = {}
    for one in proposal.progress:
        mitigation = MitigationId(one.mitigation.strip().upper())
        if mitigation not in planned:
            raise ArgumentsInvalid("There is no such mitigation in this model. get_model lists them.")
        key = _key(f"{mitigation}/{one.state}")
        found[key] = ProposedProgress(
            key=key,
            mitigation=mitigation,
            implemented=one.state == "implemented",
            evidence=_text(one.done, "done"),
            place=_place(one.evidence),
        )
    return tuple(found.values())


def _element(register: ThreatRegister, id: str) -> RegisterItem:
    item = register.item(ElementId(id.strip().upper()))
    if item is None or item.removed:
        raise ArgumentsInvalid(
            "There is no element with one of these IDs in the model. get_model lists the elements by kind."
        )
    return item


def _check_fact(name: str, kind: Kind) -> None:
    fact = BUILT_IN.facts.get(name)
    if fact is None or kind not in fact.kinds:
        raise ArgumentsInvalid(
            f"There is no fact of the name “{visible_text(name)}” about elements of the kind {kind.value}. "
            "open_questions lists the facts that are asked for."
        )


def _key(key: str, scope: str = "") -> SourceKey:
    return SourceKey(f"{AGENT}:{f'{scope}/' if scope else ''}{visible_text(key)}")


def _reference(key: str | None, scope: str) -> SourceKey:
    return _key(key, scope) if key else SourceKey("")


def _place(evidence: str) -> SourcePlace:
    file, _, line = visible_text(evidence).rpartition(":")
    return SourcePlace(file=file.strip(), line=int(line))


def _text(text: str, field: str) -> str:
    seen = " ".join(visible_text(text).split())
    if not seen:
        raise ArgumentsInvalid(f"The field {field} has no visible text.")
    return seen
