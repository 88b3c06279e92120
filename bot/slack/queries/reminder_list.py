"""Reminders of a message or page, with their current details."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import NoSuchModel
from bot.slack.protocol.slack_limits import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.targets import ReminderTarget, StaleButton, Target
from bot.slack.queries.services import Services
from bot.slack.screens.handover_details import (
    NO_LONGER_PLANNED,
    approval_outcome,
    approver_sentence,
    mitigation_outcome,
    threat_to_approve,
)
from bot.slack.screens.reminder import ERASED, ReminderDetails, ReminderSources
from bot.slack.ui.forms.form_fields import Option
from bot.slack.ui.modals.analysis.spot_check_form import check_line
from bot.store import CommandKey, StreamId
from bot.store.records import model_stream
from domain.commands import ApproveAcceptance, Command
from domain.events import Erased
from domain.kernel.due_dates import due_moment, short_day
from domain.kernel.elements import ModelKey, PersonId
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Response, ResponseKind, ThreatId
from domain.kernel.voting_round import RoundId
from domain.lifecycle import ALLOWED
from domain.model import issue_key, review_key
from domain.phase_conditions import overrides_still_open
from domain.rejections import Rejected
from domain.remediation.reviewers import approver_of, done_by
from domain.remediation.status import TrackedMitigation
from domain.reminder_deliveries import THREAD, Deliveries, Delivery, DeliveryState, ReminderKey
from domain.reminders import Occasion, Reachability, next_at_work, read_key
from domain.reminders.occasions import issue_mark
from domain.reminders.pending_reviews import (
    PendingReview,
    cannot_answer,
    overdue_reviews,
    reminded_of_check,
    review_mark,
)
from domain.reminders.reminder import POLICIES, lateness
from domain.voting.turnout import invited_voters, live_asks, missing_ballots, panel_size


def approval_reminder(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    """Return the current reminder about a proposed acceptance, or its outcome."""
    threat = ThreatId(initial.about.subject)
    ranked, since = sources.ranked(threat), sources.model.since.get(review_key(threat))
    if ranked is None or since is None:
        return replace(initial, outcome="The threat no longer exists.")
    told = replace(initial, threat=ranked.threat, tally=sources.tally(threat), since=since)
    proposal = sources.model.proposals.get(threat)
    if proposal is None or not initial.about.mark.startswith(review_mark(since)):
        return replace(told, outcome=_proposal_answer(initial, sources, threat))
    too_late, over = sources.register.statuses[threat].too_late, ""
    if sources.model.step not in ALLOWED[ApproveAcceptance]:
        over = "It cannot be decided in the current phase."
    elif too_late and initial.occasion is not Occasion.APPROVAL_ESCALATED:
        over = "The proposal expired without an answer."
    elif initial.occasion is Occasion.APPROVER_GONE:
        over = _available_approver(proposal, sources, initial.about.to)
    return replace(
        told,
        proposal=proposal,
        by=sources.naming(proposal.by),
        asked=sources.called(proposal.asked),
        is_over=too_late,
        outcome=over,
    )


def _available_approver(proposal: Response, sources: ReminderSources, to: PersonId) -> str:
    """Return a sentence about the approver of a proposal; empty while they cannot answer."""
    expected = approver_of(proposal, sources.model.facilitator)
    if expected is not None and cannot_answer(sources.model, sources.people, expected):
        return ""
    return approver_sentence(replace(proposal, asked=expected), sources.naming, to)


def verification_reminder(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    """Return the current reminder about a mitigation to verify, or its outcome."""
    tracked = sources.tracked(initial.about.subject)
    if tracked is None:
        return replace(initial, outcome=NO_LONGER_PLANNED)
    one = tracked.mitigation
    return replace(
        _about_threat(initial, sources, tracked.threat),
        mitigation=one,
        at=tracked.at,
        owner=sources.called(one.owner),
        by=sources.called(one.implemented_by),
        since=sources.model.since.get(review_key(one.id)),
        total=len(tracked.links),
        outcome=_verified(initial, tracked, sources),
    )


def _about_threat(initial: ReminderDetails, sources: ReminderSources, threat: ThreatId) -> ReminderDetails:
    ranked = sources.ranked(threat)
    return replace(initial, threat=ranked.threat if ranked else None, tally=sources.tally(threat))


def waiting_lines(sources: ReminderSources) -> tuple[str, ...]:
    """Return a line for each item that has waited long for a second person, oldest first."""
    model, today = sources.model, sources.people(sources.model.facilitator).day_of(sources.now)
    waits = overdue_reviews(model, POLICIES[model.terms.reminders], today, sources.people)
    return tuple(_line(wait, sources) for wait in waits)


def band_text(sources: ReminderSources, threat: ThreatId) -> str:
    """Return ` · Critical`, or nothing without a score."""
    tally = sources.tally(threat)
    return f" · {tally.band.capitalize()}" if tally else ""


def _proposal_answer(initial: ReminderDetails, sources: ReminderSources, threat: ThreatId) -> str:
    """Return the outcome of a reminder's proposal, or the new approver."""
    events = sources.events()
    versions = (
        version
        for version, event in enumerate(events, start=1)
        if threat_to_approve(event) == threat
        and not isinstance(event, Erased)
        and initial.about.mark.startswith(review_mark(event.at))
    )
    last = max(versions, default=None)
    if last is None:  # it was erased
        return "The proposal no longer exists."
    waits = sources.model.proposals.get(threat)
    return approval_outcome(events, last, waits, naming=sources.naming, to=initial.about.to)


