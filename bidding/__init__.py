"""One tender, from notice to archive.

    register   the purchaser registers a project with its lots          已登记
    accept     the centre takes it, or says once all that is missing     已受理
    publish    notice, documents, deadline; the law in force is fixed    公告中
    submit     bids come in sealed; replaced, withdrawn                  公告中
    close      at the deadline the list of sealed bids is fixed          已截标
    open       revealed or released, regenerated, shown together         开标中
    record     the opening record is read out and published              已开标
    evaluate   drawn judges review and score, each of them alone        评标中
    report     ranked, written up, signed by all; closed to any change  已出评标报告
    publicise  at most three ranked candidates are shown                候选人公示
    award      the purchaser decides; all are told at the same time     已定标
    contract   signed by both, and compared with the award              已签约
    archive    what anybody, and what an auditor, can verify             已归档

`stages.py` holds the order; `procedures.toml` says how each procedure walks it; `law.toml` how long it takes.
"""
