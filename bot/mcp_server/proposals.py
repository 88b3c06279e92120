"""Proposals of agents: their arguments, the drafts made from them, and the inbox where drafts wait."""

import hashlib
from datetime import datetime
from typing import Annotated, Final, Literal, assert_never

import msgspec
from msgspec import Meta

from bot.mcp_server.answers import visible_text
from bot.mcp_server.callers import ArgumentsInvalid, Caller, TooManyDrafts
from bot.slack.slots.direct_slots import ProposalMessages
from bot.store import Store
from bot.store.repositories.drafts import digest_of_draft
from bot.store.work_queue import Item, Touch
from domain.built_in_catalog import BUILT_IN
from domain.draft_comparison.compared_draft import compare_draft
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
from domain.kernel.elements import ComponentKind, DataKind, ElementId, Exposure, Kind
from domain.kernel.length_limits import NAME, SENTENCE, TEXT, WORD
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import Stride
from domain.model import ThreatModel
from domain.register import RegisterItem, ThreatRegister

ModelKey = Annotated[str, Meta(max_length=20, description="Key of the model, such as TM-7")]
Name = Annotated[str, Meta(min_length=1, max_length=NAME)]
Evidence = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=SENTENCE,
        pattern=r"^[^\n]+:[1-9][0-9]{0,6}$",
        description="Place that shows it: path of the file and number of the line, such as src/app.py:42",
    ),
]
Key = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=WORD,
        pattern=r"^[^\s@]+$",
        description="Your own name of the item, which stays the same in later calls, such as web or db",
    ),
]
Source = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=NAME,
        description="What you read: the repository and, after an @, the commit, such as shop@1a2b3c",
    ),
]
StatedCertainty = Annotated[
    Literal["likely", "guess"], Meta(description="likely if the place shows it, guess if it only suggests it")
]
ElementKind = Literal[
    "component", "external_dependency", "entry_point", "asset", "data_flow", "trust_boundary"
]
FactName = Annotated[str, Meta(max_length=WORD, description="Name of the fact, from open_questions")]

MAX_ITEMS = 500
"""Items of one call."""


