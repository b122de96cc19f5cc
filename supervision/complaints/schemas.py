"""What may be asked for: filing a complaint, and every act of those who handle it."""

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

PHONE = r"^(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})$"


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class FileComplaint(_Command):
    """投诉书的内容."""

    topic: str = Field(min_length=1, max_length=16, description="投诉事项的类别")
    respondent: str = Field(min_length=2, max_length=200, description="被投诉人名称")
    claims: str = Field(min_length=5, max_length=2000, description="请求和主张")
    grounds: str = Field(min_length=10, max_length=8000, description="事实、证据及其来源")
    cause_known: date = Field(description="知道或者应当知道权益受损之日")
    objected: date | None = Field(default=None, description="提出异议（质疑）之日；没有提出的不填")
    replied: date | None = Field(default=None, description="收到答复之日；没有答复的不填")
    phone: str = Field(pattern=PHONE, description="联系电话")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.replied is not None and (self.objected is None or self.replied < self.objected):
            raise ValueError("收到答复之日不能早于提出之日")
        return self


class FileAtCounter(FileComplaint):
    """窗口代录：另填投诉人是谁."""

    case_code: str = Field(min_length=8, max_length=40, description="标段编号")
    name: str = Field(min_length=2, max_length=80, description="投诉人姓名")
    organisation_name: str = Field(default="", max_length=200, description="投诉人单位")
    organisation_code: str = Field(default="", max_length=18, description="统一社会信用代码")


class Say(_Command):
    """一项办理及其理由."""

    says: str = Field(min_length=2, max_length=4000, description="内容与理由")


class Undertake(_Command):
    """承办人对应当回避情形的声明：没有，或者是哪一种."""

    avoids: str = Field(pattern="^(none|[A-Z][A-Z0-9_]{1,23})$", description="none 没有，或者回避情形的编号")


class Exclude(Say):
    """检验、检测、鉴定、专家评审所需时间，首尾两日都算."""

    first: date = Field(description="自")
    last: date = Field(description="至")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last < self.first:
            raise ValueError("止日不能早于起日")
        return self


class Decide(Say):
    """处理决定：查明的事实、依据和结论."""

    outcome: str = Field(
        pattern="^(upheld|partly|rejected)$", description="upheld 属实、partly 部分属实、rejected 不属实"
    )
    article: str = Field(min_length=4, max_length=400, description="法律依据，写到条")


class Serve(_Command):
    """送达."""

    to: str = Field(min_length=2, max_length=200, description="受送达人")
    way: str = Field(pattern="^(electronic|direct|post)$", description="electronic 电子、direct 直接、post 邮寄")
    proof: str = Field(min_length=2, max_length=200, description="送达回证、邮件单号或确认记录")
