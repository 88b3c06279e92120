"""What is wanted of the issues of a model: pure, from the model and what is recorded of their slots."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.delivery.slot_kinds import content_digest
from bot.store import StreamId, key_of
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.salted_digests import matches_salted_digest
from bot.tracker_sync.connected_trackers import OpenedTracker
from bot.tracker_sync.issue_slots import (
    IssueParameters,
    mitigation_of,
    new_slot,
    parameters_of,
    short_name,
    subject_of,
    tracker_of,
)
from bot.trackers.tracker import IssueContent
from domain.kernel.elements import ModelKey
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationState
from domain.kernel.persistent_maps import values_of
from domain.kernel.tracked_issue import IssueState, SeenIssue, TrackedIssue
from domain.model import ThreatModel, id_order
from domain.model.mitigation_links import (
    mitigation_links,
    mitigation_place,
    places_done,
    served_threats,
    unimplemented_links,
    with_current_state,
)
from domain.register import ThreatRegister
from domain.remediation.issue_proposals import proposed_due, synchronized_tracker, tracker_in_force
from domain.workspace_trackers import WorkspaceTrackers

REMOVED_LINE: Final = "No longer planned: the mitigation was removed from the threat model."
UNLINKED_LINE: Final = (
    "This issue is no longer linked to a mitigation of the threat model, and is not kept up to date."
)
MOVED_LINE: Final = (
    "The threat model no longer uses this project for its issues. This issue is not kept up to date."
)
ERASED_LINE: Final = "The threat model was deleted. This issue is no longer kept up to date."

_ORPHAN_LINE: Final = "The threats that it mitigates were withdrawn from the threat model."
_LONGEST: Final = 400
_MOST_THREATS: Final = 5


def status_lines(model: ThreatModel, mitigation: Mitigation) -> tuple[str, ...]:
    """Return what the issue says about the state of its mitigation; nothing while it is to be implemented."""
    match with_current_state(model, mitigation).state:
        case MitigationState.DROPPED:
            return ("Dropped in the threat model: it is no longer planned.",)
        case MitigationState.IMPLEMENTED:
            return ("Marked as implemented. Another person must verify it in the threat model.",)
        case MitigationState.VERIFIED:
            return ("Verified in the threat model.",)
        case MitigationState.PLANNED | MitigationState.STARTED:
            if not served_threats(model, mitigation):
                return (_ORPHAN_LINE,)
            done = places_done(mitigation_links(model, mitigation), unimplemented_links(model, mitigation))
            return (f"Implemented at {done}, according to the threat model.",) if done else ()


def threat_lines(register: ThreatRegister, model: ThreatModel, mitigation: Mitigation) -> tuple[str, ...]:
    """Return what the issue says about the threats of its mitigation, where the model allows that."""
    return tuple(_shortened(line) for line in _threat_lines(register, model, mitigation))


def _threat_lines(register: ThreatRegister, model: ThreatModel, mitigation: Mitigation) -> Iterator[str]:
    if mitigation.description:
        yield mitigation.description
    if mitigation.reason and mitigation.state is MitigationState.DROPPED:
        yield f"Reason: {mitigation.reason}"
    if where := mitigation_place(model, mitigation):
        yield f"Where: {where}"
    served = served_threats(model, mitigation)
    ranked = {threat.threat.id: threat for threat in register.ranked}
    for id in served[:_MOST_THREATS]:
        score = ranked[id].residual or ranked[id].score
        band = f" ({score.tally.band} risk)" if score else ""
        yield f"Threat {id}: {ranked[id].threat.title}{band}"
        yield from register.statements.get(id, ())
        response = model.responses.get(id)
        if response is not None and response.reason:
            yield f"Reason: {response.reason}"
    if len(served) > _MOST_THREATS:
        yield f"And {len(served) - _MOST_THREATS} more threats"


def _shortened(line: str) -> str:
    words = " ".join(line.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


REFUSED_FOR: Final = timedelta(hours=1)
"""Time after a refusal until a changed mitigation has its issue tried again."""


class SlotContent(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of an issue: its content, or with `typed` to follow the issue that a person named.

    `sent` changes with the due date and the assignee that are to be sent. An issue without a title keeps the
    one that it has.
    """

    issue: IssueContent
    typed: str = ""
    sent: int = 0