class Checked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of an agent: those that are not known are refused."""


class ProposedFact(Checked, frozen=True, kw_only=True):
    """Answer to a question about an element of the same call."""

    fact: FactName
    answer: Answer
    evidence: Evidence


class ElementProposal(Checked, frozen=True, kw_only=True):
    """Element; component, parent, boundary, source, target and stored_in are keys of items of this call."""

    key: Key
    kind: ElementKind
    name: Name
    evidence: Evidence
    certainty: StatedCertainty = "likely"
    description: Annotated[str, Meta(max_length=TEXT)] = ""
    role: ComponentKind | None = None
    technology: Annotated[str, Meta(max_length=WORD)] = ""
    boundary: Key | None = None
    parent: Key | None = None
    component: Key | None = None
    exposure: Exposure | None = None
    protocol: Annotated[str, Meta(max_length=WORD)] = ""
    source: Key | None = None
    target: Key | None = None
    data: DataKind | None = None
    stored_in: Annotated[list[Key], Meta(max_length=20)] = []
    answers: Annotated[list[ProposedFact], Meta(max_length=50)] = []


class ProposeElements(Checked, frozen=True, kw_only=True):
    """Arguments of propose_elements."""

    model: ModelKey
    source: Source
    elements: Annotated[list[ElementProposal], Meta(min_length=1, max_length=MAX_ITEMS)]


class AnswerProposal(Checked, frozen=True, kw_only=True):
    """Answer to an open question about an element of the model."""

    element: Annotated[str, Meta(max_length=WORD, description="ID of the element, such as CO-3")]
    fact: FactName
    answer: Annotated[
        Literal["yes", "no", "not_applicable"],
        Meta(description="Leave a question out that the code does not answer"),
    ]
    evidence: Evidence
    certainty: StatedCertainty = "likely"


class ProposeAnswers(Checked, frozen=True, kw_only=True):
    """Arguments of propose_answers."""

    model: ModelKey
    source: Source
    answers: Annotated[list[AnswerProposal], Meta(min_length=1, max_length=MAX_ITEMS)]


class ThreatProposal(Checked, frozen=True, kw_only=True):
    """Threat to an element of the model, or to the system as a whole."""

    title: Name
    stride: Annotated[list[Stride], Meta(min_length=1, max_length=6, description="STRIDE categories")]
    evidence: Evidence
    certainty: StatedCertainty = "likely"
    description: Annotated[str, Meta(max_length=TEXT)] = ""
    element: Annotated[str, Meta(max_length=WORD, description="ID of the element, such as CO-3")] | None = (
        None
    )


class ProposeThreats(Checked, frozen=True, kw_only=True):
    """Arguments of propose_threats."""

    model: ModelKey
    source: Source
    threats: Annotated[list[ThreatProposal], Meta(min_length=1, max_length=MAX_ITEMS)]


class ProgressReport(Checked, frozen=True, kw_only=True):
    """Report that a mitigation was started or implemented; people confirm it, and others verify it."""

    mitigation: Annotated[str, Meta(max_length=WORD, description="ID of the mitigation, such as MI-2")]
    state: Literal["started", "implemented"]
    done: Annotated[
        str, Meta(min_length=1, max_length=SENTENCE, description="What was done, such as a pull request")
    ]
    evidence: Evidence


class ReportMitigationProgress(Checked, frozen=True, kw_only=True):
    """Arguments of report_mitigation_progress."""

    model: ModelKey
    source: Source
    progress: Annotated[list[ProgressReport], Meta(min_length=1, max_length=MAX_ITEMS)]


Proposal = ProposeElements | ProposeAnswers | ProposeThreats | ReportMitigationProgress
"""Arguments from which a draft is made."""


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
            answers = {one.key: one for one in (_answer(answer, register) for answer in proposal.answers)}
            return Draft(sources=sources, answers=tuple(answers.values()))
        case ProposeThreats():
            threats = {one.key: one for one in (_threat(threat, register) for threat in proposal.threats)}
            return Draft(sources=sources, threats=tuple(threats.values()))
        case ReportMitigationProgress():
            return Draft(sources=sources, progress=_progress(proposal, register))
        case _:
            assert_never(proposal)


def _items(proposal: ProposeElements) -> tuple[DraftItem, ...]:
    keys = [element.key for element in proposal.elements]
    if twice := sorted({one for one in keys if keys.count(one) > 1} if len({*keys}) < len(keys) else ()):
        raise ArgumentsInvalid(f"The key {twice[0]} occurs twice. Give each element a key of its own.")
    scope = visible_text(proposal.source).partition(_COMMIT)[0].strip()
    items = tuple(_item(element, scope) for element in proposal.elements)
    known = {item.key for item in items}
    for item in items:
        if missing := [key for key in item.referred if key not in known]:
            key, named = (text.removeprefix(_key("", scope)) for text in (item.key, missing[0]))
            raise ArgumentsInvalid(
                f"The element {key} refers to {named}, which is not in this call. Propose it as well; an "
                "element that the model has is recognized by its name."
            )
        if item.kind is Kind.DATA_FLOW and not (item.source and item.target):
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


MAX_OPEN: Final = 5
"""Drafts of one person in one model that may wait at the same time."""


class DraftReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """ID of a draft; `known` if the same proposal was submitted before."""

    id: str
    known: bool


PROPOSALS: Final = ProposalMessages.planning
"""Work of the bot: to tell people in Slack about drafts of agents, whichever process received them."""

UNNAMED_CLIENT: Final = "an agent"
"""The name of a program that states none: a draft without a client is that of a file."""


class DraftInbox(msgspec.Struct, frozen=True, eq=False):
    """Drafts of all workspaces, which wait in the store until people have decided on their parts."""

    store: Store

    def submit(
        self, caller: Caller, draft: Draft, model: ThreatModel, *, client: str, at: datetime
    ) -> DraftReceipt:
        """Store a draft, unless the same one waits already; raises TooManyDrafts, StoreUnavailable.

        The `client` is the program that acts for the caller.
        """
        unit = self.store.unit(caller.tenant)
        digest = digest_of_draft(draft)
        with unit.transaction():
            stored = unit.drafts.of_home(model.key)
            known = any(one.digest == digest for one in stored)
            own = [one for one in stored if one.client and one.person == caller.person]
            if not known and sum(bool(compare_draft(one.draft, model).open) for one in own) >= MAX_OPEN:
                raise TooManyDrafts(MAX_OPEN)
            kept = unit.drafts.add(
                model.key, draft, person=caller.person, client=client or UNNAMED_CLIENT, at=at
            )
            if not known:
                self.store.work.touch(
                    Touch(item=Item(unit.tenant, PROPOSALS, model.key), lane=f"{PROPOSALS}/{model.key}")
                )
        return DraftReceipt(id=kept.id, known=known)
