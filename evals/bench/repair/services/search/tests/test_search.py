from services.search import index, words


def test_words():
    assert words.words("The apple and a Tree") == ["apple", "tree"]
    assert words.counts("apple apple tree") == {"apple": 2, "tree": 1}


def test_frequent_words():
    assert words.frequent("apple apple", 1) == {"apple": 2}


def test_highlights():
    assert words.highlight("Apple trees", "apple") == "[Apple] trees"


def test_titles_are_filed_by_their_first_letter():
    assert words.initial(" apple") == "A"


def test_ranking():
    assert list(index.ranked("apple", index.ARTICLES)) == ["a2", "a1"]
    assert index.best({"a": 0.5, "b": 0.25}) == 0.5


def test_filters():
    assert index.allowed({"year": 2020}, {"from": 2019, "until": 2021})
    assert not index.allowed({"year": 2020}, {"from": 2021})


def test_pages():
    assert index.page(["a", "b", "c"], 2, 2) == ["c"]
    assert index.neighbours(["a", "b", "c"], "b") == ["a", "c"]


def test_sorting():
    assert index.sort_field("newest") == "year"
