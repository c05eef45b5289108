"""The loops of a simulation, written so that they run as they are and compile to machine code.

They take arrays and named tuples of arrays and numbers, write into what they are given, and never raise: what goes in
was checked before. Without a compiler lists stand for the arrays, so that nothing here may use more of them than an
index and a length.
"""
