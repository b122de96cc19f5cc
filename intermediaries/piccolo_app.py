"""The tables and migrations of the supermarket, as Piccolo finds them; trading database only."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

SUBJECTS = ("items", "agencies", "requests", "services")

APP_CONFIG = AppConfig(
    app_name="intermediaries",
    migrations_folder_path=str(Path(__file__).resolve().parent.parent / "migrations" / "intermediaries"),
    table_classes=table_finder([f"intermediaries.tables.{subject}" for subject in SUBJECTS], exclude_imported=True),
    migration_dependencies=["kernel.piccolo_app", "storage.piccolo_app"],
    commands=[],
)
