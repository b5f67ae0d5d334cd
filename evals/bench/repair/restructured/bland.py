"""Bland names: they tell nothing of what they stand for."""

import builtins
import itertools
import keyword
import random
from collections.abc import Iterator

_TEXT = """
alder amber anchor anise apricot aspen badger bamboo barley basalt basil beech beetle birch bison bramble briar
bronze burdock buttercup canary caraway cedar chalk cherry chervil chestnut chive cicada clover cobalt condor
coral cormorant cricket crocus cumin curlew cypress daisy damson dandelion dill dolphin dormouse dragonfly dunlin
egret fennel fern ferret finch flint foxglove gannet garnet gecko gentian ginger gneiss granite grouse gudgeon
hazel heather hemlock heron hornbeam hyssop ibis iris ivory jackdaw jasmine jasper juniper kestrel kingfisher
kiwi larch lark laurel lavender lichen lilac limestone linden linnet lizard lobster lotus lupin magpie mallow
maple marble marigold marjoram marten mica mimosa mistletoe moss mulberry mustard myrtle narwhal newt nutmeg
ochre octopus olive onyx opal orchid oregano osprey otter oyster pansy papaya parsley partridge peacock pelican
peony petrel pheasant plover plum poplar poppy primrose puffin quail quartz quince rosemary rowan saffron sage
salmon sandpiper sapphire sequoia shale shrew skylark slate snowdrop sorrel spruce starling stork sumac swallow
sycamore tamarind tarragon teal thistle thyme topaz trout tulip turnip turquoise vervain viper walnut warbler
weasel willow wombat woodcock wren yarrow zinnia
"""
WORDS = tuple(_TEXT.split())

RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})


def names(taken: frozenset[str], rng: random.Random) -> Iterator[str]:
    """New names without end, each once, none of which is taken."""
    words = rng.sample(WORDS, len(WORDS))
    numbered = (f"{word}{number}" for number in itertools.count(2) for word in words)
    return (name for name in itertools.chain(words, numbered) if name not in taken and name not in RESERVED)
