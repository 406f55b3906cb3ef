"""Instances to measure with: public problems with known answers, and a country of any size."""
