"""The tables and migrations of experts, as Piccolo finds them; trading database only."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="experts",
    migrations_folder_path=str(Path(__file__).resolve().parent.parent / "migrations" / "experts"),
    table_classes=table_finder(["experts.tables"], exclude_imported=True),
    migration_dependencies=["kernel.piccolo_app", "storage.piccolo_app"],
    commands=[],
)
