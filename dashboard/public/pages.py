"""What anybody may read: what the product does and costs, how data is handled, on which terms."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from apicenter.organizations.invitations import KEPT
from apicenter.organizations.models import Organization, User
from dashboard.words import kind_word
from flows.catalog.registry import FLOW_KINDS

PUBLIC = (
    "dashboard:overview",
    "dashboard:public:privacy",
    "dashboard:public:data_processing",
    "dashboard:public:terms",
)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this installation, as its settings say."""

    name: str
    address: str
    email: str
    hosting: str
    subprocessors: tuple[str, ...]
    source_url: str

    @property
    def missing(self) -> list[str]:
        """Return the settings that the public pages need and that are empty."""
        needed = {"OPERATOR_NAME": self.name, "OPERATOR_ADDRESS": self.address, "OPERATOR_EMAIL": self.email}
        return [setting for setting, value in needed.items() if not value]


def operator() -> Operator:
    """Return who runs this installation."""
    env = settings.ENV
    others = tuple(part.strip() for part in env.OPERATOR_SUBPROCESSORS.split(";") if part.strip())
    return Operator(
        env.OPERATOR_NAME, env.OPERATOR_ADDRESS, env.OPERATOR_EMAIL, env.OPERATOR_HOSTING, others, env.SOURCE_URL
    )


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    prices = settings.ENV.PLANS
    kinds = [(kind_word(key), kind.title, prices.monthly(key)) for key, kind in FLOW_KINDS.items()] if prices else []
    context = {**_shared(request), "kinds": kinds, "has_demo": settings.ENV.SANDBOX_ENABLED}
    return render(request, "public/landing.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "public/privacy.html", _shared(request))


@require_safe
def data_processing(request: HttpRequest) -> HttpResponse:
    return render(request, "public/data_processing.html", _shared(request))


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "public/terms.html", _shared(request))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Public pages may be found; everything behind the sign-in may not be looked for."""
    open_paths = "\n".join(f"Allow: {reverse(name)}$" for name in PUBLIC)
    text = (
        f"User-agent: *\n{open_paths}\nDisallow: /\nSitemap: {settings.SITE_URL}{reverse('dashboard:public:sitemap')}\n"
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    rows = format_html_join("\n", "<url><loc>{}{}</loc></url>", ((settings.SITE_URL, reverse(name)) for name in PUBLIC))
    text = format_html(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{}\n</urlset>\n',
        rows,
    )
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


def _shared(request: HttpRequest) -> dict[str, object]:
    user: User | AnonymousUser = request.user
    return {
        "operator": operator(),
        "tell_operator": settings.DEBUG or (isinstance(user, User) and user.is_staff),
        "prices": settings.ENV.PLANS,
        "trial_days": settings.ENV.TRIAL_DAYS,
        "keep_days": settings.ENV.KEEP_DAYS,
        "log_days": Organization._meta.get_field("log_days").default,
        "trail_days": settings.ENV.AUDIT_DAYS,
        "link_days": KEPT.days,
        "page_address": settings.SITE_URL + request.path,
    }
