"""The categories of technologies."""

from typing import Final

from domain.kernel.elements import ComponentKind
from domain.kernel.text_formatting import listed
from domain.technologies.store_categories import STORE_CATEGORIES
from domain.technologies.technology import Category, asked, assumed

_ENTITY, _PROCESS, _STORE = ComponentKind

_PROCESSES: Final = (
    Category(
        "server_application",
        "Server application or API",
        _PROCESS,
        protocol="HTTPS",
        names=listed(
            "backend, back end, web server, web app, web application, api, microservice, app server"
        ),
        questions=asked(
            least_privilege="Does its service account have only the rights that it needs?",
            caller_authenticated="Does each of its routes here require signing in?",
        ),
    ),
    Category(
        "admin_application",
        "Administrative application",
        _PROCESS,
        protocol="HTTPS",
        names=listed("admin console, admin panel, admin ui, back office, backoffice, admin portal"),
        questions=asked(
            admin_network_separate="Can it be reached only from the network of administrators?",
            individual_account="Does every administrator have an individual account?",
        ),
    ),
    Category(
        "worker",
        "Background worker",
        _PROCESS,
        names=listed("worker, workers, background job, job runner, batch job"),
        short_names=listed("consumer"),
        questions=asked(
            least_privilege="Does the worker's account have only the rights that its jobs need?",
            content_validated="Does it validate messages from the queue as input?",
            poison_messages_set_aside="Is a job that always fails set aside?",
        ),
    ),
    Category(
        "scheduled_job",
        "Scheduled job",
        _PROCESS,
        names=listed("cron, cron job, scheduled job, nightly job"),
        short_names=listed("scheduler"),
        questions=asked(failures_noticed="Does someone notice if it does not run?"),
    ),
    Category(
        "data_pipeline",
        "Data pipeline",
        _PROCESS,
        names=listed("etl, data pipeline, stream processing, apache flink, apache spark"),
        short_names=listed("importer, ingestion, flink, spark"),
        questions=asked(
            records_kept_unlinkable="Are records of a person unlinkable across the pipeline's targets?"
        ),
    ),
    Category(
        "serverless_function",
        "Serverless function",
        _PROCESS,
        protocol="HTTPS",
        names=listed("serverless function, cloud function"),
        short_names=listed("serverless"),
        questions=asked(
            least_privilege="Does the function's role have only the rights that it needs?",
            role_restricted="Does each function have a role of its own?",
            caller_authenticated="Does its URL require authentication?",
        ),
    ),
    Category(
        "container_platform",
        "Container platform",
        _PROCESS,
        protocol="HTTPS",
        names=listed("container platform, container cluster"),
        short_names=listed("cluster"),
        questions=asked(
            isolated="Are workloads of different trust separated by namespace, node or sandbox?",
            peers_restricted="Can only workloads that need it reach the platform's own API?",
            metadata_blocked="Is the cloud metadata service unreachable for workloads?",
        ),
    ),
    Category(
        "virtual_machine",
        "Virtual machine or server",
        _PROCESS,
        protocol="SSH",
        names=listed("virtual machine, vm, bare metal server"),
        questions=asked(patched_in_time="Are its security updates installed in time?"),
    ),
    Category(
        "api_gateway",
        "API gateway",
        _PROCESS,
        protocol="HTTPS",
        names=listed("api gateway, gateway"),
        questions=asked(
            bypass_prevented="Can services be reached only through the gateway?",
            caller_authenticated="Does every route here require a token?",
        ),
    ),
    Category(
        "integration_engine",
        "Integration engine or service bus",
        _PROCESS,
        names=listed(
            "integration engine, interface engine, hl7 engine, integration platform, enterprise "
            "service bus, esb"
        ),
        questions=asked(peers_restricted="Can only known hosts connect to its listeners?"),
    ),
    Category(
        "file_transfer",
        "File transfer server",
        _PROCESS,
        protocol="SFTP",
        names=listed(
            "sftp server, ftp server, sftp gateway, file transfer server, file transfer service, "
            "managed file transfer"
        ),
        short_names=listed("sftp, mft"),
        questions=asked(individual_account="Does each partner have an account of its own?"),
    ),
    Category(
        "load_balancer",
        "Load balancer or reverse proxy",
        _PROCESS,
        protocol="HTTPS",
        names=listed("load balancer, loadbalancer, reverse proxy, ingress, proxy"),
        questions=asked(
            transport_encryption_current="Does it accept only TLS 1.2 or newer?",
            bypass_prevented="Can what lies behind it be reached only through it?",
        ),
    ),
    Category(
        "cdn",
        "Content delivery network (CDN)",
        _PROCESS,
        protocol="HTTPS",
        names=listed("cdn, content delivery network"),
        questions=asked(
            cached_responses_separated="Are personal responses kept from being served to other users?",
            bypass_prevented="Can the origin be reached only through the CDN?",
        ),
        assumptions=assumed(
            "caches_responses",
            "A CDN serves copies of responses from its caches",
            since="by definition",
            source="https://www.rfc-editor.org/rfc/rfc9111#section-1",
        ),
    ),
    Category(
        "web_application_firewall",
        "Web application firewall",
        _PROCESS,
        protocol="HTTPS",
        names=listed("waf, web application firewall"),
        questions=asked(
            fails_closed="Does it refuse requests that it cannot check?",
            bypass_prevented="Can the application be reached only through it?",
        ),
    ),
    Category(
        "vpn_gateway",
        "VPN gateway or bastion host",
        _PROCESS,
        names=listed("vpn, bastion, bastion host, jump host"),
        questions=asked(
            second_factor="Does signing in take a second factor?",
            authorization_checked="Is what a user can reach inside limited to what is needed?",
        ),
    ),
    Category(
        "ci_cd",
        "CI/CD pipeline",
        _PROCESS,
        protocol="HTTPS",
        names=listed(
            "ci, ci/cd, ci pipeline, ci runner, build runner, build server, build pipeline, "
            "deployment pipeline"
        ),
        questions=asked(
            least_privilege="Do the pipeline's credentials give only the rights that a deployment needs?",
            isolated="Are builds of untrusted branches separated from those with secrets?",
            unreviewed_builds_without_secrets="Are secrets withheld from pull requests of forks?",
            changes_reviewed="Is what is deployed reviewed by a second person?",
        ),
    ),
    Category(
        "model_server",
        "Machine learning model",
        _PROCESS,
        protocol="HTTPS",
        names=listed("ml model, model server, inference server, machine learning, recommender"),
        questions=asked(
            training_data_vetted="Is the training data vetted (who can change it)?",
            results_checked_by_people="Does a person notice a wrong answer before it does harm?",
        ),
    ),
    Category(
        "agent_application",
        "LLM agent or assistant",
        _PROCESS,
        protocol="HTTPS",
        names=listed("chatbot, chat bot, llm agent, rag service"),
        short_names=listed("copilot"),
        questions=asked(
            led_by_model="Does a language model decide what it does?",
            model_restricted="Does a person or an allowlist limit the actions that the model can trigger?",
            foreign_content_harmless="Is untrusted text kept from instructing the model?",
        ),
    ),
    Category(
        "mail_server",
        "Mail server",
        _PROCESS,
        protocol="SMTP",
        names=listed("mail server, smtp relay, mail relay"),
        questions=asked(sender_domains_protected="Is a DMARC policy in force that rejects forged mail?"),
    ),
    Category(
        "dns_service",
        "DNS service",
        _PROCESS,
        protocol="DNS",
        names=listed("dns server, dns service, name server"),
        questions=asked(dns_maintained="Are records removed when their resources no longer exist?"),
    ),
)

