"""Messages of one short shape: in threads, to people, and as previews of links."""

from collections.abc import Iterator, Sequence

import msgspec

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    button_row,
    context,
    message,
    section,
    text_message,
)
from bot.slack.protocol.escaping import clip, ended, escape, escape_name, one_line
from bot.slack.protocol.targets import ButtonKind, DraftTarget, SelectionTarget
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.ui.modals.drafting.draft_form import draft_summary
from bot.slack.ui.modals.steering.closing_page import condition_rows
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import list_heading, person_name, with_person_names
from bot.slack.ui.texts.remediation_texts import open_mitigation_count, response_counts
from domain.events import PhaseMoved, ThreatModelClosed
from domain.kernel.elements import REGISTERS, ModelKey, PersonId
from domain.kernel.import_mark import SCREENING, Claim
from domain.kernel.text_formatting import Naming, count_phrase, join_list
from domain.kernel.threat import ThreatId
from domain.kernel.tracked_issue import ConnectedTracker
from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.portfolio.portfolio_totals import WeeklyChanges
from domain.register import ThreatRegister
from domain.wording.collection import sources_phrase


class SessionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A person's actions, worded to follow their name; `mentions` appear as `@id`."""

    by: PersonId
    text: str
    mentions: tuple[PersonId, ...] = ()


class WorkSession(msgspec.Struct, frozen=True, kw_only=True):
    """Session: each person's actions, in order of their first one, then the phase changes."""

    entries: tuple[SessionEntry, ...]
    moves: tuple[SessionEntry, ...]

    @property
    def empty(self) -> bool:
        """Whether all of it was withdrawn."""
        return not self.entries and not self.moves


def claim_message(stream: str, key: ModelKey, importer: str, claims: Sequence[Claim]) -> Message:
    """Return the question, asked once, whether statements of a file are the reader's."""
    subjects = [claim.subject for claim in claims]
    risks = sum(subject.startswith("TH-") for subject in subjects)
    mitigations = sum(subject.startswith("MI-") for subject in subjects)
    phrases = (
        f"approved {count_phrase(risks, 'accepted risk')}" if risks else "",
        f"verified {count_phrase(mitigations, 'mitigation')}" if mitigations else "",
        "confirmed the screening" if SCREENING in subjects else "",
    )
    text = (
        f"{escape_name(importer)} imported {key} from a file. The file states that you "
        f"{join_list([*filter(None, phrases)])}. None of this counts unless you confirm it. You are asked "
        "once."
    )
    return text_message(text, ModelButtons(stream).shows("Review", "claims", primary=True))


def proposal_message(opened: OpenDraft, model: ThreatModel, target: DraftTarget, *, own: bool) -> Message:
    """Return the message with the number of open proposals; `own` if the reader's agent made them."""
    left, items = len(opened.comparison.open), count_phrase(len(opened.comparison.proposals), "item")
    source = escape(sources_phrase(opened.draft.sources), _SOURCES)
    text = (
        f"{'Your agent' if own else 'An agent'} ({escape(opened.origin.client, _CLIENT)}) proposed {items} "
        f"for *{escape_name(model.name)}* ({model.key}) from {source}. "
        + (f"{count_phrase(left, 'item')} to accept or reject." if left else "Nothing is left to decide.")
    )
    look = button("Look", ButtonKind.OPEN, target, suffix="draft", primary=True) if left else None
    return text_message(text, look, short=text.replace("*", ""))


_CLIENT = 60
_SOURCES = 200


_ERROR = 300


def stopped_message(tracker: ConnectedTracker, error: str) -> Message:
    """Return the message that a tracker is no longer called, why, and what to do."""
    return text_message(
        f"⚠ Issues in {_named(tracker)} are no longer kept up to date. {escape(clip(error, _ERROR))}\n"
        "Nothing is sent or read there until an administrator replaces the token: type "
        "`/threatmodel tracker` and press *Replace token*. Nothing is lost: changes are sent afterwards."
    )


def resumed_message(tracker: ConnectedTracker) -> Message:
    """Return the message that a tracker is called again."""
    return text_message(f"✓ Issues in {_named(tracker)} are kept up to date again.")


