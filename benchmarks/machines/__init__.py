"""The engines that steps are compared with: one adapter each, behind one protocol."""