class WantedIssue(msgspec.Struct, frozen=True, kw_only=True):
    """Content that is wanted, and what is to be recorded of the slot before it is sent.

    `update_only` content is for an issue that exists: none is created for it. After the `last` content, the
    issue is no longer kept up to date.
    """

    content: SlotContent
    parameters: IssueParameters
    update_only: bool = False
    last: bool = False


class NotWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is to be sent; a slot that is `over` is not needed either."""

    over: bool = False


def ended_issue(record: DeliveryRecord, line: str) -> WantedIssue:
    """Return an issue that is no longer kept up to date, and says so; its title stays.

    It may be followed again: the slot is not over.
    """
    known = parameters_of(record)
    issue = IssueContent(subject=subject_of(record), title="", lines=(line,), ended=True)
    return WantedIssue(content=SlotContent(issue=issue, sent=known.sent), parameters=known, update_only=True)


def erased_issue(record: DeliveryRecord) -> WantedIssue | NotWanted:
    """Return an issue without anything of its model; the title of one that a person named is theirs."""
    if not record.external_id and not record.is_uncertain:
        return NotWanted(over=True)
    known = parameters_of(record)
    title = "" if known.typed else short_name(record)
    erased = IssueContent(subject=subject_of(record), title=title, lines=(ERASED_LINE,), ended=True)
    return WantedIssue(content=SlotContent(issue=erased), parameters=known, update_only=True, last=True)


def issue_digest(content: SlotContent) -> str:
    """Return the digest of what an issue shows.

    Due dates and assignees count by `sent` alone: people change them in the tracker, too, and what they
    change there is not to be sent back.
    """
    return content_digest(replace(content, issue=replace(content.issue, due=None, assignee="", labels=())))


def is_outdated(record: DeliveryRecord, wanted: WantedIssue | NotWanted, now: datetime) -> bool:
    """Return whether there is something to do for a slot; what was just refused is not tried again yet."""
    if record.final:
        return False
    if isinstance(wanted, NotWanted):
        return wanted.over
    known = parameters_of(record)
    if known.refused_at is not None and now < known.refused_at + REFUSED_FOR:
        return False
    is_shown = matches_salted_digest(record.shown, issue_digest(wanted.content))
    return not (record.external_id and known.linked and is_shown)


ARCHIVED: Final = "archived"


class WantedIssues(msgspec.Struct, frozen=True, kw_only=True):
    """Compares models with slots, without changing either.

    `settings` returns the trackers of the workspace, `register` the register of a model, and `link` the
    address of its card, empty without a public one.
    """

    settings: Callable[[], WorkspaceTrackers]
    register: Callable[[ThreatModel], ThreatRegister]
    link: Callable[[ModelKey], str]

    def new_slots(
        self,
        stream: StreamId,
        model: ThreatModel,
        known: Mapping[MitigationId, DeliveryRecord],
        opened: OpenedTracker,
    ) -> Iterator[DeliveryRecord]:
        """Yield the slots of mitigations that get an issue in the tracker of the model, or another one.

        `known` are the current slots. A slot keeps its issue, so that another issue gets a slot of its own;
        one that is over without an issue is replaced.
        """
        if model.step == ARCHIVED:
            return
        for value in sorted(values_of(model.mitigations), key=lambda one: id_order(one.id)):
            record = known.get(value.id)
            if not self._wants(model, value, opened) or (record is not None and not _is_used(record, opened)):
                continue
            if record is None:
                yield new_slot(stream, value.id, opened.id)
                continue
            generation = parameters_of(record).generation + 1
            added = new_slot(stream, value.id, opened.id, generation=generation)
            is_empty = record.final and not record.external_id
            yield replace(added, slot=record.slot) if is_empty else added

    def of(
        self,
        record: DeliveryRecord,
        model: ThreatModel | None,
        opened: OpenedTracker | None,
        *,
        is_current: bool,
    ) -> WantedIssue | NotWanted:
        """Return what is wanted of the issue of a slot; a model that was erased is None.

        `opened` is the tracker of the slot, None if it cannot be called. Only the current slot of a
        mitigation gets a new issue; earlier ones keep those that they have.
        """
        if model is None:
            return erased_issue(record)
        if opened is None:
            return NotWanted()
        if record.external_id or record.is_uncertain:
            wanted = self._of_begun(record, model, opened, is_current=is_current)
        else:
            wanted = self._of_new(record, model, opened) if is_current else NotWanted(over=True)
        if isinstance(wanted, NotWanted):
            return wanted
        return replace(wanted, parameters=replace(wanted.parameters, mark=opened.mark(record)))

    def _of_new(
        self, record: DeliveryRecord, model: ThreatModel, opened: OpenedTracker
    ) -> WantedIssue | NotWanted:
        """Return what is wanted of an issue whose creation was not begun."""
        if tracker_in_force(model) != opened.id:
            return NotWanted()
        mitigation = model.mitigations.get(mitigation_of(record))
        if mitigation is None or model.step == ARCHIVED or not self._wants(model, mitigation, opened):
            return NotWanted(over=True)
        typed = self._typed_key(mitigation, model.issues.get(mitigation.id), opened)
        if typed:
            issue = IssueContent(subject=subject_of(record), title="")
            return WantedIssue(
                content=SlotContent(issue=issue, typed=typed),
                parameters=replace(parameters_of(record), typed=True),
            )
        return self._known(record, model, mitigation, None, opened)

    def _of_begun(
        self, record: DeliveryRecord, model: ThreatModel, opened: OpenedTracker, *, is_current: bool
    ) -> WantedIssue | NotWanted:
        """Return what is wanted of an issue that may exist; the model knows it once it is linked."""
        known, id = parameters_of(record), mitigation_of(record)
        mitigation, tracked = model.mitigations.get(id), model.issues.get(id)
        is_moved = tracker_in_force(model) != opened.id
        if is_moved and not model.tracker.own and model.inherited.tracker != self.settings().default:
            return NotWanted()  # the model still has to take over the default tracker of the workspace
        if known.linked:
            if mitigation is None and tracked is None:
                return ended_issue(record, REMOVED_LINE)
            if tracked is None or not tracked.linked or not _is_of(tracked, record):
                return ended_issue(record, UNLINKED_LINE)
            if tracked.state is IssueState.DELETED or not (is_current or tracked.typed == known.typed):
                return NotWanted()  # or it is linked by another slot
        elif not is_current:
            return ended_issue(record, UNLINKED_LINE)
        if is_moved:
            return ended_issue(record, MOVED_LINE)
        if mitigation is None:
            return ended_issue(record, REMOVED_LINE)
        if known.linked:
            return self._known(record, model, mitigation, tracked, opened)
        wants = model.step != ARCHIVED and self._wants(model, mitigation, opened)
        typed = self._typed_key(mitigation, tracked, opened) if wants else ""
        if typed and known.typed and not record.external_id:
            return self._of_new(record, model, opened)
        # The issue of an uncertain creation is found before another one takes its place.
        wanted = self._known(record, model, mitigation, None, opened)
        return replace(wanted, update_only=not wants or bool(typed))

    def _wants(self, model: ThreatModel, mitigation: Mitigation, opened: OpenedTracker) -> bool:
        """Return whether a mitigation gets an issue that it does not have yet."""
        tracked = model.issues.get(mitigation.id)
        if self._typed_key(mitigation, tracked, opened):
            return True
        if tracked is None and mitigation.ticket:
            return False  # the work is tracked elsewhere
        is_new = tracked is None or tracked.requested
        return is_new and synchronized_tracker(model, mitigation) == opened.id

    @staticmethod
    def _typed_key(mitigation: Mitigation, tracked: TrackedIssue | None, opened: OpenedTracker) -> str:
        """Return the key of the issue that a ticket names; empty if the mitigation has or had that issue.

        One that had been created for the mitigation, and was unlinked, can be named again.
        """
        key = opened.client.key_of(mitigation.ticket) if mitigation.ticket else None
        had = tracked is not None and (tracked.issue.tracker, tracked.issue.key) == (opened.id, key)
        is_named_again = tracked is not None and tracked.requested and not tracked.typed
        return "" if key is None or (had and not is_named_again) else key

    def _known(
        self,
        record: DeliveryRecord,
        model: ThreatModel,
        mitigation: Mitigation,
        tracked: TrackedIssue | None,
        opened: OpenedTracker,
    ) -> WantedIssue:
        known = parameters_of(record)
        lines = status_lines(model, mitigation)
        if model.tracker.shares_threats:
            lines = (*lines, *threat_lines(self.register(model), model, mitigation))
        content = IssueContent(
            subject=subject_of(record),
            title=mitigation.title,
            lines=lines,
            link=self.link(key_of(record.stream)),
            labels=opened.connected.labels,
        )
        owner = mitigation.owner
        held = self.settings().accounts.of(opened.id, owner) if owner is not None else None
        account = held.account if held is not None else ""
        if known.typed:
            # It is the issue of people: its title, its assignee and its due date are theirs.
            seen = tracked.seen.due if tracked is not None and tracked.seen is not None else None
            issue = replace(content, title="", due=seen)
        elif not record.external_id:
            known = replace(known, due=mitigation.due, account=account)
            issue = replace(content, due=mitigation.due, assignee=account)
        else:
            seen = tracked.seen if tracked is not None else None
            waits = tracked is not None and proposed_due(mitigation, tracked) is not None
            known = _with_account(known, account, mitigation, seen)
            known = known if waits else _with_due(known, mitigation, seen)
            kept = seen.due if seen is not None and seen.due is not None else mitigation.due
            issue = replace(
                content,
                due=mitigation.due if known.sends_due and not waits else kept,
                assignee=account if known.sends_account else "",
            )
        return WantedIssue(content=SlotContent(issue=issue, sent=known.sent), parameters=known)


def _is_used(record: DeliveryRecord, opened: OpenedTracker) -> bool:
    """Return whether another issue of a mitigation needs another slot."""
    if tracker_of(record) != opened.id:
        return True
    if record.is_uncertain or (record.external_id and not parameters_of(record).linked):
        return False  # what was begun is completed first
    return bool(record.external_id) or record.final


def _is_of(tracked: TrackedIssue, record: DeliveryRecord) -> bool:
    """Return whether the issue of a mitigation is that of a slot."""
    return (tracked.issue.tracker, tracked.issue.key) == (record.place, record.external_id)


def _with_due(known: IssueParameters, mitigation: Mitigation, seen: SeenIssue | None) -> IssueParameters:
    """Return the parameters after the due date was compared; it is sent if neither side has it yet."""
    due, there = mitigation.due, seen.due if seen is not None else None
    if due == there or due is None:
        return replace(known, due=due, replaced_due=None, sends_due=False)
    if due == known.due and there in (None, known.replaced_due):
        return known
    return replace(known, due=due, replaced_due=there, sent=known.sent + 1, sends_due=True)


def _with_account(
    known: IssueParameters, account: str, mitigation: Mitigation, seen: SeenIssue | None
) -> IssueParameters:
    """Return the parameters after the assignee was compared; an owner is sent once."""
    if account == known.account or not account:
        return known
    if seen is not None and seen.person == mitigation.owner:
        return replace(known, account=account, sends_account=False)
    return replace(known, account=account, sent=known.sent + 1, sends_account=True)
