"""The people of the demo county: who they are, where they work, and on which side each stands."""

from collections.abc import Iterable
from datetime import date

from kernel.accounts.seeding import SeedOrganisation, SeedPerson, SeedRole
from kernel.codes import make_credit_code, make_identity_number

REGION = "330106"
DEPARTMENT = "住建"
PASSWORD = "yangguang-demo"  # noqa: S105 - a demonstration's, refused by a production start
PASSPHRASE = "阳光演示口令"  # noqa: S105 - opens the demonstration's key files


def _code(kind: str, serial: int) -> str:
    return make_credit_code(kind, REGION, f"{serial:08}")


OWNER, WATER, AGENCY = _code("12", 101), _code("12", 102), _code("91", 201)
CENTRE, BUREAU, DISCIPLINE = _code("12", 301), _code("11", 302), _code("11", 303)
BUILDERS = [_code("91", 401 + n) for n in range(4)]

ORGANISATIONS = [
    SeedOrganisation(OWNER, "西湖区城市建设中心", REGION, "institution"),
    SeedOrganisation(WATER, "西湖区水务管理中心", REGION, "institution"),
    SeedOrganisation(AGENCY, "浙江公正招标代理有限公司", REGION),
    SeedOrganisation(CENTRE, "西湖区公共资源交易中心", REGION, "institution"),
    SeedOrganisation(BUREAU, "西湖区住房和城乡建设局", REGION, "government"),
    SeedOrganisation(DISCIPLINE, "西湖区监察委员会", REGION, "government"),
    SeedOrganisation(BUILDERS[0], "浙江东方建设有限公司", REGION),
    SeedOrganisation(BUILDERS[1], "杭州路通市政工程有限公司", REGION),
    SeedOrganisation(BUILDERS[2], "之江建工集团有限公司", REGION),
    SeedOrganisation(BUILDERS[3], "钱塘基础工程有限公司", REGION),
]

_ROWS = [
    ("purchaser1", "沈立新", "purchaser", OWNER),
    ("purchaser2", "陆敏", "purchaser", OWNER),
    ("water1", "方洁", "purchaser", WATER),
    ("agent1", "吴倩", "agent", AGENCY),
    ("operator1", "陈志强", "operator", CENTRE),
    ("operator2", "林芳", "operator", CENTRE),
    ("regulator1", "周正", "regulator", BUREAU),
    ("regulator2", "许静", "regulator", BUREAU),
    ("inspector1", "郑明", "inspector", DISCIPLINE),
    ("bidder1", "王海", "bidder", BUILDERS[0]),
    ("bidder2", "李建国", "bidder", BUILDERS[1]),
    ("bidder3", "赵磊", "bidder", BUILDERS[2]),
    ("bidder4", "孙莉", "bidder", BUILDERS[3]),
    ("operator3", "何伟", "operator", CENTRE),
]

HOLDERS = ("operator1", "operator2", "regulator1", "regulator2", "purchaser1", "purchaser2")
"""Who holds a share of the county's boxes: two a role (AB 岗)."""


def _person(n: int, login: str, name: str, role: str, code: str) -> SeedPerson:
    departments = (DEPARTMENT,) if role == "regulator" else ()
    identity = make_identity_number(REGION, date(1984, 1 + n % 12, 3 + n), 100 + n)
    return SeedPerson(identity, name, f"1380013{n:04}", login, (SeedRole(role, code, departments),), PASSWORD)


PEOPLE = [_person(n, *row) for n, row in enumerate(_ROWS)]
ROLE_OF = {login: role for login, _, role, _ in _ROWS}
NAME_OF = {login: name for login, name, _, _ in _ROWS}
CODE_OF = {login: code for login, _, _, code in _ROWS}


def accounts() -> Iterable[str]:
    """Who can sign in where, as `make run` prints it."""
    yield f"演示口令都是 {PASSWORD}"
    for site, roles in (
        ("交易端", ("purchaser", "agent", "operator", "bidder")),
        ("监督端", ("regulator", "inspector")),
    ):
        logins = [f"{login}（{NAME_OF[login]}）" for login in ROLE_OF if ROLE_OF[login] in roles]
        yield f"{site}  {'、'.join(logins)}"
