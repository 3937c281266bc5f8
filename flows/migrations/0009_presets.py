"""Settings that were a text become presets, with what the page of their value table said about values without a row."""

from django.db import migrations

TABLES = {"default_credit_terms": "credit_terms", "branch": "branch", "vat_category": "vat", "unit": "unit"}
PLAIN = ("warehouse", "default_customer")
NAMES = {
    "customers": ("default_credit_terms",),
    "orders": (*TABLES, *PLAIN),
}


def make_presets(apps, schema_editor):
    flows = apps.get_model("flows", "Flow")._base_manager
    tables = apps.get_model("flows", "ValueTable")._base_manager
    for flow in flows.filter(kind__in=NAMES):
        rules = {table.name: table for table in tables.filter(flow=flow)}
        settings = dict(flow.settings)
        is_forced = settings.pop("force_default_customer", False) is True
        for name in NAMES[flow.kind]:
            stored = settings.get(name, "")
            table = rules.get(TABLES.get(name))
            if isinstance(stored, str) and (stored or table or name in settings):
                settings[name] = preset(stored, table, uses_table=name in TABLES)
        if is_forced and settings.get("default_customer", {}).get("is_on"):
            settings["default_customer"]["is_forced"] = True
        if settings != flow.settings:
            flow.settings = settings
            flow.save(update_fields=["settings"])


def preset(stored, table, *, uses_table):
    value = stored or (table.default if table else "")
    return {
        "is_on": bool(value),
        "value": value,
        "is_forced": False,
        "uses_table": uses_table,
        "no_pair": table.no_pair if table else "default",
        "source": "",
    }


class Migration(migrations.Migration):
    dependencies = [
        ('flows', '0008_triggers'),
    ]

    operations = [
        migrations.RunPython(make_presets, migrations.RunPython.noop),
    ]
