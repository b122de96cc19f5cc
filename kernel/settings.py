"""What can be set from outside: one table of names, defaults and meanings, read once from the environment.

A process reads its settings at its start and passes them on; nothing else looks at the environment.
"""

# ruff: noqa: RUF009 - `_setting` is `dataclasses.field`, shortened
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from kernel.errors import BadInput, Problem, Unavailable, refuse_all

CHOICES = {
    "mode": ("production", "demo", "test"),
    "vault": ("folder", "s3"),
    "pg_as": ("unshare", "setpriv"),
    "log_level": ("debug", "info", "warning", "error"),
}


class UnsafeStart(Unavailable):
    """A production start that would run on something everybody knows, or on something that cannot keep."""

    title = "不能启动"


def _setting(name: str, default: Any, says: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"name": name, "says": says, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The table: one line a setting. Databases' addresses and secrets have no default that works."""

    mode: str = _setting("YANGGUANG_MODE", "production", "运行方式：production 正式、demo 演示、test 测试")
    var: Path = _setting("YANGGUANG_VAR", Path("var"), "数据文件夹：内置数据库、文件、密钥")

    database_url: str = _setting("DATABASE_URL", "", "交易库，交易端登录", secret=True)
    owner_database_url: str = _setting("OWNER_DATABASE_URL", "", "交易库，建表用的属主登录", secret=True)
    supervision_database_url: str = _setting("SUPERVISION_DATABASE_URL", "", "监督库，监督端登录", secret=True)
    supervision_owner_database_url: str = _setting(
        "SUPERVISION_OWNER_DATABASE_URL", "", "监督库，建表用的属主登录", secret=True
    )
    supervision_trading_url: str = _setting(
        "SUPERVISION_TRADING_URL", "", "交易库，监督端的受限登录（只读加指令）", secret=True
    )
    pg_bin: str = _setting("YANGGUANG_PG_BIN", "", "内置数据库的程序文件夹；不设则用随包安装的")
    pg_as: str = _setting("YANGGUANG_PG_AS", "", "以 root 启动内置数据库时换身份的办法：unshare 或 setpriv；不设则自动")
    pool_size: int = _setting("YANGGUANG_POOL_SIZE", 10, "每个进程对每个库的连接数上限")

    secret: str = _setting("YANGGUANG_SECRET", "", "本站密钥，至少 32 字节，两站各用各的", secret=True)
    identity_secret: str = _setting(
        "YANGGUANG_IDENTITY_SECRET", "", "身份证号检索用的密钥，至少 32 字节，两站相同", secret=True
    )
    log_origin: str = _setting("YANGGUANG_LOG_ORIGIN", "localhost/trading", "交易日志的名称，一经使用不得更改")
    supervision_log_origin: str = _setting(
        "YANGGUANG_SUPERVISION_LOG_ORIGIN", "localhost/supervision", "监督日志的名称，一经使用不得更改"
    )
    witness_url: str = _setting("YANGGUANG_WITNESS_URL", "", "见证方接收日志检查点的网址")
    anchors: Path = _setting("YANGGUANG_ANCHORS", Path("var/anchors.json"), "信任锚文件：各方公钥，由平台之外制作")
    witness_name: str = _setting("YANGGUANG_WITNESS_NAME", "localhost/witness", "监督端见证方的名称，一经使用不得更改")
    witness_key: str = _setting("YANGGUANG_WITNESS_KEY", "", "见证方的验签公钥（vkey 一行）")
    second_witness_url: str = _setting("YANGGUANG_SECOND_WITNESS_URL", "", "第二见证方网址；前者十分钟不应答时启用")
    second_witness_key: str = _setting("YANGGUANG_SECOND_WITNESS_KEY", "", "第二见证方的验签公钥（vkey 一行）")

    trading_origin: str = _setting("YANGGUANG_TRADING_ORIGIN", "http://127.0.0.1:8000", "交易端对外网址")
    supervision_origin: str = _setting("YANGGUANG_SUPERVISION_ORIGIN", "http://127.0.0.1:8001", "监督端对外网址")
    files_origin: str = _setting("YANGGUANG_FILES_ORIGIN", "", "用户文件的下载网址，正式运行时应与交易端不同")
    host: str = _setting("YANGGUANG_HOST", "127.0.0.1", "监听地址")
    port: int = _setting("YANGGUANG_PORT", 8000, "交易端监听端口")
    supervision_port: int = _setting("YANGGUANG_SUPERVISION_PORT", 8001, "监督端监听端口")
    proxies: str = _setting("YANGGUANG_PROXIES", "", "可信的反向代理地址，逗号分隔；其转发的来源地址才被采信")
    log_level: str = _setting("YANGGUANG_LOG_LEVEL", "info", "运行日志的详细程度：debug、info、warning、error")
    grace: int = _setting("YANGGUANG_GRACE", 5, "停止时等待未完请求的秒数")

    vault: str = _setting(
        "YANGGUANG_VAULT", "", "文件存放处：folder 本机文件夹，s3 对象存储；不设则有对象存储地址就用 s3"
    )
    vault_folder: Path = _setting("YANGGUANG_VAULT_FOLDER", Path("var/vault"), "文件夹存储的位置，或对象存储的暂存处")
    s3_endpoint: str = _setting("YANGGUANG_S3_ENDPOINT", "", "对象存储地址，主机:端口")
    s3_access: str = _setting("YANGGUANG_S3_ACCESS", "", "对象存储的访问名", secret=True)
    s3_secret: str = _setting("YANGGUANG_S3_SECRET", "", "对象存储的密钥", secret=True)
    s3_bucket: str = _setting("YANGGUANG_S3_BUCKET", "yangguang", "对象存储的桶")
    s3_secure: bool = _setting("YANGGUANG_S3_SECURE", True, "对象存储是否使用 TLS")
    s3_region: str = _setting("YANGGUANG_S3_REGION", "us-east-1", "对象存储的区域名")

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The settings in `environ`; refuses with every value that makes no sense (BadInput).

        A `YANGGUANG_VAULT_FOLDER` or `YANGGUANG_ANCHORS` that is not set lies in `YANGGUANG_VAR`; a site whose address
        is not set is reached on this machine, at its port.
        """
        values: dict[str, Any] = {}
        problems = []
        for item in fields(cls):
            name = item.metadata["name"]
            if text := environ.get(name, "").strip():
                try:
                    values[item.name] = _read_value(text, item)
                except ValueError as error:
                    problems.append(Problem("bad_setting", f"{name}：{error}", "请改正后重新启动", field=name))
        refuse_all(problems, BadInput)
        var = values.get("var", Path("var"))
        here: dict[str, Any] = {"vault_folder": var / "vault", "anchors": var / "anchors.json"}
        for site, port in (("trading_origin", "port"), ("supervision_origin", "supervision_port")):
            if port in values:
                here[site] = f"http://127.0.0.1:{values[port]}"
        values = here | values
        return cls(**values)

    @property
    def vault_kind(self) -> str:
        """`folder` or `s3`: as it was said, else by whether an object store is named."""
        return self.vault or ("s3" if self.s3_endpoint else "folder")

    @property
    def keys(self) -> Path:
        """The folder of this site's private signing keys."""
        return self.var / "keys"


@dataclass(frozen=True, slots=True)
class Line:
    """One setting as a person reads it; a secret's value is only `已设置` or `未设置`."""

    name: str
    value: str
    default: str
    says: str


def listing(settings: Settings) -> Iterator[Line]:
    """Every setting with what it is now, in the order of the table."""
    for item in fields(settings):
        value = getattr(settings, item.name)
        shown = ("已设置" if value else "未设置") if item.metadata["secret"] else str(value)
        yield Line(item.metadata["name"], shown, str(item.default), item.metadata["says"])


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for a child process; what has its default is left out."""
    return {
        item.metadata["name"]: str(getattr(settings, item.name))
        for item in fields(settings)
        if getattr(settings, item.name) != item.default
    }


KNOWN_SECRETS = ("changeme", "secret", "password", "yangguang", "demo", "minioadmin")
DEMO_KEY_MARK = "DEMO"
"""A file of this name in the keys folder says that the keys are a demonstration's."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a start sees around it: the database's mark and clock, this machine's clock, the store."""

    marked: str
    database_now: datetime
    machine_now: datetime
    store_locks: bool


def refuse_unsafe_start(settings: Settings, seen: Surroundings) -> None:
    """Raise UnsafeStart with all that is wrong; a demo or test may not start on a production database."""
    if settings.mode == "production":
        problems = [*_secret_problems(settings), *_surrounding_problems(seen)]
    elif seen.marked == "production":
        problems = [Problem("production_database", "这是正式库，不能用来演示或测试", "请检查 YANGGUANG_MODE")]
    else:
        problems = []
    refuse_all(problems, UnsafeStart)


def refuse_weak_secrets(settings: Settings) -> None:
    """For a command that writes with a site's keys while no site runs; UnsafeStart where a start would refuse them."""
    if settings.mode == "production":
        refuse_all(_secret_problems(settings), UnsafeStart)
    elif len(settings.secret.encode()) < 32:
        raise UnsafeStart(Problem("weak_secret", "YANGGUANG_SECRET 没有设置或太短", "请设为 32 字节以上的随机值"))


def _secret_problems(settings: Settings) -> Iterator[Problem]:
    for name, value in (
        ("YANGGUANG_SECRET", settings.secret),
        ("YANGGUANG_IDENTITY_SECRET", settings.identity_secret),
    ):
        if len(value.encode()) < 32 or _is_known(value):
            yield Problem("weak_secret", f"{name} 没有设置、太短或人人皆知", "请设为 32 字节以上的随机值")
    if settings.secret and settings.secret == settings.identity_secret:
        yield Problem("shared_secret", "两个密钥相同", "请分别生成")
    if settings.s3_secret and _is_known(settings.s3_secret):
        yield Problem("known_s3_secret", "对象存储仍用出厂密钥", "请更换 YANGGUANG_S3_SECRET")
    if (settings.keys / DEMO_KEY_MARK).exists():
        yield Problem("demo_keys", "签名私钥是演示用的", "请生成正式私钥，并删除演示私钥文件夹")


def _surrounding_problems(seen: Surroundings) -> Iterator[Problem]:
    if seen.marked != "production":
        yield Problem("demo_database", f"数据库标记为 {seen.marked}，不是正式库", "请连接正式库")
    if abs(seen.database_now - seen.machine_now) > timedelta(seconds=1):
        yield Problem("clock_off", "本机时钟与数据库时钟相差超过 1 秒", "请校准时间后再启动")
    if not seen.store_locks:
        yield Problem("store_cannot_lock", "文件存储不能证明锁定后不可删改", "请使用支持对象锁定的存储")


def _is_known(value: str) -> bool:
    """Known words, alone or repeated to length, and texts of hardly any letters."""
    return len(set(value)) < 8 or any(not value.lower().replace(word, "") for word in KNOWN_SECRETS)


def _read_value(text: str, item: "Field[Any]") -> Any:
    kind: Any = type(item.default)
    allowed = CHOICES.get(item.name)
    if allowed and text not in allowed:
        raise ValueError(f"只能是 {'、'.join(allowed)}")
    if kind is bool:
        return _read_bool(text)
    if kind is int and not (text.isascii() and text.isdigit()):
        raise ValueError("应为非负整数")
    return kind(text)


def _read_bool(text: str) -> bool:
    try:
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
    except KeyError:
        raise ValueError("应为 true 或 false") from None
