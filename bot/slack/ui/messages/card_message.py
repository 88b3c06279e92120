"""The card of a model in its channel."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button_row,
    confirm,
    context,
    divider,
    header,
    link_button,
    message,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, local_time, one_line
from bot.slack.protocol.targets import Action, Target, VotingTarget, WordTarget
from bot.slack.ui.messages.round_messages import take_medians_button
from bot.slack.ui.modals.collecting.element_form import add_element_button
from bot.slack.ui.modals.next_step_buttons import (
    changes_button,
    early_remediation_button,
    next_step_button,
    questions_target,
    residual_vote_button,
    review_button,
)
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import (
    PHASE_LABELS,
    day_text,
    findings_summary,
    first_lines,
    imported_line,
    list_heading,
    owned_questions,
    person_name,
    phase_steps,
)
from bot.slack.ui.texts.remediation_texts import (
    has_plan,
    open_mitigation_count,
    response_counts,
    threat_status_text,
)
from bot.slack.ui.texts.score_texts import severity_counts
from domain.commands import AddAsset, AnswerQuestions
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PLURAL, REGISTERS
from domain.kernel.text_formatting import Naming, count_phrase
from domain.next_step.next_step_choice import NextStepKind
from domain.register import ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import RankedThreat
from domain.voting.turnout import Turnout
from domain.wording.voting import attribution_notice


def closed_rows(stream: str, register: ThreatRegister) -> list[Block]:
    """Return why the model is closed, its retrospective, and its next review."""
    reason = escape(one_line(register.closing_reason), _REASON) if register.closing_reason else ""
    left = [one for one in register.passed if one.step == "closed"]
    because = f", reason: {reason}" if reason else "."
    if left:
        because = f" with {count_phrase(len(left), 'condition')} not met{because}"
    lines = [f"*{PHASE_LABELS.get(register.phase, 'Done')}*{because}"]
    answered, act = len(register.retrospectives), register.next.act
    if act is NextStepKind.REVIEW:
        lines.append("The next review is due: record what has changed, and answer what is new.")
    elif act is NextStepKind.LOOK_BACK:
        given = f"{count_phrase(answered, 'person has', 'people have')} answered the five questions."
        lines += filter(None, (response_counts(register), open_mitigation_count(register)))
        lines.append(f"Retrospective: {given if answered else 'five short questions for you.'}")
        if register.review_due is not None:
            lines.append(f"Next review: {day_text(register.review_due.date())}.")
    elif not reason:
        lines[0] += " No open tasks."
    read = ModelButtons(stream).shows("Read answers", "retrospectives") if answered else None
    review = None if act is NextStepKind.REVIEW else review_button(stream, register)
    return [section("\n".join(lines)), *button_row(next_step_button(stream, register), read, review)]


_REASON = 300


WORST = 3
"""Number of threats with a row; the plan page has all of them."""


def plan_rows(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return the counts and the worst open threats; nothing before remediation."""
    if register.phase != "remediation" or not register.threats:
        return []
    unfinished = [threat for threat in register.ranked if not register.statuses[threat.threat.id].state.over]
    return [
        section("\n".join(_counts(register, unfinished))),
        *(_threat(stream, register, one, naming) for one in unfinished[:WORST]),
    ]


def _counts(register: ThreatRegister, unfinished: Sequence[RankedThreat]) -> Iterator[str]:
    """Yield the threats by state and severity, then what is missing or late."""
    statuses = register.statuses.values()
    states = Counter(status.state for status in statuses)
    counts = [f"{len(unfinished)} open ({severity_counts(unfinished)})" if unfinished else "none open"]
    counts += [f"{states[state]} {state.label}" for state in ThreatState if state.over and states[state]]
    yield f"*{count_phrase(len(register.threats), 'threat')}:* {' · '.join(counts)}"
    live = [one for one in register.mitigations if not one.orphan and one.mitigation.state.to_do]
    asked = sum(one.proposal is not None for one in register.mitigations if not one.orphan)
    rest = (
        (sum(status.needs_response for status in statuses), "{} without a response"),
        (sum(status.waits_for_approval for status in statuses), "{} waiting for approval"),
        (len(live), f"{count_phrase(len(live), 'mitigation')} to do"),
        (sum(one.overdue for one in live), "⚠ *{} overdue*"),
        (asked, f"{count_phrase(asked, 'issue')} to decide on"),
    )
    if any(count for count, _ in rest):
        yield " · ".join(text.format(count) for count, text in rest if count)


