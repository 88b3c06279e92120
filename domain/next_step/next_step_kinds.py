"""What a team may be asked to do next, and how that is told."""

from enum import StrEnum

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.voting_round import RoundId


class NextStepKind(StrEnum):
    """The things that a team is asked to do next."""

    NAME = "name"
    DRAW = "draw"
    PLACE = "place"
    ANSWER = "answer"
    ADD_MISSING = "add_missing"
    BEGIN_ANALYSIS = "begin_analysis"
    DECIDE_CANDIDATES = "decide_candidates"
    COVER = "cover"
    VOTE = "vote"
    SETTLE_ROUND = "settle_round"
    OPEN_ROUND = "open_round"
    BEGIN_REMEDIATION = "begin_remediation"
    RESPOND = "respond"
    APPROVE = "approve"
    PLAN = "plan"
    PUT_IN_PLACE = "put_in_place"
    VERIFY = "verify"
    CLOSE = "close"
    CONFIRM_CLOSING = "confirm_closing"
    REVIEW = "review"
    LOOK_BACK = "look_back"
    NOTHING = "nothing"


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence on what to do next; `waits_for` is a person, or None where anybody may do it.

    `not_for` are those who may not do it themselves. `round` is the open round that it is about, `about` the
    one threat or mitigation, if it is about one.
    """

    act: NextStepKind
    text: str
    waits_for: PersonId | None = None
    not_for: tuple[PersonId, ...] = ()
    round: RoundId | None = None
    about: str = ""