def _verified(initial: ReminderDetails, tracked: TrackedMitigation, sources: ReminderSources) -> str:
    one, since = tracked.mitigation, sources.model.since.get(review_key(tracked.mitigation.id))
    match one.state:
        case MitigationState.VERIFIED:
            if one.verified_by is None:
                return "Verified."
            by = "You" if one.verified_by == initial.about.to else sources.naming(one.verified_by)
            return f"{by} verified it."
        case MitigationState.DROPPED:
            return "It was dropped."
        case MitigationState.PLANNED | MitigationState.STARTED if one.reason:
            return f"The verification failed; the mitigation is open again. Reason: “{one.reason}”"
        case MitigationState.PLANNED | MitigationState.STARTED:
            return "It is not implemented yet."
        case MitigationState.IMPLEMENTED:
            pass
    if tracked.orphan:
        return "The threat no longer exists."
    if since is None or not initial.about.mark.startswith(review_mark(since)):
        return "It was implemented again."
    if initial.about.to in done_by(one):
        return "It is now yours, so someone else must verify it."
    return ""


def _line(wait: PendingReview, sources: ReminderSources) -> str:
    since = f"since {short_day(sources.people(sources.model.facilitator).day_of(wait.since))}"
    mitigation = sources.model.mitigations.get(MitigationId(wait.subject))
    if mitigation is not None:
        others = " or ".join(sources.naming(person) for person in done_by(mitigation))
        bad = band_text(sources, sources.model.home_of(mitigation.threat))
        what = f"to be verified by someone other than {others}"
        return f"{mitigation.title} ({mitigation.id}) · {since} · {what}{bad}"
    proposal = sources.model.proposals[ThreatId(wait.subject)]
    title = sources.model.threats[proposal.threat].title
    asked = (
        f"approver: {sources.naming(proposal.asked)}"
        if proposal.asked
        else ("any other participant can approve")
    )
    what = f"acceptance proposed by {sources.naming(proposal.by)}, {asked}"
    return f"{title} ({proposal.threat}) · {since} · {what}{band_text(sources, proposal.threat)}"


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
    return replace(told, outcome=told.outcome or archived)


