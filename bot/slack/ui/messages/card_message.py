"""The card of a model in its channel."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    divider,
    header,
    link_button,
    message,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, local_time, one_line
from bot.slack.protocol.targets import Action, ButtonKind, Target, VotingTarget, WordTarget
from bot.slack.ui.modals.collecting.element_form import add_element_button
from bot.slack.ui.modals.next_step_buttons import (
    early_remediation_button,
    next_step_button,
    questions_target,
    residual_vote_button,
)
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import (
    PHASE_LABELS,
    day_text,
    findings_summary,
    imported_line,
    list_heading,
    person_name,
    phase_steps,
)
from bot.slack.ui.texts.remediation_texts import (
    has_plan,
    open_mitigation_count,
    response_counts,
    threat_status_text,
)
from domain.commands import AddAsset, AnswerQuestions
from domain.dread.scoring import Band
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PLURAL, REGISTERS, Kind, PersonId
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.next_step.next_step_choice import NextStepKind
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import RankedThreat
from domain.voting.turnout import Turnout
from domain.wording.secrecy_notices import attribution_notice


def closed_rows(stream: str, register: ThreatRegister) -> list[Block]:
    """Return why the model is closed, its retrospective, and its next review."""
    reason = escape(one_line(register.closing_reason), _REASON) if register.closing_reason else ""
    left = [one for one in register.passed if one.step == "closed"]
    because = f", reason: {reason}" if reason else "."
    if left:
        because = f" with {count_phrase(len(left), 'condition')} not met{because}"
    head = f"*{PHASE_LABELS.get(register.phase, 'Done')}*{because}"
    answered = len(register.retrospectives)
    match register.next.act:
        case NextStepKind.REVIEW:
            lines = [
                head,
                "The next review is due. If the system has changed, *reopen* the model to review it.",
            ]
        case NextStepKind.LOOK_BACK:
            lines = [
                head,
                *(one for one in (response_counts(register), open_mitigation_count(register)) if one),
            ]
            lines.append(f"Retrospective: {_answered(answered)}")
            if register.review_due is not None:
                lines.append(f"Next review: {day_text(register.review_due.date())}.")
        case _:  # a closed model has no other next step
            lines = [head] if reason else [f"{head} No open tasks."]
    buttons = [pressed] if (pressed := next_step_button(stream, register)) else []
    if answered:
        page = Target(name="retrospectives", stream=stream)
        buttons.append(button("Read answers", ButtonKind.SHOW, page))
    return [section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def _answered(count: int) -> str:
    if not count:
        return "five short questions for you."
    return f"{count_phrase(count, 'person has', 'people have')} answered the five questions."


_REASON = 300


WORST = 3
"""Number of threats with a row; the plan page has all of them."""


def plan_rows(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return the counts and the worst open threats; nothing before remediation."""
    if register.phase != "remediation" or not register.threats:
        return []
    worst = _open_threats(register)[:WORST]
    return [
        section("\n".join(_counts(register))),
        *(_threat(stream, register, one, naming) for one in worst),
    ]


def _open_threats(register: ThreatRegister) -> list[RankedThreat]:
    return [one for one in register.ranked if not register.statuses[one.threat.id].state.over]


