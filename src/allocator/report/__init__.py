"""What a person who signs the plan has to see: numbers arranged, none computed beyond look-ups.

Lives here: the facts of a report (facts/), their names and sentences, the screen and the JSON document.
Not here: judging (audit/), solving (solve/), the files of a run (runs/).
"""
