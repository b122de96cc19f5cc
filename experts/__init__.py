"""Who judges: the pool of experts, and one panel, from the request to its full seats.

An expert's road into the pool:

    apply      he, or a sheet of the centre's, asks for admission, with evidence    待批准
    admit      the pool's owner, the regulator, decides; never the operator         在库

A panel's road:

    request    the purchaser asks: how many, of which professions, when and where   等待抽取
    list       who may judge is fixed: avoidance, time, load, age                    名单已定
    call       drawn by nobody, called one by one, names with nobody here           正在通知
    seat       each takes his seat at the desk with his slip                        已满员

`stages.py` holds the order; `avoidance.toml` whom they must avoid; `professions.toml` what they know; `law.toml`
how early they may be drawn and how many they are.
"""
