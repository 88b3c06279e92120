"""What one nudge is about, as it is now: gathered from a model, whenever the message is shown."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from bot.slack.kit.codes import NOT_TO_THEM
from bot.slack.reading.became import NOT_PLANNED, became
from domain.deliveries import NudgeKey
from domain.dread.scoring import Tally
from domain.due_dates import short_day
from domain.elements import PersonId
from domain.mitigations import Mitigation, MitigationId
from domain.model import ThreatModel
from domain.naming import Naming
from domain.own_threats import Threat
from domain.register import ThreatRegister
from domain.reminders import About, Occasion, read_key
from domain.reminders.policy import LATE
from domain.responses import ResponseKind
from domain.rounds import RoundId
from domain.standings import TrackedMitigation
from domain.voting import invited, lacks, live_asks


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """One nudge with everything that its reader is told.

    `over` is a sentence on what was done with it, empty while it is still to be done; `snoozed` is until when
    it was put off. `threat` and `tally`
    say how bad it is, `since` when it began, `until` the moment it is or was due; `count` of `of` ballots or
    questions are left. `late` is by how much the message came too late. `refused` is Slack's word for why it
    does not take what is sent to `owner`, empty where it takes nothing for them at all. `sent` is when it was
    sent, or now for one that is pressed.
    """

    key: NudgeKey
    about: About
    stream: str
    model: str
    permalink: str = ""
    over: str = ""
    mitigation: Mitigation | None = None
    threat: Threat | None = None
    tally: Tally | None = None
    owner: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_over: bool = False
    count: int = 0
    of: int = 0
    late: timedelta = timedelta(0)
    snoozed: datetime | None = None
    lines: tuple[str, ...] = ()
    refused: str = ""
    sent: datetime | None = None

    @property
    def occasion(self) -> Occasion:
        """Why somebody is reminded."""
        return self.about.occasion

    @property
    def mine(self) -> bool:
        """Whether it is the reader's to do, and not only theirs to know."""
        return self.mitigation is not None and self.mitigation.owner in (None, self.about.to)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What reminders are gathered from; `refused` says why Slack did not take one to somebody."""

    stream: str
    model: ThreatModel
    register: ThreatRegister
    naming: Naming
    now: datetime
    refused: Callable[[PersonId], str]
    permalink: str = ""


ERASED = "What it was about has been erased."


def erased(key: NudgeKey, stream: str) -> Reminder:
    """A nudge about a model that is not there any more."""
    return Reminder(key=key, about=read_key(key), stream=stream, model="", over=ERASED)


def reminder(key: NudgeKey, seen: Seen, *, due: datetime, sent: datetime) -> Reminder:
    """A nudge as it is now, sent at a moment though it was due at another."""
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


def _told(blank: Reminder, seen: Seen) -> Reminder:
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
            lines = _overdue(seen)
            over = "" if lines else "Nothing of it is overdue any more."
            return msgspec.structs.replace(blank, lines=lines, over=over)
        case Occasion.UNTOUCHED:
            return msgspec.structs.replace(blank, since=seen.model.touched_at)
        case Occasion.REVIEW:
            over = "" if seen.model.step == "closed" else "It has been opened again."
            return msgspec.structs.replace(blank, since=seen.model.closed_at, over=over)
        case Occasion.NOT_REACHED:
            return _not_reached(blank, seen)


def _mitigation(blank: Reminder, seen: Seen) -> Reminder:
    tracked = next(
        (one for one in seen.register.mitigations if one.mitigation.id == blank.about.subject), None
    )
    if tracked is None:
        return msgspec.structs.replace(blank, over=NOT_PLANNED)
    one = tracked.mitigation
    ranked = next((rank for rank in seen.register.ranked if rank.threat.id == tracked.threat), None)
    score = (ranked.residual or ranked.score) if ranked else None
    return msgspec.structs.replace(
        blank,
        mitigation=one,
        threat=ranked.threat if ranked else None,
        tally=score.tally if score else None,
        owner=seen.naming(one.owner) if one.owner else "",
        since=seen.model.since.get(one.id),
        until=tracked.due_at,
        is_over=tracked.overdue,
        over=_done(blank, tracked, seen),
    )


def _done(blank: Reminder, tracked: TrackedMitigation, seen: Seen) -> str:
    one = tracked.mitigation
    if over := became(tracked, seen.naming, whose=_owner_then(blank)):
        return over
    if blank.occasion is not Occasion.OWNER_GONE and not blank.about.mark.startswith(f"{one.due}"):
        return f"It is due on {one.due:%A, %-d %B %Y} now." if one.due else "It has no due date any more."
    if blank.occasion is Occasion.ESCALATED and one.owner and _was_said_since(blank, one.id, seen):
        return f"{seen.naming(one.owner)} sees to it now."
    return ""


def _was_said_since(blank: Reminder, id: MitigationId, seen: Seen) -> bool:
    """Whether somebody said anew whose it is, or until when, after the reminder was sent."""
    since = seen.model.since.get(id)
    return since is not None and blank.sent is not None and since > blank.sent


def _owner_then(blank: Reminder) -> PersonId | None:
    """Whose it was when the nudge was sent; None where that makes no difference."""
    match blank.occasion:
        case Occasion.ESCALATED:
            return None
        case Occasion.OWNER_GONE:
            return PersonId(blank.about.mark.partition("~")[0])
        case _:
            return blank.about.to


def _round(blank: Reminder, seen: Seen) -> Reminder:
    one = seen.model.rounds.get(RoundId(blank.about.subject))
    if one is None or one.ending is not None:
        return msgspec.structs.replace(blank, over="The round is over.")
    left = len(lacks(seen.model, one, blank.about.to))
    over = "" if left else "You have voted."
    if blank.about.to not in invited(seen.model, one):
        over = "You do not take part in the round any more."
    return msgspec.structs.replace(
        blank,
        count=left,
        of=len(live_asks(seen.model, one)),
        since=one.opened_at,
        until=one.deadline,
        over=over,
    )


def _questions(blank: Reminder, seen: Seen) -> Reminder:
    still = [one for one in seen.register.questions if not one.said_unknown]
    if blank.occasion is Occasion.ASKED:
        still = [one for one in still if one.asked_of == blank.about.to]
    return msgspec.structs.replace(
        blank, count=len(still), over="" if still else "There is no question left to answer."
    )


def _acceptance(blank: Reminder, seen: Seen) -> Reminder:
    standing = next((one for id, one in seen.register.standings.items() if id == blank.about.subject), None)
    response = standing.response if standing else None
    if standing is None or response is None or response.kind is not ResponseKind.ACCEPT:
        return msgspec.structs.replace(blank, over="It was decided anew what to do about it.")
    ranked = next((one for one in seen.register.ranked if one.threat.id == standing.threat), None)
    score = (ranked.residual or ranked.score) if ranked else None
    over = ""
    if blank.occasion is Occasion.ACCEPTANCE_OVER and standing.expires_at and standing.expires_at > seen.now:
        over = "It is accepted for longer now."
    return msgspec.structs.replace(
        blank,
        threat=ranked.threat if ranked else None,
        tally=score.tally if score else None,
        owner=seen.naming(response.owner),
        since=response.approved_at or response.at,
        until=standing.expires_at,
        is_over=blank.occasion is Occasion.ACCEPTANCE_OVER,
        over=over,
    )


def _not_reached(blank: Reminder, seen: Seen) -> Reminder:
    person = PersonId(blank.about.subject)
    code = seen.refused(person)
    return msgspec.structs.replace(
        blank, owner=seen.naming(person), refused="" if code in NOT_TO_THEM else code
    )


def _overdue(seen: Seen) -> tuple[str, ...]:
    """What is overdue, the earliest first: what it is, whose, since when, and how bad what it is against."""
    found = [one for one in seen.register.mitigations if one.overdue and not one.orphan]
    scored = ((one.threat.id, one.residual or one.score) for one in seen.register.ranked)
    bands = {threat: score.tally.band.capitalize() for threat, score in scored if score is not None}
    lines: list[str] = []
    for one in sorted(found, key=lambda one: (str(one.mitigation.due), one.mitigation.id)):
        what = one.mitigation
        whose = seen.naming(what.owner) if what.owner else "nobody's"
        due = short_day(what.due) if what.due else ""
        bad = f" · {bands[one.threat]}" if one.threat in bands else ""
        lines.append(f"{what.title} ({what.id}) · {whose} · due {due}{bad}")
    return tuple(lines)
