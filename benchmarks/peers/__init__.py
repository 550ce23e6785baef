"""The engines that decisions are compared with: one adapter each, behind one protocol."""
