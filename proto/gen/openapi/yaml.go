package main

import (
	"slices"
	"sort"

	"go.yaml.in/yaml/v3"
)

// The document is edited as YAML nodes and not as maps, so that the order of
// keys, which readers of the file rely on, survives.

// get returns the value of a key; nil where the mapping, itself possibly nil,
// has none.
func get(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// set replaces the value of a key or appends the key.
func set(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = value
			return
		}
	}
	mapping.Content = append(mapping.Content, text(key), value)
}

func remove(mapping *yaml.Node, key string) {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content = append(mapping.Content[:i], mapping.Content[i+2:]...)
			return
		}
	}
}

// keys returns a copy of the keys, so that the mapping may change meanwhile.
func keys(mapping *yaml.Node) []string {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	var names []string
	for i := 0; i < len(mapping.Content); i += 2 {
		names = append(names, mapping.Content[i].Value)
	}
	return names
}

func sortMapping(mapping *yaml.Node) {
	type entry struct{ key, value *yaml.Node }
	if mapping == nil {
		return
	}
	var entries []entry
	for i := 0; i < len(mapping.Content); i += 2 {
		entries = append(entries, entry{mapping.Content[i], mapping.Content[i+1]})
	}
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].key.Value < entries[j].key.Value })
	mapping.Content = mapping.Content[:0]
	for _, e := range entries {
		mapping.Content = append(mapping.Content, e.key, e.value)
	}
}

// merge lays overlay over base: mappings are merged key by key, null takes a key
// out, everything else is replaced.
func merge(base, overlay *yaml.Node) {
	for i := 0; i < len(overlay.Content); i += 2 {
		key, value := overlay.Content[i].Value, overlay.Content[i+1]
		if value.Tag == "!!null" {
			remove(base, key)
			continue
		}
		if old := get(base, key); old != nil && old.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode {
			merge(old, value)
			continue
		}
		set(base, key, value)
	}
}

func text(s string) *yaml.Node {
	node := &yaml.Node{}
	node.SetString(s)
	return node
}

func number(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s}
}

func truth() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}
}

func sequence(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

// mapping builds a mapping from keys and values in turn.
func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for pair := range slices.Chunk(pairs, 2) {
		node.Content = append(node.Content, text(pair[0].(string)), pair[1].(*yaml.Node))
	}
	return node
}
