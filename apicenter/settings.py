"""Django settings. Values that differ between installations come from apicenter/env.py only."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from apicenter.env import BASE_DIR, VAR_DIR, ConfigurationError, load

ENV = load()
TESTING = "pytest" in sys.modules

SITE_NAME = ENV.SITE_NAME
SITE_URL = ENV.SITE_URL
DEBUG = ENV.DEBUG
SECRET_KEY = ENV.SECRET_KEY
ALLOWED_HOSTS = ENV.ALLOWED_HOSTS
IS_SECURE = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "apicenter.organizations",
    "apicenter.notifications",
    "apicenter.billing",
    "apicenter.api",
    "connectors",
    "connectors.sandbox",
    "flows",
    "dashboard",
    "dashboard.setup",
]

MIDDLEWARE = [
    "apicenter.references.ReferenceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "dashboard.personal.PersonalPages",
    "dashboard.dead_ends.FormsOnly",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "apicenter.urls"
WSGI_APPLICATION = "apicenter.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.context.site",
            ]
        },
    }
]


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = Path(parts.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        return {
            "ENGINE": "apicenter.postgres",
            "NAME": parts.path.strip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ConfigurationError("DATABASE_URL must be sqlite:///path or postgresql://user:password@host:port/name.")


VAR_DIR.mkdir(exist_ok=True)
DATABASES = {"default": _database(ENV.DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "apicenter.organizations.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apicenter.organizations.passwords.HardToGuess"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "dashboard.forms.SignupForm"
ACCOUNT_FORMS = {
    "signup": "dashboard.you.forms.AccountForm",
    "login": "dashboard.you.forms.SignInForm",
    "reset_password": "dashboard.you.forms.AskResetForm",
    "reset_password_from_key": "dashboard.you.forms.NewPasswordForm",
    "change_password": "dashboard.you.forms.ChangePasswordForm",
    "add_email": "dashboard.you.forms.ChangeAddressForm",
    "reauthenticate": "dashboard.you.forms.ReauthenticateForm",
}
ACCOUNT_ADAPTER = "apicenter.organizations.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SITE_NAME}: "
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that signed up
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "apicenter.organizations.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "dashboard.you.forms.CodeForm",
    "reauthenticate": "dashboard.you.forms.CodeAgainForm",
    "activate_totp": "dashboard.you.forms.AppForm",
    "add_webauthn": "dashboard.you.forms.AddKeyForm",
    "edit_webauthn": "dashboard.you.forms.RenameKeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address is confirmed before anybody signs in, and a new one before it counts
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE  # browsers themselves allow it at localhost only
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.TRUSTED_PROXIES

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if not ENV.EMAIL_URL.startswith("console"):
    _mail = urlsplit(ENV.EMAIL_URL)
    if _mail.scheme not in {"smtp", "smtps"} or not _mail.hostname:
        raise ConfigurationError("EMAIL_URL must be console:// or smtps://user:password@host:port.")
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp"
EMAIL_TIMEOUT = 10  # seconds: a mail server that hangs must not hold up the clock
DEFAULT_FROM_EMAIL = ENV.DEFAULT_FROM_EMAIL

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("nl", _("Dutch"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CACHES = {  # tests use the database, which they roll back: what one counts must not throttle another
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ENV.REDIS_URL}
    if ENV.REDIS_URL and not TESTING
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}

SESSION_ENGINE = "apicenter.sealed_sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "dashboard.views.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SECURE = "Lax", True, IS_SECURE
# Behind a proxy that ends TLS a request comes in plainly: only its word makes it a secure one, and tells browsers so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE and ENV.TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = SECURE_PROXY_SSL_HEADER is not None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from inside, past the proxy
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # a browser's preload list is for whoever owns the whole domain
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apicenter.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apicenter.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apicenter.api.failures.handle",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "VERSION": "1",
    "DESCRIPTION": "Everything that the pages do, for programs.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"NoPairEnum": [(name, name) for name in ("block", "default", "as_is")]},
}

CELERY = {
    "broker_url": ENV.REDIS_URL or "memory://",
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure_or_timeout": True,
    "task_ignore_result": True,
    "task_time_limit": 300,
    "task_soft_time_limit": 240,
    "task_serializer": "json",
    "accept_content": ["json"],
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 1000,
    "worker_soft_shutdown_timeout": 30,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "beat_scheduler": "flows.running.beat:Scheduler",
    "worker_hijack_root_logger": False,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {
        "visibility_timeout": 600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "global_keyprefix": "apicenter:",
    }
    if ENV.REDIS_URL
    else {},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "apicenter.logs.formatter", "form": ENV.LOG_FORMAT}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": ENV.LOG_LEVEL},
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("httpx", "httpcore", "urllib3", "celery.redirected")},
        "waitress.queue": {"level": "ERROR"},  # it warns of every request that waits a moment for its thread
    },
}
