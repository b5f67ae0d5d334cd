package shop.prices;

import java.util.List;
import java.util.Map;

public final class Prices {
    public static int total(List<Map<String, Integer>> items) {
        return items.stream().mapToInt(Prices::price).sum();
    }

    private static int price(Map<String, Integer> item) {
        return item.get("price");
    }
}
