"""Whom a question goes to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.setup.inquiries import Recipient
from dashboard.setup.questions import TableQuestion


class AskForm(forms.Form):
    """One person, one question: all of a table, or one row of it."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail address"))
    language = forms.ChoiceField(label=_("Language of the letter"))
    what = forms.ChoiceField(label=_("What you ask"), required=False)
    note = forms.CharField(
        label=_("A word from you"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, question: TableQuestion, data: QueryDict | None = None, *, language: str) -> None:
        super().__init__(data, initial={"language": language}, auto_id="ask_%s")
        choices: dict[str, list[tuple[Any, Any]]] = {
            "language": list(settings.LANGUAGES),
            "what": [("", _("all of these values")), *((row.name, row.label) for row in question.rows)],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    def recipient(self) -> Recipient:
        """Return whom it goes to; the form is valid."""
        given = self.cleaned_data
        return Recipient(given["name"], given["email"], given["language"], given["note"])

    def rows(self) -> list[str]:
        """Return the names of the rows that are asked for; empty = all."""
        return [self.cleaned_data["what"]] if self.cleaned_data["what"] else []
