'use strict';
exports.total = (items) => items.reduce((sum, item) => sum + exports.price(item), 0);
exports.price = function price(item) {
  return item.price.cents;
};
