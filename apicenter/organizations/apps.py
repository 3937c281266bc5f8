from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "apicenter.organizations"
    label = "organizations"
    verbose_name = _("Organizations")

    def ready(self) -> None:
        from apicenter.organizations import security_trail
        from apicenter.row_security import check_role, raise_walls  # they ask for the models

        post_migrate.connect(raise_walls, sender=self)  # once, after the last migration of all
        register(check_role, Tags.database)
        security_trail.connect()
