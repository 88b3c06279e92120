"""Implications between facts: what a *yes* about an element also says of that element, so that no one asks.

Only features are implied, never a control: an implication can make a rule apply, and rules no threat out.
"""

import msgspec


class FactImplication(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that holds wherever another one does, and why."""

    fact: str
    implied: str
    reason: str


def _implies(fact: str, implied: str, reason: str) -> FactImplication:
    return FactImplication(fact=fact, implied=implied, reason=reason)


IMPLICATIONS = (
    _implies("cookie_session", "keeps_session", "A session that is kept in a cookie keeps a user signed in."),
    _implies("offers_recovery", "logs_in", "Where a password is reset, users reset a password."),
    _implies("binding", "commands", "What creates an order, a payment or a contract triggers an action."),
    _implies("prompts_model", "uses_model", "Who sends prompts to a language model uses a model."),
    _implies("led_by_model", "uses_model", "What a language model leads uses that model."),
    _implies("retrieves_documents", "prompts_model", "A model that answers was sent a prompt."),
    _implies("takes_files", "takes_input", "A file that a caller uploads is data from the caller."),
    _implies("takes_xml", "takes_input", "XML that is accepted is data from the caller."),
    _implies("takes_objects", "takes_input", "A serialized object that is accepted is data from the caller."),
    _implies("reaches_query", "takes_input", "Input that reaches a query was accepted before."),
    _implies("reaches_search", "takes_input", "Input that reaches a search was accepted before."),
    _implies("reaches_interpreter", "takes_input", "Input that is evaluated was accepted before."),
    _implies("shown_in_pages", "takes_input", "Input that pages show was accepted before."),
    _implies("names_files", "takes_input", "Input that chooses a file was accepted before."),
    _implies("caller_sends_values", "takes_input", "Prices, amounts and limits are data from the caller."),
    _implies("names_objects", "takes_input", "The ID of a record is data from the caller."),
    _implies("binds_input", "takes_input", "Input that is bound to records was accepted before."),
    _implies("fetches_addresses", "takes_input", "A URL that a caller provides is data from the caller."),
    _implies("input_logged", "takes_input", "Input that is logged was accepted before."),
)
"""Every implication; an answer about the implied fact itself always counts instead."""
