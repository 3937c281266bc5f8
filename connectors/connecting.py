"""How somebody connects a system: what is asked, and how its tokens are got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.shapes import Text


class AuthKind(StrEnum):
    OAUTH_CODE = "oauth_code"  # consent in the browser, single-use refresh tokens
    CLIENT_CREDENTIALS = "client_credentials"
    NONE = "none"  # nobody has to let us in: there is no other system, only files


@dataclass(frozen=True, slots=True)
class FormField:
    """A field a person fills in to connect."""

    name: str
    title: Text
    hint: Text = ""
    is_secret: bool = False
    is_required: bool = True
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class AuthSpec:
    """How a connection gets its tokens. `audiences` maps an audience to its scope; hosts use an audience each."""

    kind: AuthKind
    token_host: str = ""
    token_path: str = ""
    authorize_path: str = ""
    audiences: Mapping[str, str] = field(default_factory=lambda: {"": ""})
    body: str = "form"
    tenant_field: str = ""  # name in the settings, sent as tenant_id
    has_pkce: bool = False  # its authorization server documents PKCE with S256

    @property
    def has_client(self) -> bool:
        """Whether an application with an id and a secret stands between us and the system."""
        return self.kind is not AuthKind.NONE
