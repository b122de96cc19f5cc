"""What everybody sees of the market: the search, an agency, several side by side, the catalogue."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import PathParameter, QueryParameter

from intermediaries import records
from intermediaries.doors import AgencyId
from intermediaries.records import search as finding
from intermediaries.records.search import Question
from intermediaries.views import AgencyList, AgencyPage, ItemList, ItemPage
from kernel.clock import now
from kernel.web.openapi import refusals

OPT = {"act": "read_public"}
TAGS = ["中介超市"]
Words = Annotated[str, QueryParameter(max_length=80, description="机构名称或服务事项中的字词")]
Category = Annotated[str, QueryParameter(pattern=r"^[a-z]{0,12}$", description="服务类别")]
Item = Annotated[str, QueryParameter(pattern=r"^([A-Z]{3}-\d\d)?$", description="服务事项编码")]
Region = Annotated[str, QueryParameter(pattern=r"^(\d{6})?$", description="行政区划代码，含下级")]
Qualification = Annotated[str, QueryParameter(max_length=30, description="资质种类，或“种类:等级”")]
Stars = Annotated[int, QueryParameter(ge=0, le=5, description="平均星级不低于")]
Comparing = Annotated[bool, QueryParameter(description="只列可供择优选取的机构")]
Page = Annotated[int, QueryParameter(ge=1, le=10_000)]
Size = Annotated[int, QueryParameter(ge=1, le=100)]
Beside = Annotated[list[UUID], QueryParameter(name="a", max_items=4, description="机构编号，最多四个")]
Code = Annotated[str, PathParameter(pattern=r"^[A-Z]{3}-\d\d$")]


@get("/api/v1/agencies", opt=OPT, tags=TAGS, summary="检索在库机构，评价好的在前")
async def search(
    q: Words = "",
    category: Category = "",
    item: Item = "",
    region: Region = "",
    qualification: Qualification = "",
    stars: Stars = 0,
    comparing: Comparing = False,
    page: Page = 1,
    size: Size = 20,
) -> AgencyList:
    question = Question(q, category, item, region, qualification, stars, comparing, page, size)
    return AgencyList.of(await finding.search(question), page, size)


@get("/api/v1/agencies/compared", opt=OPT, tags=TAGS, summary="最多四家在库机构并列")
async def compare(a: Beside) -> list[AgencyPage]:
    moment = await now()
    return [AgencyPage.shown(column, moment) for column in await finding.compared(a)]


@get("/api/v1/agencies/{agency:uuid}", opt=OPT, tags=TAGS, summary="一家机构", responses=refusals(404))
async def show(agency: AgencyId) -> AgencyPage:
    moment = await now()
    return AgencyPage.shown(await finding.column(await records.public_agency(agency), moment), moment)


@get("/api/v1/items", opt=OPT, tags=TAGS, summary="现行服务事项清单")
async def items() -> ItemList:
    return ItemList.of_rows(await records.catalogue())


@get("/api/v1/items/{code:str}", opt=OPT, tags=TAGS, summary="一个服务事项的全部内容", responses=refusals(404))
async def item(code: Code) -> ItemPage:
    return ItemPage.shown(await records.item_by_code(code))


HANDLERS = [search, compare, show, items, item]
