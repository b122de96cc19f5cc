"""The people of the demo county: who they are, where they work, and on which side each stands."""

from collections.abc import Iterable
from datetime import date

from kernel.accounts.seeds import SeedOrganisation, SeedPerson, SeedRole
from kernel.codes import make_credit_code, make_identity_number

REGION = "330106"
DEPARTMENT = "住建"
DEPARTMENTS = (DEPARTMENT, "自然资源", "生态环境", "水利", "发展改革")
PASSWORD = "yangguang-demo"  # noqa: S105 - a demonstration's, refused by a production start
PASSPHRASE = "阳光演示口令"  # noqa: S105 - opens the demonstration's key files


def _code(kind: str, serial: int) -> str:
    return make_credit_code(kind, REGION, f"{serial:08}")


OWNER, WATER, AGENCY = _code("12", 101), _code("12", 102), _code("91", 201)
CENTRE, BUREAU, DISCIPLINE = _code("12", 301), _code("11", 302), _code("11", 303)
BUILDERS = [_code("91", 401 + n) for n in range(4)]
ENTERPRISES = [_code("91", 501 + n) for n in range(3)]
AGENCIES = [_code("91", 601 + n) for n in range(60)]
FIELDS = (
    "测绘",
    "环境科技",
    "工程咨询",
    "检测技术",
    "安全技术",
    "勘察设计",
    "水土保持",
    "造价咨询",
    "节能技术",
    "资产评估",
)
HOUSES = ("浙江精准", "杭州中测", "之江", "钱塘", "西溪", "浙江华信")
AGENCY_NAMES = [f"{house}{field}有限公司" for house in HOUSES for field in FIELDS]

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
    SeedOrganisation(ENTERPRISES[0], "杭州云帆科技有限公司", REGION),
    SeedOrganisation(ENTERPRISES[1], "杭州桂语餐饮有限公司", REGION),
    SeedOrganisation(ENTERPRISES[2], "西湖区文新街道办事处", REGION, "government"),
    *(SeedOrganisation(code, name, REGION) for code, name in zip(AGENCIES, AGENCY_NAMES, strict=True)),
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
    ("regulator3", "顾平", "regulator", BUREAU),
    ("regulator4", "马丽", "regulator", BUREAU),
    ("owner1", "蒋帆", "purchaser", ENTERPRISES[0]),
    ("owner2", "金桂", "purchaser", ENTERPRISES[1]),
    ("owner3", "俞文", "purchaser", ENTERPRISES[2]),
    *((f"agency{n}", f"{'陈李张王刘杨黄赵周吴'[n % 10]}{'明华平军敏静涛'[n % 7]}", "intermediary", code)
      for n, code in enumerate(AGENCIES, 1)),
]  # fmt: skip

HOLDERS = ("operator1", "operator2", "regulator1", "regulator2", "purchaser1", "purchaser2")
"""Who holds a share of the county's boxes: two a role (AB 岗)."""


DEPARTMENTS_OF = {login: DEPARTMENTS for login, _, role, _ in _ROWS if role == "regulator"}
"""A county's regulators stand for several departments at once."""


def told(login: str) -> bool:
    """Of the sixty agencies three are enough to sign in as."""
    return not login.startswith("agency") or int(login.removeprefix("agency")) <= 3


def _person(n: int, login: str, name: str, role: str, code: str) -> SeedPerson:
    identity = make_identity_number(REGION, date(1984, 1 + n % 12, 3 + n % 25), 100 + n)
    seeded = SeedRole(role, code, DEPARTMENTS_OF.get(login, ()))
    return SeedPerson(identity, name, f"1380013{n:04}", login, (seeded,), PASSWORD if told(login) else "")


PEOPLE = [_person(n, *row) for n, row in enumerate(_ROWS)]
ROLE_OF = {login: role for login, _, role, _ in _ROWS}
NAME_OF = {login: name for login, name, _, _ in _ROWS}
CODE_OF = {login: code for login, _, _, code in _ROWS}


def accounts() -> Iterable[str]:
    """Who can sign in where, as `make run` prints it."""
    yield f"演示口令都是 {PASSWORD}"
    for site, roles in (
        ("交易端", ("purchaser", "agent", "operator", "bidder", "intermediary")),
        ("监督端", ("regulator", "inspector")),
    ):
        logins = [f"{login}（{NAME_OF[login]}）" for login in ROLE_OF if ROLE_OF[login] in roles and told(login)]
        yield f"{site}  {'、'.join(logins)}"