_CLIENTS: Final = (
    Category(
        "browser",
        "Web browser",
        _ENTITY,
        protocol="HTTPS",
        names=listed("browser, browsers, web browser"),
        questions=asked(device_locked="Do the computers that it runs on lock themselves?"),
    ),
    Category(
        "single_page_app",
        "Single-page application",
        _PROCESS,
        protocol="HTTPS",
        names=listed("single page app, single-page app, frontend, front end, web client, web frontend"),
        short_names=listed("spa"),
        questions=asked(client_storage_protected="Are its tokens out of reach of scripts (HttpOnly cookie)?"),
    ),
    Category(
        "mobile_app",
        "Mobile app",
        _PROCESS,
        protocol="HTTPS",
        names=listed("mobile app, mobile application, phone app, mobile client"),
        questions=asked(
            client_storage_protected="Is the data that stays on the device protected?",
            updates_verified="Is the app installed only from a store that verifies it?",
        ),
    ),
    Category(
        "desktop_app",
        "Desktop application",
        _PROCESS,
        protocol="HTTPS",
        names=listed("desktop app, desktop application, desktop client"),
        questions=asked(updates_verified="Are updates verified before they are installed?"),
    ),
    Category(
        "browser_extension",
        "Browser extension",
        _PROCESS,
        protocol="HTTPS",
        names=listed(
            "browser extension, chrome extension, firefox extension, safari extension, edge "
            "extension, web extension, webextension, browser add-on, browser addon, background "
            "script, background page, background service worker, extension service worker, "
            "service worker background, service worker extension, extension background, extension "
            "popup, popup page, extension page, options page, mv3 service worker, popup ui, "
            "devtools panel, offscreen page, offscreen document"
        ),
        whole_names=listed("extension, popup, service worker, side panel, background"),
        questions=asked(
            least_privilege="Are its permissions limited to the sites that it needs?",
            client_storage_protected="Are its tokens kept where content scripts cannot read them?",
            updates_verified="Is it installed only from a store that verifies it?",
        ),
    ),
    Category(
        "content_script",
        "Content script (in web pages)",
        _PROCESS,
        names=listed(
            "content script, injected script, user script, userscript, injected ui, injected "
            "panel, injected overlay, in-page ui, in-page panel"
        ),
        questions=asked(
            injected_ui_isolated="Is what it shows in a frame or a closed shadow root of its own?"
        ),
    ),
    Category(
        "embedded_frame",
        "Embedded frame or web view",
        _PROCESS,
        protocol="HTTPS",
        names=listed(
            "iframe, embedded frame, sandboxed frame, preview frame, web view, webview, embedded "
            "viewer, document viewer, pdf viewer, embedded widget, embedded browser, viewer "
            "frame, renderer process"
        ),
        questions=asked(
            embedded_content_confined="Is content of others shown in a sandbox, on an origin of its own?"
        ),
    ),
    Category(
        "local_helper",
        "Native messaging host or local helper",
        _PROCESS,
        names=listed(
            "native messaging host, native host, native helper, local helper, helper app, local "
            "agent, local daemon, desktop helper, desktop agent, tray app"
        ),
        questions=asked(
            least_privilege="Does it run with the rights of its user, or fewer?",
            updates_verified="Are updates verified before they are installed?",
        ),
    ),
    Category(
        "command_line_tool",
        "Command-line tool",
        _PROCESS,
        protocol="HTTPS",
        names=listed("cli, command line tool, command-line tool"),
        questions=asked(client_storage_protected="Are its credentials kept in the keychain?"),
    ),
    Category(
        "device",
        "Device (IoT, embedded)",
        _PROCESS,
        names=listed("iot device, embedded device, firmware, sensor, sensors"),
        questions=asked(updates_verified="Is its firmware update signed?"),
    ),
)

