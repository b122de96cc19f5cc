"""The Chinese names of codes a page shows: trade categories and regions."""

from kernel import regions

# Letters and the A-numbers: 公共资源交易平台系统数据规范 V2.0 (发改办法规〔2018〕1156号), 交易类别.
CATEGORIES = {
    "A": "工程建设",
    "B": "土地使用权",
    "C": "矿业权",
    "D": "政府采购",
    "E": "国有产权",
    "A01": "房屋建筑",
    "A02": "市政",
    "A03": "公路",
    "A04": "铁路",
    "A05": "民航",
    "A06": "水运",
    "A07": "水利",
    "A08": "能源",
    "A09": "邮电通信",
    "A10": "桥梁",
    "A11": "城市轨道",
    "A12": "矿产冶金",
    "A13": "信息网络",
    "A14": "工业制造",
    "A99": "其他工程",
    "D01": "政府采购货物",
    "D02": "政府采购工程",
    "D03": "政府采购服务",
}


def category_name(code: str) -> str:
    """``公路`` for ``A03``; a code without a name of its own takes its letter's, an unknown one stands as it is."""
    return CATEGORIES.get(code) or CATEGORIES.get(code[:1]) or code


def region_name(code: str) -> str:
    """The region's own name, or its code where the table has none."""
    return regions.name(code) or code


def region_full_name(code: str) -> str:
    """The name with its province and city."""
    return regions.full_name(code)
