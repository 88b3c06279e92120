"""Current details of one reminder, loaded whenever its message is shown."""

from datetime import datetime

import msgspec

from bot.slack.protocol.error_codes import UNREACHABLE_PERSON_CODES
from bot.slack.queries.reminder_approvals import (
    approval_reminder,
    band_text,
    verification_reminder,
    waiting_lines,
)
from bot.slack.screens.mitigation_outcomes import NO_LONGER_PLANNED, mitigation_outcome
from bot.slack.screens.reminder import ERASED, ReminderDetails, ReminderSources
from domain.gates import overrides_still_open
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.gate_overrides import PassedGate
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.response import ResponseKind
from domain.kernel.voting_round import RoundId
from domain.model import issue_key
from domain.remediation.status import TrackedMitigation
from domain.reminder_deliveries import THREAD, ReminderKey
from domain.reminders import Occasion, read_key
from domain.reminders.occasions import issue_mark
from domain.reminders.reminder import lateness
from domain.voting.turnout import invited_voters, live_asks, missing_ballots, panel_size


def erased_reminder(key: ReminderKey, stream: str) -> ReminderDetails:
    """Return a reminder about an erased model."""
    return ReminderDetails(key=key, about=read_key(key), stream=stream, model="", outcome=ERASED)


def load_reminder(
    key: ReminderKey, sources: ReminderSources, *, due: datetime, sent: datetime
) -> ReminderDetails:
    """Return a reminder with its current details, and the times at which it was due and sent."""
    about = read_key(key)
    initial = ReminderDetails(
        key=key,
        about=about,
        stream=sources.stream,
        model=sources.register.name,
        permalink=sources.permalink,
        late=lateness(due, sent),
        sent=sent,
        snoozed=sources.model.snoozed.get(key),
    )
    told = _with_details(initial, sources)
    archived = "The model is archived." if sources.register.phase == "archived" else ""
    return msgspec.structs.replace(told, outcome=told.outcome or archived)


