"""The catalogue of causes: every code that the platform uses has a sentence, and every sentence gets its words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from django.utils.translation import override

from apicenter import causes, errors
from apicenter.causes import CAUSES, Fix, fix_for, sentence

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z]+\.[a-z_]+")
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
REACTIONS = (errors.RetryableError, errors.RecordError, errors.FlowError)
TAKE_A_CODE = {"skip": 1, "_omitted": 1, "Omitted": 2, "Held": 0, "RecordError": 0}  # position of the code


def product_modules() -> Iterator[Path]:
    for package in ("apicenter", "connectors", "flows", "dashboard"):
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def codes_in(path: Path) -> Iterator[str]:
    """Yield what stands where a code is expected: in errors, in changes, as a default."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield from _codes_of_call(node)
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "default_code" for target in node.targets
        ):
            yield from _literal(node.value)


def _codes_of_call(node: ast.Call) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    position = 0 if name in ERRORS else TAKE_A_CODE.get(name)
    if position is not None and len(node.args) > position:
        yield from _literal(node.args[position])
    if name in ERRORS or name in {"Change", "Resolved", "Ensured", "CheckResult", "Explanation", "Outcome"}:
        for keyword in node.keywords:
            if keyword.arg == "code":
                yield from _literal(keyword.value)


def _literal(node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
            yield part.value


def test_every_code_in_use_has_a_sentence():
    used = {code for path in product_modules() for code in codes_in(path) if "sandbox" not in path.parts}

    assert len(used) > 25
    assert used <= CAUSES.keys()


def test_no_code_stands_in_two_files():
    parts = [module.name for module in iter_modules(causes.__path__) if module.name != "cause"]
    codes = [code for part in parts for code in getattr(import_module(f"apicenter.causes.{part}"), part.upper())]

    assert parts
    assert sorted(["internal", *codes]) == sorted(CAUSES)


@pytest.mark.parametrize("code", CAUSES)
def test_every_sentence_is_one_for_a_person(code: str):
    text = sentence(code, dict.fromkeys(re.findall(r"%\((\w+)\)s", str(CAUSES[code].text)), "«x»"))

    assert text.endswith((".", "»"))
    assert "%(" not in text
    assert "?" not in text
    assert isinstance(fix_for(code), Fix)


def test_words_that_are_not_known_are_a_question_mark_and_not_a_crash():
    assert sentence("product.missing", {"sku": "A"}).startswith("The item “A” does not exist in ?.")
    assert sentence("vat.no_pair").startswith("VAT “?” has no counterpart")


def test_a_code_of_tomorrow_reads_as_our_own_fault():
    assert sentence("brand.new") == sentence("internal")
    assert fix_for("brand.new") is Fix.SUPPORT


def test_an_error_is_its_sentence_in_the_language_of_the_reader():
    error = errors.RemoteUnavailable(system="Visma.net ERP", detail="503 nginx")

    with override("en"):
        assert str(error) == "Visma.net ERP cannot be reached at the moment. It is tried again by itself."
    assert "503" not in str(error)
    assert error.detail == "503 nginx"


@pytest.mark.parametrize(
    ("kind", "reaction", "code"),
    [
        (errors.RateLimited, errors.RetryableError, "remote.rate_limited"),
        (errors.RemoteUnavailable, errors.RetryableError, "remote.unavailable"),
        (errors.DependencyMissing, errors.RetryableError, "dependency.missing"),
        (errors.OutcomeUnknown, errors.RetryableError, "outcome.unknown"),
        (errors.MappingError, errors.RecordError, "mapping.failed"),
        (errors.Rejected, errors.RecordError, "refused.by_target"),
        (errors.NotFound, errors.RecordError, "remote.not_found"),
        (errors.AmbiguousMatch, errors.RecordError, "match.ambiguous"),
        (errors.AuthError, errors.FlowError, "token.revoked"),
        (errors.PermissionMissing, errors.FlowError, "permission.missing"),
        (errors.SettingMissing, errors.FlowError, "setting.missing"),
    ],
)
def test_an_error_says_what_to_do_next(kind: type[errors.ApicenterError], reaction: type, code: str):
    error = kind(system="X")

    assert isinstance(error, reaction)
    assert error.code == code
    assert [base for base in REACTIONS if isinstance(error, base)] == [reaction]


def test_the_field_an_error_is_about_is_one_of_its_words():
    error = errors.MappingError(field="lines.0.price", why="it is no number")

    assert error.params == {"field": "lines.0.price", "why": "it is no number"}
    assert str(error) == "The field “lines.0.price” could not be made: it is no number."