def _threat(stream: str, register: ThreatRegister, one: RankedThreat, naming: Naming) -> Block:
    id, status = one.threat.id, register.statuses[one.threat.id]
    score = f" · {one.score.tally.band.capitalize()} {one.score.tally.mean:.1f}" if one.score else ""
    label = "Respond" if status.state.unanswered else "Open"
    opened = ModelButtons(stream).shows(label, "response", id, suffix=f"worst-{id}", spoken=f"{label}: {id}")
    text = f"*{escape_name(one.threat.title, _TITLE)}* · {id}{score}\n{threat_status_text(status, naming)}"
    return section(text, accessory=opened)


_TITLE = 80


def short_card(stream: str, register: ThreatRegister, naming: Naming) -> Message:
    """Return a short card: name, next step, and the two main buttons."""
    next_words = escape(one_line(register.next.text), _STEP)
    more = ModelButtons(stream).shows("More…", "more")
    return message(
        f"{escape_name(register.name, _SHORT_NAME)} ({register.key}). Next: {next_words}.",
        [
            _header(register, _SHORT_NAME),
            section(f"*Next: {next_words}*"),
            *button_row(next_step_button(stream, register), more),
            *_imported(register, naming),
            context("Slack temporarily shows a shortened card. No data is lost."),
        ],
    )


def _header(register: ThreatRegister, most: int) -> Block:
    # The key stays readable behind the longest name.
    return header(f"{clip(one_line(register.name), most) or 'Threat model'} · {register.key}")


def _imported(register: ThreatRegister, naming: Naming) -> list[Block]:
    imported = imported_line(register, naming)
    return [context(imported)] if imported else []


_SHORT_NAME, _LONG_NAME = 100, 120


