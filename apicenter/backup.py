"""A backup in one file, and the way back: a zip with the database's own dump and what proves the keys.

SQLite is copied by its online backup while the platform works. PostgreSQL is dumped by `pg_dump` and brought back by
`pg_restore` in one transaction, as the owner of the tables. The keys themselves are never in a backup: it holds a
canary instead, so that a backup the present APICENTER_KEYS cannot open is refused before anything is replaced.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sqlite3
import subprocess
import tempfile
import uuid
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apicenter.crypto import Undecryptable, open_personal, seal_personal, unwrap_data_key
from apicenter.organizations.models import Organization
from apicenter.tenancy import platform_context

FORMAT = 1
MANIFEST, DATA = "manifest.json", "data"
CANARY, PLACE = "apicenter", "backup|canary"
EVERYONE = "-c app.everyone=on"  # row-level security shows the dump every organization's rows


class BackupUnusable(Exception):
    """The backup cannot be brought back here; nothing was changed. The text says why."""


def back_up(file: Path) -> int:
    """Write a backup; returns its size in bytes. The file appears only once it is whole."""
    with tempfile.TemporaryDirectory(dir=file.parent) as place:
        data, made = Path(place) / DATA, Path(place) / "made"
        (_dump_sqlite if connection.vendor == "sqlite" else _dump_postgres)(data)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST, json.dumps(_manifest(data)))
            archive.write(data, DATA)
        made.chmod(0o600)
        made.replace(file)
    return file.stat().st_size


def _manifest(data: Path) -> dict[str, Any]:
    with platform_context():
        keys = {str(one.pk): base64.b64encode(bytes(one.data_key)).decode() for one in Organization.objects.all()}
    return {
        "format": FORMAT,
        "vendor": connection.vendor,
        "made_at": timezone.now().isoformat(),
        "sha256": _digest(data),
        "migrations": sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations()),
        "canary": seal_personal(CANARY, PLACE),
        "data_keys": keys,  # wrapped, as in the database
    }


def restore(file: Path) -> str:
    """Bring a backup back in place of everything there is; returns when it was made. Raises BackupUnusable."""
    with tempfile.TemporaryDirectory(dir=file.parent) as place:
        manifest, data = _opened(file, Path(place))
        _check(manifest, data)
        (_restore_sqlite if connection.vendor == "sqlite" else _restore_postgres)(data)
    return str(manifest["made_at"])


def _opened(file: Path, place: Path) -> tuple[Mapping[str, Any], Path]:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            data = Path(archive.extract(DATA, place))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BackupUnusable(f"{file} is not a backup, or it is cut off: {error}") from error
    return manifest, data


def _check(manifest: Mapping[str, Any], data: Path) -> None:
    if manifest.get("format") != FORMAT:
        raise BackupUnusable(f"This version reads backups of format {FORMAT} only.")
    if manifest["vendor"] != connection.vendor:
        raise BackupUnusable(f"The backup is of {manifest['vendor']}, this platform runs on {connection.vendor}.")
    if manifest["sha256"] != _digest(data):
        raise BackupUnusable("The backup was damaged: its contents are not what was written.")
    _check_keys(manifest)


def _check_keys(manifest: Mapping[str, Any]) -> None:
    try:
        open_personal(manifest["canary"], PLACE)
        for organization, wrapped in manifest["data_keys"].items():
            unwrap_data_key(base64.b64decode(wrapped), uuid.UUID(organization))
    except Undecryptable as error:
        raise BackupUnusable(f"The present APICENTER_KEYS do not open this backup. {error}") from error


def _digest(data: Path) -> str:
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _dump_sqlite(data: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(data)) as copy:
        connection.connection.backup(copy)


def _restore_sqlite(data: Path) -> None:
    with closing(sqlite3.connect(data)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupUnusable("The database in the backup is damaged.")
        connection.ensure_connection()
        copy.backup(connection.connection)


def _dump_postgres(data: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--enable-row-security", "--inserts", "--file", str(data))


def _restore_postgres(data: Path) -> None:
    connection.close()
    whole = ("--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner")
    _run("pg_restore", *whole, "--enable-row-security", "--dbname", _settings()["NAME"], str(data))


def _settings() -> Mapping[str, Any]:
    return connection.settings_dict


def _run(*command: str) -> None:
    given = _settings()
    told = {
        "PGHOST": given["HOST"], "PGPORT": given["PORT"], "PGUSER": given["USER"], "PGPASSWORD": given["PASSWORD"],
        "PGDATABASE": given["NAME"], "PGOPTIONS": EVERYONE,
    }  # fmt: skip
    program = shutil.which(command[0])
    if program is None:
        raise BackupUnusable(f"{command[0]} is not installed here.")
    env = {name: str(value) for name, value in told.items() if value}
    done = subprocess.run([program, *command[1:]], env=env, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode:
        raise BackupUnusable(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
