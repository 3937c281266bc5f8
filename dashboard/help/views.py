"""Help: the list of articles with its search, and an article. Open to everybody, signed in or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dashboard.access import MemberRequest, in_organization, organizations_of
from dashboard.help.articles import DEFAULT_LANGUAGE, GROUPS, SLUGS, Article
from dashboard.help.functions import articles_in
from dashboard.help.render import html_of
from dashboard.help.search import search
from dashboard.partial import wants_part

P = ParamSpec("P")
GROUP_TITLES = {
    "start": _("Begin"),
    "flows": _("The flows"),
    "day": _("Day by day"),
    "values": _("Values and fields"),
    "company": _("Your company"),
    "words": _("Words"),
}
GROUP_ICONS = {
    "start": "player-play",
    "flows": "refresh",
    "day": "list-check",
    "values": "table",
    "company": "users",
    "words": "language",
}
LONGEST_QUESTION = 200


def for_everybody(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Run a view inside the organization of a member, and without one for anybody else."""
    inside = in_organization(view)

    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated and organizations_of(request.user).exists():
            return inside(request, *args, **kwargs)
        return view(cast(MemberRequest, request), *args, **kwargs)

    return require_safe(opened)


@for_everybody
def index(request: MemberRequest) -> HttpResponse:
    """All articles by group, or those that hold what was asked for."""
    question = request.GET.get("q", "")[:LONGEST_QUESTION].strip()
    articles = articles_in(_language())
    context = {
        "question": question,
        "hits": search(articles.values(), question),
        "groups": [
            (title, GROUP_ICONS[key], [articles[slug] for slug in GROUPS[key]]) for key, title in GROUP_TITLES.items()
        ],
    }
    if wants_part(request):
        response = render(request, "dashboard/help/_found.html", context)
    else:
        response = render(request, "dashboard/help/index.html", context | _frame(request))
    patch_vary_headers(response, ["HX-Request"])  # the part and the page have one address
    return response


@for_everybody
def article(request: MemberRequest, slug: str) -> HttpResponse:
    """One article, with the one before and the one after it."""
    articles = articles_in(_language())
    if slug not in articles:
        raise Http404
    context = {
        "article": articles[slug],
        "html": html_of(articles[slug]),
        "group_title": GROUP_TITLES[articles[slug].group],
        "previous": _neighbour(articles, slug, -1),
        "next": _neighbour(articles, slug, 1),
    }
    return render(request, "dashboard/help/article.html", context | _frame(request))


def _frame(request: HttpRequest) -> dict[str, Any]:
    layout = "page.html" if hasattr(request, "membership") else "dashboard/help/open.html"
    return {"layout": layout, "here": "help", "ask_address": getattr(settings, "OPERATOR_EMAIL", "")}


def _language() -> str:
    return (get_language() or DEFAULT_LANGUAGE)[:2]


def _neighbour(articles: dict[str, Article], slug: str, step: int) -> Article | None:
    at = SLUGS.index(slug) + step
    return articles[SLUGS[at]] if 0 <= at < len(SLUGS) else None
