"""The kernel's tables and migrations, as Piccolo finds them."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="kernel",
    migrations_folder_path=str(Path(__file__).resolve().parent.parent / "migrations" / "kernel"),
    table_classes=table_finder(["kernel.tables", "kernel.accounts.tables"], exclude_imported=True),
    migration_dependencies=[],
    commands=[],
)
