"""Facts about components."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)

FACTS = (
    _component(
        "settings_guarded",
        "Can only those change its settings who run it?",
        "only those who run it can change its settings",
    ),
    _component(
        "least_privilege",
        "Does it run with no more rights than it needs?",
        "it runs with no more rights than it needs",
    ),
    _component(
        "shares_runtime",
        "Does it share a machine with something that is trusted less?",
        "it shares a machine with something that is trusted less",
    ),
    _component(
        "isolated",
        "Is it kept apart from what else runs on its machine?",
        "it is kept apart from what else runs on its machine",
    ),
    _component(
        "hardened",
        "Are default passwords gone, and is what nobody needs switched off?",
        "default passwords are gone, and what nobody needs is off",
    ),
    _component(
        "led_by_model", "Does a language model decide what it does?", "a language model decides what it does"
    ),
    _component(
        "model_fenced",
        "Does a person or a fixed list limit what the model may set off?",
        "a person or a fixed list limits what the model may set off",
    ),
    _component(
        "keeps_copies",
        "Does it keep copies to answer faster, as a cache or CDN does?",
        "it keeps copies to answer faster",
    ),
    _component(
        "copies_keyed",
        "Are personal answers left out of the copies, or kept for one person only?",
        "personal answers are not served to others from a copy",
    ),
)
