"""Every setting the platform reads from its environment, with its type, default and meaning.

A missing or wrong value stops the start with a sentence that names the variable.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from apicenter.billing.prices import PriceList

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
KEY_BYTES = 32


class ConfigurationError(SystemExit):
    """The environment is not usable; the message is one sentence per variable."""


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a URL such as https://api.example.com")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]
CommaList = Annotated[list[str], NoDecode]
DayList = Annotated[list[Annotated[int, Field(ge=0, le=365)]], NoDecode]


class Env(BaseSettings):
    """Environment variables; see docs/settings.md for the same list in prose."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    # platform
    SITE_NAME: str = "APIcenter"
    SITE_URL: HttpUrl = "http://127.0.0.1:8000"
    DEBUG: bool = False
    SECRET_KEY: str = ""
    APICENTER_KEYS: str = ""
    ALLOWED_HOSTS: CommaList = ["127.0.0.1", "localhost"]
    TRUSTED_PROXIES: int = Field(0, ge=0, le=10)
    DATABASE_URL: str = f"sqlite:///{VAR_DIR / 'apicenter.sqlite3'}"
    REDIS_URL: str = ""
    LOG_FORMAT: Literal["console", "json"] = "console"
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    EMAIL_URL: str = "console://"
    DEFAULT_FROM_EMAIL: str = "noreply@localhost"

    API_CALLS_PER_MINUTE: int = Field(300, ge=1)  # of one token of the public API
    AUDIT_DAYS: int = Field(730, ge=30, le=36500)  # that the trail of who changed what is kept

    # trial and plan; without PLANS nothing costs anything and no trial ends
    PLANS: Annotated[PriceList | None, NoDecode] = None
    TRIAL_DAYS: int = Field(14, ge=1, le=365)
    TRIAL_REMINDER_DAYS: DayList = [7, 3, 1]
    KEEP_DAYS: int = Field(90, ge=1)

    # who runs this installation, as its public pages say
    OPERATOR_NAME: str = ""
    OPERATOR_ADDRESS: str = ""
    OPERATOR_EMAIL: str = ""
    OPERATOR_COUNTRY: str = Field("", pattern=r"^([A-Z]{2})?$")
    OPERATOR_HOSTING: str = ""
    OPERATOR_SUBPROCESSORS: str = ""
    SOURCE_URL: str = Field("", pattern=r"^(https?://\S+)?$")

    # the two systems
    TEAMLEADER_API_URL: HttpUrl = "https://api.focus.teamleader.eu"
    TEAMLEADER_AUTH_URL: HttpUrl = "https://focus.teamleader.eu"
    TEAMLEADER_CLIENT_ID: str = ""
    TEAMLEADER_CLIENT_SECRET: str = ""
    VISMA_NET_API_URL: HttpUrl = "https://api.finance.visma.net"
    VISMA_NET_ORDER_URL: HttpUrl = "https://salesorder.visma.net"
    VISMA_CONNECT_URL: HttpUrl = "https://connect.visma.com"
    VISMA_NET_CLIENT_ID: str = ""
    VISMA_NET_CLIENT_SECRET: str = ""
    SANDBOX_ENABLED: bool = True
    DEMO_SIGN_IN: bool = True  # a button that signs in to the demo organization; on the own machine with SQLite only
    SANDBOX_URL: str = ""  # where the fakes are reached; SITE_URL + /sandbox unless given

    METRICS_TOKEN: str = ""  # bearer token of /metrics; without one the address does not exist

    # messages
    NOTIFY_WAIT_SECONDS: float = Field(60, ge=0)
    WEBHOOK_HTTP_ALLOWED: bool = False
    WEBHOOK_OFF_DAYS: int = Field(5, ge=1, le=60)

    # engine: seconds unless said otherwise
    LANE_LEASE_SECONDS: float = Field(180, gt=0)
    SLICE_SECONDS: float = Field(2, gt=0)
    SLICE_RECORDS: int = Field(50, ge=1, le=500)
    CALL_THREADS: int = Field(6, ge=1, le=32)
    CALL_DEADLINE_SECONDS: float = Field(45, gt=0)
    TEAMLEADER_QUIET_SECONDS: float = Field(120, ge=0)
    VISMA_NET_QUIET_SECONDS: float = Field(600, ge=0)
    VISMA_NET_PARALLEL_CALLS: int = Field(2, ge=1, le=8)
    CURSOR_LAG_SECONDS: float = Field(300, ge=0)
    RETRY_BASE_SECONDS: float = Field(30, gt=0)
    DISPATCHER_THREADS: int = Field(3, ge=2, le=16)

    @field_validator("ALLOWED_HOSTS", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("TRIAL_REMINDER_DAYS", mode="before")
    @classmethod
    def _split_days(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("PLANS", mode="before")
    @classmethod
    def _read_plans(cls, value: object) -> object:
        """A price list as JSON, or the path of a file that holds it."""
        if not isinstance(value, str):
            return value
        text = value.strip()
        if not text.startswith("{"):
            path = Path(text)
            if not path.is_file():
                raise ValueError(f"must be a JSON object or a file that holds one, and there is no file {text}")
            text = path.read_text()
        try:
            return json.loads(text, parse_float=str)
        except ValueError as error:
            raise ValueError(f"is no JSON: {error}") from error

    @model_validator(mode="after")
    def _lease_outlives_a_call(self) -> Env:
        if self.LANE_LEASE_SECONDS <= self.CALL_DEADLINE_SECONDS:
            raise ValueError("LANE_LEASE_SECONDS must be longer than CALL_DEADLINE_SECONDS, or a call could outlive it")
        return self

    @property
    def offers_demo(self) -> bool:
        """Whether anybody may sign in to the demo organization by a button: never where others can reach it."""
        is_own_machine = urlsplit(self.SITE_URL).hostname in {"127.0.0.1", "localhost"}
        return self.DEMO_SIGN_IN and self.SANDBOX_ENABLED and is_own_machine and self.DATABASE_URL.startswith("sqlite")

    def keys(self) -> dict[str, bytes]:
        """Key-encryption keys by id, the active one first (APICENTER_KEYS="2026a:base64,2025b:base64")."""
        found: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in self.APICENTER_KEYS.split(","))):
            key_id, _, encoded = entry.partition(":")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                key = b""
            if not key_id or len(key) != KEY_BYTES:
                raise ConfigurationError(
                    f"APICENTER_KEYS: the entry {key_id or '?'} must be id:base64 of {KEY_BYTES} bytes."
                )
            found[key_id] = key
        return found


