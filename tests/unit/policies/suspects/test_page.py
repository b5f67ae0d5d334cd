"""The incident of docs/diagnosis.md is what the code computes."""

from pathlib import Path

from graph.reports import document, suspects
from policies.suspects import asking, ranking
from tests.unit.policies.suspects.worlds import ONSET, Trouble, config, deploy, shop

PAGE = Path(__file__).parents[4] / "docs" / "diagnosis.md"


def computed() -> str:
    trouble = Trouble(
        fails={"price": 0.2},
        lines=(("price", "patience exceeded while asking", 200),),
        changes=(config("price", "PATIENCE_MS", "300", "3", ONSET - 60), deploy("front", ONSET - 15)),
    )
    result = ranking.rank(asking.facts(shop(trouble))).result
    return document.markdown([suspects.table(result)])


def test_the_page_shows_what_the_code_computes() -> None:
    assert computed().strip() in PAGE.read_text()
