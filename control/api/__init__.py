"""The admin API: JSON over HTTP on a listener of its own, apart from the traffic's.

`listener` has the socket, `gate` lets a request in (`guard`) and finds its answer (`routes`,
`table`), the handlers ask the desk, and `errors` gives every refusal its one shape.
"""
