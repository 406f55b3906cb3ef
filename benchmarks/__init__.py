"""Instances to measure with: public problems with known answers, a country of any size; faults and mutations to be caught."""
