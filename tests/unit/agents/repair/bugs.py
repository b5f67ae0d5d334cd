"""All the small functions with one slip each, as they stand in ordinary services.

The right answers follow from the code, its constants, its docstring or its schema, as a reader sees it.
Kinds: BugsInPy (Widyasari et al. 2020), PyTER (Oh and Oh 2022), TBar (Liu et al. 2019), PAR (Kim et al. 2013).
"""

from tests.unit.agents.repair.edge_bugs import EDGE_BUGS
from tests.unit.agents.repair.key_bugs import KEY_BUGS
from tests.unit.agents.repair.later_bugs import LATER_BUGS
from tests.unit.agents.repair.latest_bugs import LATEST_BUGS
from tests.unit.agents.repair.null_bugs import NULL_BUGS
from tests.unit.agents.repair.operand_bugs import OPERAND_BUGS
from tests.unit.agents.repair.slip_bugs import SLIP_BUGS

BUGS = (*NULL_BUGS, *KEY_BUGS, *OPERAND_BUGS, *EDGE_BUGS, *LATER_BUGS, *LATEST_BUGS, *SLIP_BUGS)
