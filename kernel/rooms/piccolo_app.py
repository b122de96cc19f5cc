"""The rooms' tables and migrations, as Piccolo finds them; trading database only."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="rooms",
    migrations_folder_path=str(Path(__file__).resolve().parents[2] / "migrations" / "rooms"),
    table_classes=table_finder(["kernel.rooms.tables"], exclude_imported=True),
    migration_dependencies=["kernel.piccolo_app"],
    commands=[],
)