def _counts(register: ThreatRegister) -> Iterator[str]:
    """Yield the threats by state and severity, then what is missing or late."""
    states = Counter(one.state for one in register.statuses.values())
    unfinished = _open_threats(register)
    bands = Counter(one.score.tally.band if one.score else None for one in unfinished)
    severities = [f"{bands[band]} {band}" for band in reversed(Band) if bands[band]]
    severities += [f"{bands[None]} unscored"] if bands[None] else []
    counts = [f"{len(unfinished)} open ({', '.join(severities)})" if unfinished else "none open"]
    counts += [f"{states[state]} {state.label}" for state in ThreatState if state.over and states[state]]
    yield f"*{count_phrase(len(register.threats), 'threat')}:* {' · '.join(counts)}"
    silent = sum(one.needs_response for one in register.statuses.values())
    asked_for = sum(one.waits_for_approval for one in register.statuses.values())
    live = [one for one in register.mitigations if not one.orphan and one.mitigation.state.to_do]
    late = sum(one.overdue for one in live)
    asked = sum(one.proposal is not None for one in register.mitigations if not one.orphan)
    rest = [
        f"{silent} without a response" if silent else "",
        f"{asked_for} waiting for approval" if asked_for else "",
        f"{count_phrase(len(live), 'mitigation')} to do" if live else "",
        f"⚠ *{late} overdue*" if late else "",
        f"{count_phrase(asked, 'issue')} to decide on" if asked else "",
    ]
    if any(rest):
        yield " · ".join(one for one in rest if one)


def _threat(stream: str, register: ThreatRegister, one: RankedThreat, naming: Naming) -> Block:
    threat, status = one.threat, register.statuses[one.threat.id]
    score = f" · {one.score.tally.band.capitalize()} {one.score.tally.mean:.1f}" if one.score else ""
    label = "Respond" if status.state.unanswered else "Open"
    opened = button(
        label,
        ButtonKind.SHOW,
        Target(name="response", stream=stream, element=threat.id),
        suffix=f"worst-{threat.id}",
        spoken=f"{label}: {threat.id}",
    )
    text = f"*{escape_name(threat.title, _TITLE)}* · {threat.id}{score}\n{threat_status_text(status, naming)}"
    return section(text, accessory=opened)


_TITLE = 80


def short_card(stream: str, register: ThreatRegister, naming: Naming) -> Message:
    """Return a short card: name, next step, and the two main buttons."""
    title = f"{clip(one_line(register.name), _NAME) or 'Threat model'} · {register.key}"
    next_words = escape(one_line(register.next.text), _NEXT)
    more = button("More…", ButtonKind.SHOW, Target(name="more", stream=stream))
    pressed = next_step_button(stream, register)
    return message(
        f"{escape_name(register.name, _NAME)} ({register.key}). Next: {next_words}.",
        [
            header(title),
            section(f"*Next: {next_words}*"),
            actions(*(one for one in (pressed, more) if one)),
            *([context(imported)] if (imported := imported_line(register, naming)) else []),
            context("Slack temporarily shows a shortened card. No data is lost."),
        ],
    )


_NAME = 100
_NEXT = 300


