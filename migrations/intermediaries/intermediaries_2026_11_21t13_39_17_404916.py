from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.constraints import Check

ID = "2026-11-21T13:39:17:404916"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="intermediaries", description=DESCRIPTION
    )

    manager.drop_constraint(
        table_class_name="ItemVersion",
        tablename="item_version",
        constraint_name="known_version_kind",
        schema="intermediaries",
    )

    manager.add_constraint(
        table_class_name="ItemVersion",
        tablename="item_version",
        constraint_name="known_kind_of_version",
        constraint_class=Check,
        params={"condition": "kind in ('founded', 'approved', 'ended')"},
        schema="intermediaries",
    )

    return manager
