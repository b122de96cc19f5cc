"""A complaint (投诉), from filing to proof of service, in supervision's own database.

    file       at the counter, or with the trading site's letter of introduction      待受理
    admit      or refuse, in writing, within its clock                                 处理中 / 不予受理
    investigate  by two officers who held no share in the case; time excluded          处理中
    decide     drafted by one, confirmed by the other; the paper is made               已决定
    serve      with proof of service                                                   已送达

`tracks.toml` holds the two tracks (工程招标投标, 政府采购) with their limits and articles.
"""
