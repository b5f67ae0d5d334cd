require "json"
require_relative "prices"

class Refused < StandardError; end

module Shop
  class Order
    def self.build(items) = new.send(:sum, items)

    private

    def sum(items)
      Prices.total(items)
    end
  end
end

def cause
  Shop::Order.build([{ "price" => 3 }, {}])
rescue KeyError
  raise Refused, "no price for 'tea'"
end

def deep
  cause
rescue Refused
  raise ArgumentError, "order 17: refused"
end

CASES = {
  "cause" => -> { cause },
  "deep" => -> { deep },
  "plain" => -> { Prices.total([{}]) },
  "missing" => -> { nil.tier },
  "lines" => -> { raise "first line\nsecond: line (Odd)\nthird" },
  "empty" => -> { raise Refused, "" },
  "evaluated" => -> { eval("1 +\n nil.tier") },
  "syntax" => -> { load File.join(__dir__, "broken.rb") },
  "integer" => -> { Integer("4x") },
  "down" => -> { define_method_down(0) },
  "thread" => -> { Thread.new { cause }.join },
  "top" => -> { begin; deep; rescue => e; warn e.full_message(highlight: false, order: :top); end },
  "bottom" => -> { begin; deep; rescue => e; warn e.full_message(highlight: false, order: :bottom); end },
  "coloured" => -> { begin; deep; rescue => e; warn e.full_message(highlight: true, order: :bottom); end },
  "joined" => -> { begin; cause; rescue => e; warn "#{e.class}: #{e.message}\n#{e.backtrace.join("\n")}"; end },
  "framework" => -> { begin; cause; rescue => e; warn "#{e.class} (#{e.message}):\n  \n#{e.backtrace.join("\n")}"; end },
  "json" => -> { begin; cause; rescue => e; warn JSON.generate(level: "error", error: { class: e.class.name, backtrace: e.full_message(highlight: false) }); end },
}.freeze

def define_method_down(number) = define_method_down(number + 1)

CASES.fetch(ARGV[0]).call