def load() -> Env:
    """Read the environment, or stop with a sentence per wrong variable.

    Without SECRET_KEY and APICENTER_KEYS the embedded mode makes them once and keeps them in var/keys.env; with
    PostgreSQL both must be given, so that no server loses its keys with a container.
    """
    try:
        env = Env()
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'environment'}: {e['msg']}." for e in error.errors()]
        raise ConfigurationError("The environment is not usable.\n" + "\n".join(lines)) from error
    if env.SECRET_KEY and env.APICENTER_KEYS:
        return env
    if not env.DATABASE_URL.startswith("sqlite"):
        missing = [name for name in ("SECRET_KEY", "APICENTER_KEYS") if not getattr(env, name)]
        raise ConfigurationError(
            f"Set {' and '.join(missing)} in the environment; CONTRIBUTING.md shows how to make them."
        )
    return _with_own_keys(env)


def _with_own_keys(env: Env) -> Env:
    path = VAR_DIR / "keys.env"
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        temporary = path.with_suffix(f".{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(f"SECRET_KEY={secrets.token_urlsafe(50)}\nAPICENTER_KEYS=local:{key}\n")
        try:
            path.hardlink_to(temporary)  # the first of several starting processes wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    stored = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return env.model_copy(
        update={name: getattr(env, name) or stored[name] for name in ("SECRET_KEY", "APICENTER_KEYS")}
    )
