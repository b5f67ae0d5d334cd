from services.inventory import labels, picking, stock


def batches():
    return [
        picking.Batch("L2", "2025-09-30", 5),
        picking.Batch("L1", "2025-06-30", 4),
    ]


def test_allocation_takes_what_expires_first():
    assert picking.allocate(6, batches()).picks == [("L1", 4), ("L2", 2)]
    assert picking.allocate(6, batches()).backorder == 0
    assert picking.allocate(3, batches()).picks == [("L1", 3)]


def test_pieces():
    assert picking.pieces(7) == 7


def test_lead_days():
    assert picking.lead_days({"country": "AT", "days": 3}) == 3
    assert picking.lead_days({"country": "JP", "days": 20}) == 25


def test_levels():
    moves = [{"kind": "in", "quantity": 10}, {"kind": "out", "quantity": 4}, {"kind": "scrap", "quantity": 1}]
    assert stock.level(3, moves) == 8


def test_average():
    assert stock.average_cents([{"quantity": 2, "cents": 100}, {"quantity": 1, "cents": 160}], 150) == 120


def test_labels():
    assert labels.ean("400638133393") == "4006381333931"
    assert labels.serial("E2-0007") == 7
    assert labels.sign("cold") == "COLD / keys: Fridge Office"
