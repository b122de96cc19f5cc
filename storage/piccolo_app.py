"""Storage's tables and migrations, as Piccolo finds them."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="storage",
    migrations_folder_path=str(Path(__file__).resolve().parent.parent / "migrations" / "storage"),
    table_classes=table_finder(["storage.tables"], exclude_imported=True),
    migration_dependencies=[],
    commands=[],
)
