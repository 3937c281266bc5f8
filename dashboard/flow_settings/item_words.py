"""How the settings of items are asked for: products, categories, stock and prices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dashboard.flow_settings.asking import Asking

ITEM_ASKINGS: dict[str, Asking] = {
    "only_sellable": Asking("which", _("Items that may not be sold stay out of the offers.")),
    "kinds": Asking("which", _("None ticked means all types."), source_list="item_types"),
    "category_from": Asking(
        "which", _("Teamleader’s API makes no categories: the value table says which one each value gets.")
    ),
    "counterpart": Asking(
        "which",
        _("What a product category stands for. Visma.net’s API can make neither: somebody is asked about new ones."),
    ),
    "inactive_items": Asking(
        "which", _("For items that were sent and are no longer sold. Nothing is ever deleted before somebody says so.")
    ),
    "inactive_prefix": Asking("which", _("What the name of a product begins with once its item is no longer sold.")),
    "warehouses": Asking(
        "which", _("Their stock is added up. None ticked means all warehouses."), source_list="warehouses"
    ),
    "stock_count": Asking("which", _("Available is what lies there without what is promised to orders.")),
    "negative_as_zero": Asking("which", _("Off: a negative quantity is sent as it is.")),
    "price_source": Asking(
        "price", _("An item without a price of that kind gets its default price, as your customers do.")
    ),
    "price_class": Asking(
        "price",
        _("The price of one piece that holds on the day. A price that begins later follows on its first day."),
        source_list="price_classes",
        empty=_("none"),
    ),
    "price_includes_vat": Asking(
        "price", _("Prices are then divided by the rate of the item's VAT category. Teamleader keeps them without VAT.")
    ),
    "price_decimals": Asking("price", _("Prices are rounded half up to so many decimals, from 0 to 4.")),
    "check_currency": Asking("price", _("A product with a price in another currency is held back.")),
    "send_price_lists": Asking(
        "price", _("Which price class goes to which price list stands in a value table of its own.")
    ),
    "send_cost": Asking("price", _("Your margin then shows in Teamleader. Only new products get it.")),
    "ean_field": Asking(
        "more",
        _("The custom field that takes the barcode. One whose check digit is wrong is left out."),
        list_name="custom_fields:product",
        empty=_("not sent"),
    ),
    "short_text_attribute": Asking(
        "more",
        _("The attribute of the item that holds a short text."),
        source_list="attributes",
        empty=_("none"),
    ),
    "short_text_field": Asking(
        "more",
        _("The custom field that takes the short text."),
        list_name="custom_fields:product",
        empty=_("not sent"),
    ),
    "image_field": Asking(
        "more",
        _("Teamleader takes no pictures through its API: a custom field can take a link to one."),
        list_name="custom_fields:product",
        empty=_("not sent"),
    ),
    "image_pattern": Asking(
        "more",
        _("The address your pictures have on the web; {sku} and {file} stand for the item number and the file name."),
    ),
    "update_existing": Asking("existing", _("Off: what exists already is paired and then left alone.")),
}
