"""How this API words a refusal: a list of titles, each with the field it is about."""

from __future__ import annotations

from connectors.http import Answer, Dialect, Explanation

LONGEST = 300


class FocusDialect(Dialect):
    """Shows the titles to people and decides nothing by them: the vendor may change them at any time."""

    def explain(self, answer: Answer) -> Explanation:
        body = answer.body if isinstance(answer.body, dict) else {}
        errors = [entry for entry in body.get("errors") or () if isinstance(entry, dict) and entry.get("title")]
        if not errors:
            return super().explain(answer)
        titles = dict.fromkeys(" ".join(str(entry["title"]).split()) for entry in errors)
        metas = [entry["meta"] for entry in errors if isinstance(entry.get("meta"), dict)]
        hints = dict.fromkeys(str(meta["hint"]) for meta in metas if meta.get("hint"))
        field = next((str(meta["field"]) for meta in metas if meta.get("field")), "")
        return Explanation("; ".join((*titles, *hints))[:LONGEST], field=field)
