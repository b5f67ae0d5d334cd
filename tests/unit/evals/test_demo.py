"""What the demo hands to the healer: nobody's settings of another run, and the model only when it is asked for."""

from evals import demo

SET = {
    "PATH": "/bin",
    "OPENAI_MODEL": "m",
    "OPENAI_API_KEY": "k",
    "SUTURE_RUN_SECONDS": "600",
    "SUTURE_AUTONOMY": "observe",
    "SUTURE_HOME": "/elsewhere",
    "SUTURE_WORLD_URL": "http://127.0.0.1:1",
}


def test_without_a_model_the_playbook_heals_under_the_defaults() -> None:
    assert demo.chosen_environment(SET, model=False) == {"PATH": "/bin"}


def test_with_a_model_its_variables_and_budgets_go_along() -> None:
    chosen = demo.chosen_environment(SET, model=True)
    assert sorted(chosen) == ["OPENAI_API_KEY", "OPENAI_MODEL", "PATH", "SUTURE_RUN_SECONDS", "SUTURE_TEMPLATES"]
    assert chosen["SUTURE_TEMPLATES"] == "off"


def test_with_a_model_templates_can_still_come_first() -> None:
    assert demo.chosen_environment({**SET, "SUTURE_TEMPLATES": "on"}, model=True)["SUTURE_TEMPLATES"] == "on"
