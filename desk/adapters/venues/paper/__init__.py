"""The embedded venue: orders are matched against a feed, and the books live in the desk's database."""
