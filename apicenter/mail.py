"""Letters to people: a subject, a text and an HTML part, from templates, in the reader's language.

A letter "trial_ends" has the templates `email/trial_ends.subject.txt`, `.txt` and `.html`; the HTML one extends
`email/base.html`, which has the frame, inline styles and dark mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def send_letter(
    name: str, to: str, context: Mapping[str, Any], *, language: str, headers: Mapping[str, str] | None = None
) -> None:
    """Send one letter now. Raises OSError (smtplib's errors are that too) when the mail server does not take it."""
    values = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "language": language, **context}
    with translation.override(language):
        subject = " ".join(render_to_string(f"email/{name}.subject.txt", values).split())
        text = render_to_string(f"email/{name}.txt", values).strip() + "\n"
        message = EmailMultiAlternatives(subject, text, to=[to], headers=dict(headers or {}))
        message.attach_alternative(render_to_string(f"email/{name}.html", values), "text/html")
    message.send()
