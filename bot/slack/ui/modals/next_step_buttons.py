"""The button that does what comes next."""

from bot.slack.protocol.block_builders import Block, button
from bot.slack.protocol.interactions import Deed, FormName, Page, Target, Trigger
from bot.slack.ui.modals.voting.round_forms import RESIDUAL, not_scored_again
from domain.elements import SINGULAR, Kind
from domain.lifecycle import NEEDED_FOR_ANALYSIS
from domain.next_action import Act
from domain.register import ThreatRegister


def next_button(stream: str, register: ThreatRegister, *, in_place: bool = False) -> Block | None:
    """The one prominent button of a model; None where nothing is waiting.

    With `in_place` it is for a modal whose place the next form or page takes.
    """
    act = register.next.act
    if act is Act.ADD_MISSING:
        return _add_missing(stream, register, in_place=in_place)
    if act not in _PRESSED:
        return None
    label, trigger, target = _PRESSED[act]
    about = register.next.about
    if act is Act.RESPOND and not about:
        target = Target(what=Page.PLAN)
    return button(
        label,
        Trigger.TURN if in_place and trigger not in (Trigger.DO, Trigger.WORD) else trigger,
        Target(what=target.what, deed=target.deed, stream=stream, element=about),
        suffix="next",
        style="primary",
    )


def remaining_button(stream: str, register: ThreatRegister) -> Block | None:
    """Beside the button that closes a model: the vote on what remains, where it was not held yet."""
    closing = register.next.act is Act.CLOSE
    return vote_on_what_remains(stream) if closing and not_scored_again(register) else None


def vote_on_what_remains(stream: str, *, back: str = "") -> Block:
    """Opens a vote on what remains of threats after something against them was verified."""
    opening = Target(what=FormName.OPEN_ROUND, stream=stream, deed=RESIDUAL, back=back)
    return button("Vote on what remains", Trigger.OPEN, opening, suffix=RESIDUAL)


def _add_missing(stream: str, register: ThreatRegister, *, in_place: bool) -> Block | None:
    missing = next((kind for kind, _ in NEEDED_FOR_ANALYSIS if not register.items(kind)), None)
    if missing is None:
        return None
    form = FormName.FLOWS if missing is Kind.DATA_FLOW else FormName.ELEMENT
    target = Target(what=form, stream=stream, kind=missing)
    trigger = Trigger.TURN if in_place else Trigger.OPEN
    return button(f"Add {SINGULAR[missing]}", trigger, target, suffix="next", style="primary")


_PRESSED: dict[Act, tuple[str, Trigger, Target]] = {
    Act.NAME: ("Name what there is", Trigger.OPEN, Target(what=FormName.NAMES)),
    Act.DRAW: ("Write data flows", Trigger.OPEN, Target(what=FormName.FLOWS)),
    Act.PLACE: ("Place components", Trigger.OPEN, Target(what=FormName.PLACE)),
    Act.ANSWER: ("Answer questions", Trigger.OPEN, Target(what=FormName.QUESTIONS)),
    Act.BEGIN_ANALYSIS: ("Move on to analysis", Trigger.DO, Target(what=Deed.BEGIN_ANALYSIS)),
    Act.DECIDE_CANDIDATES: ("Judge candidates", Trigger.SHOW, Target(what=Page.SEEN)),
    Act.COVER: ("Look at the coverage", Trigger.SHOW, Target(what=Page.COVERAGE)),
    Act.OPEN_ROUND: ("Open a round", Trigger.OPEN, Target(what=FormName.OPEN_ROUND)),
    Act.VOTE: ("Vote", Trigger.WORD, Target(what="vote")),
    Act.BEGIN_REMEDIATION: ("Move on to remediation", Trigger.DO, Target(what=Deed.BEGIN_REMEDIATION)),
    Act.RESPOND: ("Respond", Trigger.SHOW, Target(what=Page.RESPONSE)),
    Act.APPROVE: ("Look at the proposal", Trigger.SHOW, Target(what=Page.RESPONSE)),
    Act.CONFIRM_CLOSING: ("Look at the proposal", Trigger.SHOW, Target(what=Page.CLOSING)),
    Act.PLAN: ("Plan a mitigation", Trigger.OPEN, Target(what=FormName.MITIGATION)),
    Act.PUT_IN_PLACE: ("Look at the mitigation", Trigger.SHOW, Target(what=Page.RESPONSE)),
    Act.VERIFY: ("Look at the mitigation", Trigger.SHOW, Target(what=Page.RESPONSE)),
    # Closing is asked about once more, with what is still open.
    Act.LOOK_BACK: ("Look back on the work", Trigger.OPEN, Target(what=FormName.RETROSPECTIVE)),
    Act.REVIEW: ("Reopen the model", Trigger.OPEN, Target(what=FormName.MOVE, deed=Deed.REOPEN)),
    Act.CLOSE: ("Close the model", Trigger.OPEN, Target(what=FormName.MOVE, deed=Deed.CLOSE)),
}
