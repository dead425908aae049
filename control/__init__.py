"""The control plane: decides, and is allowed to be slow, down or wrong.

It reads the two YAML files (`files`), lets an operator act (`desk`, behind `api` and `cli`), folds
what workers measured into evidence (`measures`), judges it (`guard`, on `stats`) and moves each
migration through its phases (`migration`); `hosting` runs all that beside the traffic and `notify`
tells people. Every decision becomes one new document, written by compare-and-set
into a store (`store`). The data plane refuses what is invalid and keeps its last good snapshot, so
nothing in here can break serving; imports go from `control` to the words at the bottom of `proxy`,
never back.
"""
