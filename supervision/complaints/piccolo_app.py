"""The complaints' tables and migrations, as Piccolo finds them; supervision's own database only."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="complaints",
    migrations_folder_path=str(Path(__file__).resolve().parents[2] / "migrations" / "complaints"),
    table_classes=table_finder(["supervision.complaints.tables"], exclude_imported=True),
    migration_dependencies=["kernel.piccolo_app"],
    commands=[],
)
