"""Facts about data flows."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_flow = facts_about(Kind.DATA_FLOW)

FACTS = (
    _flow(
        "encrypted",
        "Is it unreadable to somebody who listens on the way?",
        "the flow is encrypted on the way",
    ),
    _flow(
        "peer_verified",
        "Does the caller make sure that the right one answers?",
        "the caller verifies who answers",
    ),
    _flow("integrity_protected", "Would a change on the way be noticed?", "a change on the way is noticed"),
    _flow(
        "commands",
        "Does it make the receiver do something, such as order, pay or open?",
        "it makes the receiver do something",
    ),
    _flow(
        "repeat_harmless",
        "Is sending it twice the same as sending it once?",
        "sending it twice does no more than once",
    ),
    _flow("binding", "Does it bind somebody: an order, a payment, a contract?", "it binds somebody"),
    _flow(
        "receipted",
        "Is there a receipt that would convince a third person?",
        "there is a receipt that convinces a third person",
    ),
    _flow(
        "filtered",
        "Is what the receiver may not see taken out first?",
        "what the receiver may not see is taken out first",
    ),
    _flow(
        "minimised",
        "Does it hold back all that the other side does not need?",
        "the other side gets only what it needs",
    ),
    _flow(
        "mediated",
        "Is one end a service that checks each access to the store?",
        "a service checks each access to the store",
    ),
    _flow(
        "claims_identity",
        "Does the caller say for whom it is calling?",
        "the caller says for whom it is calling",
    ),
    _flow(
        "identity_proven",
        "Can the receiver itself check for whom the caller is calling?",
        "the receiver can check for whom the call is",
    ),
    _flow(
        "waits_limited",
        "When it stalls, does whoever waits for it give up in time?",
        "whoever waits for it gives up in time",
    ),
    _flow(
        "kept_apart",
        "Does anything keep the less trusted side out of the other?",
        "the less trusted side is kept out of the other",
    ),
)
