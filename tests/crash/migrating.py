"""A migration of tomorrow while today's code works: a nullable column more in the tables that are written most.

It is run by `manage.py migrate` as the owner of the tables, from a copy of the real migrations with one more at their
end, and holds its locks for a while, as one of a large table does.
"""

from __future__ import annotations

import os
import shutil

from tests.crash.processes import ROOT
from tests.crash.stage import Stage

SECONDS = 1.5
SETTINGS = 'from apicenter.settings import *  # noqa: F403\n\nMIGRATION_MODULES = {"flows": "wider"}\n'
MIGRATION = """
import time

from django.db import migrations, models

COLUMN = models.CharField(max_length=40, null=True)


class Migration(migrations.Migration):
    dependencies = [("flows", "{before}")]
    operations = [
        *(migrations.AddField(model, "{name}", COLUMN) for model in ("run", "runrecord", "binding", "intent")),
        migrations.RunPython(lambda apps, editor: time.sleep({seconds})),
    ]
"""


def widen(stage: Stage) -> None:
    """Add one more column to each of the tables; can be done several times."""
    folder = stage.folder / "tomorrow"
    package = folder / "wider"
    if not package.exists():
        shutil.copytree(ROOT / "flows" / "migrations", package)
        (folder / "wider_settings.py").write_text(SETTINGS)
    before = max(file.stem for file in package.glob("[0-9]*.py"))
    number = int(before[:4]) + 1
    text = MIGRATION.format(before=before, name=f"extra_{number}", seconds=SECONDS)
    (package / f"{number:04}_wider.py").write_text(text)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    stage.ground.migrate(PYTHONPATH=path, DJANGO_SETTINGS_MODULE="wider_settings")
