"""The data plane: carries traffic, and is allowed to depend on nothing that decides.

A client's connection (`carrying.connection`) reads a request through the gate (`http`), its
dialect says where the model and the sticky fields are (`dialects`), the snapshot says which arm
serves it and what becomes of its bytes (`routing`), and the relay (`carrying.relay`) moves them to
an upstream and back while the meter (`metering`) listens. What happened becomes one `exchange`,
which is counted and flushed to the store (`recording`). Snapshots come from that store
(`following`, `source`), and `running` is the process around all of it.
"""
