package shop;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import shop.prices.Prices;

public class Main {
    static class Refused extends RuntimeException {
        Refused(String message, Throwable cause) { super(message, cause); }
    }

    static class Connection implements AutoCloseable {
        private final String name;
        Connection(String name) { this.name = name; }
        @Override public void close() { throw new IllegalStateException("close of " + name); }
    }

    static void cause() {
        try {
            Prices.total(List.of(Map.of("price", 3), Map.of()));
        } catch (NullPointerException error) {
            throw new Refused("no price", error);
        }
    }

    static void deep() {
        try {
            cause();
        } catch (Refused error) {
            throw new IllegalArgumentException("order 17: refused", error);
        }
    }

    static void suppressed() throws Exception {
        try (Connection a = new Connection("a"); Connection b = new Connection("b")) {
            deep();
        }
    }

    static void lines() { throw new IllegalStateException("first line\nsecond.line.Of: message\n\nfourth"); }

    static void silent() { throw new UnsupportedOperationException(); }

    static void overflow() { overflow(); }

    static void lambda() { List.of(1, 0).stream().map(number -> 1 / number).forEach(number -> { }); }

    static void future() { CompletableFuture.supplyAsync(() -> Prices.total(List.of(Map.of()))).join(); }

    static void reflected() throws Exception { Main.class.getDeclaredMethod("deep").invoke(null); }

    static void circular() {
        RuntimeException first = new RuntimeException("first");
        RuntimeException second = new RuntimeException("second", first);
        first.initCause(second);
        throw first;
    }

    static void parsed() { Integer.parseInt("4x"); }

    static void named() throws Exception {
        Thread thread = new Thread(Main::parsed, "worker \"7\"");
        thread.start();
        thread.join();
    }

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "cause": cause(); break;
            case "deep": deep(); break;
            case "suppressed": suppressed(); break;
            case "lines": lines(); break;
            case "silent": silent(); break;
            case "overflow": overflow(); break;
            case "lambda": lambda(); break;
            case "future": future(); break;
            case "reflected": reflected(); break;
            case "circular": circular(); break;
            case "parsed": parsed(); break;
            case "named": named(); break;
            default: throw new IllegalArgumentException(arguments[0]);
        }
    }
}
