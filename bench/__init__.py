"""Repeatable measurements: the portal's services against hand-written SQL on the same database in the same run."""
