from __future__ import annotations

import contextlib
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apicenter.errors import MappingError
from flows.maps.paths import MISSING
from flows.transforms import TRANSFORMS, compile_step
from flows.transforms.texts import ARGUMENT_TITLES, DESCRIPTIONS, TITLES
from flows.transforms.values import MAX_TEXT

NAMES = sorted(TRANSFORMS)
SCALARS = st.one_of(
    st.none(),
    st.just(MISSING),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=60),
    st.text(alphabet="<>&![]()/*_#\\-ab0123456789.,+ \n\ud800", max_size=60),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=6), st.dictionaries(st.text(max_size=4), SCALARS, max_size=3))
ARGUMENTS = st.one_of(
    SCALARS,
    st.sampled_from(["Europe/Brussels", "Etc/GMT-14", "DD/MM/YYYY", "BE", "(a|b)+$", "left", "year", "start", "end"]),
    st.integers(-20, 20),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)


@pytest.mark.parametrize("name", NAMES)
def test_does_what_its_example_says(name):
    example = TRANSFORMS[name].example

    result = compile_step(name, example.args)(example.value)

    assert result == example.result
    assert type(result) is type(example.result)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(value=VALUES, data=st.data())
def test_never_raises_anything_but_a_mapping_error(name, value, data):
    known = TRANSFORMS[name]
    args = dict(known.example.args)
    for parameter in known.parameters:
        if data.draw(st.booleans()):
            args[parameter.name] = data.draw(ARGUMENTS)

    with contextlib.suppress(MappingError):
        result = compile_step(name, args)(value)

        assert not isinstance(result, str) or len(result) <= MAX_TEXT


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_value_passes_unchanged_unless_the_function_is_about_it(name):
    known = TRANSFORMS[name]
    run = known.bind(known.example.args)

    if not known.takes_empty:
        assert run(None) is None
        assert run(MISSING) is MISSING


@pytest.mark.parametrize(
    ("name", "args", "value"),
    [
        ("html_to_markdown", {}, "<a href='x" * 9_000),
        ("html_to_markdown", {}, "<!--" * 20_000),
        ("html_to_markdown", {}, "<div>" * 16_000),
        ("html_to_markdown", {}, "<b><blockquote>" * 900),
        ("html_to_text", {}, "<p>x" * 16_000),
        ("replace_pattern", {"pattern": ".*b|."}, "a" * 100_000),
        ("replace", {"find": "a", "put": "b" * 1000}, "a" * 100_000),
        ("join", {"separator": "," * 100}, ["a" * 9_000] * 10_000),
        ("split", {"separator": ","}, "," * 100_000),
        ("multiply", {"number": "1e30"}, "1e30"),
        ("to_text", {}, Decimal("1e999999")),
        ("round", {"digits": 2}, "1e999999999"),
        ("upper", {}, "ß" * 60_000),
    ],
)
def test_bombs_are_refused_quickly(name, args, value):
    started = time.monotonic()

    with pytest.raises(MappingError):
        compile_step(name, args)(value)

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("name", "args", "why"),
    [
        ("trimm", {}, "did you mean “trim”"),
        ("truncate", {}, "needs the argument “length”"),
        ("truncate", {"length": "many"}, "“length” of “truncate” does not fit"),
        ("truncate", {"length": 5, "width": 2}, "has no argument “width”"),
        ("find_pattern", {"pattern": r"(?=a)"}, "look-around"),
        ("find_pattern", {"pattern": "a{1000}{1000}"}, "cannot be read"),
        ("find_pattern", {"pattern": "a" * 501}, "longer than 500"),
        ("local_date", {"zone": "Mars/Olympus"}, "no time zone"),
        ("format_date", {"form": "%9999999d"}, "use YYYY"),
    ],
)
def test_wrong_functions_and_arguments_are_named_when_compiled(name, args, why):
    with pytest.raises(MappingError, match=why):
        compile_step(name, args)


def test_a_nested_quantifier_answers_at_once():
    assert compile_step("find_pattern", {"pattern": "(a+)+$"})("a" * 50_000 + "b") == ""


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>Care</h2><ul><li>cold</li><li>dry</li></ul>", "## Care\n\n- cold\n- dry"),
        ("5 * 3 = 15_000", r"5 \* 3 = 15\_000"),
        ("<script>alert(1)</script><p>ok</p><style>p{}</style>", "ok"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href=" JaVaScRiPt:alert(1)">x</a>', "x"),
        ('<img src="x" onerror="y" alt="shirt">', "shirt"),
        ("<!-- secret -->ok<![CDATA[ x ]]>", r"ok\<!\[CDATA\[ x \]\]>"),
        ("a<br>b", "a  \nb"),
        ("<p>10-15 kg (soft) &amp; warm! 2.5 = 1/2</p>", "10-15 kg (soft) & warm! 2.5 = 1/2"),
        (
            "<p># 1. no heading</p><p>- no list</p><p>3. nor this</p>",
            "\\# 1. no heading\n\n\\- no list\n\n3\\. nor this",
        ),
        ("&lt;script&gt; &amp;lt; ~~x~~", r"\<script> \&lt; \~~x\~~"),
        ("<pre>a\n\n\n<b>b</b>\n c</pre>", "```\na\n\nb\n c\n```"),
        ("", ""),
    ],
)
def test_html_becomes_markdown(html, markdown):
    assert compile_step("html_to_markdown", {})(html) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (
            '<a href="https://x.org/)[y](javascript:alert(1))">t</a>',
            "[t](https://x.org/%29[y]%28javascript:alert%281%29%29)",
        ),
        ('<a href="https://x.org" title="a&quot;) b">t</a>', "[t](https://x.org)"),
        ('<img alt="[x](javascript:alert(1))">', r"\[x\](javascript:alert(1))"),
        ('<video src="javascript:alert(1)">t</video>', "t"),
    ],
)
def test_an_attribute_cannot_become_a_link_of_its_own(html, markdown):
    assert compile_step("html_to_markdown", {})(html) == markdown


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<p>b</p>c<br>d", "a\nb\nc\nd"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<script>x</script>one &amp; <b>two</b>", "one & two"),
    ],
)
def test_html_becomes_lines_of_text(html, text):
    assert compile_step("html_to_text", {})(html) == text


