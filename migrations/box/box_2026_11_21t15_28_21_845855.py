from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.constraints import Check

ID = "2026-11-21T15:28:21:845855"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="box", description=DESCRIPTION
    )

    manager.drop_constraint(
        table_class_name="Message",
        tablename="message",
        constraint_name="kind_of_message",
        schema="box",
    )

    manager.add_constraint(
        table_class_name="Message",
        tablename="message",
        constraint_name="kinds",
        constraint_class=Check,
        params={
            "condition": "kind in ('key','setup','deadline','list','close','countersign','reveal','attest','release','cure','test','tested','audit')"
        },
        schema="box",
    )

    return manager
