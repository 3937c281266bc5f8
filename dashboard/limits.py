"""How long somebody who tries something too often has to wait, as the library counts it."""

from __future__ import annotations

import math
import time

from allauth.account import app_settings as account
from allauth.core.internal.ratelimit import Rate, get_cache_key, get_rates
from allauth.mfa import app_settings as mfa
from django.core.cache import cache
from django.http import HttpRequest

ACTIONS = {  # which limit a page counts by
    "account_login": ("allauth.account", "login"),
    "account_signup": ("allauth.account", "signup"),
    "you:join": ("allauth.account", "signup"),
    "account_reset_password": ("allauth.account", "reset_password"),
    "account_reset_password_from_key": ("allauth.account", "reset_password_from_key"),
    "account_change_password": ("allauth.account", "change_password"),
    "account_email": ("allauth.account", "manage_email"),
    "account_reauthenticate": ("allauth.account", "reauthenticate"),
    "mfa_login_webauthn": ("allauth.mfa", "webauthn_login"),
}
LIMITS = {"allauth.account": account, "allauth.mfa": mfa}
USUAL_SECONDS = 60


def seconds_left(request: HttpRequest) -> int:
    """Return after how many seconds a request like this one is answered again."""
    match = request.resolver_match
    name = match.view_name.removeprefix("dashboard:") if match else ""
    if name not in ACTIONS:
        return USUAL_SECONDS
    app, action = ACTIONS[name]
    rates = get_rates(app=app, action=action, config=LIMITS[app].RATE_LIMITS)
    left = [_left(request, app, action, rate) for rate in rates]
    return max(1, math.ceil(max(left, default=0))) if any(left) else USUAL_SECONDS


def _left(request: HttpRequest, app: str, action: str, rate: Rate) -> float:
    """Return how many seconds this limit still holds; the library keeps the newest moment first."""
    address = request.POST.get("email", "").strip().lower()
    if (rate.per == "user" and not request.user.is_authenticated) or (rate.per == "key" and not address):
        return 0
    history = cache.get(get_cache_key(request, app=app, action=action, rate=rate, key=address)) or []
    return history[rate.amount - 1] + rate.duration - time.time() if len(history) >= rate.amount else 0
