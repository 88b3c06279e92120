"""Encoding of models as snapshots, so that a cold start need not replay every event."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from rpds import HashTrieMap

import domain
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import SourceKey
from domain.drafts.settlement import DraftId, SettledDraft, SettledItem
from domain.dread.metrics import Ballot, Metric
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis, AnswerCheck
from domain.kernel.closing import Retrospective
from domain.kernel.elements import (
    KIND_OF,
    AssumptionId,
    Element,
    ElementAssumptions,
    ElementId,
    ElementLink,
    PersonId,
)
from domain.kernel.elements import Assumption as _Assumption
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.thought_prompt import PromptAnswer, PromptKind
from domain.kernel.threat import (
    AcceptedRatings,
    Consideration,
    Dismissal,
    MergedThreat,
    Response,
    SuggestedThreatId,
    Threat,
    ThreatId,
)
from domain.kernel.tracked_issue import TrackedIssue
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel

# Elements have no tag of their own, so each kind is stored separately.
_ByKind = msgspec.defstruct("_ByKind", [(kind.value, tuple[one, ...], ()) for one, kind in KIND_OF.items()])

_KEPT_AS: dict[str, Any] = {
    "elements": _ByKind,
    "removed": _ByKind,
    "numbers": dict[str, int],
    "facts": dict[tuple[ElementId, str], Answer],
    "bases": dict[tuple[ElementId, str], AnswerBasis],
    "checks": dict[tuple[ElementId, str], AnswerCheck],
    "assumed": dict[ElementId, ElementAssumptions],
    "links": dict[tuple[ElementId, ElementId], ElementLink],
    "assumptions": dict[AssumptionId, _Assumption],
    "settled": dict[SourceKey, SettledItem],
    "settled_drafts": dict[DraftId, SettledDraft],
    "threats": dict[ThreatId, Threat],
    "rounds": dict[RoundId, Round],
    "ballots": dict[tuple[RoundId, ThreatId, PersonId], Ballot],
    "explanations": dict[tuple[RoundId, ThreatId, Metric, PersonId], str],
    "withdrawn": dict[ThreatId, Threat],
    "merged": dict[ThreatId, MergedThreat],
    "dismissals": dict[SuggestedThreatId, Dismissal],
    "considered": dict[ElementId, Consideration],
    "prompts": dict[tuple[PromptKind, ElementId, PersonId], PromptAnswer],
    "asked_of": dict[tuple[ElementId, str], PersonId],
    "screening": dict[str, ScreeningAnswer],
    "responses": dict[ThreatId, Response],
    "accepted": dict[ThreatId, AcceptedRatings],
    "proposals": dict[ThreatId, Response],
    "mitigations": dict[MitigationId, Mitigation],
    "issues": dict[MitigationId, TrackedIssue],
    "snoozed": dict[str, datetime],
    "since": dict[str, datetime],
    "retrospectives": dict[PersonId, Retrospective],
}
"""The encoding of each persistent map of the model; every other field is stored unchanged."""


def encode(model: ThreatModel) -> bytes:
    """Encode a model."""
    return _ENCODER.encode(
        _Kept(**{name: _kept(name, getattr(model, name)) for name in _Kept.__struct_fields__})
    )


def decode(data: bytes) -> ThreatModel:
    """Decode a model; raises msgspec.MsgspecError."""
    fields = {name: _restored(name, value) for name, value in _fields(_DECODER.decode(data))}
    return ThreatModel(catalog=BUILT_IN, **fields)


@cache
def fold() -> str:
    """Return a digest of this release's version of the model; any change of the domain changes it."""
    digest = hashlib.sha256()
    for source in sorted(Path(domain.__file__ or "").parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:32]


def _kept_struct() -> type[msgspec.Struct]:
    fields = [field for field in msgspec.structs.fields(ThreatModel) if field.name != "catalog"]
    unknown = [field.name for field in fields if field.type is HashTrieMap and field.name not in _KEPT_AS]
    if unknown:
        raise TypeError(f"say in bot/store/snapshots.py how ThreatModel.{unknown[0]} is kept")
    return msgspec.defstruct("_Kept", [(one.name, _KEPT_AS.get(one.name, one.type)) for one in fields])


_Kept = _kept_struct()
_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[msgspec.Struct] = msgspec.msgpack.Decoder(_Kept)


def _fields(struct: msgspec.Struct) -> list[tuple[str, Any]]:
    return [(name, getattr(struct, name)) for name in struct.__struct_fields__]


def _kept(name: str, value: Any) -> Any:
    kind = _KEPT_AS.get(name)
    if kind is None:
        return value
    if kind is not _ByKind:
        return dict(value)
    elements: dict[str, list[Element]] = {}
    for element in value.values():
        elements.setdefault(KIND_OF[type(element)].value, []).append(element)
    return _ByKind(**elements)


def _restored(name: str, value: Any) -> Any:
    kind = _KEPT_AS.get(name)
    if kind is None:
        return value
    if kind is not _ByKind:
        return HashTrieMap(value)
    return HashTrieMap({element.id: element for _, elements in _fields(value) for element in elements})
