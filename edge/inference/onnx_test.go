package inference_test

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/professionalaistudio/studio/models"
)

// The tests need nets that no training makes: these few functions write ONNX, field by field (onnx.proto).

type message []byte

func (m message) text(field protowire.Number, s string) message {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), s)
}

func (m message) number(field protowire.Number, n int) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(n))
}

func (m message) inside(field protowire.Number, other message) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), other)
}

// value is a ValueInfoProto; a dimension of 0 is left open.
func value(name string, kind int, dims ...int) message {
	var shape message
	for _, n := range dims {
		if n > 0 {
			shape = shape.inside(1, message{}.number(1, n))
		} else {
			shape = shape.inside(1, message{}.text(2, "any"))
		}
	}
	tensor := message{}.number(1, kind).inside(2, shape)
	return message{}.text(1, name).inside(2, message{}.inside(1, tensor))
}

// node is a NodeProto with at most one attribute.
func node(op string, inputs []string, output string, attribute message) message {
	var m message
	for _, in := range inputs {
		m = m.text(1, in)
	}
	m = m.text(2, output).text(4, op)
	if attribute != nil {
		m = m.inside(5, attribute)
	}
	return m
}

// integers is an attribute of a node: one number, or a list.
func integers(name string, list bool, numbers ...int) message {
	m := message{}.text(1, name)
	for _, n := range numbers {
		if list {
			m = m.number(8, n)
		} else {
			m = m.number(3, n)
		}
	}
	if list {
		return m.number(20, 7) // INTS
	}
	return m.number(20, 2) // INT
}

// file is a ModelProto of opset 17.
func file(inputs, outputs []message, nodes ...message) []byte {
	var graph message
	for _, n := range nodes {
		graph = graph.inside(1, n)
	}
	graph = graph.text(2, "test")
	for _, in := range inputs {
		graph = graph.inside(11, in)
	}
	for _, out := range outputs {
		graph = graph.inside(12, out)
	}
	return message{}.number(1, 8).inside(7, graph).inside(8, message{}.text(1, "").number(2, 17))
}

// small describes a net of 4×2 pixels, as file makes it for nodes that go from "in" to "out".
func small(shape ...int) models.Model {
	return models.Model{
		Name: "small", Task: models.Matte,
		Input:   models.Input{Name: "in", Width: 4, Height: 2, Layout: "NCHW", Type: "float32", Scale: 1. / 255, Std: [3]float64{1, 1, 1}},
		Outputs: []models.Output{{Name: "out", Shape: shape, Meaning: "for a test"}},
	}
}

// doubled adds a picture of 4×2 pixels, as planes of 0 to 255, to itself.
func doubled() ([]byte, models.Model) {
	m := small(1, 3, 2, 4)
	m.Input.Scale = 1
	return file([]message{value("in", 1, 1, 3, 2, 4)}, []message{value("out", 1, 1, 3, 2, 4)}, node("Add", []string{"in", "in"}, "out", nil)), m
}

// constant is a node that gives a tensor; the kinds are float32 (1), uint8 (2) and int8 (3).
func constant(output string, kind int, raw []byte, dims ...int) message {
	var tensor message
	for _, n := range dims {
		tensor = tensor.number(1, n)
	}
	tensor = tensor.number(2, kind).inside(9, raw)
	return node("Constant", nil, output, message{}.text(1, "value").inside(5, tensor).number(20, 4)) // TENSOR
}

// packing multiplies the bytes of a picture with a matrix and is done: no later layer writes over what was packed for that.
func packing() ([]byte, models.Model) {
	const side, columns = 128, 16
	m := small(1, 3, side, columns)
	m.Input.Width, m.Input.Height = side, side
	weights := make([]byte, side*columns)
	for i := range weights {
		weights[i] = byte(i*37%255) - 127
	}
	scale := binary.LittleEndian.AppendUint32(nil, math.Float32bits(1./255))
	return file([]message{value("in", 1, 1, 3, side, side)}, []message{value("out", 1, 1, 3, side, columns)},
		constant("scale", 1, scale), constant("zero", 2, []byte{0}), constant("weights", 3, weights, side, columns),
		node("QuantizeLinear", []string{"in", "scale", "zero"}, "bytes", nil),
		node("MatMulInteger", []string{"bytes", "weights"}, "product", nil),
		node("Cast", []string{"product"}, "out", integers("to", false, 1))), m
}

// turned multiplies a matrix with the picture, whose floats are packed on the stack for that.
func turned() ([]byte, models.Model) {
	const side, rows = 128, 16
	m := small(1, 3, rows, side)
	m.Input.Width, m.Input.Height = side, side
	var weights []byte
	for i := range 3 * rows * side {
		weights = binary.LittleEndian.AppendUint32(weights, math.Float32bits(float32(i%97)/97))
	}
	return file([]message{value("in", 1, 1, 3, side, side)}, []message{value("out", 1, 1, 3, rows, side)},
		constant("weights", 1, weights, 1, 3, rows, side), node("MatMul", []string{"weights", "in"}, "out", nil)), m
}
