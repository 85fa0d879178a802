"""Answers out of the passages' own words: cut them into pieces, score the pieces, choose some, write them down."""