_SERVICES: Final = (
    Category(
        "identity_provider",
        "Identity provider",
        _ENTITY,
        protocol="OpenID Connect",
        names=listed("identity provider, idp, sso, single sign on, single sign-on"),
        questions=asked(redirect_uris_exact="Are redirect URIs matched exactly?"),
    ),
    Category(
        "directory_service",
        "Directory service",
        _STORE,
        protocol="LDAPS",
        names=listed("directory service, ldap directory, ldap server"),
        questions=asked(search_escaped="Is input escaped in LDAP filters?"),
    ),
    Category(
        "payment_service",
        "Payment service",
        _ENTITY,
        protocol="HTTPS",
        names=listed("payment provider, payment service, payment gateway, psp"),
        questions=asked(
            webhook_signature_verified="Is the signature of payment notices verified?",
            data_minimized="Are card numbers kept out of what is sent?",
        ),
    ),
    Category(
        "email_service",
        "E-mail delivery service",
        _ENTITY,
        protocol="HTTPS",
        names=listed("email service, e-mail service, mail service, email provider, mail provider"),
        questions=asked(
            data_minimized="Is only the necessary personal data in the messages?",
            sender_domains_protected="Is a DMARC policy in force that rejects forged mail?",
        ),
    ),
    Category(
        "messaging_service",
        "SMS, chat or push service",
        _ENTITY,
        protocol="HTTPS",
        names=listed("sms gateway, sms provider, push service, push notifications, chat service"),
        questions=asked(data_minimized="Is only the necessary personal data in the messages?"),
    ),
    Category(
        "observability_service",
        "Monitoring or observability service",
        _ENTITY,
        protocol="HTTPS",
        names=listed("monitoring service, observability, telemetry, error tracking"),
        short_names=listed("monitoring"),
        questions=asked(data_minimized="Is personal data kept out of what is sent to it?"),
    ),
    Category(
        "analytics_service",
        "Analytics service",
        _ENTITY,
        protocol="HTTPS",
        names=listed("analytics service, tracking service"),
        short_names=listed("analytics"),
        questions=asked(data_minimized="Is only data sent to which people consented?"),
    ),
    Category(
        "language_model_api",
        "Language model API",
        _ENTITY,
        protocol="HTTPS",
        names=listed("llm, llm api, llm provider, language model, language model api"),
        questions=asked(
            kept_out_of_training="Are prompts kept out of the training of its models?",
            data_minimized="Is only the necessary personal data in the prompts?",
        ),
    ),
    Category(
        "code_hosting",
        "Code hosting service",
        _ENTITY,
        protocol="HTTPS",
        names=listed("code hosting"),
        questions=asked(changes_reviewed="Does every change to the main branch need a review?"),
    ),
    Category(
        "crm",
        "CRM, support or ERP system",
        _ENTITY,
        protocol="HTTPS",
        names=listed("crm, erp, ticketing system, helpdesk, help desk"),
        questions=asked(data_minimized="Is only the necessary personal data synchronized?"),
    ),
    Category(
        "health_record_system",
        "Clinical or laboratory system",
        _ENTITY,
        names=listed(
            "electronic health record, ehr, emr, hospital information system, clinical system, "
            "laboratory system, laboratory information system, lab system, radiology system, pacs"
        ),
        short_names=listed("lis, his, ris"),
        questions=asked(data_minimized="Is only the necessary part of a record exchanged?"),
    ),
    Category(
        "data_service",
        "Map, weather or other data service",
        _ENTITY,
        protocol="HTTPS",
        names=listed(
            "map service, map provider, map api, maps api, geocoding service, geocoding api, "
            "geocoder, weather service, weather api, exchange rate api"
        ),
        questions=asked(
            data_minimized="Is only the necessary personal data in the requests (addresses, positions)?"
        ),
    ),
    Category(
        "partner_system",
        "System of a partner",
        _ENTITY,
        protocol="HTTPS",
        names=listed("partner api, partner system, third party api, third-party api"),
        questions=asked(data_minimized="Is only the necessary personal data sent to the partner?"),
    ),
)

CATEGORIES: Final = (*STORE_CATEGORIES, *_PROCESSES, *_CLIENTS, *_SERVICES)
"""All categories, in the order of the select."""

BROWSERS: Final = frozenset(
    {"browser", "single_page_app", "browser_extension", "content_script", "embedded_frame"}
)
"""Categories whose requests a browser makes."""
