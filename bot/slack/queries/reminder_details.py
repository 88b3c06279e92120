"""Current details of one reminder, loaded whenever its message is shown."""

from datetime import datetime, timedelta

import msgspec

from bot.slack.protocol.error_codes import UNREACHABLE_PERSON_CODES
from bot.slack.queries.reminder_approvals import (
    approval_reminder,
    band_words,
    verification_reminder,
    waiting_lines,
)
from bot.slack.screens.mitigation_outcomes import NO_LONGER_PLANNED, mitigation_outcome
from bot.slack.screens.reminder import Reminder, ReminderSources
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.response import ResponseKind
from domain.kernel.voting_round import RoundId
from domain.nudge_deliveries import NudgeKey
from domain.remediation.status import TrackedMitigation
from domain.reminders import Occasion, read_key
from domain.reminders.reminder_policy import LATE
from domain.voting.turnout import invited_voters, live_asks, missing_ballots, panel_size

ERASED = "What it was about has been erased."


def erased_reminder(key: NudgeKey, stream: str) -> Reminder:
    """Return a reminder about an erased model."""
    return Reminder(key=key, about=read_key(key), stream=stream, model="", over=ERASED)


def load_reminder(key: NudgeKey, seen: ReminderSources, *, due: datetime, sent: datetime) -> Reminder:
    """Return a reminder with its current details, and the times at which it was due and sent."""
    about = read_key(key)
    late = sent - due
    blank = Reminder(
        key=key,
        about=about,
        stream=seen.stream,
        model=seen.register.name,
        permalink=seen.permalink,
        late=late if late >= LATE else timedelta(0),
        sent=sent,
        snoozed=seen.model.snoozed.get(key),
    )
    told = _told(blank, seen)
    archived = "The model is archived." if seen.register.phase == "archived" else ""
    return msgspec.structs.replace(told, over=told.over or archived)


def _told(blank: Reminder, seen: ReminderSources) -> Reminder:
    match blank.occasion:
        case Occasion.DUE_SOON | Occasion.DUE_TODAY | Occasion.OVERDUE:
            return _mitigation(blank, seen)
        case Occasion.ESCALATED | Occasion.OWNER_GONE:
            return _mitigation(blank, seen)
        case Occasion.VOTE_OWED | Occasion.VOTE_ENDS:
            return _round(blank, seen)
        case Occasion.ASKED | Occasion.ANSWERS_DUE:
            return _questions(blank, seen)
        case Occasion.ACCEPTANCE_ENDS | Occasion.ACCEPTANCE_OVER:
            return _acceptance(blank, seen)
        case Occasion.DIGEST:
            lines, waiting = _overdue(seen), waiting_lines(seen)
            over = "" if lines or waiting else "Nothing of it is overdue or waits any more."
            return msgspec.structs.replace(blank, lines=lines, waiting=waiting, over=over)
        case Occasion.UNTOUCHED:
            return msgspec.structs.replace(blank, since=seen.model.touched_at)
        case Occasion.REVIEW:
            over = "" if seen.model.step == "closed" else "It has been opened again."
            return msgspec.structs.replace(blank, since=seen.model.closed_at, over=over)
        case Occasion.NOT_REACHED:
            return _not_reached(blank, seen)
        case Occasion.APPROVAL_WAITS | Occasion.APPROVAL_ESCALATED | Occasion.APPROVER_GONE:
            return approval_reminder(blank, seen)
        case Occasion.VERIFICATION_WAITS:
            return verification_reminder(blank, seen)


def _mitigation(blank: Reminder, seen: ReminderSources) -> Reminder:
    tracked = seen.tracked(blank.about.subject)
    if tracked is None:
        return msgspec.structs.replace(blank, over=NO_LONGER_PLANNED)
    one, ranked = tracked.mitigation, seen.ranked(tracked.threat)
    return msgspec.structs.replace(
        blank,
        mitigation=one,
        threat=ranked.threat if ranked else None,
        tally=seen.tally(tracked.threat),
        owner=seen.naming(one.owner) if one.owner else "",
        since=seen.model.since.get(one.id),
        until=tracked.due_at,
        is_over=tracked.overdue,
        over=_done(blank, tracked, seen),
    )


