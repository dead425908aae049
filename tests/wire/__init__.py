"""Failure cases on real sockets: what clients and upstreams do, and what a plane does then."""
