package inference

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/professionalaistudio/studio/models"
)

// A port is an input or an output as an ONNX file declares it. A dimension that the file leaves open is 0.
type port struct {
	name string
	kind uint64 // TensorProto.DataType; 0 for what is no tensor
	dims []int
	free bool // no shape is declared at all
}

// The kinds that we run; the numbers are ONNX's.
const (
	kindFloat32 = 1
	kindUint8   = 2
)

var kinds = []string{"no tensor", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64"}

func (p port) String() string {
	kind := fmt.Sprintf("type %d", p.kind)
	if p.kind < uint64(len(kinds)) {
		kind = kinds[p.kind]
	}
	dims := make([]string, len(p.dims))
	for i, n := range p.dims {
		dims[i] = "?"
		if n > 0 {
			dims[i] = fmt.Sprint(n)
		}
	}
	return fmt.Sprintf("%q %s [%s]", p.name, kind, strings.Join(dims, " "))
}

// suits tells whether p may be what want says; what the file leaves open may be anything, and the first run will tell.
func (p port) suits(want port) bool {
	return p.name == want.name && p.kind == want.kind &&
		(p.free || slices.EqualFunc(p.dims, want.dims, func(has, wants int) bool { return has == wants || has == 0 }))
}

// match tells whether the file declares what its manifest says: one input, and the outputs among its own.
func match(data []byte, m models.Model) error {
	inputs, outputs, err := declared(data)
	if err != nil {
		return fmt.Errorf("the file is not ONNX: %w", err)
	}
	want := inputPort(m.Input)
	if len(inputs) != 1 || !inputs[0].suits(want) {
		return fmt.Errorf("its input is %s, the manifest says %s", ports(inputs), want)
	}
	for _, out := range m.Outputs {
		want := port{name: out.Name, kind: kindFloat32, dims: out.Shape}
		if !slices.ContainsFunc(outputs, func(p port) bool { return p.suits(want) }) {
			return fmt.Errorf("its output is %s, the manifest says %s", ports(outputs), want)
		}
	}
	return nil
}

func inputPort(in models.Input) port {
	p := port{name: in.Name, kind: kindFloat32, dims: []int{1, 3, in.Height, in.Width}}
	if in.Type == "uint8" {
		p.kind = kindUint8
	}
	if in.Layout == "NHWC" {
		p.dims = []int{1, in.Height, in.Width, 3}
	}
	return p
}

func ports(all []port) string {
	if len(all) == 0 {
		return "missing"
	}
	texts := make([]string, min(len(all), 8)) // a sentence, whatever the file has
	for i := range texts {
		texts[i] = all[i].String()
	}
	return strings.Join(texts, " and ")
}

// declared reads from an ONNX file (ModelProto of onnx.proto, whose field numbers stand here) what goes in and what comes out.
// Weights, which old files list among the inputs, are left out.
func declared(data []byte) (inputs, outputs []port, err error) {
	graphs := 0
	weights := map[string]bool{}
	err = fields(data, func(field protowire.Number, graph []byte, _ uint64) error {
		if field != 7 { // graph
			return nil
		}
		graphs++
		return fields(graph, func(field protowire.Number, value []byte, _ uint64) (err error) {
			switch field {
			case 5: // initializer
				return fields(value, func(field protowire.Number, name []byte, _ uint64) error {
					if field == 8 { // name
						weights[string(name)] = true
					}
					return nil
				})
			case 11: // input
				inputs, err = appendPort(inputs, value)
			case 12: // output
				outputs, err = appendPort(outputs, value)
			}
			return err
		})
	})
	if err == nil && graphs == 0 {
		err = errors.New("there is no graph in it")
	}
	inputs = slices.DeleteFunc(inputs, func(p port) bool { return weights[p.name] })
	return inputs, outputs, err
}

// appendPort reads a ValueInfoProto: a name and a TypeProto, in which is a tensor's kind and shape.
func appendPort(ports []port, value []byte) ([]port, error) {
	p := port{free: true}
	err := fields(value, func(field protowire.Number, value []byte, _ uint64) error {
		switch field {
		case 1: // name
			p.name = string(value)
		case 2: // type
			return fields(value, func(field protowire.Number, tensor []byte, _ uint64) error {
				if field != 1 { // tensor_type
					return nil
				}
				return fields(tensor, func(field protowire.Number, shape []byte, n uint64) error {
					switch field {
					case 1: // elem_type
						p.kind = n
					case 2: // shape
						p.free = false
						return fields(shape, p.dim)
					}
					return nil
				})
			})
		}
		return nil
	})
	return append(ports, p), err
}

// dim reads a field of a TensorShapeProto.
func (p *port) dim(field protowire.Number, dim []byte, _ uint64) error {
	if field != 1 { // dim
		return nil
	}
	p.dims = append(p.dims, 0)
	return fields(dim, func(field protowire.Number, _ []byte, n uint64) error {
		if field == 1 { // dim_value; with dim_param in its place the dimension is open
			p.dims[len(p.dims)-1] = int(min(n, math.MaxInt32))
		}
		return nil
	})
}

// fields shows every field of a protobuf message to visit: its bytes if it is a string or a message, its number if it is one.
func fields(data []byte, visit func(field protowire.Number, value []byte, number uint64) error) error {
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(data)
		default:
			n = protowire.ConsumeFieldValue(field, kind, data)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		if err := visit(field, value, number); err != nil {
			return err
		}
	}
	return nil
}
