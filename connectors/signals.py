"""What others may want to know about connections, as this package may not import them."""

from __future__ import annotations

from django.dispatch import Signal

clock_changed = Signal()  # connection, before, after: the zone of its times is another one, by names
connection_works = Signal()  # connection: it works again after it needed a person, or for the first time
