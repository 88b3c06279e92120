"""Technologies that run code or pass on requests."""

from typing import Final

from domain.kernel.elements import ComponentKind
from domain.kernel.text_formatting import listed
from domain.technologies.technology import AppliesTo, Technology, asked, assumed, of_category

_PROCESS: Final = ComponentKind.PROCESS
_DOORS: Final = AppliesTo.ENTRY_POINTS
_DJANGO: Final = "https://docs.djangoproject.com/en/stable/"
_RAILS: Final = "https://guides.rubyonrails.org/"


def _application(key: str, name: str, *aliases: str, short_names: tuple[str, ...] = ()) -> Technology:
    """Return a language or a framework about which nothing can be assumed."""
    return Technology(
        key,
        name,
        "server_application",
        _PROCESS,
        protocol="HTTPS",
        aliases=aliases,
        short_names=short_names,
        general=True,
    )


PROCESS_TECHNOLOGIES: Final = (
    _application("python", "Python", "python", "fastapi", short_names=("flask",)),
    *of_category(
        "server_application",
        _PROCESS,
        Technology(
            "django",
            "Django",
            protocol="HTTPS",
            aliases=listed("django"),
            questions=asked(
                csrf_defended="Is no view exempt from the CSRF check?",
                output_encoded="Is no text marked as safe in templates?",
            ),
            assumptions=(
                assumed(
                    "csrf_defended",
                    "Django refuses forms without a CSRF token by default",
                    since="since Django 1.2",
                    source=f"{_DJANGO}howto/csrf/",
                    applies_to=_DOORS,
                )
                + assumed(
                    "output_encoded",
                    "Django's templates escape variables by default",
                    since="since Django 1.0",
                    source=f"{_DJANGO}ref/templates/language/#automatic-html-escaping",
                    applies_to=_DOORS,
                )
            ),
        ),
    ),
    _application(
        "node", "Node.js", "node.js", "nodejs", "nestjs", "next.js", "nextjs", short_names=("node", "express")
    ),
    _application(
        "java", "Java or Kotlin", "java", "kotlin", "spring boot", "quarkus", short_names=("spring",)
    ),
    *of_category(
        "server_application",
        _PROCESS,
        Technology(
            "fhir_server",
            "HAPI FHIR or another FHIR server",
            protocol="HTTPS",
            aliases=listed("hapi fhir, fhir server, azure health data services"),
            questions=asked(
                owner_checked="Are searches restricted to the records of the patient who is signed in?"
            ),
        ),
    ),
    *of_category(
        "integration_engine",
        _PROCESS,
        Technology(
            "mirth_connect",
            "Mirth Connect or Rhapsody",
            protocol="MLLP",
            aliases=listed("mirth connect, mirth, nextgen connect, open integration engine"),
            short_names=listed("rhapsody"),
            questions=asked(
                caller_authenticated="Do its MLLP listeners require TLS with client certificates?"
            ),
        ),
        Technology(
            "mulesoft",
            "MuleSoft, Apache Camel or BizTalk",
            protocol="HTTPS",
            aliases=listed("mulesoft, mule esb, apache camel, biztalk, wso2"),
        ),
    ),
    *of_category(
        "file_transfer",
        _PROCESS,
        Technology(
            "moveit",
            "MOVEit or GoAnywhere",
            protocol="SFTP",
            aliases=listed("moveit, goanywhere"),
            questions=asked(
                admin_network_separate="Is its administration unreachable from the internet?",
                patched_in_time="Are its updates installed within days?",
            ),
        ),
        Technology(
            "aws_transfer",
            "AWS Transfer Family",
            protocol="SFTP",
            aliases=listed("aws transfer family, aws transfer"),
            managed=True,
        ),
    ),
    *of_category(
        "server_application",
        _PROCESS,
        Technology(
            "asp_net_core",
            "ASP.NET Core",
            protocol="HTTPS",
            aliases=listed("asp.net core, asp.net"),
            assumptions=assumed(
                "output_encoded",
                "Razor encodes output by default",
                since="since ASP.NET Core 1.0",
                source="https://learn.microsoft.com/en-us/aspnet/core/security/cross-site-scripting",
                applies_to=_DOORS,
            ),
        ),
    ),
    _application("dotnet", ".NET", ".net", "dotnet", "c#"),
    _application("go", "Go", "golang", short_names=("go",)),
    _application("rust", "Rust", short_names=("rust", "axum", "actix")),
    *of_category(
        "server_application",
        _PROCESS,
        Technology(
            "rails",
            "Ruby on Rails",
            protocol="HTTPS",
            aliases=listed("ruby on rails, rails"),
            assumptions=(
                assumed(
                    "csrf_defended",
                    "Rails checks the CSRF token of forms by default",
                    since="since Rails 5.2",
                    source=f"{_RAILS}configuring.html#config-action-controller-default-protect-from-forgery",
                    applies_to=_DOORS,
                )
                + assumed(
                    "output_encoded",
                    "Rails escapes output in views by default",
                    since="since Rails 3.0",
                    source=f"{_RAILS}3_0_release_notes.html",
                    applies_to=_DOORS,
                )
            ),
        ),
    ),
    _application("ruby", "Ruby", short_names=("ruby", "sinatra")),
    *of_category(
        "server_application",
        _PROCESS,
        Technology(
            "laravel",
            "Laravel",
            protocol="HTTPS",
            aliases=listed("laravel"),
            assumptions=(
                assumed(
                    "csrf_defended",
                    "Laravel's web routes check the CSRF token by default",
                    since="since Laravel 5.0",
                    source="https://laravel.com/docs/csrf",
                    applies_to=_DOORS,
                )
                + assumed(
                    "output_encoded",
                    "Blade escapes {{ }} by default",
                    since="since Laravel 5.0",
                    source="https://laravel.com/docs/blade",
                    applies_to=_DOORS,
                )
            ),
        ),
    ),
    _application("php", "PHP", "php", "symfony"),
    _application("elixir", "Elixir or Erlang", "elixir", "erlang", short_names=("phoenix",)),
    *of_category(
        "server_application",
        _PROCESS,
        Technology(
            "wordpress",
            "WordPress",
            protocol="HTTPS",
            aliases=listed("wordpress"),
            questions=asked(patched_in_time="Are its plug-ins updated in time?"),
        ),
    ),
    *of_category(
        "worker",
        _PROCESS,
        Technology(
            "celery",
            "Celery or Sidekiq",
            aliases=listed("celery, sidekiq"),
            questions=asked(data_only="Is the serializer of messages JSON (not pickle)?"),
        ),
    ),
    *of_category(
        "data_pipeline",
        _PROCESS,
        Technology("airflow", "Apache Airflow", protocol="HTTPS", aliases=listed("apache airflow, airflow")),
    ),
    *of_category(
        "serverless_function",
        _PROCESS,
        Technology(
            "aws_lambda",
            "AWS Lambda",
            protocol="HTTPS",
            aliases=listed("aws lambda, lambda function, lambda"),
            assumptions=assumed(
                "isolated",
                "AWS Lambda runs functions in virtual machines that are not shared between accounts",
                since="always on",
                source="https://docs.aws.amazon.com/whitepapers/latest/security-overview-aws-lambda/lambda-isolation-technologies.html",
            ),
        ),
        Technology(
            "cloud_run",
            "Google Cloud Run",
            protocol="HTTPS",
            aliases=listed("google cloud run, cloud run"),
            questions=asked(caller_authenticated="Does the service require authentication to be invoked?"),
            assumptions=assumed(
                "isolated",
                "Cloud Run runs instances in sandboxes",
                since="always on",
                source="https://cloud.google.com/run/docs/securing/security",
            ),
        ),
        Technology(
            "azure_functions",
            "Azure Functions",
            protocol="HTTPS",
            aliases=listed("azure functions, azure function"),
        ),
    ),
    *of_category(
        "container_platform",
        _PROCESS,
        Technology(
            "kubernetes",
            "Kubernetes",
            protocol="HTTPS",
            aliases=listed("kubernetes, k8s, amazon eks, eks, gke, aks, openshift"),
            questions=asked(
                peers_restricted="Do network policies restrict who connects (none by default)?",
                vaulted="Is it encrypted in etcd (not by default)?",
            ),
        ),
        Technology(
            "aws_fargate",
            "AWS Fargate",
            protocol="HTTPS",
            aliases=listed("aws fargate, fargate"),
            assumptions=assumed(
                "isolated",
                "AWS Fargate tasks have isolation boundaries of their own and share no kernel",
                since="always on",
                source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html",
            ),
        ),
    ),
    *of_category(
        "virtual_machine",
        _PROCESS,
        Technology(
            "amazon_ec2",
            "Amazon EC2",
            protocol="SSH",
            aliases=listed("amazon ec2, ec2"),
            questions=asked(metadata_blocked="Is version 2 of the instance metadata service required?"),
        ),
    ),
    *of_category(
        "load_balancer",
        _PROCESS,
        Technology(
            "nginx",
            "nginx, HAProxy or Envoy",
            protocol="HTTPS",
            aliases=listed("nginx, haproxy, envoy, traefik"),
        ),
        Technology(
            "aws_load_balancer",
            "AWS Elastic Load Balancing",
            protocol="HTTPS",
            aliases=listed("elastic load balancer, elb, alb"),
            managed=True,
        ),
    ),
    *of_category(
        "api_gateway",
        _PROCESS,
        Technology(
            "kong",
            "Kong or Amazon API Gateway",
            protocol="HTTPS",
            aliases=listed("kong, amazon api gateway, apigee"),
        ),
    ),
    *of_category(
        "cdn",
        _PROCESS,
        Technology(
            "cloudfront",
            "Amazon CloudFront",
            protocol="HTTPS",
            aliases=listed("amazon cloudfront, cloudfront"),
            assumptions=assumed(
                "caches_responses",
                "Amazon CloudFront caches files for 24 hours unless headers say otherwise",
                since="by default",
                source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html",
            ),
            managed=True,
        ),
        Technology(
            "cloudflare",
            "Cloudflare",
            protocol="HTTPS",
            aliases=listed("cloudflare"),
            assumptions=assumed(
                "caches_responses",
                "Cloudflare caches static files by their extension",
                since="by default",
                source="https://developers.cloudflare.com/cache/concepts/default-cache-behavior/",
            ),
            managed=True,
        ),
        Technology(
            "fastly", "Fastly or Akamai", protocol="HTTPS", aliases=listed("fastly, akamai"), managed=True
        ),
    ),
    *of_category(
        "web_application_firewall",
        _PROCESS,
        Technology(
            "aws_waf", "AWS WAF", protocol="HTTPS", aliases=listed("aws waf, modsecurity"), managed=True
        ),
    ),
    *of_category(
        "ci_cd",
        _PROCESS,
        Technology(
            "jenkins",
            "Jenkins",
            protocol="HTTPS",
            aliases=listed("jenkins"),
            questions=asked(submitted_code_isolated="Are builds kept off the controller?"),
        ),
        Technology(
            "github_actions",
            "GitHub Actions or GitLab CI",
            protocol="HTTPS",
            aliases=listed("github actions, gitlab ci, circleci, buildkite"),
        ),
    ),
    *of_category(
        "mail_server",
        _PROCESS,
        Technology(
            "postfix", "Postfix or Exchange", protocol="SMTP", aliases=listed("postfix, microsoft exchange")
        ),
    ),
    *of_category(
        "vpn_gateway",
        _PROCESS,
        Technology(
            "wireguard", "WireGuard, OpenVPN or Tailscale", aliases=listed("wireguard, openvpn, tailscale")
        ),
    ),
)