def turnout_rows(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return each open round with its turnout and its buttons.

    If a round is the next step, its row says so, because a card has little room. Of many rounds, those that
    need an action come first, then those that end first.
    """
    rows: list[Block] = []
    pressing = sorted(register.rounds, key=lambda turnout: _urgency(turnout, register))[:_ROUNDS]
    for turnout in register.rounds:
        if turnout in pressing:
            ahead = "Next: " if register.next.round == turnout.round else ""
            rows += [section(_words(turnout, naming, ahead=ahead)), actions(*_buttons(stream, turnout))]
    left = [turnout for turnout in register.rounds if turnout not in pressing]
    if left:
        threats = count_phrase(sum(len(turnout.asks) for turnout in left), "threat")
        more = f"and {count_phrase(len(left), 'more round')} on {threats}. *Vote* covers all of them."
        rows.append(context(more))
    return rows


def _urgency(turnout: Turnout, register: ThreatRegister) -> tuple[bool, bool, bool, datetime]:
    return (
        register.next.round != turnout.round,
        not turnout.to_settle,
        not turnout.quorum_met,
        turnout.deadline,
    )


def turnout_text(turnout: Turnout) -> str:
    """Return how many of those invited have voted: `4 of 6 voted`."""
    return f"{turnout.cast} of {len(turnout.voters)} voted"


def _progress(turnout: Turnout) -> list[str]:
    """Return the progress of a long round, in which few have cast their last ballot for most of the time."""
    if len(turnout.asks) <= _SHORT_ROUND or turnout.ballots == turnout.ballots_expected:
        return []
    return [f"{turnout.ballots} of {turnout.ballots_expected} ballots"]


def _words(turnout: Turnout, naming: Naming, *, ahead: str) -> str:
    threats, until = count_phrase(len(turnout.asks), "threat"), local_time(turnout.deadline)
    if turnout.to_settle:
        what, time = f"close the round on {threats}", f"ended {until} without a quorum"
    else:
        again = " again" if turnout.revote_of is not None else ""
        what, time = (
            f"vote{again} on {threats}",
            f"until {until}" + (", extended" if turnout.extended else ""),
        )
    what = f"{ahead}{what.capitalize()}"
    progress = [f"*{turnout_text(turnout)}*", *_progress(turnout)]
    lines = [" · ".join([f"*{what}* ({turnout.round})", *progress, time])]
    if turnout.waits_for:
        lines.append(f"Waiting for {_names(turnout.waits_for, naming)}")
    elif turnout.missing:
        lines.append(f"Waiting for {count_phrase(turnout.missing, 'voter')}")
    if attribution_notice(turnout.panel):
        lines.append(attribution_notice(turnout.panel))
    return "\n".join(lines)


def _buttons(stream: str, turnout: Turnout) -> list[Block]:
    buttons: list[Block] = []
    if turnout.to_settle:
        settle = VotingTarget(name="settle_round", stream=stream, voting_round=turnout.round)
        extend = Target(name=Action.EXTEND_ROUND, stream=stream, element=turnout.round)
        buttons.append(button("Extend", ButtonKind.DO, extend, suffix=f"extend-{turnout.round}"))
        buttons.append(button("Close anyway…", ButtonKind.OPEN, settle, suffix=f"settle-{turnout.round}"))
    else:
        vote = WordTarget(name="vote", stream=stream, argument=turnout.round)
        buttons.append(
            button(
                "Vote",
                ButtonKind.WORD,
                vote,
                suffix=f"vote-{turnout.round}",
                spoken=f"Vote, round {turnout.round}",
                style="primary",
            )
        )
    if turnout.quorum_met and not turnout.to_settle:
        close = Target(name=Action.CLOSE_ROUND, stream=stream, element=turnout.round)
        asked = confirm(
            "Close this round?",
            f"{turnout_text(turnout)}. Voting ends, and everyone sees the result.",
            yes="Close",
        )
        buttons.append(
            button("Close round", ButtonKind.DO, close, suffix=f"close-{turnout.round}", confirm=asked)
        )
    return buttons


def _names(people: Sequence[PersonId], naming: Naming) -> str:
    named = [person_name(naming, turnout) for turnout in people[:_MAX_NAMES]]
    more = [f"{len(people) - _MAX_NAMES} more"] if len(people) > _MAX_NAMES else []
    return ", ".join([*named, *more])


_MAX_NAMES = 8
_SHORT_ROUND = 5
_ROUNDS = 4


def card_message(stream: str, register: ThreatRegister, naming: Naming) -> Message:
    """Return the card of a model."""
    return message(_summary(register), _blocks(stream, register, naming))


def status_copy(stream: str, register: ThreatRegister, naming: Naming, permalink: str = "") -> Message:
    """Return a copy of the card for one reader, with a link to the card if its permalink is known."""
    blocks = _blocks(stream, register, naming)
    if permalink:
        blocks.append(actions(link_button("Go to the card", permalink)))
    return message(_summary(register), blocks)


def _summary(register: ThreatRegister) -> str:
    phase = PHASE_LABELS.get(register.phase, register.phase).lower()
    step = escape_name(register.next.text, _STEP)
    return f"{escape_name(register.name)} ({register.key}), {phase}. Next: {step}."


def _blocks(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    # The key stays readable behind the longest name.
    title = f"{clip(one_line(register.name), _CARD_NAME) or 'Threat model'} · {register.key}"
    return [
        header(title),
        context(phase_steps(register.phase)),
        *_next(stream, register, naming),
        *turnout_rows(stream, register, naming),
        *plan_rows(stream, register, naming),
        divider(),
        *_lists(stream, register),
        divider(),
        *_findings_rows(stream, register),
        context(_small_print(register, naming)),
        *([context(imported)] if (imported := imported_line(register, naming)) else []),
    ]


def _next(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    step = register.next
    if step.round is not None:
        # The round's own row below shows the turnout, and its button.
        return []
    if step.act in (NextStepKind.NOTHING, NextStepKind.LOOK_BACK, NextStepKind.REVIEW):
        return closed_rows(stream, register)
    whom = (
        f"Waiting for *{person_name(naming, step.waits_for)}*"
        if step.waits_for
        else ("Any participant can do this")
    )
    blocks = [section(f"*Next: {escape_name(step.text, _STEP)}*\n{whom}")]
    offered = (
        next_step_button(stream, register),
        early_remediation_button(stream, register),
        residual_vote_button(stream, register),
    )
    buttons = [one for one in offered if one]
    return [*blocks, actions(*buttons)] if buttons else blocks


def _lists(stream: str, register: ThreatRegister) -> list[Block]:
    """Return a row for each list, with a button to open it; before remediation, buttons to add to each."""
    rows = [_list(stream, register, kind) for kind in REGISTERS]
    if register.phase == "remediation" or not register.allows(AddAsset):
        return rows
    make = ModelButtons(stream)
    adding = [add_element_button(make, register, kind, names_kind=True) for kind in REGISTERS]
    return [*rows, actions(*adding)]


def _list(stream: str, register: ThreatRegister, kind: Kind) -> Block:
    shown, heading = register.lists[kind], list_heading(kind)
    # No-break spaces: on a phone the mark is wrapped as a whole.
    complete = "  ✓\N{NO-BREAK SPACE}complete" if shown.complete else ""
    opening = button(
        "Open",
        ButtonKind.SHOW,
        Target(name="register", stream=stream, kind=kind),
        suffix=f"list-{kind}",
        spoken=f"Open {PLURAL[kind]}",
    )
    return section(f"*{heading}*  {len(shown.items)}{complete}", accessory=opening)


def _findings_rows(stream: str, register: ThreatRegister) -> list[Block]:
    """Return the number of findings of each kind, with a button to open them."""
    seen = Target(name="seen", stream=stream)
    buttons: list[Block] = []
    if (
        register.questions
        and register.allows(AnswerQuestions)
        and register.next.act is not NextStepKind.ANSWER
    ):
        asking = questions_target(stream, register)
        spoken = f"Answer open questions of {register.key}"
        buttons.append(button("Answer questions", ButtonKind.OPEN, asking, spoken=spoken))
    if has_plan(register):
        buttons.append(button("Plan", ButtonKind.SHOW, Target(name="plan", stream=stream)))
    if register.threats:
        buttons.append(button("Threats", ButtonKind.SHOW, Target(name="threats", stream=stream)))
    if register.candidates or register.warnings:
        spoken = "Findings: suggested threats and warnings"
        buttons.append(button("Findings", ButtonKind.SHOW, seen, spoken=spoken))
    more = Target(name="more", stream=stream)
    buttons.append(button("More…", ButtonKind.SHOW, more, spoken="Lists, history, participants, phases"))
    return [section(findings_summary(register) or "No findings"), actions(*buttons)]


def _small_print(register: ThreatRegister, naming: Naming) -> str:
    words = [f"Facilitator: {person_name(naming, register.facilitator)}"]
    if register.answers_by:
        words.append(f"Answers due {short_day(register.answers_by)}")
    if register.assumptions:
        words.append(count_phrase(len(register.assumptions), "assumption"))
    return " · ".join(words)


_CARD_NAME = 120
_STEP = 300
"""Characters of the next step, which may name a threat; JSON has two for each quotation mark."""
