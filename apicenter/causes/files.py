"""Causes that lie in an uploaded file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apicenter.causes.cause import Cause, Fix

FILES: dict[str, Cause] = {
    "file.unreadable": Cause(_("This file cannot be read (%(why)s). Save it again as CSV or XLSX."), Fix.SOURCE),
    "file.kind": Cause(
        _("This is neither a CSV file nor an XLSX workbook. Save it again as one of these."), Fix.SOURCE
    ),
    "file.encoding": Cause(_("The file is not written in %(encoding)s. Choose another encoding."), Fix.SOURCE),
    "file.empty": Cause(_("The file is empty."), Fix.SOURCE),
    "file.gone": Cause(_("The file itself is no longer kept. Upload it again to change its columns."), Fix.SOURCE),
    "file.too_large": Cause(_("The file is too large: at most %(limit)s. Split it."), Fix.SOURCE),
    "file.too_many_rows": Cause(_("The file has too many rows: at most %(limit)s. Split it."), Fix.SOURCE),
    "file.too_many_columns": Cause(
        _("The file has too many columns: at most %(limit)s. Delete those that are not needed."), Fix.SOURCE
    ),
    "file.no_sheet": Cause(_("The workbook has no sheet “%(sheet)s”. Choose another one."), Fix.SOURCE),
    "file.no_headings": Cause(
        _("Line %(line)s holds no headings. Say in which line the headings of the columns stand."), Fix.SOURCE
    ),
    "file.column_missing": Cause(_("Say which column of the file is “%(column)s”."), Fix.SOURCE),
    "file.heading_missing": Cause(_("The file has no column “%(heading)s”. Choose another one."), Fix.SOURCE),
    "file.cell": Cause(
        _("Line %(line)s, column “%(column)s”: %(why)s. Correct the file and upload it again."), Fix.SOURCE
    ),
}
