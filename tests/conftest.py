"""Fixtures that every folder of tests may use."""

from hypothesis import settings

pytest_plugins = ["tests.postgres"]
settings.register_profile("quick", max_examples=25, deadline=None)  # for mutants: many runs of the same laws
settings.register_profile("long", max_examples=5000, deadline=None)  # for `make fuzz`
settings.register_profile("laws", deadline=None)  # a busy machine is no mistake of the law
settings.load_profile("laws")  # which --hypothesis-profile, read later, replaces
