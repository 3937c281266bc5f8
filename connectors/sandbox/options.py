"""How one account of the sandbox behaves when nothing is broken: limits, ages, and the choices vendors leave open."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.models import Account


class Options(BaseModel):
    """Behaviour of one account; what `Account.options` leaves out has the default of its system."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # both systems
    limit_calls: int = Field(200, ge=1)
    limit_seconds: int = Field(60, ge=1)
    limit_window: Literal["sliding", "fixed"] = "sliding"
    strict: bool = False  # refuse what the real system ignores: unknown body keys, filters, query parameters
    page_cap: int = Field(100, ge=1)
    page_cap_mode: Literal["clamp", "reject"] = "clamp"
    access_ttl_seconds: int = Field(3600, ge=1)
    stock_feature: bool = True
    life: bool = False  # whether people change things in it by themselves: see connectors/sandbox/life.py

    # Teamleader Focus
    webhook_copies: int = Field(1, ge=0)  # how often each delivery comes; 0 = never
    reset_header_form: Literal["docs", "observed"] = "observed"
    revoke_family_on_reuse: bool = True
    accept_wins_deal: bool = False
    move_opens: bool = False  # a won deal that is moved to another phase counts as open again
    refuse_zulu: bool = True  # a timestamp ending in Z is a 400
    unit_price_currency: bool = False  # answers in the shape older than 2023-09-26
    credit_note_as_list: bool = False  # creditNotes.info as the documents type it

    # Visma.net ERP
    manual_order_numbers: bool = False  # the sales order type takes the number the caller gives
    same_request_limit: int = Field(0, ge=0)  # equal requests within five minutes before a 429; 0 = no such rule
    freight: float = Field(0, ge=0)  # what its shipping terms add to a new sales order, with VAT
    closed_periods: tuple[str, ...] = ()  # "YYYYPP": documents in them are refused

    @classmethod
    def of(cls, account: Account) -> Options:
        return cls(**{**_DEFAULTS.get(account.system, {}), **account.options})


_DEFAULTS: dict[str, dict[str, Any]] = {
    Account.System.VISMA_NET: {
        "limit_calls": 15_000,
        "limit_seconds": 3600,
        "limit_window": "fixed",
        "page_cap": 1000,
    },
}
