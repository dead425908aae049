"""The control plane: decides, and is allowed to be slow, down or wrong.

It reads a migration's two files (`config`, `plan`), lets an operator act on it (`desk`, behind the
admin API and the command line), and writes every decision as one new document by compare-and-set
into a store (`store`). The data plane refuses what is invalid and keeps its last good snapshot, so
nothing in here can break serving; imports go from `control` to the words at the bottom of `proxy`,
never back.
"""
