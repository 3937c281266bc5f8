"""Cash sales: an invoice and its payment in one document. They have no release action and no currency of their own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import MappingError
from connectors.base import FieldInfo, Text
from connectors.core import JSONDict
from connectors.maps import ResourceMap
from connectors.revising import Comparing
from connectors.visma_net.document_map import CASH_ORDER_MAP, CASH_SALE_MAP
from connectors.visma_net.document_standing import comparing
from connectors.visma_net.documents import CustomerDocuments
from connectors.visma_net.fields_documents import CASH_SALE_FIELDS
from connectors.visma_net.read_values import read_text


class CashSales(CustomerDocuments):
    """Cash sales; our reference stands in the payment reference, the one field of theirs a list can be filtered by.

    They are in the currency of the cash account: "currencyId" in a payload is only compared with that.
    """

    kind: ClassVar[str] = "cash_sales"
    title: ClassVar[Text] = _("Cash sales")
    natural_key: ClassVar[str] = "paymentReference"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = CASH_SALE_FIELDS
    default_map: ClassVar[ResourceMap] = CASH_ORDER_MAP
    maps_by_kind: ClassVar[Mapping[str, ResourceMap]] = {"invoices": CASH_SALE_MAP}
    create_path = "/v1/cashsale"
    read_path = "/v1/cashsale"
    lines = "cashSaleLines"
    references = ("paymentReference",)
    can_override_series = False
    id_prefix = "CashSale/"
    comparing: ClassVar[Comparing | None] = comparing("cashSaleLines")

    def body(self, plain: JSONDict, reference: str) -> JSONDict:
        account, currency = read_text(plain.get("cashAccount")), read_text(plain.get("currencyId"))
        kept = self._currencies.get(account or "") or self.erp.base_currency
        if currency and currency != kept:
            raise MappingError("cash.other_currency", account=account or "?", kept=kept, currency=currency)
        return super().body({name: value for name, value in plain.items() if name != "currencyId"}, reference)

    @cached_property
    def _currencies(self) -> Mapping[str, str]:
        """Return the currency of each cash account that names one."""
        rows = self.erp.rows("/v1/cashaccount")
        return {
            read_text(row.get("number")) or "": currency for row in rows if (currency := read_text(row.get("currency")))
        }
