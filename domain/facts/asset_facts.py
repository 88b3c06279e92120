"""Facts about assets."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_asset = facts_about(Kind.ASSET)

FACTS = (
    _asset(
        "confidential",
        "Would it hurt badly if strangers saw it?",
        "it would hurt badly if strangers saw it",
        "What strangers must not see has to be guarded wherever it is kept or sent.",
    ),
    _asset(
        "delicate",
        "Would it hurt badly if somebody changed it?",
        "it would hurt badly if somebody changed it",
    ),
    _asset("irreplaceable", "Would it hurt badly if it were gone?", "it would hurt badly if it were gone"),
    _asset("personal", "Is it about people (names, addresses, habits)?", "it is about people"),
    _asset(
        "credential",
        "Is it a password, key or token?",
        "it is a credential",
        "Whoever holds a credential can pass for its owner.",
    ),
    _asset("one_holder", "Does each person or program have one of its own?", "no two holders share one"),
    _asset("vaulted", "Is it kept only in a vault, or hashed, never in plain?", "it is never kept in plain"),
    _asset(
        "out_of_code",
        "Is it kept out of code, images and settings files?",
        "it is kept out of code, images and settings files",
    ),
    _asset("writers_few", "Can only those change it who have to?", "only those can change it who have to"),
    _asset("readers_few", "Can only those see it who have to?", "only those can see it who have to"),
    _asset("spare", "Is there a second one, in case the first is lost?", "there is a spare"),
    _asset("restore_tried", "Has getting it back been tried out?", "getting it back has been tried out"),
    _asset(
        "grown_dear",
        "Is it worth more now than when the risk was accepted?",
        "it is worth more than when the risk was accepted",
    ),
)