def _named(tracker: ConnectedTracker) -> str:
    return f"{tracker.kind.label}, {escape_name(tracker.project)} ({tracker.id})"


def portfolio_digest(week: WeeklyChanges, chosen_by: str) -> Message:
    """Return the digest; `chosen_by` is the escaped name of the person whose channels it covers."""
    title = f"Threat models this week: {count_phrase(week.totals.models, 'model')}"
    blocks = [
        section("\n".join((f"*{title}*", *_lines(week)))),
        actions(button("Open portfolio", ButtonKind.SHOW, SelectionTarget(name="portfolio"))),
        context(
            f"Models of the channels of {chosen_by}. In the portfolio, you see those of your own channels."
        ),
    ]
    return message(title, blocks)


def _lines(week: WeeklyChanges) -> Iterator[str]:
    totals, before = week.totals, week.before.total
    change = totals.open.total - before
    yield f"• Open threats: {totals.open.total:,} ({totals.open.text}), {change:+,} in a week"
    if week.worse or week.better:
        more, fewer = count_phrase(week.worse, "model"), count_phrase(week.better, "model")
        yield f"• Critical and high threats: more in {more}, fewer in {fewer}"
    yield f"• Found: {week.found.total:,}" + (f" ({week.found.text})" if week.found.total else "")
    done = ", ".join(f"{number:,} {state.label}" for state, number in week.settled.items())
    yield f"• Done: {done or 'nothing'}"
    overdue = totals.overdue_mitigations + totals.overdue_approvals
    yield f"• Overdue: {count_phrase(overdue, 'mitigation or approval', 'mitigations and approvals')}"
    if week.expiring:
        yield f"• Accepted risks that expire within two weeks: {week.expiring:,}"
    if week.reviews:
        yield f"• Reviews due within a week: {week.reviews:,}"
    if week.untouched:
        yield f"• Without activity this week: {count_phrase(week.untouched, 'model')}"


def link_preview(
    stream: str, register: ThreatRegister, threat: ThreatId | None, permalink: str
) -> list[Block]:
    """Return the preview; a threat that does not exist, or was merged or withdrawn, shows the model.

    That of a threat has a button that opens the threat, for those who may see it when they press it.
    """
    name = f"*{escape_name(register.name, _NAME)}* · {register.key}"
    card = f" · <{permalink}|Card>" if permalink else ""
    found = next((one for one in register.threats if one.id == threat), None)
    if found is None:
        text = f"{name}\n*Next:* {escape(one_line(register.next.text), _NEXT)}"
        return [section(text), context(f"Threat model in {register.phase}{card}")]
    state = register.statuses[found.id].state.label
    about = SelectionTarget(name="threats", stream=stream, selection=found.id)
    opened = button("Open", ButtonKind.SHOW, about, spoken=f"Open {found.id}")
    return [
        section(f"*{escape_name(found.title, _NAME)}* · {found.id}\nThreat in {name}", accessory=opened),
        context(f"{state[:1].upper()}{state[1:]}{card}"),
    ]


_NAME = 100
_NEXT = 300


def draft_ready(opened: OpenDraft, target: DraftTarget) -> Message:
    """Return the message to the person whose form was closed before the draft was read."""
    return _draft_message(f"The draft is ready. {draft_summary(opened)}", target)


def _draft_message(text: str, target: DraftTarget) -> Message:
    pressed = button("Look", ButtonKind.OPEN, target, suffix="draft")
    return message(text, [section(escape(text)), actions(pressed)])


def source_changed(opened: OpenDraft, target: DraftTarget) -> Message:
    """Return the line about what changed in sources since they were accepted."""
    comparison = opened.comparison
    parts = [
        f"{count_phrase(count, 'thing')} {'is' if count == 1 else 'are'} {word}"
        for count, word in (
            (len(comparison.new), "new"),
            (len(comparison.changed), "different"),
            (len(comparison.gone), "gone"),
        )
        if count
    ]
    since = f"since the last draft of {sources_phrase(opened.draft.sources)}"
    return _draft_message(f"{join_list(parts)} {since}.", target)


