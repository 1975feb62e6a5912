// Configurations in YAML.

package policy

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

func yamlConfig(text []byte) ([]byte, error) {
	var documents []yaml.Node
	err := yaml.Load(text, &documents, yaml.WithAllDocuments(),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(MaxConfigDepth))))
	if err != nil {
		return nil, yamlError(err)
	}
	switch {
	case len(documents) == 0:
		return nil, nil
	case len(documents) > 1:
		return nil, badConfig(documents[1].Line, "it has a second document")
	}
	root := &documents[0]
	if root.Kind == yaml.DocumentNode {
		root = root.Content[0]
	}
	switch {
	case root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null":
		return nil, nil
	case root.Kind != yaml.MappingNode:
		return nil, badConfig(root.Line, "it is not a mapping")
	}
	var c converter
	if err := c.value(root, 0); err != nil {
		return nil, err
	}
	if err := c.bound(); err != nil {
		return nil, err
	}
	return c.out, nil
}

// yamlError keeps the parser's words, which are about form, and its line.
func yamlError(err error) error {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return badConfig(0, "it is not YAML")
	}
	return badConfig(load.Mark.Line, "%.200s", load.Message)
}

// A converter writes nodes as JSON. Aliases are followed, so that a small text
// can stand for a large one: out is bounded at every value.
type converter struct {
	out []byte
}

func (c *converter) value(n *yaml.Node, depth int) error {
	if depth > MaxConfigDepth {
		return badConfig(n.Line, "it nests deeper than %d levels", MaxConfigDepth)
	}
	if err := c.bound(); err != nil {
		return err
	}
	if n.Kind != yaml.ScalarNode && n.Kind != yaml.AliasNode && n.Style&yaml.TaggedStyle != 0 {
		return badConfig(n.Line, "the tag is not supported")
	}
	switch n.Kind {
	case yaml.AliasNode:
		return c.value(n.Alias, depth+1)
	case yaml.MappingNode:
		return c.mapping(n, depth)
	case yaml.SequenceNode:
		return c.sequence(n, depth)
	default:
		return c.scalar(n)
	}
}

func (c *converter) bound() error {
	if len(c.out) > maxConfigJSON {
		return badConfig(0, "it is over the limit of %d bytes with its aliases written out", maxConfigJSON)
	}
	return nil
}

func (c *converter) sequence(n *yaml.Node, depth int) error {
	c.out = append(c.out, '[')
	for i, item := range n.Content {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		if err := c.value(item, depth+1); err != nil {
			return err
		}
	}
	c.out = append(c.out, ']')
	return nil
}

func (c *converter) mapping(n *yaml.Node, depth int) error {
	lines := make(map[string]int, len(n.Content)/2)
	c.out = append(c.out, '{')
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
			return badConfig(key.Line, "a key is not a string; quote it if it is meant to be one")
		}
		if first, twice := lines[key.Value]; twice {
			return badConfig(key.Line, "the key %s stands twice, first in line %d", quote(key.Value), first)
		}
		lines[key.Value] = key.Line
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.text(key.Value)
		c.out = append(c.out, ':')
		if err := c.value(n.Content[i+1], depth+1); err != nil {
			return err
		}
	}
	c.out = append(c.out, '}')
	return nil
}

func (c *converter) scalar(n *yaml.Node) error {
	tag := n.ShortTag()
	switch tag {
	case "!!str":
		c.text(n.Value)
		return nil
	case "!!timestamp":
		if n.Style&yaml.TaggedStyle == 0 {
			c.text(n.Value)
			return nil
		}
	case "!!null", "!!bool", "!!int", "!!float":
		var v any
		if err := n.Decode(&v); err != nil {
			return badConfig(n.Line, "the value is not of its tag %s", tag)
		}
		return c.plain(n, v)
	}
	return badConfig(n.Line, "the tag %s is not supported", quote(tag))
}

// plain writes null, a boolean or a number.
func (c *converter) plain(n *yaml.Node, v any) error {
	switch v := v.(type) {
	case nil:
		c.out = append(c.out, "null"...)
	case bool:
		c.out = strconv.AppendBool(c.out, v)
	case int:
		c.out = strconv.AppendInt(c.out, int64(v), 10)
	case int64:
		c.out = strconv.AppendInt(c.out, v, 10)
	case uint64:
		c.out = strconv.AppendUint(c.out, v, 10)
	case float64:
		return c.float(n, v)
	default:
		return badConfig(n.Line, "the value cannot be written in JSON")
	}
	return nil
}

func (c *converter) float(n *yaml.Node, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return badConfig(n.Line, "a number is infinite or none at all, which JSON cannot hold")
	}
	// An integer of over 64 bits arrives as a float that has lost digits.
	if !strings.ContainsAny(n.Value, ".eE") {
		return badConfig(n.Line, "a number does not fit into 64 bits")
	}
	c.out = strconv.AppendFloat(c.out, v, 'g', -1, 64)
	return nil
}

func (c *converter) text(s string) {
	quoted, _ := json.Marshal(s) // a string does not fail
	c.out = append(c.out, quoted...)
}

// quote names a key in an error, without making it endless.
func quote(key string) string {
	const longest = 64
	if len(key) > longest {
		key = strings.ToValidUTF8(key[:longest], "") + "..."
	}
	return strconv.Quote(key)
}
