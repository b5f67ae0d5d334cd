using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Shop.Pricing;

namespace Shop
{
    public class Refused : Exception
    {
        public Refused(string message, Exception inner) : base(message, inner) { }
    }

    public class Cart<T>
    {
        public T this[int index] { get { throw new NotSupportedException("index " + index); } }

        public class Inner { public static void Deep<U>(U value, ref int number, params string[] rest) { throw new InvalidOperationException("inner"); } }
    }

    public static class Program
    {
        static void Cause()
        {
            try { Prices.Total(new List<Dictionary<string, int>> { new Dictionary<string, int>() }); }
            catch (KeyNotFoundException error) { throw new Refused("no price for 'tea'", error); }
        }

        static void Deep()
        {
            try { Cause(); } catch (Refused error) { throw new ArgumentException("order 17", "order", error); }
        }

        static void Aggregate()
        {
            Task.WaitAll(Task.Run((Action)Cause), Task.Run(() => { throw new TimeoutException("late"); }));
        }

        static async Task<int> Later() { await Task.Delay(1); return Prices.Total(new List<Dictionary<string, int>> { new Dictionary<string, int>() }); }

        static async Task<int> Outer() { return 1 + await Later(); }

        static void Rethrown()
        {
            try { Cause(); } catch (Refused) { throw; }
        }

        public static void Main(string[] arguments)
        {
            var cases = new Dictionary<string, Action>
            {
                { "cause", Cause },
                { "deep", Deep },
                { "aggregate", Aggregate },
                { "async", () => Outer().GetAwaiter().GetResult() },
                { "lines", () => { throw new Exception("first line\nsecond: line"); } },
                { "empty", () => { throw new Exception(""); } },
                { "nothing", () => { string text = null; Console.WriteLine(text.Length); } },
                { "generic", () => { int number = 0; Cart<string>.Inner.Deep<int>(1, ref number); } },
                { "indexer", () => { Console.WriteLine(new Cart<int>()[3]); } },
                { "parsed", () => int.Parse("4x") },
                { "linq", () => new[] { 1, 0 }.Select(number => 1 / number).ToList() },
                { "rethrown", Rethrown },
                { "logged", () => { try { Deep(); } catch (Exception error) { Console.Error.WriteLine("fail: Shop.Program[0]\n      request failed\n" + string.Join("\n", error.ToString().Split('\n').Select(line => "      " + line))); } } },
                { "initialised", () => Console.WriteLine(Broken.Value) },
            };
            cases[arguments[0]]();
        }
    }

    static class Broken { public static readonly int Value = int.Parse("none"); }
}
