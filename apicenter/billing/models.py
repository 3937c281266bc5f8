"""What an organization has with the operator: a trial, a plan, orders, and the letters about them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apicenter.billing.periods import Trial
from apicenter.billing.prices import MONTH, YEAR
from apicenter.tenancy import TenantModel


class NotChangeable(RuntimeError):
    """A line of an order was to be changed: what was ordered stands as it was ordered."""


class Period(models.TextChoices):
    """How often a plan is paid."""

    MONTH = MONTH, _("Monthly")
    YEAR = YEAR, _("Yearly")


class Subscription(TenantModel):
    """Where an organization stands: its free days, then its plan. One each."""

    trial_started_at = models.DateTimeField(null=True)
    trial_ends_at = models.DateTimeField(null=True)
    trial_closed_at = models.DateTimeField(null=True)  # when its end was acted upon
    reminded = models.PositiveSmallIntegerField(null=True)  # days before the end that the last reminder was for
    period = models.CharField(max_length=5, choices=Period, default=Period.MONTH)
    anchor_at = models.DateTimeField(null=True)  # where the periods of the plan are counted from; None without one
    ends_at = models.DateTimeField(null=True)  # of a plan that was cancelled
    details = models.JSONField(default=dict)  # apicenter/billing/details.py

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="one_subscription_each")]

    def __str__(self) -> str:
        return f"{self.organization_id}: trial until {self.trial_ends_at}, plan from {self.anchor_at}"

    @property
    def trial(self) -> Trial | None:
        if self.trial_started_at is None or self.trial_ends_at is None:
            return None
        return Trial(self.trial_started_at, self.trial_ends_at)

    def has_plan(self, now: datetime) -> bool:
        """Whether a plan is ordered and not over."""
        return self.anchor_at is not None and (self.ends_at is None or now < self.ends_at)


class Order(TenantModel):
    """What was ordered, at the prices and terms of that moment. Only whether it was handled changes afterwards."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Plan")
        ONBOARDING = "onboarding", _("Onboarding package")

    class State(models.TextChoices):
        OPEN = "open", _("Received")
        HANDLED = "handled", _("Handled")

    key = models.UUIDField()  # of the form it came from: two clicks are one order
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    period = models.CharField(max_length=5, choices=Period, blank=True)
    currency = models.CharField(max_length=3)
    recurring_amount = models.DecimalField(max_digits=11, decimal_places=2, default=Decimal(0))  # per period, excl. VAT
    once_amount = models.DecimalField(max_digits=11, decimal_places=2, default=Decimal(0))
    vat_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    vat_rule = models.CharField(max_length=10)
    details = models.JSONField(default=dict)
    terms = models.JSONField(default=dict, encoder=DjangoJSONEncoder)  # the price list and terms in force
    wishes = models.JSONField(default=dict)  # for the call of the package: telephone, times, remarks
    starts_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="one_order_per_form")]
        indexes = [models.Index(fields=["organization", "-created_at"], name="orders_by_time")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people call it."""
        return self.id.hex[:8].upper()

    @property
    def amount(self) -> Decimal:
        """The sum that counts: per period for a plan, once for the package. Excludes VAT."""
        return self.recurring_amount if self.kind == self.Kind.PLAN else self.once_amount


class OrderLine(TenantModel):
    """One line of an order. Never changed afterwards, even if the flow is renamed or gone."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    flow_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    is_once = models.BooleanField(default=False)  # not repeated in later periods
    until_at = models.DateTimeField(null=True)  # of what is paid once for the rest of a period

    class Meta(TenantModel.Meta):
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.text}: {self.amount}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NotChangeable(str(self.pk))
        super().save(*args, **kwargs)


class Coverage(TenantModel):
    """A flow that a plan covers: until it is dropped from the plan or the plan ends."""

    flow_id = models.UUIDField()
    order = models.ForeignKey(Order, on_delete=models.RESTRICT, related_name="+")
    until_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "flow_id"], name="one_coverage_per_flow")]

    def __str__(self) -> str:
        return f"{self.flow_id} until {self.until_at or 'further notice'}"


class Letter(TenantModel):
    """A letter that is to be sent once: written with what it is about, delivered until the mail server takes it."""

    name = models.CharField(max_length=40)  # of its templates
    to = models.EmailField()
    language = models.CharField(max_length=5, default="en")
    context = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "sent_at"], name="letters_to_send")]

    def __str__(self) -> str:
        return f"{self.name} to {self.to}"
