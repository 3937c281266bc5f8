"""What follows when a record changes or ends in the source after its document was made in the target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AfterChange(StrEnum):
    """What happens when it changes."""

    IGNORE = "change_ignore"
    WARN = "change_warn"
    UPDATE = "change_update"  # as long as it is on hold and nobody has touched it there


class AfterLoss(StrEnum):
    """What happens when it ends: a deal that is lost or reopened, a quotation that is withdrawn."""

    IGNORE = "loss_ignore"
    WARN = "loss_warn"
    CANCEL = "loss_cancel"  # as long as nothing is shipped


@dataclass(frozen=True, slots=True)
class After:
    change: AfterChange = AfterChange.IGNORE
    loss: AfterLoss = AfterLoss.IGNORE
