// Package prices adds prices up.
package prices

// Total is the sum of the first n prices.
//
//go:noinline
func Total(items []int, n int) (sum int) {
	for i := 0; i < n; i++ {
		sum += items[i]
	}
	return sum
}
