"""The supermarket: how an agency gets in, and one request, from notice to rating.

An agency's road:

    enter      the agency files commitment, certificates, staff     形式核验中
    check      the centre looks at the form, within its clock       在库

A request's road:

    request    an owner asks for a service of the catalogue         报名中
    apply      agencies apply or quote, sealed                      报名中
    close      at the deadline the list is fixed                    待选取
    select     drawn, lowest, nearest or chosen                     已选取
    confirm    the selected agency takes it, or the next does       已确认
    contract   filed and compared; the service clock starts         服务中
    deliver    the result is handed over                            已交付
    receive    the owner accepts it; the clock stops                服务完成
    rate       one rating by its real user, a second by the office  服务完成

`stages.py` holds the order; `catalogue.toml` what may be asked for; `law.toml` how long it takes.
"""
