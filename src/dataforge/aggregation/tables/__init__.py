"""Tables of answers in, integer codes out, and back: what knows pandas, polars, Arrow and files."""
