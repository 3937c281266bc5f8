"""Pictures of our own pages for the help: made with HELP_PICTURES=1, otherwise it is tried that they can be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from dashboard.help.articles import LANGUAGES, SLUGS, library
from dashboard.help.render import picture_of
from tests.dashboard.company import Company
from tests.factories import inside, make_table

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOLDER: Path = settings.BASE_DIR / "static" / "help"
WIDTH, HIGHEST = 1200, 700  # pixels


def paths_of(company: Company) -> dict[str, str]:
    """Return what is photographed: the name of the picture, and the page."""
    return {
        "overview": "/",
        "needs-you": "/needs-you/",
        "log": "/log/",
        "record": f"/log/{company.sent.pk}/",
        "flow": f"/flows/{company.products.pk}/",
        "flow-map": f"/flows/{company.products.pk}/map/?as=new",
        "flow-tables": f"/flows/{company.orders.pk}/tables/",
        "connections": "/connections/",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_can_be_made(open_window: Any, company: Company, language: str) -> None:
    with inside(company.organization):  # a map that may go live: its VAT table is there
        make_table(company.products, "vat", {"BE21": "21 %"})
    window = open_window(width=WIDTH, language=language)
    window.sign_in(company)
    for name, path in paths_of(company).items():
        window.open(path)
        main = window.page.locator("main").bounding_box()
        assert main, name
        if os.environ.get("HELP_PICTURES") == "1":
            FOLDER.mkdir(exist_ok=True)
            clip = {**main, "height": min(main["height"], HIGHEST)}
            window.page.screenshot(path=FOLDER / f"{name}-{language}.png", clip=clip, animations="disabled")

    assert window.problems() == []


def test_every_picture_in_the_articles_has_its_page(company: Company) -> None:
    wanted = {name for slug in SLUGS for name in library()["en"][slug].targets("shot")}

    assert wanted == paths_of(company).keys()


def test_no_picture_is_missing(company: Company) -> None:
    missing = [
        f"{name}-{language}" for name in paths_of(company) for language in LANGUAGES if not picture_of(name, language)
    ]

    assert missing == [], "make them with HELP_PICTURES=1"
