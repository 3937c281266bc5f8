"""The columns a sheet may have, and the headings they go by in English, French and Dutch."""

# ruff: noqa: E501 - a column per line reads as the table it is
from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from connectors.files import Column, SheetKind

ADDRESS = (
    Column("street", _("Street and number"), ("address", "adresse", "rue", "adres", "straat", "straat en nummer")),
    Column("postal_code", _("Postcode"), ("postal code", "zip", "zip code", "code postal", "cp", "postcode")),
    Column("city", _("Town"), ("city", "place", "ville", "localite", "commune", "plaats", "stad", "gemeente", "woonplaats")),
    Column("country", _("Country"), ("country code", "pays", "code pays", "land", "landcode"), hint=_("Two letters, such as BE.")),
)  # fmt: skip
BUYER = (
    Column("vat_number", _("VAT number"), ("vat no", "vat id", "numero de tva", "n tva", "tva intracommunautaire", "btw-nummer", "btw nummer", "btw nr", "ondernemingsnummer btw")),
    Column("registration_number", _("Registration number"), ("company number", "siren", "siret", "bce", "numero d entreprise", "kvk", "kvk-nummer", "kbo", "ondernemingsnummer")),
    Column("email", _("E-mail address"), ("email", "e-mail", "mail", "courriel", "adresse e-mail", "e-mailadres", "emailadres")),
    Column("phone", _("Telephone"), ("phone", "tel", "telephone", "gsm", "telefoon", "telefoonnummer")),
)  # fmt: skip

