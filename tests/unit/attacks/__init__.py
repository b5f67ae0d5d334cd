"""Short forms of the attacks, the fuzzing and the judgement of patches; the full ones are commands under evals/attacks."""
