"""The tables and migrations of tenders, as Piccolo finds them; trading database only."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

SUBJECTS = ("tenders", "evaluation")

APP_CONFIG = AppConfig(
    app_name="bidding",
    migrations_folder_path=str(Path(__file__).resolve().parent.parent / "migrations" / "bidding"),
    table_classes=table_finder([f"bidding.tables.{subject}" for subject in SUBJECTS], exclude_imported=True),
    migration_dependencies=["kernel.piccolo_app", "storage.piccolo_app"],
    commands=[],
)
