"""One invented bridge tender, in the stages in which pages show it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from samples import DEADLINE, ago

from bidding.records import LotRow
from bidding.stages import Stage

LOT_ID, PROJECT_ID, OTHER_ID = UUID(int=17), UUID(int=18), UUID(int=19)

LOT = LotRow(
    id=LOT_ID,
    project=PROJECT_ID,
    code="E3301060001000017001001",
    number="001",
    name="第一标段 主桥加固",
    procedure="construction_open_tender",
    mode="bidder",
    stage=Stage.ANNOUNCED,
    estimate=Decimal("42000000"),
    ceiling=Decimal("41500000"),
    deposit=Decimal("800000"),
    window_minutes=60,
    returned=None,
    law=None,
    law_day=date(2026, 3, 9),
    published_at=ago(days=39),
    documents_until=ago(days=-1),
    deadline=DEADLINE,
    place="网上开标大厅",
    tries=1,
    opened_at=None,
    session_until=None,
    publicity_from=None,
    publicity_until=None,
    failure="",
    project_code="E3301060001000017",
    project_name="清江大桥加固工程",
    category="A03",
    region="330106",
    department="清江县交通运输局",
    purchaser=OTHER_ID,
    purchaser_name="清江县交通建设投资有限公司",
    agent=None,
    agent_name="明正招标代理有限公司",
    approval="清发改〔2026〕12号",
    investment_code="2602-330106-04-01-123456",
    funding="财政资金 100%",
    scope="主桥加固、桥面铺装更换及附属工程",
    registered_at=ago(days=46),
)
OPENED = replace(LOT, stage=Stage.OPENED, deadline=ago(hours=5), opened_at=ago(hours=4))
FAILED = replace(
    LOT,
    id=UUID(int=20),
    name="第二标段 引桥",
    number="002",
    stage=Stage.FAILED,
    deadline=ago(hours=5),
    failure="投标人少于三个",
)
RETURNED = replace(
    LOT,
    stage=Stage.RETURNED,
    deadline=None,
    returned=[{"code": "approval_missing", "says": "没有批准文号", "remedy": "补填批准文号", "article": ""}],
)
LOTS = [LOT, replace(FAILED, deadline=DEADLINE + timedelta(days=3), stage=Stage.ANNOUNCED), OPENED]
