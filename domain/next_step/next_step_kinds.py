"""The kinds of next step, and the next step as shown to a team."""

from enum import StrEnum

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.voting_round import RoundId


class NextStepKind(StrEnum):
    """The kinds of next step."""

    DRAW = "draw"
    PLACE = "place"
    LINK = "link"
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
    """The next step in one sentence; `waits_for` is a person, or None if anyone may do it.

    `not_for` are the people who may not do it. `round` is the open round concerned, `about` the threat
    or mitigation concerned, if any.
    """

    act: NextStepKind
    text: str
    waits_for: PersonId | None = None
    not_for: tuple[PersonId, ...] = ()
    round: RoundId | None = None
    about: str = ""
