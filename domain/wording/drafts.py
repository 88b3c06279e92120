"""Events about drafts."""

from domain.drafts.draft import DraftSource
from domain.events import DraftReopened, DraftSettled
from domain.kernel import event_subjects as of
from domain.kernel.text_formatting import count_phrase, join_list
from domain.model import ThreatModel
from domain.wording.event_row import Row, row


def sources_phrase(sources: tuple[DraftSource, ...]) -> str:
    """Return the names of sources: `compose.yaml and openapi.json`, `a.yaml, b.yaml and 4 more`."""
    names = [one.name for one in sources]
    shown = names if len(names) <= _NAMED else [*names[: _NAMED - 1], f"{len(names) - _NAMED + 1} more"]
    return join_list(shown) if shown else "no source"


_NAMED = 4
"""Maximum names that are listed."""


def _settled(event: DraftSettled, _before: ThreatModel) -> str:
    origin = f"from {sources_phrase(event.settled.sources)}{_brought(event)}"
    taken, left = len(event.taken), len(event.left)
    parts: list[str] = []
    if taken:
        of_all = f"{taken:,} of {count_phrase(taken + left, 'item')}" if left else count_phrase(taken, "item")
        parts.append(f"accepted {of_all} {origin}")
    elif left:
        parts.append(f"rejected {count_phrase(left, 'item')} {origin}")
    for items, verb in ((event.gone, "removed"), (event.kept, "kept")):
        if items:
            was = "is" if len(items) == 1 else "are"
            known = f"{count_phrase(len(items), 'element')} that {was} no longer in the source"
            parts.append(f"{verb} {known}" + ("" if parts else f" {origin}"))
    return join_list(parts) if parts else f"settled nothing {origin}"


def _brought(event: DraftSettled) -> str:
    """Return who brought a draft of another person or of a client, as an insertion."""
    draft = event.settled
    by = draft.brought_by if draft.brought_by != event.by else None
    person = f" by @{by}" if by else ""
    through = f" through {draft.client}" if draft.client else ""
    return f", brought{person}{through}" if person or through else ""


DRAFT_EVENTS: tuple[Row, ...] = (
    row(
        DraftSettled,
        _settled,
        touches=lambda event: (
            of.source(item.key) for item in (*event.taken, *event.left, *event.gone, *event.kept)
        ),
        builds_on=lambda event: (of.thing(item.id) for item in event.taken),
        decides=True,
        people=lambda event: (event.settled.brought_by,),
    ),
    row(
        DraftReopened,
        lambda event, _: f"reopened the draft {event.draft}",
        touches=lambda event: (of.source(item.key) for item in (*event.restored, *event.released)),
        decides=True,
    ),
)
