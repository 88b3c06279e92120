"""Facts about data flows."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_flow = facts_about(Kind.DATA_FLOW)

FACTS = (
    _flow(
        "over_network",
        "Does it pass over a network, not only within one machine?",
        "it passes over a network",
    ),
    _flow.control(
        "encrypted",
        "Is it encrypted in transit?",
        "it is encrypted in transit",
        several="they are not encrypted in transit",
    ),
    _flow.control(
        "peer_verified",
        "Does the client verify the server's identity?",
        "the client verifies the server's identity",
        "the client does not verify the server's identity",
    ),
    _flow.control(
        "integrity_protected",
        "Are changes in transit detected (TLS, MAC, signature)?",
        "changes in transit are detected",
    ),
    _flow("commands", "Does it trigger an action (order, payment, unlock)?", "it triggers an action"),
    _flow.control(
        "replays_ineffective",
        "Is a repeated message kept from taking effect again?",
        "a repeated message does not take effect again",
        "a repeated message takes effect again",
    ),
    _flow(
        "binding",
        "Does it create a binding obligation (order, payment, contract)?",
        "it creates a binding obligation",
    ),
    _flow.control(
        "receipted",
        "Is there a receipt that proves the transaction?",
        "there is a receipt that proves the transaction",
        "there is no receipt that proves the transaction",
    ),
    _flow.control(
        "filtered",
        "Is data removed that the receiver is not authorized to see?",
        "data that the receiver is not authorized to see is removed",
        "data that the receiver is not authorized to see is not removed",
    ),
    _flow.control(
        "data_minimized",
        "Is only the necessary personal data sent?",
        "only the necessary personal data is sent",
        "more personal data is sent than necessary",
    ),
    _flow.control(
        "mediated",
        "Does a service check each access to the store?",
        "a service checks each access to the store",
        "no service checks each access to the store",
    ),
    _flow(
        "claims_identity",
        "Does the caller pass on the identity of an end user?",
        "the caller passes on the identity of an end user",
    ),
    _flow.control(
        "identity_proven",
        "Can the receiver verify the end user itself?",
        "the receiver can verify the end user itself",
        "the receiver cannot verify the end user itself",
    ),
    _flow.control(
        "deidentified",
        "Is what singles people out removed from it (names, exact times, free text)?",
        "what singles people out is removed from it",
        "it contains what singles people out",
        several="they contain what singles people out",
    ),
    _flow.control(
        "timeout_set",
        "Does it have a timeout?",
        "it has a timeout",
        "it has no timeout",
        several="they have no timeout",
    ),
    _flow.control("retries_bounded", "Are retries limited?", "retries are limited"),
    _flow.control(
        "content_validated",
        "Does the consumer validate the content of messages?",
        "the consumer validates the content of messages",
        "the consumer does not validate the content of messages",
    ),
    _flow.control(
        "poison_messages_set_aside",
        "Are failing messages set aside (dead-letter queue)?",
        "failing messages are set aside",
    ),
    _flow.control(
        "kept_apart",
        "Does a control separate the two trust levels (firewall, gateway)?",
        "a control separates the two trust levels",
        "no control separates the two trust levels",
    ),
)
