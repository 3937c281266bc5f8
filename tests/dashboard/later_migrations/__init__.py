"""Migrations of a later release, as they lie beside a database that nobody brought up to date."""
