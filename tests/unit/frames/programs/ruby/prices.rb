module Prices
  def self.total(items)
    items.sum { |item| price(item) }
  end

  def self.price(item)
    item.fetch("price")
  end
end
