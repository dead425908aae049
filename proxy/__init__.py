"""The data plane: carries traffic, and is allowed to depend on nothing that decides.

A client's connection (`connection`) reads a request through the gate (`http1`), its dialect says
where the model and the sticky fields are (`dialects`), the snapshot says which arm serves it
(`decide`), the arm's edits are spliced in (`edit`), and the relay (`relay`) moves the bytes to an
upstream (`upstream`) and back while the meter (`meter`) listens. What happened becomes one
`Exchange`, which the recorder (`record`) counts.
"""