def _with_details(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    match initial.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY | Occasion.OVERDUE:
            return _mitigation(initial, sources)
        case Occasion.ESCALATED | Occasion.OWNER_GONE:
            return _mitigation(initial, sources)
        case Occasion.VOTE_OWED | Occasion.VOTE_ENDS:
            return _round(initial, sources)
        case Occasion.ASKED | Occasion.ANSWERS_DUE:
            return _questions(initial, sources)
        case Occasion.ACCEPTANCE_ENDS | Occasion.ACCEPTANCE_OVER:
            return _acceptance(initial, sources)
        case Occasion.DIGEST:
            lines, waiting = _overdue(sources), waiting_lines(sources)
            over = "" if lines or waiting else "No item is overdue or pending."
            return msgspec.structs.replace(initial, lines=lines, waiting=waiting, outcome=over)
        case Occasion.UNTOUCHED:
            return msgspec.structs.replace(initial, since=sources.model.touched_at)
        case Occasion.REVIEW:
            over = "" if sources.model.step == "closed" else "It was reopened."
            return msgspec.structs.replace(initial, since=sources.model.closed_at, outcome=over)
        case Occasion.NOT_REACHED:
            return _not_reached(initial, sources)
        case Occasion.APPROVAL_WAITS | Occasion.APPROVAL_ESCALATED | Occasion.APPROVER_GONE:
            return approval_reminder(initial, sources)
        case Occasion.VERIFICATION_WAITS:
            return verification_reminder(initial, sources)
        case Occasion.ISSUE_CHANGED:
            return _issue(initial, sources)
        case Occasion.OVERRIDE_OPEN | Occasion.OVERRIDE_OVER:
            return _override(initial, sources)


def _mitigation(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    tracked = sources.tracked(initial.about.subject)
    if tracked is None:
        return msgspec.structs.replace(initial, outcome=NO_LONGER_PLANNED)
    one, ranked = tracked.mitigation, sources.ranked(tracked.threat)
    return msgspec.structs.replace(
        initial,
        mitigation=one,
        threat=ranked.threat if ranked else None,
        tally=sources.tally(tracked.threat),
        owner=sources.naming(one.owner) if one.owner else "",
        since=sources.model.since.get(one.id),
        until=tracked.due_at,
        is_over=tracked.overdue,
        outcome=_implemented(initial, tracked, sources),
    )


def _issue(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    """Return the current reminder about what an issue asks, or its outcome."""
    tracked = sources.tracked(initial.about.subject)
    if tracked is None:
        return msgspec.structs.replace(initial, outcome=NO_LONGER_PLANNED)
    one, since = tracked.mitigation, sources.model.since.get(issue_key(tracked.mitigation.id))
    asked = since is not None and initial.about.mark.startswith(issue_mark(since, tracked.proposal))
    over = "" if tracked.proposal is not None and asked else _answered(tracked, sources)
    return msgspec.structs.replace(
        _mitigation(initial, sources),
        since=since,
        issue=tracked.issue,
        asks=tracked.proposal,
        outcome=over or _new_owner(one, initial, sources),
    )


def _answered(tracked: TrackedMitigation, sources: ReminderSources) -> str:
    return mitigation_outcome(tracked, sources.naming, whose=None) or "No decision is needed any longer."


def _new_owner(one: Mitigation, initial: ReminderDetails, sources: ReminderSources) -> str:
    to, facilitator = initial.about.to, sources.model.facilitator
    if one.owner is None or one.owner == to or to in (THREAD, facilitator):
        return ""
    return f"The owner is now {sources.naming(one.owner)}."


def _implemented(initial: ReminderDetails, tracked: TrackedMitigation, sources: ReminderSources) -> str:
    one = tracked.mitigation
    if over := mitigation_outcome(tracked, sources.naming, whose=_owner_when_sent(initial)):
        return over
    if initial.occasion is not Occasion.OWNER_GONE and not initial.about.mark.startswith(f"{one.due}"):
        return f"The new due date is {one.due:%A, %-d %B %Y}." if one.due else "It no longer has a due date."
    if initial.occasion is Occasion.ESCALATED and one.owner and _was_changed_since(initial, one.id, sources):
        return f"The owner is now {sources.naming(one.owner)}."
    return ""


def _was_changed_since(initial: ReminderDetails, id: MitigationId, sources: ReminderSources) -> bool:
    """Return whether the owner or due date was changed after the reminder was sent."""
    since = sources.model.since.get(id)
    return since is not None and initial.sent is not None and since > initial.sent


def _owner_when_sent(initial: ReminderDetails) -> PersonId | None:
    """Return the owner at the time of the reminder; None if that is irrelevant."""
    match initial.occasion:
        case Occasion.ESCALATED:
            return None
        case Occasion.OWNER_GONE:
            return PersonId(initial.about.mark.partition("~")[0])
        case _:
            return initial.about.to


def _round(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    one = sources.model.rounds.get(RoundId(initial.about.subject))
    if one is None or one.ending is not None:
        return msgspec.structs.replace(initial, outcome="The round has ended.")
    left = len(missing_ballots(sources.model, one, initial.about.to))
    over = "" if left else "You have voted."
    if initial.about.to not in invited_voters(one):
        over = "You are no longer a voter in the round."
    return msgspec.structs.replace(
        initial,
        count=left,
        total=len(live_asks(sources.model, one)),
        panel=panel_size(sources.model, one),
        since=one.opened_at,
        until=one.deadline,
        outcome=over,
    )


def _questions(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    still = [one for one in sources.register.questions if not one.answered_unknown]
    pending = sources.register.pending_screening
    if initial.occasion is Occasion.ASKED:
        still = [one for one in still if one.asked_of == initial.about.to]
        pending = None
    return msgspec.structs.replace(
        initial,
        count=len(still),
        pending_screening=pending,
        outcome="" if still else "No questions remain.",
    )


def _acceptance(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    status = next((one for id, one in sources.register.statuses.items() if id == initial.about.subject), None)
    response = status.response if status else None
    if status is None or response is None or response.kind is not ResponseKind.ACCEPT:
        return msgspec.structs.replace(initial, outcome="The response was changed.")
    ranked, over = sources.ranked(status.threat), ""
    if initial.occasion is Occasion.ACCEPTANCE_OVER and status.expires_at and status.expires_at > sources.now:
        over = "The acceptance was extended."
    return msgspec.structs.replace(
        initial,
        threat=ranked.threat if ranked else None,
        tally=sources.tally(status.threat),
        owner=sources.naming(response.owner),
        since=response.approved_at or response.at,
        until=status.expires_at,
        is_over=initial.occasion is Occasion.ACCEPTANCE_OVER,
        outcome=over,
    )


def _override(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    left = overrides_still_open(sources.model, sources.now)
    one = next((one for one in left if one.override.gate == initial.about.subject), None)
    if one is None:
        return msgspec.structs.replace(initial, outcome="The condition is met.")
    return msgspec.structs.replace(
        initial, override=one, since=one.at, owner=sources.naming(one.by), is_over=_is_over(one, sources.now)
    )


def _is_over(one: PassedGate, now: datetime) -> bool:
    until = one.override.until
    return until is not None and until <= now.date()


def _not_reached(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    person = PersonId(initial.about.subject)
    code = sources.refused(person)
    return msgspec.structs.replace(
        initial, owner=sources.naming(person), refused="" if code in UNREACHABLE_PERSON_CODES else code
    )


def _overdue(sources: ReminderSources) -> tuple[str, ...]:
    """Return a line per overdue item, earliest first: title, owner, due date, threat severity."""
    found = [one for one in sources.register.mitigations if one.overdue and not one.orphan]
    lines: list[str] = []
    for one in sorted(found, key=lambda one: (str(one.mitigation.due), one.mitigation.id)):
        what = one.mitigation
        whose = sources.naming(what.owner) if what.owner else "no owner"
        due = short_day(what.due) if what.due else ""
        lines.append(f"{what.title} ({what.id}) · {whose} · due {due}{band_text(sources, one.threat)}")
    return tuple(lines)
