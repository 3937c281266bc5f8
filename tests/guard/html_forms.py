"""The forms of a page as a browser has them: where each is sent, and what it would send as it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

NOT_TYPED = {"csrfmiddlewaretoken", "next"}
CHOSEN = {"checkbox", "radio"}


@dataclass
class HtmlForm:
    """One form. `values`: field → what stands in it; a button, or a box that is not ticked, is a field without one."""

    action: str
    is_post: bool
    ident: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str | None, value: str | None) -> None:
        if name and name not in NOT_TYPED:
            self.values.setdefault(name, []).extend([] if value is None else [value])


def forms_of(path: str, page: str) -> list[HtmlForm]:
    """Return the forms of a page that was found at this path."""
    reader = _Reader(path)
    reader.feed(page)
    return reader.forms


def merged(forms: Iterable[HtmlForm]) -> dict[str, dict[str, list[str]]]:
    """Put forms that are sent to the same address together: address → field → values."""
    found: dict[str, dict[str, list[str]]] = {}
    for form in forms:
        for name, values in form.values.items():
            found.setdefault(form.action, {}).setdefault(name, values)
    return found


class _Reader(HTMLParser):
    """Reads forms, also the fields that stand elsewhere and name theirs."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.forms: list[HtmlForm] = []
        self._path = path
        self._form: HtmlForm | None = None
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "form":
            where = about.get("action", "").split("?")[0].split("#")[0] or self._path
            self._form = HtmlForm(where, about.get("method", "").lower() == "post", about.get("id", ""))
            self.forms.append(self._form)
            return
        form = next((one for one in self.forms if one.ident and one.ident == about.get("form")), self._form)
        if form is None:
            return
        if tag == "input":
            is_sent = about.get("type") not in CHOSEN or "checked" in about
            form.add(about.get("name"), about.get("value", "on") if is_sent else None)
        elif tag == "button":
            form.add(about.get("name"), None)
        elif tag == "select":
            self._select = about.get("name", "")
            form.add(self._select, None)
        elif tag == "option" and "selected" in about:
            form.add(self._select, about.get("value", ""))
        elif tag == "textarea":
            self._area = about.get("name", "")
            form.add(self._area, None)

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.add(self._area, data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""
