"""`yangguang found` makes a side's first three officials once, and shows what they sign in with only then."""

import base64
import re
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from house_databases import Databases
from house_faces import Faces
from seeded_people import BUREAU, CENTRE, CITY, identity, marked

from app.cli import main
from kernel.accounts.credentials import code_at
from kernel.accounts.keys import Keys
from kernel.accounts.schemas import SignIn
from kernel.accounts.sessions import admit, sign_in

SECRET = "a secret for founding, 32 bytes or more"  # noqa: S105
SHARED = "another for identity numbers, 32 bytes or more"

UNIT = '[[organisation]]\ncode = "{code}"\nname = "{name}"\nregion = "330106"\nkind = "{kind}"\n'
PERSON = (
    '[[person]]\nname = "首批{n}"\nidentity = "{identity}"\nphone = "13800000000"\nlogin = "founder.{n}"\n'
    'role = "{role}"\norganisation = "{unit}"\ndepartments = {departments}\n'
)


def _people(side: str, **changes: str) -> str:
    rows = [("regulator", BUREAU, '["住建"]'), ("regulator", BUREAU, '["水利"]'), ("inspector", CITY, "[]")]
    units = [(BUREAU, "西湖区住房和建设局", "government"), (CITY, "西湖区监察委员会", "government")]
    if side == "operate":
        rows, units = [("operator", CENTRE, "[]")] * 3, [(CENTRE, "西湖区公共资源交易中心", "institution")]
    text = "".join(UNIT.format(code=code, name=name, kind=kind) for code, name, kind in units)
    for n, (role, unit, departments) in enumerate(rows):
        text += PERSON.format(n=n, identity=identity(90 + n), role=role, unit=unit, departments=departments)
    for old, new in changes.items():
        text = text.replace(old, new)
    tomllib.loads(text)
    return text


@pytest.fixture
async def command(house: Databases, faces: Faces, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The environment of a command beside the sites, whose engines are closed meanwhile."""
    await faces.close()
    for name, value in house.environment().items():
        if "OWNER" not in name:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("YANGGUANG_SECRET", SECRET)
    monkeypatch.setenv("YANGGUANG_IDENTITY_SECRET", SHARED)
    return tmp_path / "people.toml"


def _write(file: Path, text: str) -> None:
    file.write_text(text)


def _found(side: str, file: Path) -> int:
    """In a thread of its own: the command brings its own event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(main, ["found", "--side", side, str(file)]).result()


@pytest.mark.parametrize(("side", "site"), [("operate", "trading"), ("supervise", "supervision")])
async def test_three_people_sign_in_by_what_was_shown(
    command: Path, house: Databases, faces: Faces, capsys: pytest.CaptureFixture[str], side: str, site: str
) -> None:
    _write(command, _people(side))
    async with marked(house.admin, "production"), marked(house.supervision_admin, "production"):
        assert _found(side, command) == 0
    shown = capsys.readouterr().out
    found = re.findall(r"登录名 (\S+)　初始密码 (\S+)\notpauth://\S*secret=([A-Z2-7]+)", shown)
    assert [login for login, _, _ in found] == ["founder.0", "founder.1", "founder.2"]
    await faces.turn(site)
    keys = Keys.derive(SECRET.encode(), identity_secret=SHARED.encode())
    for login, password, secret in found:
        totp = code_at(base64.b32decode(secret), time.time())
        session = await sign_in(SignIn(login=login, password=password, totp=totp), site, keys)
        entered = await admit(session.token, site)
        assert entered is not None
        assert entered.actor.side == side
    await faces.close()
    assert _found(side, command) == 1
    again = capsys.readouterr()
    assert "这一方已有人员" in again.err
    assert "初始密码" not in again.out
    await faces.turn("trading")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"13800000000": "1"}, "电话号码"),
        ({"founder.1": "founder.0"}, "三人应各不相同"),
        ({'"regulator"': '"operator"'}, "角色不属于这一方"),
        ({'["住建"]': "[]"}, "应写明负责的监督部门"),
        ({"330106": "999999"}, "省级区划"),
        ({"phone": "telephone"}, "缺少、多余或格式不对"),
    ],
)
async def test_a_file_with_anything_wrong_founds_nothing(
    command: Path, faces: Faces, capsys: pytest.CaptureFixture[str], wrong: dict[str, str], says: str
) -> None:
    _write(command, _people("supervise", **wrong))
    assert _found("supervise", command) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert identity(90) not in said.err
    assert said.out == ""
    _write(command, _people("supervise"))
    assert _found("supervise", command) == 0, "nothing stands in the way of the right file"
    await faces.turn("trading")


@pytest.mark.parametrize("text", ["not toml", "", "[[person]]\n", "\x00"])
async def test_what_is_no_such_file_is_refused(
    command: Path, faces: Faces, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    _write(command, text)
    assert _found("operate", command) == 2
    assert _found("operate", command.with_name("absent.toml")) == 2
    assert "otpauth" not in capsys.readouterr().out
    await faces.turn("trading")


async def test_a_person_of_the_other_side_is_no_founder(
    command: Path, faces: Faces, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(command, _people("operate"))
    assert _found("operate", command) == 0
    _write(command, _people("supervise"))
    assert _found("supervise", command) == 2
    assert "一人只能有一个账号、站在一方" in capsys.readouterr().err
    await faces.turn("trading")


async def test_weak_secrets_and_missing_addresses_are_refused(
    command: Path, faces: Faces, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(command, _people("operate"))
    for mode, secret in (("production", "changeme" * 8), ("test", "short")):
        monkeypatch.setenv("YANGGUANG_MODE", mode)
        monkeypatch.setenv("YANGGUANG_SECRET", secret)
        assert _found("operate", command) == 1
    monkeypatch.delenv("DATABASE_URL")
    assert _found("operate", command) == 2
    assert "DATABASE_URL" in capsys.readouterr().err
    await faces.turn("trading")
