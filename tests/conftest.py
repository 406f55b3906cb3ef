"""What holds for all tests."""

import os

from hypothesis import settings

# A busy machine is slow, not wrong: no example is judged by its time. The same examples every time, so that a failure is the
# change's own; ALLOCATOR_EXPLORE=1 looks for new ones.
settings.register_profile("allocator", deadline=None, derandomize=os.environ.get("ALLOCATOR_EXPLORE") != "1")
settings.load_profile("allocator")
