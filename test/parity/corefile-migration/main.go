// Corefile-migration answers questions about Corefiles with CoreDNS's own library, so that a test can compare the answers.
// It reads a JSON object from each line of its input and writes a JSON object for each of them.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/coredns/corefile-migration/migration"
	"github.com/coredns/corefile-migration/migration/corefile"
)

type question struct {
	From, To, Corefile string
}

type answer struct {
	Default   bool
	Formatted result[string]
	Migrated  result[string]
	Changes   result[[]migration.Notice]
	Unknown   result[[]migration.Notice]
}

// A result holds a value, an error, or the reason why the library crashed.
type result[T any] struct {
	Value T
	Error string
	Crash string
}

func try[T any](call func() (T, error)) (outcome result[T]) {
	defer func() {
		if reason := recover(); reason != nil {
			outcome = result[T]{Crash: fmt.Sprint(reason)}
		}
	}()
	value, err := call()
	if err != nil {
		return result[T]{Error: err.Error()}
	}
	return result[T]{Value: value}
}

func answerTo(q question) answer {
	return answer{
		Default: try(func() (bool, error) { return migration.Default("", q.Corefile), nil }).Value,
		Formatted: try(func() (string, error) {
			parsed, err := corefile.New(q.Corefile)
			if err != nil {
				return "", err
			}
			return parsed.ToString(), nil
		}),
		Migrated: try(func() (string, error) { return migration.Migrate(q.From, q.To, q.Corefile, false) }),
		Changes: try(func() ([]migration.Notice, error) {
			return migration.Deprecated(q.From, q.To, q.Corefile)
		}),
		Unknown: try(func() ([]migration.Notice, error) {
			return migration.Unsupported(q.From, q.To, q.Corefile)
		}),
	}
}

func main() {
	decoder := json.NewDecoder(os.Stdin)
	encoder := json.NewEncoder(os.Stdout)
	for decoder.More() {
		var q question
		if err := decoder.Decode(&q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(answerTo(q)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
