"""What a token may do. A scope names a thing and whether it is read or changed."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: dict[str, Promise] = {
    "connections:read": _("see the connections and whether they work"),
    "connections:write": _("check connections, and upload and delete files"),
    "flows:read": _("see flows, settings, field maps, value tables and runs"),
    "flows:write": _("change flows, settings, field maps and value tables"),
    "runs:write": _("start, stop and try out runs"),
    "records:read": _("see the log, without the contents of records"),
    "records:contents": _("see the contents of records: personal data"),
    "records:write": _("send records again, pair them or set them aside"),
}
