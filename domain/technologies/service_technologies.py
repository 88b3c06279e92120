"""Clients of people, and services of others: identity, payment, messaging, observability, models."""

from typing import Final

from domain.kernel.elements import ComponentKind
from domain.kernel.text_formatting import listed
from domain.technologies.technology import Technology, asked, of_category

_PROCESS: Final = ComponentKind.PROCESS

CLIENT_TECHNOLOGIES: Final = (
    *of_category(
        "single_page_app",
        _PROCESS,
        Technology(
            "react",
            "React",
            protocol="HTTPS",
            aliases=listed("react, preact, react app"),
            questions=asked(output_encoded="Is dangerouslySetInnerHTML used only with sanitized text?"),
        ),
        Technology(
            "angular",
            "Angular",
            protocol="HTTPS",
            aliases=listed("angular"),
            questions=asked(output_encoded="Is bypassSecurityTrust used only with sanitized text?"),
        ),
        Technology(
            "vue",
            "Vue or Svelte",
            protocol="HTTPS",
            aliases=listed("vue, vue.js, vuejs, svelte"),
            questions=asked(output_encoded="Are v-html and @html used only with sanitized text?"),
        ),
    ),
    *of_category(
        "mobile_app",
        _PROCESS,
        Technology(
            "ios",
            "iOS",
            protocol="HTTPS",
            aliases=listed("ios app, iphone app, ios"),
            short_names=listed("swift"),
            questions=asked(client_storage_protected="Are tokens kept in the keychain?"),
        ),
        Technology(
            "android",
            "Android",
            protocol="HTTPS",
            aliases=listed("android app, android"),
            questions=asked(
                client_storage_protected="Are tokens kept in the keystore (out of the app's backup)?"
            ),
        ),
        Technology(
            "react_native",
            "React Native or Flutter",
            protocol="HTTPS",
            aliases=listed("react native, flutter, ionic"),
        ),
    ),
    *of_category(
        "desktop_app",
        _PROCESS,
        Technology(
            "electron",
            "Electron",
            protocol="HTTPS",
            aliases=listed("electron"),
            questions=asked(
                embedded_content_confined="Are pages kept from Node.js (sandbox, context isolation)?"
            ),
        ),
        Technology(
            "tauri",
            "Tauri",
            protocol="HTTPS",
            aliases=listed("tauri"),
            questions=asked(
                embedded_content_confined="Can its web view call only the commands that it needs?"
            ),
        ),
    ),
)


def _service(
    key: str,
    name: str,
    category: str,
    *aliases: str,
    protocol: str = "HTTPS",
    short_names: tuple[str, ...] = (),
) -> Technology:
    """Return a service; what it does by default depends on its settings, so nothing is assumed."""
    return Technology(
        key,
        name,
        category,
        ComponentKind.EXTERNAL_ENTITY,
        protocol=protocol,
        aliases=aliases,
        short_names=short_names,
    )


SERVICE_TECHNOLOGIES: Final = (
    _service("auth0", "Auth0", "identity_provider", "auth0", protocol="OpenID Connect"),
    _service("okta", "Okta", "identity_provider", "okta", protocol="OpenID Connect"),
    _service("cognito", "Amazon Cognito", "identity_provider", "cognito", protocol="OpenID Connect"),
    Technology(
        "keycloak",
        "Keycloak",
        "identity_provider",
        ComponentKind.PROCESS,
        protocol="OpenID Connect",
        aliases=listed("keycloak"),
    ),
    _service(
        "entra_id",
        "Microsoft Entra ID",
        "identity_provider",
        *("entra id", "entra", "azure ad", "microsoft entra"),
        protocol="OpenID Connect",
    ),
    _service(
        "google_identity",
        "Google Identity",
        "identity_provider",
        *("google sign in", "google sign-in", "google login", "firebase auth"),
        protocol="OpenID Connect",
    ),
    Technology(
        "active_directory",
        "Active Directory",
        "directory_service",
        ComponentKind.DATA_STORE,
        protocol="LDAP",
        aliases=listed("active directory, openldap"),
    ),
    _service("stripe", "Stripe", "payment_service", "stripe"),
    _service("paypal", "PayPal or Braintree", "payment_service", "paypal", "braintree"),
    _service("adyen", "Adyen or Mollie", "payment_service", "adyen", "mollie", "klarna"),
    _service("sendgrid", "SendGrid, Mailgun or Postmark", "email_service", "sendgrid", "mailgun", "postmark"),
    _service("amazon_ses", "Amazon SES", "email_service", "amazon ses", "aws ses", short_names=("ses",)),
    _service("twilio", "Twilio", "messaging_service", "twilio", "vonage"),
    _service(
        "slack", "Slack or Microsoft Teams", "messaging_service", "slack", "microsoft teams", "ms teams"
    ),
    _service(
        "firebase_messaging",
        "Firebase or Apple push",
        "messaging_service",
        "fcm",
        "apns",
        "firebase cloud messaging",
    ),
    _service("datadog", "Datadog or New Relic", "observability_service", "datadog", "new relic", "dynatrace"),
    _service("sentry", "Sentry", "observability_service", "sentry", "rollbar", "bugsnag"),
    _service(
        "grafana", "Grafana or Prometheus", "observability_service", "grafana", "prometheus", "honeycomb"
    ),
    _service(
        "google_analytics", "Google Analytics", "analytics_service", "google analytics", "matomo", "mixpanel"
    ),
    _service("segment", "Segment or Amplitude", "analytics_service", "amplitude", short_names=("segment",)),
    _service("openai", "OpenAI", "language_model_api", "openai", "chatgpt", "azure openai", "gpt"),
    _service("anthropic", "Anthropic", "language_model_api", "anthropic", "claude"),
    _service(
        "bedrock",
        "Amazon Bedrock or Vertex AI",
        "language_model_api",
        "amazon bedrock",
        "bedrock",
        "vertex ai",
        "gemini",
    ),
    _service(
        "google_maps", "Google Maps", "data_service", "google maps", "google maps platform", "google places"
    ),
    _service(
        "mapbox",
        "Mapbox, HERE or another map provider",
        "data_service",
        *("mapbox", "here maps", "tomtom", "maptiler", "azure maps", "amazon location service"),
    ),
    _service(
        "openstreetmap",
        "OpenStreetMap",
        "data_service",
        *("openstreetmap", "osm", "nominatim", "overpass api"),
    ),
    _service("github", "GitHub or GitLab", "code_hosting", "github", "gitlab", "bitbucket"),
    _service("salesforce", "Salesforce or HubSpot", "crm", "salesforce", "hubspot"),
    _service("zendesk", "Zendesk or Jira Service Management", "crm", "zendesk", "intercom", "jira"),
    _service(
        "epic",
        "Epic or Oracle Health",
        "health_record_system",
        *("epic ehr", "oracle health", "cerner"),
        short_names=("epic",),
    ),
    _service("sap", "SAP or NetSuite", "crm", "sap", "netsuite"),
)
