package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// formOf reads the main form of a page as a browser would send it: the one inside <main> with the most fields.
func formOf(t *testing.T, page string) url.Values {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	best := url.Values{}
	for node := range root.Descendants() {
		if node.Data != "form" || attribute(node, "method") != "post" || !slices.ContainsFunc(slices.Collect(node.Ancestors()), func(n *html.Node) bool { return n.Data == "main" }) {
			continue
		}
		if fields := fieldsOf(node); len(fields) > len(best) {
			best = fields
		}
	}
	return best
}

func fieldsOf(form *html.Node) url.Values {
	fields := url.Values{}
	for node := range form.Descendants() {
		name := attribute(node, "name")
		if name == "" {
			continue
		}
		switch node.Data {
		case "input":
			if kind := attribute(node, "type"); kind == "checkbox" || kind == "radio" {
				if !has(node, "checked") {
					continue
				}
			}
			fields.Add(name, attribute(node, "value"))
		case "textarea":
			fields.Add(name, text(node))
		case "select":
			var value *html.Node // the chosen option, else the first
			for option := range node.Descendants() {
				if option.Data == "option" && (value == nil || has(option, "selected")) {
					value = option
				}
			}
			fields.Add(name, attribute(value, "value"))
		}
	}
	return fields
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, name string) bool {
	return slices.ContainsFunc(node.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func text(node *html.Node) string {
	var b strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}
