"""What a policy is: units, periods, programs, rules, objectives, as frozen values.

Lives here: the declared shape of a policy, the contract of a rule and of an objective, the allocation.
Not here: reading files (load/), evaluating expressions (database/), the kinds themselves (rules/, objectives/).
"""