PRODUCTS = SheetKind(
    "products",
    _("Products"),
    (
        Column("sku", _("Product number"), ("sku", "code", "product code", "item", "item number", "item no", "article", "article number", "reference", "ref", "code article", "numero d article", "artikel", "artikelnummer", "artikelcode", "artikelnr", "productcode"), is_required=True),
        Column("name", _("Name"), ("description", "product", "product name", "title", "nom", "designation", "libelle", "naam", "omschrijving", "artikelnaam", "productnaam"), is_required=True),
        Column("long_text", _("Long description"), ("details", "long text", "extended description", "description longue", "lange omschrijving", "toelichting")),
        Column("price", _("Selling price"), ("price", "unit price", "sales price", "prix", "prix de vente", "prix unitaire", "prix ht", "pu ht", "prijs", "verkoopprijs", "eenheidsprijs", "stukprijs"), hint=_("Without VAT.")),
        Column("cost", _("Purchase price"), ("cost", "cost price", "prix d achat", "cout", "aankoopprijs", "inkoopprijs", "kostprijs")),
        Column("currency", _("Currency"), ("devise", "monnaie", "munt", "valuta"), hint=_("Three letters, such as EUR. Empty means the currency of the connection.")),
        Column("vat", _("VAT"), ("vat rate", "vat code", "vat %", "tva", "taux de tva", "taux tva", "code tva", "btw", "btw %", "btw-tarief", "btw percentage", "btw-code")),
        Column("unit", _("Unit"), ("unit of measure", "uom", "unite", "unite de mesure", "eenheid", "meeteenheid")),
        Column("category", _("Category"), ("group", "product group", "categorie", "famille", "groupe", "groep", "productgroep", "artikelgroep")),
        Column("ean", _("Barcode"), ("ean", "gtin", "code-barres", "code barre", "streepjescode")),
        Column("stock", _("Stock"), ("quantity in stock", "on hand", "qte en stock", "voorraad")),
        Column("is_sellable", _("For sale"), ("active", "sellable", "actif", "en vente", "actief", "te koop"), hint=_("Yes or no. Empty means yes.")),
    ),
)  # fmt: skip
CUSTOMERS = SheetKind(
    "customers",
    _("Customers"),
    (
        Column("number", _("Customer number"), ("number", "no", "customer no", "id", "code", "client", "code client", "numero client", "numero de client", "n client", "klantnummer", "klantnr", "klantcode", "nummer", "debiteurnummer"), hint=_("What tells one customer from another. Without it the VAT number, the e-mail address or the name does.")),
        Column("name", _("Name"), ("company", "company name", "customer", "customer name", "nom", "societe", "raison sociale", "nom du client", "naam", "bedrijf", "bedrijfsnaam", "klant", "klantnaam"), is_required=True),
        Column("first_name", _("First name"), ("given name", "prenom", "voornaam")),
        *BUYER,
        Column("website", _("Website"), ("web", "site web", "site", "webadres")),
        Column("kind", _("Company or person"), ("type", "customer type", "type de client", "soort", "klanttype"), hint=_("Empty means company, or person where there is a first name and no VAT number.")),
        *ADDRESS,
        Column("payment_days", _("Days to pay"), ("payment days", "payment term", "terms", "delai de paiement", "jours", "betalingstermijn", "betaaltermijn", "dagen")),
        Column("currency", _("Currency"), ("devise", "munt", "valuta")),
        Column("language", _("Language"), ("langue", "taal")),
        Column("note", _("Note"), ("notes", "remark", "remarque", "remarques", "opmerking", "opmerkingen")),
        Column("is_active", _("Active"), ("actif", "actief"), hint=_("Yes or no. Empty means yes.")),
    ),
)  # fmt: skip
ORDERS = SheetKind(
    "orders",
    _("Orders"),
    (
        Column("number", _("Order number"), ("order", "order no", "document number", "commande", "numero de commande", "n commande", "bestelling", "bestelnummer", "ordernummer", "ordernr", "order nr"), is_required=True, hint=_("Lines with the same number are one order.")),
        Column("date", _("Order date"), ("date", "date de commande", "datum", "orderdatum", "besteldatum")),
        Column("title", _("Order description"), ("subject", "objet", "onderwerp")),
        Column("your_reference", _("Customer’s own reference"), ("purchase order", "po number", "customer reference", "reference client", "votre reference", "uw referentie", "referentie klant")),
        Column("customer_number", _("Customer number"), ("customer no", "customer code", "code client", "numero client", "numero de client", "klantnummer", "klantnr", "klantcode")),
        Column("customer", _("Customer name"), ("customer", "client", "nom du client", "klant", "klantnaam", "name", "nom", "naam")),
        *BUYER,
        *ADDRESS,
        Column("sku", _("Product number"), ("sku", "item", "item number", "article", "code article", "numero d article", "artikel", "artikelnummer", "artikelcode", "productcode")),
        Column("text", _("Text of the line"), ("description", "line", "product", "designation", "libelle", "omschrijving", "artikelnaam")),
        Column("quantity", _("Quantity"), ("qty", "quantite", "qte", "aantal", "hoeveelheid"), is_required=True),
        Column("unit", _("Unit"), ("unit of measure", "uom", "unite", "eenheid")),
        Column("unit_price", _("Price per unit"), ("price", "unit price", "prix", "prix unitaire", "pu ht", "prijs", "eenheidsprijs", "stukprijs"), is_required=True, hint=_("Without VAT.")),
        Column("discount", _("Discount in percent"), ("discount", "discount %", "remise", "remise %", "korting", "korting %")),
        Column("vat", _("VAT"), ("vat rate", "vat %", "vat code", "tva", "taux de tva", "taux tva", "btw", "btw %", "btw-tarief")),
        Column("currency", _("Currency"), ("devise", "munt", "valuta")),
        Column("note", _("Note"), ("notes", "remarque", "opmerking")),
    ),
    group_by="number",
)  # fmt: skip
KINDS = {kind.key: kind for kind in (PRODUCTS, CUSTOMERS, ORDERS)}


def fold(heading: str) -> str:
    """Return a heading without case, accents and signs: "N° d’article" is "n d article"."""
    plain = unicodedata.normalize("NFKD", heading.casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9%]+", " ", letters).split())


def propose_columns(kind: SheetKind, headers: Sequence[str]) -> dict[str, str]:
    """Return column → heading: our own names and titles first, then the words people use, each heading once."""
    free = {fold(heading): heading for heading in reversed(headers) if heading.strip()}
    found: dict[str, str] = {}
    for is_exact in (True, False):
        for column in kind.columns:
            own = (column.name.replace("_", " "), str(column.title))
            names = own if is_exact else column.words
            hit = next((word for one in names if (word := fold(one)) in free), None)
            if column.name not in found and hit is not None:
                found[column.name] = free.pop(hit)
    return {column.name: found[column.name] for column in kind.columns if column.name in found}