@pytest.mark.parametrize(
    ("value", "country", "number"),
    [
        ("BE 0899.623.035", "", "BE0899623035"),
        ("899.623.035", "BE", "BE0899623035"),
        ("NL 0044.95.445.B01", "", "NL004495445B01"),
        ("FR 40 303 265 045", "", "FR40303265045"),
        ("NO 995 525 828 MVA", "", "NO995525828MVA"),
        ("995525828MVA", "NO", "NO995525828MVA"),
        ("CHE-107.787.577 TVA", "", "CHE107787577TVA"),
        ("GR094259216", "", "EL094259216"),
        ("SE556703748501", "", "SE556703748501"),
    ],
)
def test_vat_numbers_lose_their_signs(value, country, number):
    assert compile_step("vat_number", {"country": country})(value) == number


@pytest.mark.parametrize("value", ["BE 2899.623.035", "NL812345678", "XX123", "0899623035", "", "BE"])
def test_what_is_no_vat_number_is_refused(value):
    with pytest.raises(MappingError, match="not a VAT number"):
        compile_step("vat_number", {})(value)


@pytest.mark.parametrize("value", ["5412345000014", "123", "54123450000A3", ""])
def test_what_is_no_ean_is_refused(value):
    with pytest.raises(MappingError, match="EAN"):
        compile_step("ean", {})(value)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Kerkstraat 12", ("Kerkstraat", "12", "")),
        ("Kerkstraat 12 bus 3", ("Kerkstraat", "12", "bus 3")),
        ("Kerkstraat 12B", ("Kerkstraat", "12", "B")),
        ("12 rue de la Paix", ("rue de la Paix", "12", "")),
        ("12 bis, rue de la Paix", ("rue de la Paix", "12", "bis")),
        ("Rue du 11 Novembre 4", ("Rue du 11 Novembre", "4", "")),
        ("Kerkstraat 12-14", ("Kerkstraat", "12", "14")),
        ("Kerkstraat 12 at the back", ("Kerkstraat", "12", "at the back")),
        ("Bryggen", ("Bryggen", "", "")),
    ],
)
def test_street_lines_are_split(line, parts):
    found = tuple(compile_step("split_street", {"part": part})(line) for part in ("street", "number", "addition"))

    assert found == parts


@pytest.mark.parametrize(
    ("name", "code"),
    [("België", "BE"), ("PAYS-BAS", "NL"), ("Norge", "NO"), ("Storbritannia", "GB"), ("fr", "FR"), ("UK", "GB")],
)
def test_country_names_become_codes(name, code):
    assert compile_step("country_code", {})(name) == code


def test_an_unknown_country_is_not_guessed():
    with pytest.raises(MappingError, match="Atlantis"):
        compile_step("country_code", {})("Atlantis")


@pytest.mark.parametrize(
    ("value", "country", "number"),
    [
        ("+32 (0)475 12 34 56", "NL", "+32475123456"),
        ("0032 475 12 34 56", "NL", "+32475123456"),
        ("22 33 44 55", "NO", "+4722334455"),
        ("06 123456", "IT", "+3906123456"),
    ],
)
def test_telephone_numbers_get_their_country(value, country, number):
    assert compile_step("phone", {"country": country})(value) == number


def test_half_rounds_away_from_zero():
    half_up = compile_step("round", {"digits": 2})

    assert [half_up("1.005"), half_up("-1.005")] == [Decimal("1.01"), Decimal("-1.01")]


def test_a_price_goes_to_and_fro_through_vat():
    with_vat = compile_step("price_with_vat", {"percent": 21})(Decimal("19.99"))

    assert with_vat == Decimal("24.19")
    assert compile_step("price_without_vat", {"percent": 21})(with_vat) == Decimal("19.99")


def test_a_day_depends_on_the_zone():
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)

    assert compile_step("local_date", {"zone": "Europe/Oslo"})(moment) == date(2026, 7, 1)
    assert compile_step("local_date", {"zone": "UTC"})(moment) == date(2026, 6, 30)


def test_default_fills_missing_null_and_empty():
    run = compile_step("default_if_empty", {"default": "x"})

    assert [run(MISSING), run(None), run(""), run("y")] == ["x", "x", "x", "y"]


def test_every_function_and_argument_has_words_for_the_mapping_page():
    arguments = {parameter.name for known in TRANSFORMS.values() for parameter in known.parameters}

    assert set(TITLES) == set(TRANSFORMS)
    assert set(ARGUMENT_TITLES) == arguments
    assert sorted(DESCRIPTIONS) == sorted(known.doc for known in TRANSFORMS.values())
