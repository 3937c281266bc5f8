"""Files without a system behind them: sheets that people upload or flows write, and their records, encrypted."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apicenter.tenancy import TenantModel
from connectors.files import Side


class Sheet(TenantModel):
    """One sheet of a connection: of each kind one that a person uploaded last, and one that flows write.

    An uploaded file waits in `content` until its columns are confirmed, and stays there so that they can be changed;
    it goes after the organization's time for payloads (`expires_at`). The rows stay.
    """

    SIDES = [(side.value, side.value) for side in Side]
    CONTENT_PLACE = "sheet|content"

    connection = models.ForeignKey("connectors.Connection", on_delete=models.CASCADE, related_name="sheets")
    kind = models.CharField(max_length=40)
    side = models.CharField(max_length=10, choices=SIDES)
    name = models.CharField(max_length=200, blank=True)  # of the file
    content = models.BinaryField(null=True, editable=False)  # {"file": base64}, sealed
    choices = models.JSONField(default=dict)  # connectors.files.Choices
    columns = models.JSONField(default=dict)  # column of ours -> heading of the file
    facts = models.JSONField(default=dict)  # different values of columns that value tables are made of
    row_count = models.PositiveIntegerField(default=0)
    is_confirmed = models.BooleanField(default=False)  # the columns of the file that is there now
    uploaded_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True)  # when rows last changed
    expires_at = models.DateTimeField(null=True)  # of `content`

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "side"], name="one_sheet_per_kind_and_side")
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.kind} of {self.connection_id}"


class SheetRow(TenantModel):
    """One record of a sheet. `digest` says whether it changed; `reference` is that of the flow that wrote it."""

    CONTENT_PLACE = "sheetrow|content"

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField(max_length=200)
    reference = models.CharField(max_length=40, blank=True)
    line = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=32)
    content = models.BinaryField(editable=False)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["sheet", "key"], name="one_sheet_row_per_key"),
            models.UniqueConstraint(
                fields=["sheet", "reference"], name="one_sheet_row_per_reference", condition=~models.Q(reference="")
            ),
        ]
        indexes = [models.Index(fields=["sheet", "changed_at", "id"])]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.key}"
