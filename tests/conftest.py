"""Fixtures that every folder of tests may use."""

from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.postgres", "tests.stores"]
settings.register_profile(  # for mutants: many runs of the same few examples, which are not made small when they fail
    "mutants",
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=tuple(HealthCheck),  # a busy machine kills no mutant
)
settings.register_profile("long", max_examples=5000, deadline=None)  # for `make fuzz`
settings.register_profile("laws", max_examples=50, deadline=None)  # a busy machine is no mistake of the law
settings.load_profile("laws")  # which --hypothesis-profile, read later, replaces
