"""What the demo hands to the healer: nobody's settings of another run, and the model only when it is asked for."""

from evals import demo

SET = {
    "PATH": "/bin",
    "OPENAI_MODEL": "m",
    "OPENAI_API_KEY": "k",
    "SUTURE_RUN_SECONDS": "600",
    "SUTURE_AUTONOMY": "observe",
    "SUTURE_PROFILE": "standard",
    "SUTURE_LIMITS": "/elsewhere/limits.toml",
    "SUTURE_HOME": "/elsewhere",
    "SUTURE_WORLD_URL": "http://127.0.0.1:1",
}


def test_without_a_model_the_playbook_heals_with_the_leave_that_the_demo_names() -> None:
    leave = {"SUTURE_AUTONOMY": "auto", "SUTURE_PROFILE": "lab"}
    assert demo.chosen_environment(SET, model=False) == {"PATH": "/bin", **leave}


def test_with_a_model_its_variables_and_budgets_go_along() -> None:
    chosen = demo.chosen_environment(SET, model=True)
    models = {"OPENAI_API_KEY", "OPENAI_MODEL", "SUTURE_RUN_SECONDS", "SUTURE_TEMPLATES"}
    assert set(chosen) == models | {"PATH", "SUTURE_AUTONOMY", "SUTURE_PROFILE"}
    assert chosen["SUTURE_AUTONOMY"] == "auto"
    assert chosen["SUTURE_TEMPLATES"] == "off"


def test_with_a_model_templates_can_still_come_first() -> None:
    assert demo.chosen_environment({**SET, "SUTURE_TEMPLATES": "on"}, model=True)["SUTURE_TEMPLATES"] == "on"
