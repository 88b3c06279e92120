"""Button of the next step."""

from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.targets import Action, ButtonKind, OpenRoundTarget, PhaseTarget, Target
from bot.slack.ui.modals.collecting.element_form import adding_target
from bot.slack.ui.modals.voting.round_forms import without_residual_score
from bot.slack.ui.model_buttons import ModelButtons
from domain.kernel.due_dates import short_day
from domain.kernel.elements import SINGULAR
from domain.kernel.voting_round import RoundKind
from domain.lifecycle import NEEDED_FOR_ANALYSIS
from domain.next_step.next_step_choice import NextStepKind
from domain.register import ThreatRegister


def next_step_button(stream: str, register: ThreatRegister, *, in_place: bool = False) -> Block | None:
    """Return the primary button of a model; None if nothing is waiting.

    `in_place` is for a modal that the next form or page replaces.
    """
    act, about = register.next.act, register.next.about
    if act is NextStepKind.ADD_MISSING:
        missing = next((kind for kind, _ in NEEDED_FOR_ANALYSIS if not register.items(kind)), None)
        if missing is None:
            return None
        label, trigger = f"Add {SINGULAR[missing]}", ButtonKind.OPEN
        target, about = adding_target(register, missing), ""
    elif act in _PRESSED:
        label, trigger, target = _PRESSED[act]
    else:
        return None
    if act is NextStepKind.ANSWER:
        target = questions_target(stream, register)
    if act is NextStepKind.RESPOND and not about:
        target = Target(name="plan")
    return button(
        label,
        ButtonKind.TURN if in_place and trigger not in (ButtonKind.DO, ButtonKind.WORD) else trigger,
        replace(target, stream=stream, element=about),
        suffix="next",
        primary=True,
    )


def questions_target(stream: str, register: ThreatRegister) -> Target:
    """Return the form with the open questions, or the screening if it comes first."""
    return Target(name="screening" if register.pending_screening else "questions", stream=stream)


def early_remediation_button(stream: str, register: ThreatRegister) -> Block | None:
    """Return the button that begins remediation beside steps that it does not wait for.

    Only closing asks for coverage. Questions come after the vote, and a reason passes those that are open.
    """
    in_analysis = register.phase == "analysis" and bool(register.threats)
    if not in_analysis or register.next.act not in (NextStepKind.ANSWER, NextStepKind.COVER):
        return None
    return ModelButtons(stream).does("Begin remediation", Action.BEGIN_REMEDIATION)


def review_button(stream: str, register: ThreatRegister) -> Block | None:
    """Return the button that reviews a closed model before its review is due."""
    if register.phase != "closed":
        return None
    return ModelButtons(stream).shows("Review", "changes", suffix="review")


def changes_button(stream: str, register: ThreatRegister) -> Block | None:
    """Return the button to what has changed since the closing, in a review."""
    if register.review is None:
        return None
    since = f"Changes since {short_day(register.review.since.date())}"
    return ModelButtons(stream).shows(since, "changes", suffix="since")


def residual_vote_button(stream: str, register: ThreatRegister) -> Block | None:
    """Return the button for a vote on residual risk, if none was held before closing."""
    closing = register.next.act is NextStepKind.CLOSE
    return open_residual_vote_button(stream) if closing and without_residual_score(register) else None


def open_residual_vote_button(stream: str, *, back: str = "") -> Block:
    """Return a button that opens a vote on residual risk."""
    opening = OpenRoundTarget(name="open_round", round_kind=RoundKind.RESIDUAL)
    return ModelButtons(stream, back).opens("Rate residual risk", opening, suffix=RoundKind.RESIDUAL)


_PRESSED: dict[NextStepKind, tuple[str, ButtonKind, Target]] = {
    NextStepKind.DRAW: ("Add data flows", ButtonKind.OPEN, Target(name="flows")),
    NextStepKind.PLACE: ("Place components", ButtonKind.OPEN, Target(name="place")),
    NextStepKind.LINK: ("Compare", ButtonKind.OPEN, Target(name="links")),
    NextStepKind.ANSWER: ("Answer questions", ButtonKind.OPEN, Target(name="questions")),
    NextStepKind.RESTATE: ("Review answers", ButtonKind.OPEN, Target(name="still_true")),
    NextStepKind.BEGIN_ANALYSIS: ("Begin analysis", ButtonKind.DO, Target(name=Action.BEGIN_ANALYSIS)),
    NextStepKind.DECIDE_SUGGESTED_THREATS: ("Review suggested threats", ButtonKind.SHOW, Target(name="seen")),
    NextStepKind.COVER: ("View coverage", ButtonKind.SHOW, Target(name="coverage")),
    NextStepKind.OPEN_ROUND: ("Open voting round", ButtonKind.OPEN, Target(name="open_round")),
    NextStepKind.VOTE: ("Vote", ButtonKind.WORD, Target(name="vote")),
    NextStepKind.BEGIN_REMEDIATION: (
        "Begin remediation",
        ButtonKind.DO,
        Target(name=Action.BEGIN_REMEDIATION),
    ),
    NextStepKind.RESPOND: ("Respond", ButtonKind.SHOW, Target(name="response")),
    NextStepKind.APPROVE: ("View proposal", ButtonKind.SHOW, Target(name="response")),
    NextStepKind.CONFIRM_CLOSING: ("View proposal", ButtonKind.SHOW, Target(name="closing")),
    NextStepKind.PLAN: ("Plan a mitigation", ButtonKind.OPEN, Target(name="mitigation")),
    NextStepKind.PUT_IN_PLACE: ("View mitigation", ButtonKind.SHOW, Target(name="response")),
    NextStepKind.CHECK: ("Check answers", ButtonKind.OPEN, Target(name="check")),
    NextStepKind.VERIFY: ("View mitigation", ButtonKind.SHOW, Target(name="response")),
    # Closing asks for a confirmation that lists the open items.
    NextStepKind.LOOK_BACK: ("Answer retrospective", ButtonKind.OPEN, Target(name="retrospective")),
    NextStepKind.REVIEW: ("Review", ButtonKind.SHOW, Target(name="changes")),
    NextStepKind.CLOSE: ("Close the model", ButtonKind.OPEN, PhaseTarget(name="move", move=Action.CLOSE)),
}
