"""The topics of the screening: rare features, the facts that they decide, and the words that suggest them.

Topics of one subject form a group, about which one line asks: which of its features exist?
"""

import msgspec


class ScreeningTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A rare feature.

    `question` asks about the whole system, and `suggested` about elements that were added since. `facts` are
    those that are false everywhere if the feature does not exist, first the one without which the others do
    not hold; `hints` are alternatives of beginnings of words that suggest it.
    """

    id: str
    label: str
    question: str
    suggested: str
    facts: tuple[str, ...]
    hints: str


class ScreeningGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Topics of one subject, and the question which of their features exist."""

    id: str
    question: str
    topics: tuple[str, ...]


def _topic(id: str, label: str, question: str, suggested: str, facts: str, hints: str) -> ScreeningTopic:
    """Declare a topic; `hints` are beginnings of words."""
    return ScreeningTopic(
        id=id,
        label=label,
        question=question,
        suggested=suggested,
        facts=tuple(facts.split()),
        hints=hints,
    )


TOPICS = (
    _topic(
        "file_uploads",
        "File uploads",
        "Can users or other systems upload files?",
        "do they accept file uploads?",
        "takes_files",
        "upload|attach|avatar|photo|image|picture|document|file|import|scan|media|video|resume",
    ),
    _topic(
        "xml",
        "XML",
        "Does any part accept XML, such as SOAP, SAML or office documents?",
        "do they accept XML?",
        "takes_xml",
        r"xml|soap|saml|svg|rss|docx|xlsx|wsdl|edi\b|hl7|sitemap",
    ),
    _topic(
        "serialized_objects",
        "Serialized objects",
        "Does any part accept serialized objects (pickle, Java, PHP, .NET)?",
        "do they accept serialized objects?",
        "takes_objects",
        r"pickle|serial|marshal|rmi\b|jms|celery|kryo|viewstate|activemq|remoting",
    ),
    _topic(
        "interpreters",
        "Templates or shells with input",
        "Does input become part of a shell command, a template's source or evaluated code?",
        "does input become part of a shell command, a template's source or evaluated code?",
        "reaches_interpreter",
        "template|shell|script|render|pdf|convert|ffmpeg|imagemagick|notebook|plugin|macro|expression",
    ),
    _topic(
        "fetched_urls",
        "URLs fetched for a caller",
        "Does the system fetch URLs that callers provide?",
        "do they fetch URLs?",
        "fetches_addresses",
        "preview|unfurl|fetch|crawl|scrap|webhook|url|link|proxy|feed|oembed|screenshot",
    ),
    _topic(
        "language_model",
        "A language model",
        "Does the system use a language model?",
        "do they use a language model?",
        "uses_model prompts_model led_by_model trains_model",
        "llm|language model|gpt|claude|gemini|llama|mistral|openai|anthropic|bedrock|chatbot|assistant|"
        r"copilot|prompt|rag\b|embedding|agent\b",
    ),
    _topic(
        "machine_learning",
        "Machine learning",
        "Does the system use a learned model, such as a classifier or a recommender?",
        "do they use machine learning?",
        "uses_model trains_model",
        r"ml\b|machine learning|learn|classif|recommend|predict|inference|training|fraud|scoring|sagemaker|"
        r"tensorflow|pytorch|recogni|ocr\b",
    ),
    _topic(
        "personal_cache",
        "A cache or CDN with personal content",
        "Does a cache or a CDN hold personal content?",
        "do they cache personal content?",
        "caches_responses",
        "cache|cdn|redis|memcache|varnish|cloudfront|cloudflare|fastly|akamai|edge",
    ),
    _topic(
        "shared_tenancy",
        "Data store shared by tenants",
        "Do several tenants (customer organizations) share a data store?",
        "do several tenants (customer organizations) share them?",
        "multi_tenant",
        "tenant|customer|organi[sz]ation|workspace|multi-?tenant|b2b|saas",
    ),
    _topic(
        "commitments",
        "Payments or other binding obligations",
        "Are there payments, orders, contracts or other binding obligations?",
        "do they carry payments or other binding obligations?",
        "binding",
        "pay|order|checkout|invoice|billing|contract|purchase|subscription|refund|donat|transfer|booking|"
        "e-?sign|signature|consent|stripe|paypal|adyen",
    ),
    _topic(
        "cookie_sessions",
        "Cookie sessions",
        "Are browser sessions kept in cookies?",
        "do they keep sessions in cookies?",
        "cookie_session",
        "cookie|session|browser|web|login|sign-?in|portal|dashboard|website|frontend|console",
    ),
    _topic(
        "own_cryptography",
        "Own use of cryptography",
        "Does the system encrypt, sign or hash data itself, besides TLS and disks?",
        "do they encrypt, sign or hash data themselves?",
        "uses_cryptography",
        r"crypt|encrypt|sign|hash|key management|kms\b|hsm\b|certificat|pki\b|wallet|tokeniz",
    ),
    _topic(
        "cross_origin",
        "Responses shared with other websites",
        "Can scripts of other websites read responses (CORS)?",
        "can scripts of other websites read their responses?",
        "shared_across_origins",
        r"cors\b|cross-?origin|widget|embed|iframe|single-?page|spa\b|partner api|public api",
    ),
    _topic(
        "sign_in",
        "Sign-in or passwords",
        "Do people sign in to any part of the system, or does any part check passwords?",
        "do people sign in there, or are passwords checked?",
        "logs_in keeps_session",
        r"log-?in|sign-?in|sign-?up|auth|account|password|session|portal|identity|sso\b|member|profile",
    ),
    _topic(
        "tokens",
        "Access tokens",
        "Does any part accept OAuth, OIDC or JWT tokens?",
        "do they accept access tokens?",
        "accepts_tokens",
        r"token|oauth|oidc|openid|jwt\b|bearer|identity|sso\b|federat",
    ),
    _topic(
        "administration",
        "Administration",
        "Is any part of the system for administrators (console, admin API, settings)?",
        "are they for administrators?",
        "administers",
        r"admin|console|back-?office|control plane|operator|superuser|root\b",
    ),
    _topic(
        "process_steps",
        "Processes with several steps",
        "Is any part a process with several steps (checkout, approval)?",
        "do they have processes with several steps?",
        "has_steps",
        "step|checkout|approv|workflow|wizard|onboarding|application|claim|return|booking|order|sign-?up",
    ),
    _topic(
        "webhooks",
        "Webhooks",
        "Do other systems call back, with webhooks or callbacks?",
        "do they send webhooks or callbacks?",
        "calls_back",
        "webhook|callback|hook|notification|stripe|github|twilio|paypal|slack",
    ),
)
"""Every topic, in the order of the form."""


def _group(id: str, question: str, topics: str) -> ScreeningGroup:
    return ScreeningGroup(id=id, question=question, topics=tuple(topics.split()))


SCREENING_GROUPS = (
    _group(
        "input",
        "Which of these can callers provide?",
        "file_uploads xml serialized_objects interpreters fetched_urls",
    ),
    _group(
        "callers",
        "Which of these do people and other callers use?",
        "sign_in tokens cookie_sessions cross_origin administration",
    ),
    _group("models", "Which kinds of models does the system use?", "language_model machine_learning"),
    _group(
        "data",
        "Which of these apply to its data?",
        "personal_cache shared_tenancy own_cryptography",
    ),
    _group(
        "processes",
        "Which of these are part of its processes?",
        "commitments process_steps webhooks",
    ),
)
"""Every topic is in one group."""
