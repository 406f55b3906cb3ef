"""One pipeline from a model to its answer: compile, solve, recount, certify, conflict, run.

Lives here: `answer`; what runs of a store proved, as hints; the second opinion.
Not here: many models at once (sweep/, compare/), the commands (cli/).
"""

from allocator.answer.pipeline import Answer, answer

__all__ = ["Answer", "answer"]
