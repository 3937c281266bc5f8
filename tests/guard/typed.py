"""What anybody may send to a form: odd signs, huge numbers, other types, fields that are missing or there twice.

FORM_EXAMPLES in the environment says how many a form gets; CI takes few, always the same ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FORM_EXAMPLES", "4"))
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NASTY = (
    "", " ", "on", "0", "-1", "1.5", "9" * 30, "9" * 400, "1e999", "-0", "NaN", "Infinity", "٣", "²", "1_000",
    "\x00", "a\x00b", "\ud800", "\u202e", "\ufeff", "🧾" * 60, "e\u0301" * 40, "ß" * 300, "x" * 5000,
    "\r\nSet-Cookie: a=b", "' OR 1=1 --", "{{7*7}}", "%s%n", "<script>", "../../etc", "javascript:alert(1)",
    "2026-02-31", "0000-00-00", "9999-12-31", "24:00", "25:61", "00000000-0000-0000-0000-000000000000",
    "null", "true", "[]", "{}", "{", '{"a": ' * 60, "[" * 2000, "(a+)+$", "*", "a@b", "@", "http://[::1", "en-xx",
)  # fmt: skip
TYPED = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=40), st.integers().map(str), st.floats().map(str), st.dates().map(str)
)
SENT = st.one_of(st.just([]), st.lists(TYPED, min_size=1, max_size=1), st.lists(TYPED, max_size=3))


@st.composite
def fillings(draw: st.DrawFn, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """A form as it stands on its page with some fields changed, left out or sent more than once; or all of them."""
    names = sorted(values)
    changed = names if draw(st.integers(0, 3)) == 0 else draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
    return {**values, **{name: draw(SENT) for name in changed}, **draw(st.sampled_from([{}, {"unheard-of": ["1"]}]))}


def encoded(filling: Mapping[str, Iterable[str]]) -> str:
    """As a browser sends it, and as none does: half a surrogate pair goes out as the bytes it is."""
    pairs = [(name, value) for name, sent in filling.items() for value in sent]
    return urlencode(pairs, errors="surrogatepass")
