package telemetry

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Every field that the edge's own code logs is on the list: one that is withheld tells the operator nothing, and one that
// is new is looked at here before it is logged anywhere.
func TestEveryLoggedFieldIsListed(t *testing.T) {
	calls := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !isLog(method.X) {
				return true
			}
			first := map[string]int{"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "With": 0, "Log": 3}
			from, ok := first[method.Sel.Name]
			if !ok {
				return true
			}
			calls++
			for i := from; i < len(call.Args); i += 2 {
				literal, ok := call.Args[i].(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					t.Errorf("%s: argument %d of log.%s is no name", path, i+1, method.Sel.Name)
					continue
				}
				name, err := strconv.Unquote(literal.Value)
				if err != nil || !fields[name] {
					t.Errorf("%s: log.%s has the field %s, which is not on the list of log.go", path, method.Sel.Name, literal.Value)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls < 20 {
		t.Errorf("%d lines are logged in all of the edge, want more: this test looks in the wrong place", calls)
	}
}

// isLog tells whether an expression is a logger by its name: log, a.log, r.api.log.
func isLog(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "log"
	case *ast.SelectorExpr:
		return x.Sel.Name == "log"
	}
	return false
}
