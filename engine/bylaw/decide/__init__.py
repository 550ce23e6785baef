"""Pure decisions: a snapshot and facts go in, an outcome comes out."""
