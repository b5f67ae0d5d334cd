using System.Collections.Generic;
using System.Linq;

namespace Shop.Pricing
{
    public static class Prices
    {
        public static int Total(List<Dictionary<string, int>> items) { return items.Sum(item => Price(item)); }

        static int Price(Dictionary<string, int> item)
        {
            return item["price"];
        }
    }
}