def _with_details(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    match initial.occasion:
        case (
            Occasion.DUE_SOON
            | Occasion.DUE_TODAY
            | Occasion.OVERDUE
            | Occasion.ESCALATED
            | Occasion.OWNER_GONE
        ):
            return _mitigation(initial, sources)
        case Occasion.VOTE_OWED | Occasion.VOTE_ENDS:
            return _round(initial, sources)
        case Occasion.ASKED | Occasion.ANSWERS_DUE:
            return _questions(initial, sources)
        case Occasion.SPOT_CHECK:
            lines = tuple(_lines_to_check(sources, initial.about.to))
            over = "" if lines else "No answer is left for you to check."
            return replace(initial, count=len(lines), lines=lines, outcome=over)
        case Occasion.ACCEPTANCE_ENDS | Occasion.ACCEPTANCE_OVER:
            return _acceptance(initial, sources)
        case Occasion.DIGEST:
            lines, waiting = _overdue(sources), waiting_lines(sources)
            over = "" if lines or waiting else "No item is overdue or pending."
            return replace(initial, lines=lines, waiting=waiting, outcome=over)
        case Occasion.UNTOUCHED:
            return replace(initial, since=sources.model.touched_at)
        case Occasion.REVIEW:
            over = "" if sources.model.step == "closed" else "It was reopened."
            return replace(initial, since=sources.model.closed_at, outcome=over)
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


def _lines_to_check(sources: ReminderSources, person: PersonId) -> Iterator[str]:
    """Yield the answers that this person is asked about; the others are in the reminders of others."""
    for one in sources.register.to_check:
        if reminded_of_check(sources.model, sources.people, one) in (person, None):
            yield check_line(sources.register, one)


def _mitigation(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    tracked = sources.tracked(initial.about.subject)
    if tracked is None:
        return replace(initial, outcome=NO_LONGER_PLANNED)
    one = tracked.mitigation
    return replace(
        _about_threat(initial, sources, tracked.threat),
        mitigation=one,
        at=tracked.at,
        owner=sources.called(one.owner),
        since=sources.model.since.get(one.id),
        until=tracked.due_at,
        is_over=tracked.overdue,
        outcome=_implemented(initial, tracked, sources),
    )


def _issue(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    """Return the current reminder about what an issue asks, or its outcome."""
    tracked = sources.tracked(initial.about.subject)
    if tracked is None:
        return replace(initial, outcome=NO_LONGER_PLANNED)
    since = sources.model.since.get(issue_key(tracked.mitigation.id))
    asked = since is not None and initial.about.mark.startswith(issue_mark(since, tracked.proposal))
    over = "" if tracked.proposal is not None and asked else _answered(tracked, sources)
    return replace(
        _mitigation(initial, sources),
        since=since,
        issue=tracked.issue,
        asks=tracked.proposal,
        outcome=over or _new_owner(tracked, initial, sources),
    )


def _answered(tracked: TrackedMitigation, sources: ReminderSources) -> str:
    return mitigation_outcome(tracked, sources.naming, whose=None) or "No decision is needed any longer."


def _new_owner(tracked: TrackedMitigation, initial: ReminderDetails, sources: ReminderSources) -> str:
    one = tracked.mitigation
    to, facilitator = initial.about.to, sources.model.facilitator
    if one.owner is None or to in (*tracked.owners, THREAD, facilitator):
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
    if initial.occasion is Occasion.OWNER_GONE:
        return PersonId(initial.about.mark.partition("~")[0])
    return None if initial.occasion is Occasion.ESCALATED else initial.about.to


def _round(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    one = sources.model.rounds.get(RoundId(initial.about.subject))
    if one is None or one.ending is not None:
        return replace(initial, outcome="The round has ended.")
    left = len(missing_ballots(sources.model, one, initial.about.to))
    over = "" if left else "You have voted."
    if initial.about.to not in invited_voters(one):
        over = "You are no longer a voter in the round."
    return replace(
        initial,
        count=left,
        total=len(live_asks(sources.model, one)),
        panel=panel_size(sources.model, one),
        since=one.opened_at,
        until=one.deadline,
        outcome=over,
    )


def _questions(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    """Return the open questions of everyone, or of one person with what they do for unavailable owners."""
    still, to = list(sources.register.questions), initial.about.to
    if initial.occasion is not Occasion.ASKED:
        pending = sources.register.pending_screening
        over = "" if still else "No questions remain."
        return replace(initial, count=len(still), pending_screening=pending, outcome=over)
    own = [one for one in still if one.asked_of == to]
    others = Counter(one.asked_of for one in still if one.asked_of not in (None, to))
    away = {
        owner: count
        for owner, count in others.items()
        if owner and to in (sources.model.facilitator, THREAD)
        if cannot_answer(sources.model, sources.people, owner)
    }
    days = [one.due for one in still if one.due and (one.asked_of == to or one.asked_of in away)]
    until = due_moment(min(days), sources.people(to).zone) if days else None
    return replace(
        initial,
        count=len(own) + sum(away.values()),
        until=until,
        is_over=until is not None and until < sources.now,
        lines=tuple(
            f"{count_phrase(count, 'question')} for {sources.naming(owner)}, who is no longer available"
            for owner, count in away.items()
        ),
        outcome="" if own or away else "No questions remain.",
    )


def _acceptance(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    status = sources.register.statuses.get(ThreatId(initial.about.subject))
    response = status.response if status else None
    if status is None or response is None or response.kind is not ResponseKind.ACCEPT:
        return replace(initial, outcome="The response was changed.")
    over = ""
    if initial.occasion is Occasion.ACCEPTANCE_OVER and status.expires_at and status.expires_at > sources.now:
        over = "The acceptance was extended."
    return replace(
        _about_threat(initial, sources, status.threat),
        owner=sources.naming(response.owner),
        since=response.approved_at or response.at,
        until=status.expires_at,
        is_over=initial.occasion is Occasion.ACCEPTANCE_OVER,
        outcome=over,
    )


def _override(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    left = overrides_still_open(sources.model, sources.now)
    one = next((one for one in left if one.override.condition == initial.about.subject), None)
    if one is None:
        return replace(initial, outcome="The condition is met.")
    until = one.override.until
    is_over = until is not None and until <= sources.now.date()
    return replace(initial, override=one, since=one.at, owner=sources.naming(one.by), is_over=is_over)


def _not_reached(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    person = PersonId(initial.about.subject)
    code = sources.refused(person)
    return replace(
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


class SentReminder(msgspec.Struct, frozen=True, kw_only=True):
    """A reminder that was due at one moment and sent at another."""

    key: ReminderKey
    due: datetime
    sent: datetime


def reminder_key(target: Target) -> ReminderKey:
    """Return the key of a button's reminder; raises StaleButton."""
    key = ReminderTarget.of(target).reminder
    try:
        read_key(key)
    except ValueError as unread:
        raise StaleButton from unread
    return ReminderKey(key)


def earlier_deliveries(deliveries: Deliveries, target: Target) -> tuple[Delivery, ...]:
    """Return earlier deliveries to the same person about the same subject, oldest first."""
    about = read_key(reminder_key(target))
    others = ((read_key(delivery.key), delivery) for delivery in deliveries.values())
    same = (one for key, one in others if (key.to, key.subject) == (about.to, about.subject))
    return tuple(sorted(same, key=lambda one: (one.at, one.key)))


def send_failure(deliveries: Deliveries, person: PersonId) -> str:
    """Return Slack's error code for the first failed reminder to a person; empty if none failed."""
    failed = [one for one in deliveries.values() if one.to == person and one.state is DeliveryState.FAILED]
    return min(failed, key=lambda one: (one.at, one.key)).reason if failed else ""


class ReminderReader(msgspec.Struct, frozen=True, eq=False):
    """Reader of one workspace's reminders, each with its current details."""

    services: Services

    def all(self, reminded: Sequence[SentReminder]) -> list[ReminderDetails]:
        """Return each reminder as it is now, in the given order."""
        load = cache(self._sources)  # many reminders may be about one model
        found: list[ReminderDetails] = []
        for one in reminded:
            stream, sources = load(read_key(one.key).model)
            if sources is None:
                found.append(erased_reminder(one.key, stream))
            else:
                found.append(load_reminder(one.key, sources, due=one.due, sent=one.sent))
        return found

    def pressed(self, target: Target) -> ReminderDetails:
        """Return the reminder of a button; raises StaleButton if there is none, or one of another model."""
        key = reminder_key(target)
        services = self.services
        if model_stream(services.installation.team, read_key(key).model) != services.stream(target):
            raise StaleButton
        now = services.now()
        return self.all([SentReminder(key=key, due=now, sent=now)])[0]

    def open(self, target: Target) -> ReminderDetails:
        """Return the reminder of a button; raises Rejected if it has been handled meanwhile."""
        reminder = self.pressed(target)
        if reminder.outcome:
            raise Rejected(reminder.outcome)
        return reminder

    def check_pressed(self, target: Target, command: Command, key: CommandKey) -> None:
        """Check that a button's reminder is still open, unless this very press handled it."""
        if not isinstance(target, ReminderTarget) or not target.reminder:
            return
        if not self.services.was_done(command, key):
            self.open(target)

    def _sources(self, key: ModelKey) -> tuple[StreamId, ReminderSources | None]:
        """Return a model's stream and the sources of its reminders; the latter None if it was erased."""
        services = self.services
        stream = model_stream(services.installation.team, key)
        try:
            model = services.command_handler.model(stream)
        except NoSuchModel:
            return stream, None
        return stream, ReminderSources(
            stream=stream,
            model=model,
            register=services.register_of(model),
            naming=services.naming,
            now=services.now(),
            refused=lambda person: send_failure(services.unit.reminders.of(key), person),
            people=cache(services.people(model.channel)),
            events=cache(lambda: list(services.store.events(stream, until=model.version))),
            permalink=services.permalink(stream, model.channel),
        )


def snooze_options(reach: Reachability, now: datetime) -> tuple[Option, ...]:
    """Return the options: in a day, in three days, next week, at the start of work; values in ISO 8601.

    A day off is replaced by the next working day, and no day is offered twice.
    """
    today = reach.day_of(now)
    days = (
        ("1 day", today + timedelta(days=1)),
        ("3 days", today + timedelta(days=3)),
        ("Next week", today + timedelta(days=7 - today.weekday())),
        ("In one week", today + timedelta(days=7)),  # where next week begins on one of the days before
    )
    found: dict[datetime, str] = {}
    for words, day in days:
        begins = next_at_work(reach, reach.opening(day))
        if len(found) < _MAX_OPTIONS:
            found.setdefault(begins, f"{words} ({reach.day_of(begins):%A, %-d %B})")
    return tuple(
        Option(value=begins.isoformat(timespec="seconds"), text=text) for begins, text in found.items()
    )


_MAX_OPTIONS = 3
