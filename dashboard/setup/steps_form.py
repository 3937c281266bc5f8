"""Where the steps of a guide are sent."""

from __future__ import annotations

from django import forms
from django.conf import settings


class StepsForm(forms.Form):
    """An address, and the language the letter is in."""

    email = forms.EmailField()
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
