package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"example.com/shop/internal/prices"
	wrapped "github.com/pkg/errors"
)

type refused struct{ code int }

func (r refused) Error() string { return fmt.Sprintf("refused: code %d\nsecond line", r.code) }

type plain struct{ code int }

type cart struct{ items []int }

func (c *cart) at(index int) int { return c.items[index] }

func (c cart) first() int { return c.items[0] }

func read() error { return wrapped.Wrap(errors.New("EOF"), "read config") }

func load() error { return wrapped.WithMessage(wrapped.WithStack(read()), "load") }

func recovered() {
	defer func() {
		value := recover()
		fmt.Fprintf(os.Stderr, "recovered: %v\n%s", value, debug.Stack())
	}()
	(&cart{}).at(3)
}

func repanic() {
	defer func() {
		if value := recover(); value != nil {
			panic(fmt.Sprintf("again: %v", value))
		}
	}()
	prices.Total(nil, 3)
}

func same() {
	defer func() {
		if value := recover(); value != nil {
			panic(value)
		}
	}()
	prices.Total(nil, 3)
}

func served() {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { prices.Total(nil, 3) }))
	defer server.Close()
	http.Get(server.URL)
}

func generic[T any](items []T, index int) T { return items[index] }

func main() {
	cases := map[string]func(){
		"nil":       func() { var c *cart; c.at(0) },
		"index":     func() { prices.Total([]int{1}, 3) },
		"error":     func() { panic(refused{17}) },
		"wrapped":   func() { panic(fmt.Errorf("load: %w", errors.New("EOF"))) },
		"text":      func() { panic("out of tea: 'green'") },
		"value":     func() { panic(plain{3}) },
		"pointer":   func() { panic(&plain{3}) },
		"number":    func() { panic(42) },
		"value_receiver": func() { cart{}.first() },
		"generic":   func() { generic([]string{}, 2) },
		"recovered": recovered,
		"repanic":   repanic,
		"same":      same,
		"served":    served,
		"stack":     func() { fmt.Fprintf(os.Stderr, "%+v\n", load()) },
		"goroutine": func() {
			var wait sync.WaitGroup
			wait.Add(1)
			go func() { defer wait.Done(); prices.Total(nil, 3) }()
			time.Sleep(time.Second)
			wait.Wait()
		},
		"maps":      func() { m := map[int]int{}; go func() { for { m[1]++ } }(); for { m[2]++ } },
		"cast":      func() { var v any = "x"; _ = v.(int) },
		"overflow":  func() { var f func(int) int; f = func(n int) int { return f(n+1) + n }; f(0) },
		"closed":    func() { c := make(chan int); close(c); close(c) },
	}
	cases[os.Args[1]]()
}