def session_message(stream: str, session: WorkSession, naming: Naming) -> Message:
    """Return a session: a line for each person, and one for each change of phase."""
    if session.empty:
        return text_message(f"_{_NOTHING_LEFT}_", short=_NOTHING_LEFT)
    entries = [_line(entry, naming) for entry in session.entries]
    moves = [_line(entry, naming, mark="→ ") for entry in session.moves]
    shown, more = _lines_that_fit(entries, moves)
    blocks = [section("\n".join(shown))]
    if more:
        history = ModelButtons(stream).shows("History", "history")
        blocks += [context(f"and {more:,} more: see *History*"), actions(history)]
    every = (*session.entries, *session.moves)
    return message(" ".join(_line(entry, naming, bold=False) for entry in every), blocks)


def short_session_message(stream: str) -> Message:
    """Return a shorter session message, within Slack's limits."""
    history = ModelButtons(stream).shows("History", "history")
    return text_message(f"{_MUCH} See *History*.", history, short=_MUCH)


def closed_message(
    stream: str, register: ThreatRegister, event: ThreatModelClosed, naming: Naming, review: str = ""
) -> Message:
    """Return the message for the channel that a model was closed, with its totals and those of a review."""
    who, count = person_name(naming, event.by), len(register.threats)
    model = f"{escape_name(register.name)} ({register.key})"
    there = [
        f"{list_heading(kind)} {len(register.items(kind))}" for kind in REGISTERS if register.items(kind)
    ]
    proposed = f", as *{person_name(naming, event.proposed_by)}* proposed" if event.proposed_by else ""
    lines = (
        f"■ *{who}* closed the threat model *{model}*{proposed}.",
        f"*{review}.*" if review else "",
        f"Reason: {escape(one_line(event.reason), _MAX_TEXT)}" if event.reason else "",
        response_counts(register) or (f"{count_phrase(count, 'threat')}, all open" if count else ""),
        open_mitigation_count(register),
    )
    blocks = [section("\n".join(filter(None, lines)))]
    if event.overrides:
        blocks += [section("*Not met at closing*"), *condition_rows(event.overrides)]
    if there:
        blocks.append(context(" · ".join(there)))
    blocks += button_row(ModelButtons(stream).opens("Answer retrospective", "retrospective"))
    return message(f"{who} closed the threat model {model}.", blocks)


def moved_message(register: ThreatRegister, event: PhaseMoved, naming: Naming) -> Message:
    """Return the message for the channel that the team moved on past unmet conditions."""
    who, phase = person_name(naming, event.by), phase_of(event.step)
    words = f"{who} moved {escape_name(register.name)} ({register.key}) to {phase}"
    unmet = count_phrase(len(event.overrides), "condition")
    because = (f"\nReason: {escape(one_line(event.reason), _MAX_TEXT)}") if event.reason else ""
    head = section(f"→ {words}, with {unmet} not met.{because}")
    return message(f"{words}, with {unmet} not met.", [head, *condition_rows(event.overrides)])


def _line(entry: SessionEntry, naming: Naming, *, mark: str = "", bold: bool = True) -> str:
    words, who = with_person_names(entry.text, entry.mentions, naming), person_name(naming, entry.by)
    return f"{mark}{f'*{who}*' if bold else who} {ended(escape(words, _MAX_TEXT))}"


def _lines_that_fit(entries: Sequence[str], moves: Sequence[str]) -> tuple[list[str], int]:
    """Return the lines that fit, always with the phase changes, and the number of lines left out."""
    kept_moves = list(moves[-_MOVES:])
    room = _ROOM - sum(len(line) + 1 for line in kept_moves)
    shown: list[str] = []
    for line in entries:
        room -= len(line) + 1
        if room < 0 or len(shown) == _PEOPLE:
            break
        shown.append(line)
    return [*shown, *kept_moves], len(entries) - len(shown) + len(moves) - len(kept_moves)


_NOTHING_LEFT = "These changes were undone."
_MUCH = "There are more changes than Slack shows in one message."
_PEOPLE = 25
_MOVES = 5
_MAX_TEXT = 300
_ROOM = 2_900
"""Characters for these lines, of a section's maximum of 3,000."""
