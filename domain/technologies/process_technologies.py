"""Technologies that run code or pass on requests."""

from typing import Final

from domain.kernel.elements import ComponentKind
from domain.technologies.technology import AppliesTo, Technology, assumed

_PROCESS: Final = ComponentKind.PROCESS
_DOORS: Final = AppliesTo.ENTRY_POINTS
_DJANGO: Final = "https://docs.djangoproject.com/en/stable/"
_RAILS: Final = "https://guides.rubyonrails.org/"


def _application(key: str, name: str, *aliases: str, short_names: tuple[str, ...] = ()) -> Technology:
    """Return a language or a framework about which nothing can be assumed."""
    return Technology(
        key=key,
        name=name,
        category="server_application",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=aliases,
        short_names=short_names,
    )


PROCESS_TECHNOLOGIES: Final = (
    _application("python", "Python", "python", "fastapi", short_names=("flask",)),
    Technology(
        key="django",
        name="Django",
        category="server_application",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("django",),
        ask_first=("Which views are exempt from the CSRF check, and which templates mark text as safe?",),
        assumptions=(
            assumed(
                "csrf_defended",
                "Django refuses forms without a CSRF token by default",
                since="since Django 1.2",
                source=f"{_DJANGO}howto/csrf/",
                applies_to=_DOORS,
            ),
            assumed(
                "output_encoded",
                "Django's templates escape variables by default",
                since="since Django 1.0",
                source=f"{_DJANGO}ref/templates/language/#automatic-html-escaping",
                applies_to=_DOORS,
            ),
        ),
    ),
    _application(
        "node", "Node.js", "node.js", "nodejs", "nestjs", "next.js", "nextjs", short_names=("node", "express")
    ),
    _application(
        "java", "Java or Kotlin", "java", "kotlin", "spring boot", "quarkus", short_names=("spring",)
    ),
    Technology(
        key="asp_net_core",
        name="ASP.NET Core",
        category="server_application",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("asp.net core", "asp.net"),
        assumptions=(
            assumed(
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
    Technology(
        key="rails",
        name="Ruby on Rails",
        category="server_application",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("ruby on rails", "rails"),
        assumptions=(
            assumed(
                "csrf_defended",
                "Rails checks the CSRF token of forms by default",
                since="since Rails 5.2",
                source=f"{_RAILS}configuring.html#config-action-controller-default-protect-from-forgery",
                applies_to=_DOORS,
            ),
            assumed(
                "output_encoded",
                "Rails escapes output in views by default",
                since="since Rails 3.0",
                source=f"{_RAILS}3_0_release_notes.html",
                applies_to=_DOORS,
            ),
        ),
    ),
    _application("ruby", "Ruby", short_names=("ruby", "sinatra")),
    Technology(
        key="laravel",
        name="Laravel",
        category="server_application",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("laravel",),
        assumptions=(
            assumed(
                "csrf_defended",
                "Laravel's web routes check the CSRF token by default",
                since="since Laravel 5.0",
                source="https://laravel.com/docs/csrf",
                applies_to=_DOORS,
            ),
            assumed(
                "output_encoded",
                "Blade escapes {{ }} by default",
                since="since Laravel 5.0",
                source="https://laravel.com/docs/blade",
                applies_to=_DOORS,
            ),
        ),
    ),
    _application("php", "PHP", "php", "symfony"),
    _application("elixir", "Elixir or Erlang", "elixir", "erlang", short_names=("phoenix",)),
    Technology(
        key="wordpress",
        name="WordPress",
        category="server_application",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("wordpress",),
        ask_first=("Who installs plug-ins, and who updates them?",),
    ),
    Technology(
        key="celery",
        name="Celery or Sidekiq",
        category="worker",
        kind=_PROCESS,
        protocol="",
        aliases=("celery", "sidekiq"),
        ask_first=("Which serializer reads the messages?",),
    ),
    Technology(
        key="airflow",
        name="Apache Airflow",
        category="data_pipeline",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("apache airflow", "airflow"),
    ),
    Technology(
        key="aws_lambda",
        name="AWS Lambda",
        category="serverless_function",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("aws lambda", "lambda function", "lambda"),
        assumptions=(
            assumed(
                "isolated",
                "AWS Lambda runs functions in virtual machines that are not shared between accounts",
                since="always on",
                source="https://docs.aws.amazon.com/whitepapers/latest/security-overview-aws-lambda/lambda-isolation-technologies.html",
            ),
        ),
    ),
    Technology(
        key="cloud_run",
        name="Google Cloud Run",
        category="serverless_function",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("google cloud run", "cloud run"),
        ask_first=("Does the service require authentication, or may everyone invoke it?",),
        assumptions=(
            assumed(
                "isolated",
                "Cloud Run runs instances in sandboxes",
                since="always on",
                source="https://cloud.google.com/run/docs/securing/security",
            ),
        ),
    ),
    Technology(
        key="azure_functions",
        name="Azure Functions",
        category="serverless_function",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("azure functions", "azure function"),
    ),
    Technology(
        key="kubernetes",
        name="Kubernetes",
        category="container_platform",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("kubernetes", "k8s", "amazon eks", "eks", "gke", "aks", "openshift"),
        ask_first=(
            "Are network policies in force? By default, every pod can reach every other pod.",
            "Are secrets encrypted in etcd? By default, they are not.",
        ),
    ),
    Technology(
        key="aws_fargate",
        name="AWS Fargate",
        category="container_platform",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("aws fargate", "fargate"),
        assumptions=(
            assumed(
                "isolated",
                "AWS Fargate tasks have isolation boundaries of their own and share no kernel",
                since="always on",
                source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html",
            ),
        ),
    ),
    Technology(
        key="amazon_ec2",
        name="Amazon EC2",
        category="virtual_machine",
        kind=_PROCESS,
        protocol="SSH",
        aliases=("amazon ec2", "ec2"),
        ask_first=("Is version 2 of the instance metadata service required?",),
    ),
    Technology(
        key="nginx",
        name="nginx, HAProxy or Envoy",
        category="load_balancer",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("nginx", "haproxy", "envoy", "traefik"),
    ),
    Technology(
        key="aws_load_balancer",
        name="AWS Elastic Load Balancing",
        category="load_balancer",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("elastic load balancer", "elb", "alb"),
    ),
    Technology(
        key="kong",
        name="Kong or Amazon API Gateway",
        category="api_gateway",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("kong", "amazon api gateway", "apigee"),
    ),
    Technology(
        key="cloudfront",
        name="Amazon CloudFront",
        category="cdn",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("amazon cloudfront", "cloudfront"),
        assumptions=(
            assumed(
                "keeps_copies",
                "Amazon CloudFront caches files for 24 hours unless headers say otherwise",
                since="by default",
                source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html",
            ),
        ),
    ),
    Technology(
        key="cloudflare",
        name="Cloudflare",
        category="cdn",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("cloudflare",),
        assumptions=(
            assumed(
                "keeps_copies",
                "Cloudflare caches static files by their extension",
                since="by default",
                source="https://developers.cloudflare.com/cache/concepts/default-cache-behavior/",
            ),
        ),
    ),
    Technology(
        key="fastly",
        name="Fastly or Akamai",
        category="cdn",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("fastly", "akamai"),
    ),
    Technology(
        key="aws_waf",
        name="AWS WAF",
        category="web_application_firewall",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("aws waf", "modsecurity"),
    ),
    Technology(
        key="jenkins",
        name="Jenkins",
        category="ci_cd",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("jenkins",),
        ask_first=("Do builds run on the controller?",),
    ),
    Technology(
        key="github_actions",
        name="GitHub Actions or GitLab CI",
        category="ci_cd",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("github actions", "gitlab ci", "circleci", "buildkite"),
        ask_first=("Which workflows run with secrets on pull requests from forks?",),
    ),
    Technology(
        key="postfix",
        name="Postfix or Exchange",
        category="mail_server",
        kind=_PROCESS,
        protocol="SMTP",
        aliases=("postfix", "microsoft exchange"),
    ),
    Technology(
        key="wireguard",
        name="WireGuard, OpenVPN or Tailscale",
        category="vpn_gateway",
        kind=_PROCESS,
        protocol="",
        aliases=("wireguard", "openvpn", "tailscale"),
    ),
)
