"""Documents to one immutable snapshot; decides nothing."""