def turnout_rows(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return each open round with its turnout and its buttons.

    If a round is the next step, its row says so, because a card has little room. Of many rounds, those that
    need an action come first, then those that end first.
    """

    def urgency(turnout: Turnout) -> tuple[bool, bool, bool, datetime]:
        is_next = register.next.round == turnout.round
        return not is_next, not turnout.to_settle, not turnout.quorum_met, turnout.deadline

    rows: list[Block] = []
    pressing = sorted(register.rounds, key=urgency)[:_ROUNDS]
    for turnout in register.rounds:
        if turnout in pressing:
            ahead = "Next: " if register.next.round == turnout.round else ""
            words = "\n".join(_turnout_lines(turnout, naming, ahead))
            rows += [section(words), actions(*_turnout_buttons(ModelButtons(stream), turnout))]
    left = [turnout for turnout in register.rounds if turnout not in pressing]
    if left:
        threats = count_phrase(sum(len(turnout.asks) for turnout in left), "threat")
        more = f"and {count_phrase(len(left), 'more round')} on {threats}. *Vote* covers all of them."
        rows.append(context(more))
    return rows


def turnout_text(turnout: Turnout) -> str:
    """Return how many of those invited have voted: `4 of 6 voted`."""
    return f"{turnout.cast} of {len(turnout.voters)} voted"


def _turnout_lines(turnout: Turnout, naming: Naming, ahead: str) -> Iterator[str]:
    threats, until = count_phrase(len(turnout.asks), "threat"), local_time(turnout.deadline)
    if turnout.to_settle:
        what, time = f"close the round on {threats}", f"ended {until} without a quorum"
    else:
        again = " again" if turnout.revote_of is not None else ""
        what, time = f"vote{again} on {threats}", f"until {until}"
        time += ", extended" if turnout.extended else ""
    parts = [f"*{ahead}{what.capitalize()}* ({turnout.round})", f"*{turnout_text(turnout)}*"]
    if len(turnout.asks) > _SHORT_ROUND and turnout.ballots != turnout.ballots_expected:
        # In a long round, few have cast their last ballot for most of the time.
        parts.append(f"{turnout.ballots} of {turnout.ballots_expected} ballots")
    yield " · ".join([*parts, time])
    if turnout.waits_for:
        named = [person_name(naming, person) for person in turnout.waits_for]
        yield f"Waiting for {', '.join(first_lines(named, _MAX_NAMES, '{} more'))}"
    elif turnout.missing:
        yield f"Waiting for {count_phrase(turnout.missing, 'voter')}"
    if attribution_notice(turnout.panel):
        yield attribution_notice(turnout.panel)


def _turnout_buttons(make: ModelButtons, turnout: Turnout) -> Iterator[Block]:
    id = turnout.round
    if turnout.to_settle:
        yield make.does("Extend", Action.EXTEND_ROUND, id, suffix=f"extend-{id}")
        settle = VotingTarget(name="settle_round", voting_round=id)
        yield make.opens("Close anyway…", settle, suffix=f"settle-{id}")
        if turnout.revote_of is not None:
            yield take_medians_button(make, id)
        return
    vote = WordTarget(name="vote", argument=id)
    yield make.runs("Vote", vote, suffix=f"vote-{id}", spoken=f"Vote, round {id}", primary=True)
    if turnout.quorum_met:
        asked = confirm(
            "Close this round?",
            f"{turnout_text(turnout)}. Voting ends, and everyone sees the result.",
            yes="Close",
        )
        yield make.does("Close round", Action.CLOSE_ROUND, id, suffix=f"close-{id}", confirm=asked)
    if turnout.revote_of is not None:
        yield take_medians_button(make, id)


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
    owned = owned_questions(register, naming) if register.allows(AnswerQuestions) else ""
    return [
        _header(register, _LONG_NAME),
        context(phase_steps(register.phase)),
        *_next(stream, register, naming),
        *turnout_rows(stream, register, naming),
        *plan_rows(stream, register, naming),
        divider(),
        *_lists(ModelButtons(stream), register),
        divider(),
        section("\n".join(filter(None, (findings_summary(register), owned))) or "No findings"),
        actions(*_findings_buttons(ModelButtons(stream), register)),
        context(_small_print(register, naming)),
        *_imported(register, naming),
    ]


def _next(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    step = register.next
    if step.round is not None:
        # The round's own row below shows the turnout, and its button.
        return []
    if step.act in (NextStepKind.NOTHING, NextStepKind.LOOK_BACK, NextStepKind.REVIEW):
        return closed_rows(stream, register)
    whom = "Any participant can do this"
    if step.waits_for:
        whom = f"Waiting for *{person_name(naming, step.waits_for)}*"
    return [
        section(f"*Next: {escape_name(step.text, _STEP)}*\n{whom}"),
        *button_row(
            next_step_button(stream, register),
            changes_button(stream, register),
            early_remediation_button(stream, register),
            residual_vote_button(stream, register),
        ),
    ]


def _lists(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    """Return a row for each list, with a button to open it; before remediation, buttons to add to each."""
    rows: list[Block] = []
    for kind in REGISTERS:
        shown = register.lists[kind]
        # No-break spaces: on a phone the mark is wrapped as a whole.
        complete = "  ✓\N{NO-BREAK SPACE}complete" if shown.complete else ""
        opening = make.shows(
            "Open",
            Target(name="register", kind=kind),
            suffix=f"list-{kind}",
            spoken=f"Open {PLURAL[kind]}",
        )
        text = f"*{list_heading(kind)}*  {len(shown.items)}{complete}"
        rows.append(section(text, accessory=opening))
    if register.phase == "remediation" or not register.allows(AddAsset):
        return rows
    adding = [add_element_button(make, register, kind, names_kind=True) for kind in REGISTERS]
    return [*rows, actions(*adding)]


def _findings_buttons(make: ModelButtons, register: ThreatRegister) -> Iterator[Block]:
    """Yield the buttons to the findings of each kind."""
    answering = register.next.act is NextStepKind.ANSWER
    if register.questions and register.allows(AnswerQuestions) and not answering:
        spoken = f"Answer open questions of {register.key}"
        yield make.opens("Answer questions", questions_target(make.stream, register), spoken=spoken)
    if has_plan(register):
        yield make.shows("Plan", "plan")
    if register.threats:
        yield make.shows("Threats", "threats")
    if register.suggested_threats or register.warnings:
        yield make.shows("Findings", "seen", spoken="Findings: suggested threats and warnings")
    yield make.shows("More…", "more", spoken="Lists, history, participants, phases")


def _small_print(register: ThreatRegister, naming: Naming) -> str:
    words = [f"Facilitator: {person_name(naming, register.facilitator)}"]
    if register.answers_by:
        words.append(f"Answers due {short_day(register.answers_by)}")
    if register.assumptions:
        words.append(count_phrase(len(register.assumptions), "assumption"))
    return " · ".join(words)


_STEP = 300
"""Characters of the next step, which may name a threat; JSON has two for each quotation mark."""
