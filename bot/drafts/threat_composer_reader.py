"""Threat Composer (.tc.json): threats and assumptions."""

import re
from collections.abc import Sequence
from typing import Final

from bot.drafts.draft_builder import DraftBuilder, clean_name, clean_text, cut_key
from bot.drafts.lined_values import LinedMapping, list_of, text_of
from bot.formats.exporters.threat_composer_export import DESCRIPTION, TITLE
from bot.formats.importers.imported_model import categories_in
from domain.drafts.draft import Certainty, ProposedAssumption, ProposedThreat
from domain.kernel.length_limits import TEXT
from domain.kernel.threat import Stride

_NOT_USEFUL: Final = "threatResolvedNotUseful"
_GOALS: Final = {
    "confidentiality": Stride.INFORMATION_DISCLOSURE,
    "integrity": Stride.TAMPERING,
    "availability": Stride.DENIAL_OF_SERVICE,
    "authenticity": Stride.SPOOFING,
    "non-repudiation": Stride.REPUDIATION,
    "authorization": Stride.ELEVATION_OF_PRIVILEGE,
}
_LEFT_OUT: Final = (("mitigations", "mitigations"), ("brainstorm", "notes of the brainstorm"))


def is_threat_composer(document: LinedMapping) -> bool:
    """Return whether a document is a workspace of Threat Composer."""
    return "schema" in document and bool(
        {"threats", "assumptions"} & document.keys()
        and {"applicationInfo", "mitigations", "threats"} & document.keys()
    )


def read_threat_composer(documents: Sequence[LinedMapping], builder: DraftBuilder) -> None:
    """Read workspaces: each threat that was not found useless, and each assumption."""
    for document in documents:
        for threat in document.list("threats").mappings():
            _read_threat(threat, builder)
        for one in document.list("assumptions").mappings():
            text = clean_text(one.text("content"), TEXT)
            if text:
                key = cut_key(f"threat-composer:{one.text('id') or text}")
                builder.assumptions[key] = ProposedAssumption(key=key, text=text, place=one.place("content"))
        for name, words in _LEFT_OUT:
            count = len(list_of(document.get(name))) or (1 if document.mapping(name) else 0)
            if count:
                builder.note(f"{words} of Threat Composer were not read: {count}")


def _read_threat(threat: LinedMapping, builder: DraftBuilder) -> None:
    statement = " ".join(threat.text("statement").split())
    stated = _metadata(threat)
    title = clean_name(text_of(stated.get(TITLE))) or _title(threat, statement)
    if not title or threat.text("status") == _NOT_USEFUL:
        if title:
            builder.note("threats that were marked as not useful were not read")
        return
    stride = _stride(threat)
    own = text_of(stated.get(DESCRIPTION))
    parts = (
        (own,)
        if TITLE in stated
        else (statement if statement != title else "", text_of(stated.get("Comments")))
    )
    described = "\n\n".join(part for part in parts if part)
    key = cut_key(f"threat-composer:{threat.text('id') or title}")
    builder.threats[key] = ProposedThreat(
        key=key,
        title=title,
        stride=stride or (Stride.TAMPERING,),
        place=threat.place("statement" if "statement" in threat else "id"),
        description=clean_text(described, TEXT),
        certainty=Certainty.LIKELY if stride else Certainty.GUESS,
    )
    if not stride:
        builder.note("threats without a STRIDE category are proposed as tampering: review it")


def _title(threat: LinedMapping, statement: str) -> str:
    """Return the action, as a title: `read another user's records`; else the statement."""
    action = " ".join(threat.text("threatAction").split())
    words = action or statement
    return clean_name(words[:1].upper() + words[1:])


def _stride(threat: LinedMapping) -> tuple[Stride, ...]:
    """Return the categories that are stated, else those of the goals that are affected."""
    stated = _metadata(threat).get("STRIDE")
    found = [category for text, _ in list_of(stated).texts() for category in categories_in(text)]
    if not found:
        goals = [text for text, _ in threat.list("impactedGoal").texts()]
        found = [_GOALS[one] for goal in goals if (one := re.sub(r"\s+", "-", goal.casefold())) in _GOALS]
    return tuple(dict.fromkeys(found))


def _metadata(threat: LinedMapping) -> dict[str, object]:
    return {mapping.text("key"): mapping.get("value") for mapping in threat.list("metadata").mappings()}
