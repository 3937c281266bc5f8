"""Customer invoices: written through v2, looked up through v1, which has no POST and no GET of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from connectors.base import FieldInfo, Text
from connectors.maps import ResourceMap
from connectors.revising import Comparing
from connectors.visma_net.document_map import SALE_MAP
from connectors.visma_net.document_standing import comparing
from connectors.visma_net.documents import CustomerDocuments
from connectors.visma_net.fields_orders import INVOICE_FIELDS
from connectors.visma_net.order_map import INVOICE_MAP

READ_PATH = "/v1/customerinvoice"


class CustomerInvoices(CustomerDocuments):
    """Customer invoices; our reference stands in two fields that can be filtered by."""

    kind: ClassVar[str] = "customer_invoices"
    title: ClassVar[Text] = _("Customer invoices")
    natural_key: ClassVar[str] = "customerRefNumber"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = INVOICE_FIELDS
    default_map: ClassVar[ResourceMap] = INVOICE_MAP
    maps_by_kind: ClassVar[Mapping[str, ResourceMap]] = {"invoices": SALE_MAP}
    create_path = "/v2/customerinvoice"
    read_path = READ_PATH
    lines = "invoiceLines"
    deletes_unreleased = True
    comparing: ClassVar[Comparing | None] = comparing("invoiceLines")
