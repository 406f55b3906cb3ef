"""What is measured: one file a part of the page, found by being there."""
