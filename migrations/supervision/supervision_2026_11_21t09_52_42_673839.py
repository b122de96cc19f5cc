from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt
from piccolo.columns.column_types import Bytea
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.column_types import UUID
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Unique

ID = "2026-11-21T09:52:42:673839"
VERSION = "1.38.0"
DESCRIPTION = "True"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="supervision", description=DESCRIPTION
    )

    manager.add_table(
        class_name="WitnessAlarm",
        tablename="witness_alarm",
        schema="supervision",
        columns=None,
    )

    manager.add_table(
        class_name="Countersigned",
        tablename="countersigned",
        schema="supervision",
        columns=None,
    )

    manager.add_table(
        class_name="WitnessHead",
        tablename="witness_head",
        schema="supervision",
        columns=None,
    )

    manager.add_table(
        class_name="WitnessCosigned",
        tablename="witness_cosigned",
        schema="supervision",
        columns=None,
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="id",
        db_column_name="id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="origin",
        db_column_name="origin",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 200,
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="why",
        db_column_name="why",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 24,
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="known_size",
        db_column_name="known_size",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="claimed_size",
        db_column_name="claimed_size",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="claimed_root",
        db_column_name="claimed_root",
        column_class_name="Bytea",
        column_class=Bytea,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="request",
        db_column_name="request",
        column_class_name="Bytea",
        column_class=Bytea,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        column_name="at",
        db_column_name="at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="Countersigned",
        tablename="countersigned",
        column_name="case",
        db_column_name="case",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="Countersigned",
        tablename="countersigned",
        column_name="close",
        db_column_name="close",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 64,
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="Countersigned",
        tablename="countersigned",
        column_name="at",
        db_column_name="at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessHead",
        tablename="witness_head",
        column_name="origin",
        db_column_name="origin",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 200,
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessHead",
        tablename="witness_head",
        column_name="size",
        db_column_name="size",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": 0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessHead",
        tablename="witness_head",
        column_name="root",
        db_column_name="root",
        column_class_name="Bytea",
        column_class=Bytea,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessHead",
        tablename="witness_head",
        column_name="at",
        db_column_name="at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessCosigned",
        tablename="witness_cosigned",
        column_name="id",
        db_column_name="id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessCosigned",
        tablename="witness_cosigned",
        column_name="origin",
        db_column_name="origin",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 200,
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessCosigned",
        tablename="witness_cosigned",
        column_name="size",
        db_column_name="size",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessCosigned",
        tablename="witness_cosigned",
        column_name="root",
        db_column_name="root",
        column_class_name="Bytea",
        column_class=Bytea,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessCosigned",
        tablename="witness_cosigned",
        column_name="note",
        db_column_name="note",
        column_class_name="Bytea",
        column_class=Bytea,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_column(
        table_class_name="WitnessCosigned",
        tablename="witness_cosigned",
        column_name="at",
        db_column_name="at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema="supervision",
    )

    manager.add_constraint(
        table_class_name="WitnessAlarm",
        tablename="witness_alarm",
        constraint_name="alarmed_once",
        constraint_class=Unique,
        params={
            "columns": ["origin", "why", "claimed_size", "claimed_root"],
            "nulls_distinct": True,
        },
        schema="supervision",
    )

    manager.add_constraint(
        table_class_name="WitnessCosigned",
        tablename="witness_cosigned",
        constraint_name="cosigned_once",
        constraint_class=Unique,
        params={"columns": ["origin", "size"], "nulls_distinct": True},
        schema="supervision",
    )

    return manager
