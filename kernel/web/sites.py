"""The two faces of the house, trading and supervision, and who is looking at them."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation; `key` is what a page names to be marked as the current one."""

    label: str
    href: str
    key: str


@dataclass(frozen=True, slots=True)
class Site:
    """A site's name and navigation; `face` chooses its colours, so that nobody takes one for the other.

    `open_nav` is what whoever is not signed in is led to; without one, `nav` is for everybody.
    """

    face: Literal["trading", "supervision"]
    name: str
    label: str
    tagline: str
    nav: tuple[NavItem, ...] = field(default=())
    open_nav: tuple[NavItem, ...] = field(default=())

    def leads(self, viewer: object) -> tuple[NavItem, ...]:
        """The navigation for this viewer, None for nobody."""
        return self.nav if viewer or not self.open_nav else self.open_nav


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is signed in, as the page header shows it."""

    name: str
    organisation: str
    role_label: str
    workbench_href: str = "/workbench"
    signout_href: str = "/signout"


TRADING = Site(
    face="trading",
    name="阳光交易",
    label="交易平台",
    tagline="公共资源交易 · 中介超市",
    nav=(
        NavItem("首页", "/", "home"),
        NavItem("公告检索", "/search", "search"),
        NavItem("开标日历", "/openings", "openings"),
        NavItem("中介超市", "/market", "market"),
        NavItem("自己核验", "/check", "check"),
        NavItem("账户", "/account", "account"),
    ),
)

SUPERVISION = Site(
    face="supervision",
    name="阳光监督",
    label="行政监督平台",
    tagline="只监督，不交易",
    nav=(
        NavItem("工作台", "/workbench", "workbench"),
        NavItem("监督大厅", "/hall", "hall"),
        NavItem("红黄牌", "/cards", "cards"),
        NavItem("监督指令", "/directives", "directives"),
        NavItem("审批", "/decisions", "decisions"),
        NavItem("预警", "/alarms", "alarms"),
        NavItem("投诉", "/complaints", "complaints"),
        NavItem("账户", "/account", "account"),
    ),
    open_nav=(
        NavItem("提出投诉", "/complaints/new", "complaints"),
        NavItem("查询投诉", "/complaints/ask", "ask"),
    ),
)