def _done(blank: Reminder, tracked: TrackedMitigation, seen: ReminderSources) -> str:
    one = tracked.mitigation
    if over := mitigation_outcome(tracked, seen.naming, whose=_owner_then(blank)):
        return over
    if blank.occasion is not Occasion.OWNER_GONE and not blank.about.mark.startswith(f"{one.due}"):
        return f"It is due on {one.due:%A, %-d %B %Y} now." if one.due else "It has no due date any more."
    if blank.occasion is Occasion.ESCALATED and one.owner and _was_said_since(blank, one.id, seen):
        return f"{seen.naming(one.owner)} sees to it now."
    return ""


def _was_said_since(blank: Reminder, id: MitigationId, seen: ReminderSources) -> bool:
    """Return whether the owner or due date was changed after the reminder was sent."""
    since = seen.model.since.get(id)
    return since is not None and blank.sent is not None and since > blank.sent


def _owner_then(blank: Reminder) -> PersonId | None:
    """Return the owner at the time of the reminder; None if that is irrelevant."""
    match blank.occasion:
        case Occasion.ESCALATED:
            return None
        case Occasion.OWNER_GONE:
            return PersonId(blank.about.mark.partition("~")[0])
        case _:
            return blank.about.to


def _round(blank: Reminder, seen: ReminderSources) -> Reminder:
    one = seen.model.rounds.get(RoundId(blank.about.subject))
    if one is None or one.ending is not None:
        return msgspec.structs.replace(blank, over="The round is over.")
    left = len(missing_ballots(seen.model, one, blank.about.to))
    over = "" if left else "You have voted."
    if blank.about.to not in invited_voters(one):
        over = "You do not take part in the round any more."
    return msgspec.structs.replace(
        blank,
        count=left,
        of=len(live_asks(seen.model, one)),
        panel=panel_size(seen.model, one),
        since=one.opened_at,
        until=one.deadline,
        over=over,
    )


def _questions(blank: Reminder, seen: ReminderSources) -> Reminder:
    still = [one for one in seen.register.questions if not one.said_unknown]
    if blank.occasion is Occasion.ASKED:
        still = [one for one in still if one.asked_of == blank.about.to]
    return msgspec.structs.replace(
        blank, count=len(still), over="" if still else "There is no question left to answer."
    )


def _acceptance(blank: Reminder, seen: ReminderSources) -> Reminder:
    status = next((one for id, one in seen.register.statuses.items() if id == blank.about.subject), None)
    response = status.response if status else None
    if status is None or response is None or response.kind is not ResponseKind.ACCEPT:
        return msgspec.structs.replace(blank, over="It was decided anew what to do about it.")
    ranked, over = seen.ranked(status.threat), ""
    if blank.occasion is Occasion.ACCEPTANCE_OVER and status.expires_at and status.expires_at > seen.now:
        over = "It is accepted for longer now."
    return msgspec.structs.replace(
        blank,
        threat=ranked.threat if ranked else None,
        tally=seen.tally(status.threat),
        owner=seen.naming(response.owner),
        since=response.approved_at or response.at,
        until=status.expires_at,
        is_over=blank.occasion is Occasion.ACCEPTANCE_OVER,
        over=over,
    )


def _not_reached(blank: Reminder, seen: ReminderSources) -> Reminder:
    person = PersonId(blank.about.subject)
    code = seen.refused(person)
    return msgspec.structs.replace(
        blank, owner=seen.naming(person), refused="" if code in UNREACHABLE_PERSON_CODES else code
    )


def _overdue(seen: ReminderSources) -> tuple[str, ...]:
    """Return a line per overdue item, earliest first: title, owner, due date, threat severity."""
    found = [one for one in seen.register.mitigations if one.overdue and not one.orphan]
    lines: list[str] = []
    for one in sorted(found, key=lambda one: (str(one.mitigation.due), one.mitigation.id)):
        what = one.mitigation
        whose = seen.naming(what.owner) if what.owner else "nobody's"
        due = short_day(what.due) if what.due else ""
        lines.append(f"{what.title} ({what.id}) · {whose} · due {due}{band_words(seen, one.threat)}")
    return tuple(lines)
