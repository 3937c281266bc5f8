"""Visiting many addresses as one person: each visit starts from the same session and leaves nothing behind."""

from __future__ import annotations

import copy
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.forms import BaseForm
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.functional import LazyObject
from django.utils.html import escape

from apicenter.organizations.models import User
from tests.dashboard.people import signed_in, signed_in_just_now

TABLE = re.compile(r'(?:INTO|UPDATE|FROM) "(\w+)"')
WRITES = ("INSERT", "UPDATE", "DELETE")
OF_THE_VISIT = ("django_session", "cache", "usersessions_usersession", "api_apitoken")  # who visits, and how often


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str
    written: frozenset[str]  # statements that changed a row
    cookies: Any
    forms: tuple[BaseForm, ...] = ()  # that the page was made with

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def untold(self) -> list[str]:
        """What is wrong with a form and does not stand on its page, or stands at a field that is not there."""
        return [
            f"{type(form).__name__}.{name}: {text}"
            for form in self.forms
            if form.is_bound
            for name, texts in form.errors.items()
            for text in texts
            if escape(text) not in self.text or (name in form.fields and not self._has_field(form, name))
        ]

    def _has_field(self, form: BaseForm, name: str) -> bool:
        html_name = re.escape(form.add_prefix(name))
        return re.search(rf'name="{html_name}(_\w+)?"', self.text) is not None


@contextmanager
def nobody_answers() -> Iterator[None]:
    """No name is known, so that a page that asks a system gets no answer at once."""

    def unknown(*_args: object, **_kwargs: object) -> list[object]:
        raise socket.gaierror("nobody there")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", unknown)
        patch.setattr(logging.getLogger("django.request"), "disabled", True)  # a traceback per refusal costs time
        yield


class Visitor:
    """Somebody with a browser, signed in just now if it is a user, or long ago; with a token, a program."""

    def __init__(
        self, user: User | None = None, *, token: str = "", checks_csrf: bool = False, long_ago: bool = False
    ) -> None:
        sign_in = signed_in if long_ago else signed_in_just_now
        self.client = sign_in(user) if user else Client()
        self.client.raise_request_exception = False
        self.client.handler.enforce_csrf_checks = checks_csrf
        self._jar = copy.deepcopy(self.client.cookies)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._is_program = bool(token)

    def visit(self, method: str, path: str, data: str | bytes | None = None, *, kind: str = "", **headers: str) -> Seen:
        """One request, whose changes are taken back. `kind`: of the content, unless it is the usual one."""
        self.client.cookies = copy.deepcopy(self._jar)
        kind = kind or ("application/json" if self._is_program else "application/x-www-form-urlencoded")
        body = data if data is not None else "{}" if self._is_program and method != "GET" else ""
        mark = transaction.savepoint()
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.generic(method, path, body, content_type=kind, headers=self._headers | headers)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[arg-type]
        transaction.savepoint_rollback(mark)
        written = frozenset(_changes(str(one["sql"]) for one in queries.captured_queries))
        return Seen(
            answer.status_code,
            dict(answer.headers),
            content.decode("utf-8", "replace"),
            written,
            answer.cookies,
            tuple(_forms_in(getattr(answer, "context", None))),
        )


def _forms_in(context: Any) -> Iterator[BaseForm]:
    """The forms a page was made with, also those inside of what was handed to it."""
    seen: dict[int, BaseForm] = {}
    for layer in context or ():
        for values in getattr(layer, "dicts", [layer]):
            for value in dict(values).values():
                if issubclass(type(value), LazyObject):  # asks the database, which belongs to nobody by now
                    continue
                found = value if isinstance(value, BaseForm) else getattr(value, "form", None)
                if isinstance(found, BaseForm):
                    seen[id(found)] = found
    yield from seen.values()


def _changes(statements: Iterator[str]) -> Iterator[str]:
    for sql in statements:
        if sql.startswith(WRITES) and not any(f'"{table}"' in sql for table in OF_THE_VISIT):
            yield f"{sql.split()[0]} {TABLE.search(sql)[1]}"  # type: ignore[index]
